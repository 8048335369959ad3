"""Where an entity's compliance year stands: a pure function of what has happened to it.

The events of a year are facts that were posted: a figure was determined, re-checked or replaced, allowances could not
be recalled, a surrender was confirmed or taken by force, the last day passed, the authority settled, penalised, carried
over, or the duty left the region. Their order in time is all that counts, so the same events give the same standing on
whatever day they are put together, and a supplementary report finds its consequence in every state of the year. The
letters are those of the European registry (A enough, B not enough, C no figure). The module does *not* store a status:
what was settled stays in the books as it was, and this says what has become of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.surrender import StatusCode
from tonnebook.core.trace import Traced


class EventKind(StrEnum):
    """What can happen to an entity's year; events of one instant count in this order."""

    DETERMINED = "DETERMINED"
    RECHECK_ASKED = "RECHECK_ASKED"
    RECHECK_DECIDED = "RECHECK_DECIDED"
    REDETERMINED = "REDETERMINED"
    RECALL_OWED = "RECALL_OWED"
    SURRENDERED = "SURRENDERED"
    FORCED = "FORCED"
    LAST_DAY_OVER = "LAST_DAY_OVER"
    SETTLED = "SETTLED"
    PENALISED = "PENALISED"
    CARRIED_OVER = "CARRIED_OVER"
    EXITED = "EXITED"
    HANDED_OVER = "HANDED_OVER"


class Mark(StrEnum):
    """What stays true of a year once it has happened; a re-check runs only until it is decided."""

    OFFSET = "OFFSET"
    LATE = "LATE"
    IN_RECHECK = "IN_RECHECK"
    RECHECKED = "RECHECKED"
    FORCED = "FORCED"
    REDETERMINED = "REDETERMINED"
    SETTLED = "SETTLED"
    PENALISED = "PENALISED"
    CARRIED_OVER = "CARRIED_OVER"
    EXITED = "EXITED"
    HANDED_OVER = "HANDED_OVER"


class YearCode(StrEnum):
    """Where a year stands, in one word."""

    NO_FIGURE = "NO_FIGURE"
    DUE = "DUE"
    COVERED = "COVERED"
    SHORT = "SHORT"
    PENALISED = "PENALISED"
    COMPLIANT = "COMPLIANT"
    MADE_GOOD = "MADE_GOOD"
    REOPENED = "REOPENED"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        at: when it took effect.
        kind: what.
        quantity_t: the new figure, the tonnes owed or those surrendered or taken by force; 0 for the other kinds.
        credits_t: credits among the tonnes surrendered.
    """

    at: datetime
    kind: EventKind
    quantity_t: int = 0
    credits_t: int = 0


@dataclass(frozen=True, slots=True)
class YearStanding:
    """Where a year stands after its events; tonnes.

    Attributes:
        letter: A enough, B not enough, C no figure.
        code: the same with what came before and after.
        marks: what has happened on the way.
        figure_t: the figure that counts now, None without one.
        obligation_t: figure and what could not be recalled.
        surrendered_t: confirmed, credits included.
        credits_t: credits among them.
        missing_t: what is still to be surrendered.
        excess_t: what was surrendered beyond the obligation; units surrendered stay so (A6).
    """

    letter: StatusCode
    code: YearCode
    marks: frozenset[Mark]
    figure_t: int | None
    obligation_t: int
    surrendered_t: int
    credits_t: int
    missing_t: int
    excess_t: int


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a figure that replaces another changes: the obligation by `delta`, and what is missing or too much now."""

    delta: Traced
    missing: Traced
    excess: Traced


