"""Who leaves the region's market, and which steps of leaving have been done."""

from dataclasses import dataclass
from datetime import date

from tonnebook.compliance.models import Departure, TransitionStep
from tonnebook.core import trace
from tonnebook.core.trace import Traced
from tonnebook.core.transition import TransitionKind


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that has been done: what, its day, and tonnes moved."""

    kind: TransitionKind
    due_on: date
    quantity_t: int
    transfer: str


@dataclass(frozen=True, slots=True)
class LeavingRow:
    """An entity that moves to the national market or closes; `from_year` is its first year outside."""

    entity: str
    name_zh: str
    name_en: str
    is_national: bool
    from_year: int
    steps: tuple[StepRow, ...]

    @property
    def command(self) -> str:
        """The command that comes next for it, empty when nothing is left to propose for it alone."""
        done = {step.kind for step in self.steps}
        if self.is_national:
            return "" if TransitionKind.HAND_OVER in done else "compliance.hand_over"
        return "" if TransitionKind.EXIT in done else "compliance.settle_exit"


def leaving(region: str) -> tuple[LeavingRow, ...]:
    """List who leaves a region, the latest year first."""
    steps: dict[str, list[StepRow]] = {}
    for one in TransitionStep.objects.filter(region=region).order_by("due_on", "id"):
        row = StepRow(TransitionKind(one.kind), one.due_on, one.quantity_t, one.transfer)
        steps.setdefault(one.entity_id, []).append(row)
    rows = Departure.objects.filter(entity__region=region).select_related("entity").order_by("-from_year", "entity_id")
    return tuple(
        LeavingRow(
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            row.is_national,
            row.from_year,
            tuple(steps.get(row.entity_id, ())),
        )
        for row in rows
    )


def leaving_traces(entity: str, year: int) -> list[Traced]:
    """Give the derivations stored with the steps by which an entity leaves, of one year, in the order of their days."""
    rows = TransitionStep.objects.filter(entity__uscc=entity, due_on__year=year).order_by("due_on", "id")
    return [trace.from_json(one) for traces in rows.values_list("traces", flat=True) for one in traces.values()]
