"""Objections: what an entity may still object to, what it said, and what waits for the authority."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, Coverage, CoverageList, Objection, ObjectionDecision
from tonnebook.compliance.queries import standing
from tonnebook.core import objections, periods
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.coverage import Stage
from tonnebook.core.objections import ObjectionState, ObjectionSubject
from tonnebook.emissions import queries as emissions
from tonnebook.members import queries as members


@dataclass(frozen=True, slots=True)
class Decided:
    """A result that may be objected to: which edition of it, and its day."""

    edition: int
    on: date


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """An objection and, once there is one, its decision: tonnes to be issued in all, the stage, or the figure."""

    number: str
    subject: ObjectionSubject
    by_authority: bool
    entity: str
    name_zh: str
    name_en: str
    year: int
    reason: str
    state: ObjectionState
    decide_until: date
    filed_at: datetime
    due_t: int | None
    stage: Stage | None
    determined_t: int | None
    ground: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListObjections:
    """Until when the lines of the first version of a list may be objected to, and how many objections are where."""

    until: date
    working_days: int
    counts: Mapping[ObjectionState, int]


def objections_to_list(region: str, year: int) -> ListObjections:
    """Count the objections to a published list, by where they stand.

    Args:
        region: region code.
        year: compliance year, whose list is published.
    """
    first = CoverageList.objects.get(region=region, year=year, version=1)
    published_on = periods.day_of(first.published_at)
    rules = standing.rules(region, year, published_on)
    rows = _rows(Objection.objects.filter(region=region, year=year, subject=ObjectionSubject.COVERAGE))
    return ListObjections(
        objections.object_until(published_on, rules, rulebook.calendar(region)),
        rules.integer("coverage.objection_working_days"),
        Counter(row.state for row in rows),
    )


def decided(subject: ObjectionSubject, entity: str, year: int) -> Decided | None:
    """Give the result of an entity's year that stands and may be objected to, or None before there is one."""
    return _DECIDED[subject](entity, year)


def object_until(subject: ObjectionSubject, entity: str, year: int, today: date) -> date | None:
    """Give the last day an entity may object to what stands; None when there is nothing, it is over, or it has."""
    found = decided(subject, entity, year)
    if found is None or _against(subject, entity, year).filter(edition=found.edition).exists():
        return None
    region = members.organisation(entity).region
    last_on = objections.object_until(found.on, standing.rules(region, year, today), rulebook.calendar(region))
    return last_on if today <= last_on else None


def objection_of(subject: ObjectionSubject, entity: str, year: int) -> ObjectionRow | None:
    """Give what was said last against a result of an entity's year, or None."""
    found = _rows(_against(subject, entity, year))
    return max(found, key=lambda one: one.filed_at, default=None)


def open_objections(region: str, year: int) -> tuple[ObjectionRow, ...]:
    """List the objections of a year that wait for a decision, the most urgent first."""
    return _rows(Objection.objects.filter(region=region, year=year, decision=None))


def _against(subject: ObjectionSubject, entity: str, year: int) -> QuerySet[Objection]:
    return Objection.objects.filter(entity__uscc=entity, year=year, subject=subject)


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
        ObjectionSubject(row.subject),
        row.by_authority,
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.year,
        row.reason,
        state,
        row.decide_until,
        row.filed_at,
        decision.due_t if decision else None,
        Stage(decision.stage) if decision and decision.stage else None,
        decision.determined_t if decision else None,
        decision.reason if decision else "",
        decision.decided_at if decision else None,
    )


def _issued(entity: str, year: int) -> Decided | None:
    rows = Allocation.objects.filter(entity__uscc=entity, year=year, batch=Batch.SECOND, state=AllocationState.ISSUED)
    row = rows.only("issued_at", "computed_at").first()
    return Decided(1, periods.day_of(row.issued_at or row.computed_at)) if row else None


def _listed(entity: str, year: int) -> Decided | None:
    row = Coverage.objects.filter(entity__uscc=entity, year=year).only("version", "decided_at").first()
    return Decided(row.version, periods.day_of(row.decided_at)) if row else None


def _determined(entity: str, year: int) -> Decided | None:
    figures = emissions.figures([entity], year).get(entity)
    return Decided(len(figures), periods.day_of(figures[-1][0])) if figures else None


_DECIDED = {
    ObjectionSubject.COVERAGE: _listed,
    ObjectionSubject.ALLOCATION: _issued,
    ObjectionSubject.DETERMINATION: _determined,
}