_MARK_OF = {
    EventKind.RECHECK_ASKED: Mark.IN_RECHECK,
    EventKind.RECHECK_DECIDED: Mark.RECHECKED,
    EventKind.REDETERMINED: Mark.REDETERMINED,
    EventKind.SETTLED: Mark.SETTLED,
    EventKind.PENALISED: Mark.PENALISED,
    EventKind.CARRIED_OVER: Mark.CARRIED_OVER,
    EventKind.EXITED: Mark.EXITED,
    EventKind.HANDED_OVER: Mark.HANDED_OVER,
}


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Put events in the order in which they count: by time, those of one instant by kind."""
    places = {kind: place for place, kind in enumerate(EventKind)}
    return tuple(sorted(events, key=lambda one: (one.at, places[one.kind], one.quantity_t, one.credits_t)))


def standing(events: Iterable[Event]) -> YearStanding:
    """Say where a year stands after these events, in whatever order they are given.

    Args:
        events: all that happened to one entity's year.

    Returns:
        The standing; `missing_t` and `excess_t` are never both above zero.

    Source: S60 Art. 12(3) for the letters (recalled); S06 Art. 28; the words and marks are a design choice.

    Example:
        >>> from datetime import UTC
        >>> day = datetime(2027, 6, 1, tzinfo=UTC)
        >>> standing([Event(day, EventKind.DETERMINED, 100), Event(day, EventKind.SURRENDERED, 90)]).missing_t
        10
    """
    figure_t: int | None = None
    owed_t = surrendered_t = credits_t = 0
    marks: set[Mark] = set()
    was_enough: bool | None = None
    for event in (ordered := in_order(events)):
        match event.kind:
            case EventKind.DETERMINED | EventKind.REDETERMINED:
                figure_t = event.quantity_t
            case EventKind.RECALL_OWED:
                owed_t += event.quantity_t
            case EventKind.SURRENDERED | EventKind.FORCED:
                surrendered_t, credits_t = surrendered_t + event.quantity_t, credits_t + event.credits_t
            case EventKind.RECHECK_DECIDED:
                marks.discard(Mark.IN_RECHECK)
            case EventKind.SETTLED:
                was_enough = figure_t is not None and surrendered_t >= figure_t + owed_t
        marks |= _marks(event, ordered)
    due_t = (figure_t or 0) + owed_t
    letter = _letter(figure_t, due_t, surrendered_t)
    return YearStanding(
        letter=letter,
        code=_code(letter, marks, was_enough=was_enough, is_over=_is_over(ordered)),
        marks=frozenset(marks),
        figure_t=figure_t,
        obligation_t=due_t,
        surrendered_t=surrendered_t,
        credits_t=credits_t,
        missing_t=max(0, due_t - surrendered_t),
        excess_t=max(0, surrendered_t - due_t),
    )


def missing(found: YearStanding) -> Traced:
    """Explain what is still to be surrendered: figure and what could not be recalled, less what was surrendered.

    Returns:
        Whole tonnes.

    Source: S06 Art. 28.
    """
    figure = trace.given(found.figure_t or 0, "t", zh="审定排放量", en="determined emission")
    rest = trace.given(found.obligation_t - (found.figure_t or 0), "t", zh="未能收回的配额", en="not recalled")
    due = trace.total([figure, rest], "t", zh="应清缴量", en="obligation")
    done = trace.given(found.surrendered_t, "t", zh="已清缴", en="surrendered")
    left = trace.difference(due, done, "t", zh="应清缴减已清缴", en="obligation less surrendered")
    return trace.largest(
        [left, trace.given(0, "t", zh="零", en="zero")], "t", zh="须补缴", en="still to be surrendered"
    )


def supplement(before: YearStanding, *, figure_t: int) -> Supplement:
    """Work out what a replaced figure changes, from what was posted and in whatever state the year is.

    Args:
        before: where the year stands.
        figure_t: the new figure, tonnes, >= 0.

    Returns:
        Whole tonnes; the delta is below zero when less is due than before.

    Source: design choice, no legal source: what was surrendered stays so, only what is missing is asked for.
    """
    old = trace.given(before.figure_t or 0, "t", zh="原审定排放量", en="figure determined before")
    new = trace.given(figure_t, "t", zh="补充报告审定排放量", en="figure after the supplementary report")
    rest = trace.given(before.obligation_t - (before.figure_t or 0), "t", zh="未能收回的配额", en="not recalled")
    due = trace.total([new, rest], "t", zh="新的应清缴量", en="new obligation")
    done = trace.given(before.surrendered_t, "t", zh="已清缴", en="surrendered")
    zero = trace.given(0, "t", zh="零", en="zero")
    missing = trace.difference(due, done, "t", zh="应清缴减已清缴", en="obligation less surrendered")
    spare = trace.difference(done, due, "t", zh="已清缴减应清缴", en="surrendered less obligation")
    return Supplement(
        delta=trace.difference(new, old, "t", zh="应清缴量变化", en="change of the obligation"),
        missing=trace.largest([missing, zero], "t", zh="须补缴", en="still to be surrendered"),
        excess=trace.largest([spare, zero], "t", zh="多缴", en="surrendered beyond the obligation"),
    )


def _marks(event: Event, events: Sequence[Event]) -> set[Mark]:
    if event.kind is EventKind.FORCED:
        return {Mark.FORCED, Mark.LATE}
    if event.kind is not EventKind.SURRENDERED:
        return {_MARK_OF[event.kind]} if event.kind in _MARK_OF else set()
    marks = {Mark.OFFSET} if event.credits_t else set()
    if any(one.kind is EventKind.LAST_DAY_OVER and one.at < event.at for one in events):
        marks.add(Mark.LATE)
    return marks


def _letter(figure_t: int | None, due_t: int, surrendered_t: int) -> StatusCode:
    if figure_t is None:
        return StatusCode.C
    return StatusCode.A if surrendered_t >= due_t else StatusCode.B


def _code(letter: StatusCode, marks: set[Mark], *, was_enough: bool | None, is_over: bool) -> YearCode:
    if letter is StatusCode.C:
        return YearCode.NO_FIGURE
    if letter is StatusCode.A:
        if was_enough is None:
            return YearCode.COVERED
        return YearCode.COMPLIANT if was_enough and Mark.LATE not in marks else YearCode.MADE_GOOD
    if was_enough:
        return YearCode.REOPENED
    if Mark.PENALISED in marks:
        return YearCode.PENALISED
    return YearCode.SHORT if is_over else YearCode.DUE


def _is_over(events: Sequence[Event]) -> bool:
    return any(one.kind in (EventKind.LAST_DAY_OVER, EventKind.SETTLED) for one in events)
