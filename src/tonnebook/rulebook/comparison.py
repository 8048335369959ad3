"""Compare two states of the rule book, and find the values that somebody should look up again.

A state is a region with a compliance year or a day (`shanghai@2025`, `shanghai@2026-06-30`), with or without a plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from tonnebook import rulebook
from tonnebook.core import units
from tonnebook.core.rules import Dated, Leaf, RulesAt, Status
from tonnebook.rulebook.reading import NUMBERS

# After so many days a value is compared with its source again (design choice, no legal source): what was not read in
# the document itself, sooner.
CHECK_AGAIN_DAYS: Mapping[Status, int] = MappingProxyType(
    {
        Status.ENACTED: 365,
        Status.SCENARIO: 365,
        Status.DRAFT: 90,
        Status.RECALLED: 90,
        Status.CONFLICT: 90,
    }
)


class ChangeKind(StrEnum):
    """How a parameter differs: it is new, it is gone, its value is another, or only what the value rests on."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"
    GROUND = "GROUND"


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter that differs between two states.

    Attributes:
        leaf: the parameter, as the later state describes it.
        kind: how it differs.
        before: its value in the first state; None where it has none.
        after: its value in the second state; None where it has none.
    """

    leaf: Leaf
    kind: ChangeKind
    before: Dated | None
    after: Dated | None

    @property
    def relative(self) -> Decimal | None:
        """By which share of itself a number rose (below zero: fell); None for words and from zero."""
        if self.kind is not ChangeKind.CHANGED or self.leaf.unit not in NUMBERS:
            return None
        before, after = (units.decimal_of(str(one.value)) for one in (self.before, self.after) if one)
        return units.half_up((after - before) / before, 4) if before else None


@dataclass(frozen=True, slots=True)
class Stale:
    """A value that should be looked up again, and since when."""

    leaf: Leaf
    dated: Dated
    due_on: date


def state(text: str, *, with_plan: bool = False) -> RulesAt:
    """Read the name of a state of the rule book.

    Args:
        text: "region@2025" (the last day of a compliance year) or "region@2025-06-30" (a day, and its year).
        with_plan: lay the plan that ships for the year over it.

    Returns:
        The rules.

    Raises:
        ValueError: when the text names neither a year nor a day.
        LookupError: when there is no such region, or no plan ships.

    Example:
        >>> state("shanghai@2025").on.isoformat()
        '2025-12-31'
    """
    region, _, when = text.partition("@")
    try:
        on = date(int(when), 12, 31) if when.isascii() and when.isdigit() else date.fromisoformat(when)
    except ValueError as error:
        zh, en = f"“{text}”须为 地区@年度 或 地区@日期", f"“{text}” must be region@year or region@day"
        raise ValueError(f"{en} / {zh}") from error
    plans = (rulebook.overlay(region, on.year),) if with_plan else ()
    return rulebook.at(region, on=on, year=on.year, overlays=plans)


def differences(before: RulesAt, after: RulesAt) -> tuple[Change, ...]:
    """List the parameters that differ between two states, by path.

    Args:
        before: one state.
        after: another, of the same region or of another one.

    Returns:
        One change per parameter whose value, source, article or status differs.
    """
    found = []
    for path in sorted({*before.leaves, *after.leaves}):
        was, now = _in_force(before, path), _in_force(after, path)
        kind = _kind(was, now)
        if kind is not None:
            found.append(Change(after.leaves.get(path) or before.leaves[path], kind, was, now))
    return tuple(found)


def stale(leaves: Sequence[Leaf], on: date) -> tuple[Stale, ...]:
    """List the values whose last comparison with their source is too long ago, the longest overdue first.

    Args:
        leaves: the parameters to look through.
        on: the day to judge by.

    Returns:
        One row per value that is in force then, or belongs to that compliance year or a later one.

    Source: design choice, no legal source.
    """
    found = [
        Stale(leaf, dated, due_on)
        for leaf in leaves
        for dated in _alive(leaf, on)
        if (due_on := dated.last_checked_on + timedelta(days=CHECK_AGAIN_DAYS[dated.status])) <= on
    ]
    return tuple(sorted(found, key=lambda one: (one.due_on, one.leaf.path, one.dated.from_on)))


def plain(dated: Dated | None) -> dict[str, object] | None:
    """Give a value with all that stands with it as plain JSON; None stays None."""
    if dated is None:
        return None
    return {
        "from": f"CY{dated.year}" if dated.year else dated.from_on.isoformat(),
        "value": dated.value,
        "source": dated.source,
        "article": dated.article,
        "status": dated.status.value,
        "published_on": dated.published_on.isoformat() if dated.published_on else None,
        "last_checked_on": dated.last_checked_on.isoformat(),
        "notes": dated.notes,
    }


def _in_force(rules: RulesAt, path: str) -> Dated | None:
    leaf = rules.leaves.get(path)
    return leaf.in_force(rules.on, rules.year) if leaf else None


def _kind(before: Dated | None, after: Dated | None) -> ChangeKind | None:
    if before is None or after is None:
        if before is after:
            return None
        return ChangeKind.ADDED if before is None else ChangeKind.REMOVED
    if before.value != after.value:
        return ChangeKind.CHANGED
    grounds = [(one.source, one.article, one.status) for one in (before, after)]
    return None if grounds[0] == grounds[1] else ChangeKind.GROUND


# What ended long ago is history: nobody needs to look it up again.
def _alive(leaf: Leaf, on: date) -> list[Dated]:
    by_day = leaf.in_force(on, None)
    later = [dated for dated in leaf.values if dated.year is None and dated.from_on > on]
    of_years = [dated for dated in leaf.values if dated.year is not None and dated.year >= on.year]
    return [dated for dated in (*([by_day] if by_day else []), *later, *of_years) if dated.value is not None]
