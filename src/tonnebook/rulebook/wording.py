"""Notes and articles of the rule files in both languages; the Chinese of what is English there stands in one file."""

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType

import yaml

from tonnebook.rulebook import loader

_ARTICLE = re.compile(r"\bArt\. ?(\d+[a-z]?(?:\(\d+\))?(?:-\d+)?)")
_ITEM = re.compile(r"\bitem (\d+)")
_ENGLISH = re.compile(r"[A-Za-z]{3}")


def in_chinese(text: str) -> str:
    """Say a note or an article in Chinese; what has no Chinese stays as it is.

    Args:
        text: as it stands in a rule file, or in a plan somebody uploaded.

    Example:
        >>> in_chinese("Art. 29")
        '第29条'
    """
    if text in _catalogue():
        return _catalogue()[text]
    return _ITEM.sub(r"第\1项", _ARTICLE.sub(r"第\1条", text))


def has_chinese(text: str) -> bool:
    """Say whether a note or an article can be said in Chinese; document numbers and sections are Chinese already."""
    return not _ENGLISH.search(in_chinese(text)) or text in _catalogue()


@functools.cache
def _catalogue() -> Mapping[str, str]:
    text = (loader.ROOT / "chinese.yaml").read_text(encoding="utf-8")
    return MappingProxyType(dict(yaml.safe_load(text)))
