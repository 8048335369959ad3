"""The lists of compliance: coverage with reasons, plan, allocations with traces, surrenders, the compliance table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.compliance.models import (
    Allocation,
    AllocationPlan,
    CancellationProof,
    ComplianceStatus,
    Coverage,
    Surrender,
)
from tonnebook.core import trace
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.coverage import Stage
from tonnebook.core.foreign_credits import name_of
from tonnebook.core.surrender import SurrenderState
from tonnebook.core.trace import Origin, Traced


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """An entity of a year: how far inside, and why, set by which version of the list.

    `margin` is the comparison with the threshold (t or tce), `years` that of years below with those exit takes;
    `grounds` are the articles.
    """

    entity: str
    name_zh: str
    name_en: str
    sector: str
    stage: Stage
    reason: str
    reason_zh: str
    reason_en: str
    margin: Traced | None
    years: Traced | None
    grounds: tuple[Origin, ...]
    version: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class PlanRow:
    """The adopted plan of a region and year."""

    region: str
    year: int
    overlay: str
    digest: str
    initiator: str
    approver: str
    adopted_at: datetime


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """What a batch gives an entity (tonnes; `issue_t` below zero is a recall), with the traces of each figure."""

    entity: str
    name_zh: str
    name_en: str
    year: int
    batch: Batch
    state: AllocationState
    base_t: int
    free_t: int
    paid_t: int
    issue_t: int
    recall_outstanding_t: int
    cut_t: int
    refusal: str
    refusal_zh: str
    refusal_en: str
    traces: dict[str, Traced]
    rulebook_digest: str
    transfer: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class SurrenderRow:
    """A surrender with its lines: pairs (asset code, or serials cancelled in another registry; tonnes)."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    year: int
    state: SurrenderState
    total_t: int
    credits_t: int
    lines: tuple[tuple[str, int], ...]
    submitted_by: str
    submitted_at: datetime
    decided_by: str
    decided_at: datetime | None
    transfer: str


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One line of the compliance table, tonnes."""

    entity: str
    name_zh: str
    name_en: str
    sector: str
    year: int
    rule: str
    code: str
    determined_t: int | None
    obligation_t: int
    surrendered_t: int
    credits_t: int
    shortfall_t: int
    surplus_t: int
    traces: dict[str, Traced]
    settled_at: datetime


def covered(region: str, year: int) -> tuple[CoverageRow, ...]:
    """List every entity that was looked at for a year, in or out, with the reason; by code."""
    rows = Coverage.objects.filter(region=region, year=year).select_related("entity").order_by("entity_id")
    return tuple(_coverage_row(row) for row in rows)


def coverage_of(entity: str, year: int) -> CoverageRow | None:
    """Give the line of one entity on the list of a year, or None when it was not looked at."""
    row = Coverage.objects.filter(entity__uscc=entity, year=year).select_related("entity").first()
    return _coverage_row(row) if row else None


def covered_codes(region: str, year: int, *, stages: Sequence[Stage] = (Stage.ALLOWANCES,)) -> tuple[str, ...]:
    """List the codes of the entities of a year in some stages, sorted."""
    rows = Coverage.objects.filter(region=region, year=year, stage__in=stages)
    return tuple(rows.order_by("entity_id").values_list("entity__uscc", flat=True))


def plan_of(region: str, year: int) -> PlanRow | None:
    """Give the adopted plan, or None before there is one."""
    row = AllocationPlan.objects.filter(region=region, year=year).first()
    if row is None:
        return None
    return PlanRow(row.region, row.year, row.overlay, row.digest, row.initiator, row.approver, row.adopted_at)


def allocation_of(entity: str, year: int) -> tuple[AllocationRow, ...]:
    """List the batches of an entity for a year, with traces."""
    rows = Allocation.objects.filter(entity__uscc=entity, year=year).select_related("entity").order_by("batch")
    return tuple(_allocation_row(row) for row in rows)


def allocations(
    region: str, year: int, batch: Batch, *, state: AllocationState | None = None, rows: slice = slice(None)
) -> tuple[AllocationRow, ...]:
    """List a batch of a region, by code of the entity, with traces; one state of it, or a part of the list."""
    found = Allocation.objects.filter(region=region, year=year, batch=batch).select_related("entity")
    if state is not None:
        found = found.filter(state=state)
    return tuple(_allocation_row(row) for row in found.order_by("entity_id")[rows])


def surrenders(entity: str, year: int) -> tuple[SurrenderRow, ...]:
    """List the surrenders of an entity for a year, oldest first."""
    return _surrender_rows(Surrender.objects.filter(entity__uscc=entity, year=year))


def open_surrenders(region: str, year: int) -> tuple[SurrenderRow, ...]:
    """List what waits for the authority's confirmation, oldest first."""
    return _surrender_rows(Surrender.objects.filter(region=region, year=year, state=SurrenderState.SUBMITTED))


def status_codes(region: str, year: int) -> dict[str, str]:
    """Give how the year ended for every entity, the code alone; empty before it is settled."""
    rows = ComplianceStatus.objects.filter(region=region, year=year).order_by("entity_id")
    return dict(rows.values_list("entity__uscc", "code"))


def compliance_table(region: str, year: int) -> tuple[StatusRow, ...]:
    """List how the year ended for every entity, by code; empty before it is settled."""
    rows = ComplianceStatus.objects.filter(region=region, year=year).select_related("entity").order_by("entity_id")
    return tuple(
        StatusRow(
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            row.entity.sector,
            row.year,
            row.rule,
            row.code,
            row.determined_t,
            row.obligation_t,
            row.surrendered_t,
            row.credits_t,
            row.shortfall_t,
            row.surplus_t,
            {name: trace.from_json(one) for name, one in row.traces.items()},
            row.settled_at,
        )
        for row in rows
    )


def _coverage_row(row: Coverage) -> CoverageRow:
    return CoverageRow(
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.sector,
        Stage(row.stage),
        row.reason,
        row.reason_zh,
        row.reason_en,
        trace.from_json(row.trace) if row.trace else None,
        trace.from_json(row.years_trace) if row.years_trace else None,
        tuple(Origin(**one) for one in row.grounds),
        row.version,
        row.decided_at,
    )


def _allocation_row(row: Allocation) -> AllocationRow:
    return AllocationRow(
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.year,
        Batch(row.batch),
        AllocationState(row.state),
        row.base_t,
        row.free_t,
        row.paid_t,
        row.issue_t,
        row.recall_outstanding_t,
        row.cut_t,
        row.refusal,
        row.refusal_zh,
        row.refusal_en,
        {name: trace.from_json(one) for name, one in row.traces.items()},
        row.rulebook_digest,
        row.transfer,
        row.computed_at,
    )


def _surrender_rows(rows: QuerySet[Surrender]) -> tuple[SurrenderRow, ...]:
    return tuple(
        SurrenderRow(
            row.number,
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            row.year,
            SurrenderState(row.state),
            row.total_t,
            row.credits_t,
            (
                *((line.asset, line.quantity_t) for line in sorted(row.lines.all(), key=lambda line: line.id)),
                *((_serials(one.proof), one.quantity_t) for one in row.proofs.all()),
            ),
            row.submitted_by,
            row.submitted_at,
            row.decided_by,
            row.decided_at,
            row.transfer,
        )
        for row in rows.select_related("entity").prefetch_related("lines", "proofs__proof").order_by("id")
    )


def _serials(proof: CancellationProof) -> str:
    return name_of(proof.scheme, proof.serial_from, proof.serial_to)
