"""Penalty files: what may be decided, with its derivation, and the steps taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from tonnebook.compliance.models import Allocation, AllowanceCut, PenaltyFile
from tonnebook.core import trace
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.errors import Refused
from tonnebook.core.penalty import NEXT, PenaltyRefusal, PenaltyStep, Regime
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class PenaltyStepRow:
    """One step: what was done, on what ground, by whom, by which paper; the fine of a decision in fen."""

    step: PenaltyStep
    ground: str
    document: str
    fine_fen: int | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PenaltyRow:
    """A penalty file; amounts in fen and tonnes, `traces` by name: smallest, largest, cut, years_without_support.

    Where the law of the day of the breach has not been read there is no range.

    `decided_cut` is what its decision took off the allowance of `cut_year`; None where it took nothing.
    """

    number: str
    entity: str
    name_zh: str
    name_en: str
    region: str
    year: int
    breach_on: date
    shortfall_t: int
    regime: Regime
    smallest_fen: int | None
    largest_fen: int | None
    cut_t: int | None
    traces: Mapping[str, Traced]
    steps: tuple[PenaltyStepRow, ...]
    decided_cut: Traced | None = None
    cut_year: int | None = None

    @property
    def state(self) -> PenaltyStep:
        """The last step taken."""
        return self.steps[-1].step

    @property
    def following(self) -> tuple[PenaltyStep, ...]:
        """The steps that may come next."""
        return NEXT[self.state]


def cuts(region: str, year: int) -> dict[str, int]:
    """Give what decisions take off the allowances of a year, tonnes by entity."""
    rows = AllowanceCut.objects.filter(region=region, year=year).values_list("entity__uscc").annotate(Sum("quantity_t"))
    return dict(rows)


def cut_of(entity: str, year: int) -> dict[str, int]:
    """Give what decisions take off the allowance of an entity's year, and what its settled allowance has borne, tonnes.

    Returns:
        {"decided_t", "taken_t"}.
    """
    decided = AllowanceCut.objects.filter(entity__uscc=entity, year=year).aggregate(total=Sum("quantity_t"))
    settled = Allocation.objects.filter(
        entity__uscc=entity, year=year, batch=Batch.SECOND, state=AllocationState.ISSUED
    ).aggregate(total=Sum("cut_t"))
    return {"decided_t": decided["total"] or 0, "taken_t": settled["total"] or 0}


def penalty_files(region: str) -> tuple[PenaltyRow, ...]:
    """List the penalty files of a region, the newest first."""
    return _rows(PenaltyFile.objects.filter(region=region).order_by("-id"))


def penalty_files_of(entity: str) -> tuple[PenaltyRow, ...]:
    """List the penalty files of an entity, the newest first."""
    return _rows(PenaltyFile.objects.filter(entity__uscc=entity).order_by("-id"))


def penalty_file(number: str) -> PenaltyRow:
    """Give a penalty file.

    Raises:
        Refused: NO_SUCH_FILE.
    """
    found = _rows(PenaltyFile.objects.filter(number=number))
    if not found:
        raise Refused(PenaltyRefusal.NO_SUCH_FILE, file=number)
    return found[0]


def _rows(rows: QuerySet[PenaltyFile]) -> tuple[PenaltyRow, ...]:
    return tuple(_row(row) for row in rows.select_related("entity", "cut").prefetch_related("entries"))


def _row(row: PenaltyFile) -> PenaltyRow:
    cut = getattr(row, "cut", None)
    return PenaltyRow(
        row.number,
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.region,
        row.year,
        row.breach_on,
        row.shortfall_t,
        Regime(row.regime),
        row.smallest_fen,
        row.largest_fen,
        row.cut_t,
        {name: trace.from_json(one) for name, one in row.traces.items()},
        tuple(
            PenaltyStepRow(PenaltyStep(one.step), one.ground, one.document, one.fine_fen, one.by, one.at)
            for one in sorted(row.entries.all(), key=lambda entry: entry.place)
        ),
        trace.from_json(cut.trace) if cut else None,
        cut.year if cut else None,
    )
