"""The headroom of a year: the pot of the plan, what was drawn on it, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from tonnebook.compliance.models import HeadroomDraw
from tonnebook.compliance.queries import standing
from tonnebook.core import trace
from tonnebook.core.trace import Traced
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why

_POT = "allocation.headroom_t"


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A draw on the headroom, tonnes; `left` is what the pot held afterwards, with its derivation."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    quantity_t: int
    ground: str
    left: Traced
    transfer: str
    initiator: str
    approver: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class Headroom:
    """The headroom of a year in sums, tonnes; `left_t` is what may still be drawn."""

    pot_t: int
    drawn_t: int

    @property
    def left_t(self) -> int:
        """What is left in the pot."""
        return self.pot_t - self.drawn_t


def headroom(region: str, year: int, today: date) -> Headroom | None:
    """Give the headroom of a year; None where no plan names one.

    Args:
        region: region code.
        year: compliance year.
        today: the day whose rules apply.
    """
    rules = standing.rules(region, year, today)
    return Headroom(rules.integer(_POT), drawn(region).get(year, 0)) if rules.has(_POT) else None


@tenancy.everywhere(Why.DISCLOSURE)
def drawn(region: str) -> dict[int, int]:
    """Add up what was drawn in a region by compliance year, tonnes; sums are published, names are not."""
    rows = HeadroomDraw.objects.filter(region=region).values_list("year").annotate(Sum("quantity_t"))
    return dict(rows)


def headroom_draws(region: str, year: int) -> tuple[DrawnRow, ...]:
    """List the draws of a year, the latest first."""
    rows = HeadroomDraw.objects.filter(region=region, year=year).select_related("entity").order_by("-id")
    return tuple(
        DrawnRow(
            row.number,
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            row.quantity_t,
            row.ground,
            trace.from_json(row.left),
            row.transfer,
            row.initiator,
            row.approver,
            row.drawn_at,
        )
        for row in rows
    )
