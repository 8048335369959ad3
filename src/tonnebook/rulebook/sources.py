"""The documents behind the rule book, as `docs/sources.md` lists them."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).parents[3] / "docs" / "sources.md"
_ROW = re.compile(r"^\| ([A-Z]\d{2}) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its id, official title, number with date, and how much of it was read."""

    code: str
    title: str
    number: str
    read: str


@functools.cache
def documents() -> Mapping[str, Document]:
    """Give the documents by id; none where the page does not come with the program."""
    text = _FILE.read_text(encoding="utf-8") if _FILE.is_file() else ""
    return MappingProxyType({row[0]: Document(*(part.strip() for part in row)) for row in _ROW.findall(text)})
