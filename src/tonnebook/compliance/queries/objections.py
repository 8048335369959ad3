"""Objections to allocations: what an entity may still do, what it said, and what waits for the authority."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, Objection, ObjectionDecision
from tonnebook.compliance.queries import standing
from tonnebook.core import objections, periods
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.objections import ObjectionState
from tonnebook.members import queries as members


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """An objection and, once there is one, its decision; tonnes are those to be issued in all."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    year: int
    reason: str
    state: ObjectionState
    decide_until: date
    filed_at: datetime
    due_t: int | None
    ground: str
    decided_at: datetime | None


def issued_on(entity: str, year: int) -> date | None:
    """Give the day the annual allowance of an entity was issued, or None before it is."""
    rows = Allocation.objects.filter(entity__uscc=entity, year=year, batch=Batch.SECOND, state=AllocationState.ISSUED)
    row = rows.only("issued_at", "computed_at").first()
    return periods.day_of(row.issued_at or row.computed_at) if row else None


def object_until(entity: str, year: int, today: date) -> date | None:
    """Give the last day an entity may object, None before there is anything to object to."""
    issued = issued_on(entity, year)
    if issued is None:
        return None
    region = members.organisation(entity).region
    return objections.object_until(issued, standing.rules(region, year, today), rulebook.calendar(region))


def objection_of(entity: str, year: int) -> ObjectionRow | None:
    """Give what an entity said against its allowance of a year, or None."""
    found = _rows(Objection.objects.filter(entity__uscc=entity, year=year))
    return found[0] if found else None


def open_objections(region: str, year: int) -> tuple[ObjectionRow, ...]:
    """List the objections of a year that wait for a decision, the most urgent first."""
    return _rows(Objection.objects.filter(region=region, year=year, decision=None))


def _rows(found: QuerySet[Objection]) -> tuple[ObjectionRow, ...]:
    rows = list(found.select_related("entity").order_by("decide_until", "number"))
    decisions = {one.objection_id: one for one in ObjectionDecision.objects.filter(objection__in=rows)}
    return tuple(_row(row, decisions.get(row.id)) for row in rows)


def _row(row: Objection, decision: ObjectionDecision | None) -> ObjectionRow:
    state = ObjectionState.FILED
    if decision:
        state = ObjectionState.UPHELD if decision.is_upheld else ObjectionState.REJECTED
    return ObjectionRow(
        row.number,
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.year,
        row.reason,
        state,
        row.decide_until,
        row.filed_at,
        decision.due_t if decision else None,
        decision.reason if decision else "",
        decision.decided_at if decision else None,
    )
