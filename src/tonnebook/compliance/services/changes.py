"""Record what happens to entities within a year; two people answer for it."""

from datetime import date, datetime
from decimal import Decimal

from tonnebook.compliance.models import AllocationPlan, Departure, EntityChange
from tonnebook.compliance.queries import successions
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import canonical, identity, periods, roles
from tonnebook.core.allocation import changes
from tonnebook.core.allocation.changes import Change, ChangeKind
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership


@journal.command("compliance.record_change")
def record_change(
    actor: Actor,
    *,
    region: str,
    entity: str,
    kind: ChangeKind,
    on: date,
    share: Decimal,
    successor: str,
    document: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Record a closure, move, merger, division or change of boundary; the next computation takes it into account.

    Who closes, moves away or merges into another leaves the market with the next year.

    Args:
        actor: officer of the region.
        region: region code.
        entity: unified social credit code of whoever it happens to.
        kind: what happens.
        on: first day it is so.
        share: part of its past that it gives up; 1 for closure, move and merger.
        successor: code of who takes that over; empty for nobody.
        document: paper it rests on.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"change": number}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one of both is not of the region; what
            `members.use_approval` and `queries.successions.require_recordable` refuse.

    Source: S02 item 10, S30 Art. 18 (closure and move); two people, effect on base years: design choice.
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    concerned = [entity, successor] if successor else [entity]
    sectors_in(region, concerned)
    payload = {
        "region": region,
        "entity": entity,
        "kind": kind,
        "on": on,
        "share": share,
        "successor": successor,
        "document": document,
    }
    people = membership.use_approval(approval, kind="compliance.record_change", payload=payload, now=now)
    # Whoever issues a batch of the year holds its plan as well.
    list(AllocationPlan.objects.select_for_update().filter(region=region, year=on.year))
    (count,) = journal.next_counts("compliance_change_number", 1)
    change = Change(identity.numbered("EC", count), entity, kind, on, share, successor)
    successions.require_recordable(region, change, document=document, today=periods.day_of(now))
    EntityChange.objects.create(
        number=change.number,
        entity_id=entity,
        region=region,
        kind=kind,
        on=on,
        share=share,
        successor=successor,
        document=document,
        initiator=people.initiator,
        approver=people.approver,
        recorded_at=now,
    )
    if changes.is_end(kind):
        _leave(entity, kind, on.year + 1, now)
    facts = {"region": region, "change": change.number, "initiator": people.initiator, "approver": people.approver}
    journal.append(Entry("compliance.change.recorded", facts, {"change": canonical.plain(payload)}), now=now)
    return {"change": change.number}


# Whose departure was noted before keeps its year.
def _leave(entity: str, kind: ChangeKind, from_year: int, now: datetime) -> None:
    if not Departure.objects.filter(entity__uscc=entity).exists():
        is_moved_away = kind is ChangeKind.RELOCATION
        Departure.objects.create(
            entity_id=entity, is_national=False, is_moved_away=is_moved_away, from_year=from_year, noted_at=now
        )
