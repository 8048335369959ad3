"""What is registered below a company: facilities, processes and source streams, each with dated events.

A thing begins when it was registered. It is closed and restarted by events that the authority approves; a transfer ends
it for the holder of before. What stands in no facility (vehicles, rented offices) belongs to the organisation alone:
the organisation's boundary is its facilities and that, and the two always add up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Refused, Sentence


class SiteEvent(StrEnum):
    """What can happen to a facility, a process or a source stream."""

    CLOSURE = "CLOSURE"
    RESTART = "RESTART"
    TRANSFER = "TRANSFER"
    CAPACITY_CHANGE = "CAPACITY_CHANGE"


class Reach(StrEnum):
    """Whether a source stream belongs to a facility or to the organisation alone."""

    FACILITY = "FACILITY"
    ORGANISATION = "ORGANISATION"


class EventDecision(StrEnum):
    """What the authority says of a declared event."""

    APPROVED = "APPROVED"
    RETURNED = "RETURNED"


class RegisterRefusal(Refusal):
    """What the register can refuse, in order of precedence."""

    NO_SUCH_PLACE = Sentence(
        zh="登记中没有 {subject}，或其不属于该单位；请核对编号。",
        en="The register has no {subject}, or it is another company's; check the number.",
        article="design choice",
        status=404,
    )
    NUMBER_TAKEN = Sentence(
        zh="编号 {subject} 已经登记；请另取编号。",
        en="The number {subject} is registered already; choose another.",
        article="design choice",
    )
    NO_SUCH_EVENT = Sentence(
        zh="没有编号为 {event} 的登记事件。",
        en="There is no event {event} of the register.",
        article="design choice",
        status=404,
    )
    EVENT_DECIDED = Sentence(
        zh="登记事件 {event} 已有决定。",
        en="Event {event} of the register is decided already.",
        article="design choice",
    )
    EVENT_BEFORE_START = Sentence(
        zh="事件日期 {on} 早于 {subject} 的启用日期 {from_on}；请更正。",
        en="The event of {on} lies before the start of {subject} on {from_on}; correct the day.",
        article="design choice",
        status=422,
    )
    EVENT_OUT_OF_ORDER = Sentence(
        zh="{subject} 在 {on} 不能登记该事件：已停用的才能恢复，在用的才能停用、转出或变更能力。",
        en="This cannot happen to {subject} on {on}: only what is closed restarts, and only what is in use is closed, "
        "handed over or changed.",
        article="design choice",
        status=422,
    )
    RECEIVER_MISSING = Sentence(
        zh="转出须写明接收单位的统一社会信用代码。",
        en="A transfer names the code of who takes the facility over.",
        article="design choice",
        status=422,
    )
    RETURN_WITHOUT_NOTE = Sentence(
        zh="退回事件须写明原因。",
        en="An event is returned with a reason.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Event:
    """An approved event of one thing: what happened and on which day it takes effect."""

    kind: SiteEvent
    on: date


@dataclass(frozen=True, slots=True)
class Span:
    """A time in use: first day, and the day it ended (the first day out of use), None while it lasts."""

    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Emissions of one report by facility and of the organisation alone, unrounded tCO2; they add up to the total."""

    facilities: Mapping[str, Decimal]
    organisation_only: Decimal

    @property
    def organisation(self) -> Decimal:
        """All of it: the organisation's boundary."""
        with localcontext(units.EXACT):
            return sum(self.facilities.values(), self.organisation_only)


def spans(from_on: date, events: Iterable[Event]) -> tuple[Span, ...]:
    """Tell when something was in use.

    Args:
        from_on: day it started.
        events: approved ones, any order.

    Returns:
        Times in use, in order, none overlapping.

    Source: design choice, no legal source.

    Example:
        >>> spans(date(2020, 1, 1), [Event(SiteEvent.CLOSURE, date(2026, 7, 1))])
        (Span(from_on=datetime.date(2020, 1, 1), to_on=datetime.date(2026, 7, 1)),)
    """
    found: list[Span] = []
    begun: date | None = from_on
    for event in sorted(events, key=lambda one: one.on):
        if event.kind is SiteEvent.RESTART and begun is None:
            begun = event.on
        elif event.kind in _ENDS and begun is not None:
            found.append(Span(begun, event.on))
            begun = None
    return (*found, Span(begun, None)) if begun is not None else tuple(found)


def is_in_use(from_on: date, events: Iterable[Event], on: date) -> bool:
    """Say whether something is in use on a day."""
    return any(span.from_on <= on and (span.to_on is None or on < span.to_on) for span in spans(from_on, events))


def check_event(
    *, subject: str, kind: SiteEvent, on: date, from_on: date, events: Sequence[Event], receiver: str = ""
) -> None:
    """Decide whether an event may be declared, and again whether it may be approved.

    Args:
        subject: number of the thing.
        kind: what happened.
        on: day it takes effect.
        from_on: day the thing started.
        events: approved ones before.
        receiver: code of who takes it over, for a transfer.

    Raises:
        Refused: EVENT_BEFORE_START, EVENT_OUT_OF_ORDER or RECEIVER_MISSING.

    Source: design choice, no legal source.
    """
    facts = {"subject": subject, "on": on, "from_on": from_on}
    if on < from_on:
        raise Refused(RegisterRefusal.EVENT_BEFORE_START, **facts)
    is_later = all(one.on <= on for one in events)
    if not is_later or is_in_use(from_on, events, on) is (kind is SiteEvent.RESTART):
        raise Refused(RegisterRefusal.EVENT_OUT_OF_ORDER, **facts)
    if kind is SiteEvent.TRANSFER and not receiver:
        raise Refused(RegisterRefusal.RECEIVER_MISSING)


def check_decision(*, event: str, is_decided: bool, decision: EventDecision, note: str) -> None:
    """Refuse a second decision, and a return that says nothing.

    Raises:
        Refused: EVENT_DECIDED or RETURN_WITHOUT_NOTE.

    Source: design choice, no legal source.
    """
    if is_decided:
        raise Refused(RegisterRefusal.EVENT_DECIDED, event=event)
    if decision is EventDecision.RETURNED and not note.strip():
        raise Refused(RegisterRefusal.RETURN_WITHOUT_NOTE)


def boundaries(
    places: Sequence[tuple[str, str]], tonnes: Sequence[Decimal], reaches: Mapping[str, Reach]
) -> Boundaries:
    """Share a report's lines out between its facilities and the organisation alone.

    Args:
        places: facility and source stream of each line; the stream may be empty.
        tonnes: unrounded tCO2 of each line, in the same order.
        reaches: of the registered streams, by number; a line without one belongs to its facility.

    Returns:
        Emissions by boundary; their sum is the sum of the lines, exactly.

    Source: S01 (组织碳 and 设施碳 side by side); which source belongs where is what the company registers.
    """
    facilities: dict[str, Decimal] = defaultdict(Decimal)
    alone = Decimal(0)
    with localcontext(units.EXACT):
        for (facility, stream), quantity in zip(places, tonnes, strict=True):
            if reaches.get(stream) is Reach.ORGANISATION:
                alone += quantity
            else:
                facilities[facility] += quantity
    return Boundaries(dict(facilities), alone)


_ENDS = frozenset({SiteEvent.CLOSURE, SiteEvent.TRANSFER})
