"""Deadlines moved by notice: what has been moved, and what a move would do before anybody decides on it."""

from dataclasses import dataclass
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.compliance.models import DeadlineMove
from tonnebook.compliance.queries import histories, standing
from tonnebook.compliance.queries.books import covered_codes
from tonnebook.core import deadlines, periods
from tonnebook.core.year_status import YearCode

_OPEN = frozenset({YearCode.NO_FIGURE, YearCode.DUE, YearCode.SHORT})
_SURRENDER = "surrender_on"


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A deadline moved by notice: the day it was, the day it became, and why."""

    name: str
    zh: str
    en: str
    from_on: date
    to_on: date
    notice: str
    reason: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class MoveEffect:
    """What a move would do.

    Attributes:
        from_on: the day as it stands.
        to_on: the new day.
        working_days_left: until the day as it stands; below zero when it is over.
        working_days_then: until the new day.
        open_entities: entities whose surrender is not complete, when the deadline is that of surrender; else 0.
        missing_t: tonnes they have still to hand in.
    """

    from_on: date
    to_on: date
    working_days_left: int
    working_days_then: int
    open_entities: int
    missing_t: int


def moves(region: str, year: int) -> tuple[MoveRow, ...]:
    """List the deadlines of a year that were moved, the latest first."""
    leaves = rulebook.at(region, on=date(year, 1, 1), year=year).leaves
    return tuple(
        MoveRow(
            row.name,
            leaves[f"deadline.{row.name}"].zh,
            leaves[f"deadline.{row.name}"].en,
            row.from_on,
            row.to_on,
            row.notice,
            row.reason,
            row.published_at,
        )
        for row in DeadlineMove.objects.filter(region=region, year=year).order_by("-id")
    )


def preview_move(region: str, year: int, name: str, *, to_on: date, now: datetime) -> MoveEffect:
    """Say what moving a deadline would do.

    Args:
        region: region code.
        year: compliance year.
        name: below `deadline`, such as "surrender_on".
        to_on: the new day.
        now: the clock.

    Raises:
        Refused: as `core.deadlines.check_move`.
    """
    today, days = periods.day_of(now), rulebook.calendar(region)
    rules = standing.rules(region, year, today)
    deadlines.check_move(name, to_on, rules, today=today, is_working_day=days.is_working_day(to_on))
    from_on = rules.day(f"deadline.{name}")
    covered = covered_codes(region, year) if name == _SURRENDER else ()
    found = histories.standings(covered, region=region, year=year, now=now)
    behind = [one for one in found.values() if one.code in _OPEN]
    return MoveEffect(
        from_on,
        to_on,
        days.working_days_between(today, from_on),
        days.working_days_between(today, to_on),
        len(behind),
        sum(one.missing_t for one in behind),
    )
