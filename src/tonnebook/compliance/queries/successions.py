"""What happened to entities: closures, moves, mergers, divisions, changes of boundary."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from tonnebook.compliance.models import Allocation, EntityChange
from tonnebook.compliance.queries import standing
from tonnebook.core.allocation import changes as core_changes
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.allocation.changes import Change, ChangeKind, ChangeRefusal
from tonnebook.core.errors import Refused
from tonnebook.members import queries as members


@dataclass(frozen=True, slots=True)
class EntityChangeRow:
    """A recorded change; `successor_zh` and `successor_en` are empty where nobody takes over."""

    change: Change
    name_zh: str
    name_en: str
    successor_zh: str
    successor_en: str
    document: str
    initiator: str
    approver: str
    recorded_at: datetime


def entity_changes(region: str) -> tuple[EntityChangeRow, ...]:
    """List the changes recorded in a region, the latest first."""
    return _rows(EntityChange.objects.filter(region=region).order_by("-on", "-id"))


def entity_changes_of(entity: str) -> tuple[EntityChangeRow, ...]:
    """List the changes that concern an entity, as the one that gave up or as the one that took over."""
    found = EntityChange.objects.filter(Q(entity__uscc=entity) | Q(successor=entity))
    return _rows(found.order_by("-on", "-id"))


def until(region: str, year: int) -> tuple[Change, ...]:
    """Give the changes of a region up to the end of a year, as core takes them."""
    return tuple(_change(row) for row in EntityChange.objects.filter(region=region, on__lte=date(year, 12, 31)))


def require_recordable(region: str, change: Change, *, document: str, today: date) -> None:
    """Refuse a change that must not be recorded; asked when it is proposed and again when it is recorded.

    Args:
        region: region code.
        change: what is to be recorded.
        document: paper it rests on.
        today: the day.

    Raises:
        Refused: what `core.allocation.changes.check` refuses; CHANGE_TOO_LATE when the second batch of that year was
            issued to one of both; the path where the rules do not say how the rest of a year is counted.
    """
    core_changes.check(change, document=document, before=of(change.entity), today=today)
    core_changes.rest_of_year(change.on, standing.rules(region, change.on.year, today))
    concerned = [change.entity, change.successor]
    issued = Allocation.objects.filter(
        entity__uscc__in=concerned, year=change.on.year, batch=Batch.SECOND, state=AllocationState.ISSUED
    )
    done = issued.values_list("entity__uscc", flat=True).first()
    if done is not None:
        raise Refused(ChangeRefusal.CHANGE_TOO_LATE, entity=done, year=change.on.year)


def of(entity: str) -> tuple[Change, ...]:
    """Give the changes of an entity so far, as core takes them."""
    return tuple(_change(row) for row in EntityChange.objects.filter(entity__uscc=entity))


def _rows(found: QuerySet[EntityChange]) -> tuple[EntityChangeRow, ...]:
    rows = list(found)
    names = members.organisations_named(
        sorted({code for row in rows for code in (row.entity_id, row.successor) if code})
    )
    return tuple(
        EntityChangeRow(
            _change(row),
            names[row.entity_id].name_zh,
            names[row.entity_id].name_en,
            names[row.successor].name_zh if row.successor in names else "",
            names[row.successor].name_en if row.successor in names else "",
            row.document,
            row.initiator,
            row.approver,
            row.recorded_at,
        )
        for row in rows
    )


def _change(row: EntityChange) -> Change:
    return Change(row.number, row.entity_id, ChangeKind(row.kind), row.on, row.share.normalize(), row.successor)
