"""Who leaves the region's market, and which steps of leaving have been done."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tonnebook.compliance.models import Departure, TransitionStep
from tonnebook.core import trace
from tonnebook.core.ledger import AccountType
from tonnebook.core.trace import Traced
from tonnebook.core.transition import TransitionKind
from tonnebook.registry import queries as registry


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that has been done: what, its day, and tonnes moved."""

    kind: TransitionKind
    due_on: date
    quantity_t: int
    transfer: str


@dataclass(frozen=True, slots=True)
class LeavingRow:
    """An entity that moves to the national market or closes; `from_year` is its first year outside.

    `claimed_t` is what is claimed for cancelling and still pledged or frozen, tonnes.
    """

    entity: str
    name_zh: str
    name_en: str
    is_national: bool
    from_year: int
    steps: tuple[StepRow, ...]
    claimed_t: int

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
    claimed = _claimed(region)
    rows = Departure.objects.filter(entity__region=region).select_related("entity").order_by("-from_year", "entity_id")
    return tuple(
        LeavingRow(
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            row.is_national,
            row.from_year,
            tuple(steps.get(row.entity_id, ())),
            claimed[row.entity_id],
        )
        for row in rows
    )


def claim_of(region: str, due_on: date) -> str:
    """Name what the authority claims units for that are to be cancelled on a day."""
    return f"{region}-{due_on}-{TransitionKind.CANCEL_FREE}"


def _claimed(region: str) -> Counter[str]:
    done = TransitionStep.objects.filter(region=region, kind=TransitionKind.CANCEL_FREE)
    places = list(done.values_list("entity__uscc", "due_on"))
    usccs = [uscc for uscc, _ in places]
    types = (AccountType.HOLDING, AccountType.TRADING)
    owners = {number: uscc for type_ in types for uscc, number in registry.accounts_of(usccs, type_).items()}
    found: Counter[str] = Counter()
    for hold in registry.holds_for(sorted({claim_of(region, due_on) for _, due_on in places})):
        found[owners[hold.account]] += hold.remaining + hold.waiting
    return found


def leaving_traces(entity: str, year: int) -> list[Traced]:
    """Give the derivations stored with the steps by which an entity leaves, of one year, in the order of their days."""
    rows = TransitionStep.objects.filter(entity__uscc=entity, due_on__year=year).order_by("due_on", "id")
    return [trace.from_json(one) for traces in rows.values_list("traces", flat=True) for one in traces.values()]
