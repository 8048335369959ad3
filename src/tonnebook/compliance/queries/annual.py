"""How far the authority's acts of a year have come: batches in sums, the final status of one entity, carry-over."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Sum

from tonnebook.compliance.models import Allocation, CarryOver, ComplianceStatus, Coverage, Surrender
from tonnebook.core import trace
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.surrender import SurrenderState
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class BatchSums:
    """A batch of a region in sums; tonnes, of rows that are not withheld.

    Attributes:
        batch: which one.
        previewed: entities computed and not yet issued.
        withheld: entities whose figures are missing.
        issued: entities that have received it.
        base_t: allocation of the year.
        free_t: of it free.
        paid_t: of it to be bought at auction.
        issue_t: what is issued, or will be; recalls are not taken off.
        recall_t: what is taken back, or will be.
    """

    batch: Batch
    previewed: int
    withheld: int
    issued: int
    base_t: int
    free_t: int
    paid_t: int
    issue_t: int
    recall_t: int


@dataclass(frozen=True, slots=True)
class YearState:
    """What the authority has done in a year.

    Attributes:
        listed: entities on the coverage list, in or out.
        batches: sums of the batches that have been computed.
        submitted: surrenders that wait for confirmation.
        confirmed: confirmed surrenders.
        settled: entities with a final status.
        carried: entities whose remaining units were carried over.
    """

    listed: int
    batches: Mapping[Batch, BatchSums]
    submitted: int
    confirmed: int
    settled: int
    carried: int


def year_state(region: str, year: int) -> YearState:
    """Count what the authority has done in a year."""
    of_year = {"region": region, "year": year}
    surrenders = Surrender.objects.filter(**of_year)
    return YearState(
        listed=Coverage.objects.filter(**of_year).count(),
        batches={one.batch: one for one in _batches(region, year)},
        submitted=surrenders.filter(state=SurrenderState.SUBMITTED).count(),
        confirmed=surrenders.filter(state=SurrenderState.CONFIRMED).count(),
        settled=ComplianceStatus.objects.filter(**of_year).count(),
        carried=CarryOver.objects.filter(**of_year).count(),
    )


def issued_t(region: str, year: int) -> int:
    """Sum what has been issued for a year, net of recalls, tonnes; this is what the cap bounds."""
    rows = Allocation.objects.filter(region=region, year=year, state=AllocationState.ISSUED)
    return rows.aggregate(Sum("issue_t"))["issue_t__sum"] or 0


def status_traces(entity: str, year: int) -> dict[str, Traced]:
    """Give the derivations stored with the final status of an entity: obligation, shortfall, surplus; else nothing."""
    row = ComplianceStatus.objects.filter(entity__uscc=entity, year=year).first()
    return {name: trace.from_json(one) for name, one in row.traces.items()} if row else {}


def _batches(region: str, year: int) -> list[BatchSums]:
    rows = Allocation.objects.filter(region=region, year=year)
    counts: dict[tuple[str, str], int] = {}
    for batch, state, count in rows.values_list("batch", "state").annotate(Count("id")):
        counts[batch, state] = count
    given = rows.exclude(state=AllocationState.WITHHELD)
    up = dict(given.filter(issue_t__gt=0).values_list("batch").annotate(Sum("issue_t")))
    down = dict(given.filter(issue_t__lt=0).values_list("batch").annotate(Sum("issue_t")))
    sums = rows.values_list("batch").annotate(Sum("base_t"), Sum("free_t"), Sum("paid_t"))
    return [
        BatchSums(
            Batch(batch),
            counts.get((batch, AllocationState.PREVIEWED), 0),
            counts.get((batch, AllocationState.WITHHELD), 0),
            counts.get((batch, AllocationState.ISSUED), 0),
            base_t,
            free_t,
            paid_t,
            up.get(batch, 0),
            -down.get(batch, 0),
        )
        for batch, base_t, free_t, paid_t in sums
    ]
