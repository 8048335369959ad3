"""Keep the register below a company: its source streams and processes, and events that the authority approves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tonnebook.core import identity, register, roles
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import LineKind
from tonnebook.core.register import EventDecision, Reach, RegisterRefusal, SiteEvent
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.emissions import queries
from tonnebook.emissions.models import EventRuling, Facility, Process, RegisterEvent, SourceStream
from tonnebook.emissions.services.locks import lock_register
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as membership
from tonnebook.members import services as members

NUMBER = "emissions_event_number"


@dataclass(frozen=True, slots=True)
class StreamDraft:
    """A source stream to register; `process` is a name, registered with it when the facility has none of that name."""

    number: str
    facility: str
    line_kind: LineKind
    name: str
    unit: str
    from_on: date
    process: str = ""
    reach: Reach = Reach.FACILITY


@journal.command("emissions.register_streams")
def register_streams(actor: Actor, *, entity: str, drafts: Sequence[StreamDraft], key: str, now: datetime) -> Answer:
    """Register source streams of a company's facilities, any number at once, with the processes they belong to.

    Args:
        actor: representative of the entity, or registrar or officer of its region.
        entity: unified social credit code.
        drafts: what to register.
        key: idempotency key.
        now: when.

    Returns:
        {"streams": count, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION or NOT_YOUR_REGION; NO_SUCH_PLACE; NUMBER_TAKEN.

    Source: S01 (facilities beside the organisation); the form is a design choice.
    """
    del key
    members.require(actor, Act.REGISTER_FACILITY, organisation=entity)
    places = {place.number: place for place in Facility.objects.filter(entity__uscc=entity)}
    for draft in drafts:
        if draft.facility not in places:
            raise Refused(RegisterRefusal.NO_SUCH_PLACE, subject=draft.facility)
    _refuse_taken([draft.number for draft in drafts])
    processes = {(one.facility_id, one.name): one for one in Process.objects.filter(facility__in=places.values())}
    for draft in drafts:
        place = places[draft.facility]
        if draft.process and (place.pk, draft.process) not in processes:
            count = sum(facility == place.pk for facility, _ in processes) + 1
            processes[place.pk, draft.process] = Process.objects.create(
                number=f"{place.number}/P{count}", facility=place, name=draft.process, from_on=draft.from_on
            )
        SourceStream.objects.create(
            number=draft.number,
            facility=place,
            process=processes.get((place.pk, draft.process)),
            line_kind=draft.line_kind.value,
            name=draft.name,
            unit=draft.unit,
            reach=draft.reach.value,
            from_on=draft.from_on,
        )
    facts = {"entity": entity, "streams": list(drafts), "by": actor.person}
    receipt = journal.append(Entry("emissions.streams.registered", facts), now=now)
    return {"streams": len(drafts), "receipt": receipt}


@journal.command("emissions.declare_event")
def declare_event(
    actor: Actor,
    *,
    subject: str,
    kind: SiteEvent,
    on: date,
    document: str,
    detail: str = "",
    receiver: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Declare what happened to a facility, a process or a source stream; it counts once the authority approves.

    Args:
        actor: representative of its company.
        subject: number of the facility, process or stream.
        kind: what happened.
        on: day it takes effect.
        document: number of the evidence among the company's documents.
        detail: such as the new capacity; sealed in the log.
        receiver: code of who takes it over, for a transfer.
        key: idempotency key.
        now: when.

    Returns:
        {"event": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_ORGANISATION; NO_SUCH_PLACE; EVENT_BEFORE_START, EVENT_OUT_OF_ORDER or
            RECEIVER_MISSING as `core.register.check_event`; NO_SUCH_ORGANISATION; DOCUMENTS_MISSING, NO_SUCH_DOCUMENT.

    Source: design choice, no legal source.
    """
    del key
    place = queries.registered_place(subject)
    if place is None:
        members.require(actor, Act.DECLARE_EVENT)
        raise Refused(RegisterRefusal.NO_SUCH_PLACE, subject=subject)
    entity = place.entity
    region = members.require(actor, Act.DECLARE_EVENT, organisation=entity)
    register.check_event(
        subject=subject, kind=kind, on=on, from_on=place.from_on, events=place.approved, receiver=receiver
    )
    with tenancy.everywhere(Why.UNIQUENESS):
        known = membership.organisations_named([receiver]) if receiver else {receiver}
    if receiver not in known:
        raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=receiver)
    members.require_documents(entity, [document] if document else [])
    (count,) = journal.next_counts(NUMBER, 1)
    row = RegisterEvent.objects.create(
        number=identity.numbered("RE", count),
        entity_id=entity,
        region=region,
        facility=Facility.objects.get(number=place.facility),
        subject=subject,
        kind=kind.value,
        on=on,
        detail=detail.strip(),
        receiver=receiver,
        document=document,
        declared_by=actor.person,
        declared_at=now,
    )
    facts = {"entity": entity, "event": row.number, "subject": subject, "kind": kind.value, "on": on}
    sealed = {"detail": row.detail, "receiver": receiver, "document": document, "by": actor.person}
    receipt = journal.append(Entry("emissions.event.declared", facts, sealed), now=now)
    return {"event": row.number, "receipt": receipt}


@journal.command("emissions.decide_event")
def decide_event(
    actor: Actor, *, event: str, decision: EventDecision, note: str = "", key: str, now: datetime
) -> Answer:
    """Approve a declared event, or return it with remarks.

    Args:
        actor: officer of the region.
        event: number.
        decision: what is decided.
        note: remark; needed when it is returned.
        key: idempotency key.
        now: when.

    Returns:
        {"event": number, "decision": word, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_EVENT; EVENT_DECIDED or RETURN_WITHOUT_NOTE; for an approval
            EVENT_OUT_OF_ORDER, when another event was approved meanwhile.

    Source: design choice, no legal source.
    """
    del key
    row = RegisterEvent.objects.filter(number=event).first()
    if row is None:
        members.require(actor, Act.DECIDE_EVENT)
        raise Refused(RegisterRefusal.NO_SUCH_EVENT, event=event)
    roles.check(actor, Act.DECIDE_EVENT, organisation=row.entity_id, region=row.region)
    lock_register(row.entity_id)
    is_decided = EventRuling.objects.filter(event=row).exists()
    register.check_decision(event=event, is_decided=is_decided, decision=decision, note=note)
    if decision is EventDecision.APPROVED:
        place = queries.registered_place(row.subject)
        assert place is not None
        kind = SiteEvent(row.kind)
        register.check_event(
            subject=row.subject,
            kind=kind,
            on=row.on,
            from_on=place.from_on,
            events=place.approved,
            receiver=row.receiver,
        )
    EventRuling.objects.create(
        event=row, decision=decision.value, note=note.strip(), decided_by=actor.person, decided_at=now
    )
    facts = {"entity": row.entity_id, "event": event, "decision": decision.value}
    receipt = journal.append(
        Entry("emissions.event.decided", facts, {"note": note.strip(), "by": actor.person}), now=now
    )
    return {"event": event, "decision": decision.value, "receipt": receipt}


def _refuse_taken(numbers: Sequence[str]) -> None:
    with tenancy.everywhere(Why.UNIQUENESS):
        taken = set(SourceStream.objects.filter(number__in=numbers).values_list("number", flat=True))
    for number in numbers:
        if number in taken:
            raise Refused(RegisterRefusal.NUMBER_TAKEN, subject=number)
        taken.add(number)
