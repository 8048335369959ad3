"""What changed between two versions of a data quality plan, section by section and line by line."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What happened to a line of a section."""

    KEPT = "KEPT"
    ADDED = "ADDED"
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that differs, with every line of both versions in order."""

    section: str
    lines: tuple[tuple[Change, str], ...]


_MARKS = {"  ": Change.KEPT, "+ ": Change.ADDED, "- ": Change.DROPPED}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[SectionChange, ...]:
    """Compare two versions.

    Args:
        before: text by section of the older version.
        after: of the newer one.

    Returns:
        The sections that differ, in the order of the newer version, then those that are gone.

    Source: design choice, no legal source.

    Example:
        >>> changes({"a": "x"}, {"a": "x", "b": "y"})[0].lines
        ((<Change.ADDED: 'ADDED'>, 'y'),)
    """
    names = dict.fromkeys((*after, *before))
    return tuple(
        SectionChange(name, _lines(before.get(name, ""), after.get(name, "")))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def _lines(before: str, after: str) -> tuple[tuple[Change, str], ...]:
    found = difflib.Differ().compare(before.splitlines(), after.splitlines())
    return tuple((_MARKS[one[:2]], one[2:]) for one in found if one[:2] in _MARKS)
