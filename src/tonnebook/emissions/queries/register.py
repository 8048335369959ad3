"""What is registered below a company, with events and times in use, and emissions by boundary."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from tonnebook.core import register
from tonnebook.core.mrv import LineKind
from tonnebook.core.register import Boundaries, Event, EventDecision, Reach, SiteEvent, Span
from tonnebook.core.trace import Traced
from tonnebook.emissions.models import EventRuling, Facility, Process, RegisterEvent, SourceStream


@dataclass(frozen=True, slots=True)
class Placed:
    """A facility, process or stream: its company, its facility, its first day and its approved events."""

    entity: str
    facility: str
    from_on: date
    approved: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A registered source stream with the times it was in use."""

    number: str
    process: str
    line_kind: LineKind
    name: str
    unit: str
    reach: Reach
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """A declared event; `decision` is None while the authority has not decided."""

    number: str
    entity: str
    facility: str
    subject: str
    kind: SiteEvent
    on: date
    detail: str
    receiver: str
    document: str
    declared_at: datetime
    decision: EventDecision | None
    note: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A facility with its streams, its times in use and everything that was declared of it."""

    number: str
    name_zh: str
    name_en: str
    sector: str
    spans: tuple[Span, ...]
    streams: tuple[StreamRow, ...]
    events: tuple[EventRow, ...]


def register_of(entity: str) -> tuple[PlaceRow, ...]:
    """Give the register of a company, by facility, with five statements whatever its size."""
    places = list(Facility.objects.filter(entity__uscc=entity).order_by("number"))
    streams = defaultdict(list)
    for stream in SourceStream.objects.filter(facility__in=places).select_related("process").order_by("number"):
        streams[stream.facility_id].append(stream)
    rows = defaultdict(list)
    for row in _events(RegisterEvent.objects.filter(entity__uscc=entity)):
        rows[row.facility].append(row)
    return tuple(
        PlaceRow(
            place.number,
            place.name_zh,
            place.name_en,
            place.sector,
            register.spans(place.from_on, _approved(rows[place.number], place.number)),
            tuple(_stream_row(one, place, rows[place.number]) for one in streams[place.pk]),
            tuple(rows[place.number]),
        )
        for place in places
    )


def registered_place(subject: str) -> Placed | None:
    """Give what a number of the register stands for, or None."""
    place = Facility.objects.filter(number=subject).first()
    if place is not None:
        return Placed(place.entity_id, place.number, place.from_on, _approved_of(subject))
    for model in (SourceStream, Process):
        row = model.objects.select_related("facility").filter(number=subject).first()
        if row is not None:
            return Placed(row.facility.entity_id, row.facility.number, row.from_on, _approved_of(subject))
    return None


def streams_of(entity: str) -> set[tuple[str, str]]:
    """Give the source streams of a company, each as its facility and its own number."""
    return set(SourceStream.objects.filter(facility__entity__uscc=entity).values_list("facility__number", "number"))


def open_events(region: str) -> tuple[EventRow, ...]:
    """List the events of a region that wait for a decision, oldest first."""
    ruled = EventRuling.objects.values("event")
    return _events(RegisterEvent.objects.filter(region=region).exclude(pk__in=ruled))


def boundaries_of(entity: str, lines: tuple[Mapping[str, object], ...], total: Traced) -> Boundaries:
    """Share the lines of a stored report out between facilities and organisation.

    Args:
        entity: unified social credit code.
        lines: as stored.
        total: its trace, whose innermost inputs are the lines.
    """
    reaches = dict(SourceStream.objects.filter(facility__entity__uscc=entity).values_list("number", "reach"))
    places = [(str(line["facility"]), str(line.get("stream", ""))) for line in lines]
    tonnes: list[Decimal] = [one.value for one in total.inputs[0].inputs]
    return register.boundaries(places, tonnes, {number: Reach(reach) for number, reach in reaches.items()})


def _stream_row(row: SourceStream, place: Facility, events: list[EventRow]) -> StreamRow:
    # What happens to a facility happens to everything in it.
    approved = (*_approved(events, row.number), *_approved(events, place.number))
    return StreamRow(
        row.number,
        row.process.name if row.process else "",
        LineKind(row.line_kind),
        row.name,
        row.unit,
        Reach(row.reach),
        register.spans(row.from_on, approved),
    )


def _approved(events: list[EventRow], subject: str) -> tuple[Event, ...]:
    return tuple(
        Event(one.kind, one.on) for one in events if one.subject == subject and one.decision is EventDecision.APPROVED
    )


def _approved_of(subject: str) -> tuple[Event, ...]:
    ruled = EventRuling.objects.filter(event__subject=subject, decision=EventDecision.APPROVED.value)
    return tuple(Event(SiteEvent(kind), on) for kind, on in ruled.values_list("event__kind", "event__on"))


def _events(found: QuerySet[RegisterEvent]) -> tuple[EventRow, ...]:
    rows = list(found.select_related("facility").order_by("on", "pk"))
    rulings = {one.event_id: one for one in EventRuling.objects.filter(event__in=rows)}
    return tuple(_event_row(row, rulings.get(row.pk)) for row in rows)


def _event_row(row: RegisterEvent, ruling: EventRuling | None) -> EventRow:
    return EventRow(
        row.number,
        row.entity_id,
        row.facility.number,
        row.subject,
        SiteEvent(row.kind),
        row.on,
        row.detail,
        row.receiver,
        row.document,
        row.declared_at,
        EventDecision(ruling.decision) if ruling else None,
        ruling.note if ruling else "",
    )
