"""Deadlines moved by notice: the rules with the new day, what the move does, and why one is refused.

A moved deadline is a value of its own in the rules of one compliance year, with the number of the notice as its
article, so that whoever asks the rules for the day (tasks, clocks, pages, services) gets the new one. The day it was
moved from stays with it. The module does *not* publish a notice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tonnebook.core import canonical
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import Dated, RulesAt, Status

# Source id of what this system itself has published (docs/sources.md).
NOTICES = "N00"


class DeadlineRefusal(Refusal):
    """Why a deadline is not moved, in order of precedence."""

    NO_SUCH_DEADLINE = Sentence(
        "{region} {year} 年度没有“{deadline}”这一期限。",
        "{region} has no deadline “{deadline}” for {year}.",
        "design choice",
        status=404,
    )
    SAME_DAY = Sentence(
        "“{deadline}”的期限已是 {on}。", "The deadline “{deadline}” is {on} already.", "design choice", status=422
    )
    DAY_OVER = Sentence(
        "{on} 已过；期限只能移到今天或以后。", "{on} is over; a deadline can move to today or later.", "design choice"
    )
    NOT_A_WORKING_DAY = Sentence(
        "{on} 不是工作日。", "{on} is not a working day.", "design choice, after the cycle of the year", status=422
    )
    OUT_OF_ORDER = Sentence(
        "“{deadline}”移到 {on} 将越过“{other}”（{other_on}）；请先移动后者。",
        "Moving “{deadline}” to {on} would pass “{other}” of {other_on}; move that one first.",
        "design choice",
    )


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline moved by notice.

    Attributes:
        name: below `deadline`, such as "surrender_on".
        from_on: the day it was.
        to_on: the day it is now.
        notice: number of the notice.
        published_on: when it was published.
    """

    name: str
    from_on: date
    to_on: date
    notice: str
    published_on: date


def moved(rules: RulesAt, moves: Sequence[Move]) -> RulesAt:
    """Lay moved deadlines over the rules of a compliance year.

    Args:
        rules: with `year` set.
        moves: of that region and year, the oldest first; the last of a name counts.

    Returns:
        The rules with the new days; their digest covers the moves as well. Without moves, the same object.

    Source: design choice, no legal source (feature S13).
    """
    if not moves or rules.year is None:
        return rules
    leaves = dict(rules.leaves)
    for move in moves:
        path = f"deadline.{move.name}"
        kept = tuple(one for one in leaves[path].values if one.year != rules.year)
        leaves[path] = replace(leaves[path], values=(*kept, _dated(move, rules.year)))
    told = [[move.name, move.to_on.isoformat(), move.notice] for move in moves]
    return replace(rules, leaves=leaves, digest=canonical.digest({"rules": rules.digest, "moves": told}))


def check_move(name: str, to_on: date, rules: RulesAt, *, today: date, is_working_day: bool) -> None:
    """Decide whether a deadline may be moved.

    Args:
        name: below `deadline`, such as "surrender_on".
        to_on: the new day.
        rules: of the compliance year, earlier moves included.
        today: the day.
        is_working_day: whether people work on the new day.

    Raises:
        Refused: NO_SUCH_DEADLINE, SAME_DAY, DAY_OVER, NOT_A_WORKING_DAY or OUT_OF_ORDER, the first that applies.

    Source: design choice, no legal source.
    """
    days = {one: rules.day(f"deadline.{one}") for one in rules.below("deadline")}
    if name not in days:
        raise Refused(DeadlineRefusal.NO_SUCH_DEADLINE, region=rules.region, year=rules.year, deadline=name)
    if to_on == days[name]:
        raise Refused(DeadlineRefusal.SAME_DAY, deadline=name, on=to_on)
    if to_on < today:
        raise Refused(DeadlineRefusal.DAY_OVER, on=to_on)
    if not is_working_day:
        raise Refused(DeadlineRefusal.NOT_A_WORKING_DAY, on=to_on)
    passed = passes(name, to_on, days)
    if passed:
        raise Refused(DeadlineRefusal.OUT_OF_ORDER, deadline=name, on=to_on, other=passed, other_on=days[passed])


def passes(name: str, to_on: date, days: Mapping[str, date]) -> str:
    """Name the deadline that a move would bring out of order, or nothing.

    Args:
        name: which is moved.
        to_on: to which day.
        days: all deadlines of the year as they stand.

    Returns:
        The nearest one it would pass; equal days do not pass each other.
    """
    before = {other: on for other, on in days.items() if on < days[name] and on > to_on}
    after = {other: on for other, on in days.items() if on > days[name] and on < to_on}
    if after:
        return min(after, key=lambda other: (after[other], other))
    return max(before, key=lambda other: (before[other], other), default="")


def _dated(move: Move, year: int) -> Dated:
    notes = f"{move.from_on.isoformat()} → {move.to_on.isoformat()}"
    first = date(year, 1, 1)
    return Dated(
        first,
        year,
        move.to_on.isoformat(),
        NOTICES,
        move.notice,
        Status.ENACTED,
        move.published_on,
        move.published_on,
        notes,
    )
