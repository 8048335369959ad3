"""What the board of surplus and shortfall shows: names to who may trade, to everybody quantities meant for them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from tonnebook.core.book import Side
from tonnebook.core.indications import Audience, IndicationState
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Indication
from tonnebook.market.queries import listed


@dataclass(frozen=True, slots=True)
class IndicationRow:
    """An indication as its reader sees it; `organisation` is empty for the public."""

    number: str
    instrument: str
    side: Side
    organisation: str
    quantity_t: int
    vintage: int | None
    audience: Audience
    until_on: date
    at: datetime


@tenancy.everywhere(Why.MARKET)
def indications(code: str, *, on: date) -> tuple[IndicationRow, ...]:
    """List what stands on the board for those who may trade, newest first.

    Args:
        code: instrument.
        on: today.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    return tuple(_row(row, row.organisation) for row in _standing(code, on))


@tenancy.everywhere(Why.MARKET)
def public_indications(code: str, *, on: date) -> tuple[IndicationRow, ...]:
    """List what the public reads of the board, as `indications`, without names."""
    return tuple(_row(row, "") for row in _standing(code, on).filter(audience=Audience.PUBLIC))


def _standing(code: str, on: date) -> "QuerySet[Indication]":
    listed.instrument(code)
    rows = Indication.objects.filter(instrument__code=code, state=IndicationState.STANDING, until_on__gte=on)
    return rows.select_related("instrument").order_by("-at", "-id")


def _row(row: Indication, organisation: str) -> IndicationRow:
    return IndicationRow(
        number=row.number,
        instrument=row.instrument.code,
        side=Side(row.side),
        organisation=organisation,
        quantity_t=row.quantity_t,
        vintage=row.vintage,
        audience=Audience(row.audience),
        until_on=row.until_on,
        at=row.at,
    )
