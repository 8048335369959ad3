"""Orders and trades as a step works with them: the columns of their rows without the models, thousands in a second."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from tonnebook.core.book import OrderState, Side
from tonnebook.market.models import Instrument, Order

# In the order of the attributes of `LiveOrder`.
ORDER = (
    *("instrument_id", "side", "order_type", "organisation", "person", "unit_account", "cash_account", "asset"),
    *("price_fen_per_t", "quantity_t", "trading_on", "at", "id", "number", "seq", "filled_t", "turnover_fen"),
    *("fee_fen", "state", "hold", "priority"),
)


@dataclass(slots=True, eq=False)
class LiveOrder:
    """An order that is being placed, or one of the book: the columns `ORDER`, with its instrument at hand."""

    instrument: Instrument
    side: str
    order_type: int
    organisation: str
    person: str
    unit_account: str
    cash_account: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    trading_on: date
    at: datetime
    pk: int = 0
    number: str = ""
    seq: int = 0
    filled_t: int = 0
    turnover_fen: int = 0
    fee_fen: int = 0
    state: str = OrderState.OPEN.value
    hold: str = ""
    priority: int = 0

    @property
    def is_open(self) -> bool:
        """Whether anything of it can still be traded."""
        return self.state == OrderState.OPEN

    @property
    def is_buying(self) -> bool:
        """Whether it takes units for money."""
        return self.side == Side.BUY

    @property
    def spent(self) -> int:
        """What has gone out of its reserve: tonnes of a seller, fen of a buyer."""
        return self.turnover_fen + self.fee_fen if self.is_buying else self.filled_t


@dataclass(slots=True, eq=False)
class LiveTrade:
    """A trade that has just been made; `transfer` once it has been delivered."""

    number: str
    instrument: Instrument
    seq: int
    buy_order: LiveOrder
    sell_order: LiveOrder
    asset: str
    price_fen_per_t: int
    quantity_t: int
    buyer_fee_fen: int
    seller_fee_fen: int
    trading_on: date
    at: datetime
    transfer: str = ""


def read(found: "QuerySet[Order]", instruments: Iterable[Instrument]) -> list[LiveOrder]:
    """Read orders.

    Args:
        found: of these instruments.
        instruments: locked rows, which the orders share.
    """
    by_id = {row.pk: row for row in instruments}
    rows = found.filter(instrument__in=by_id).values_list(*ORDER)
    return [LiveOrder(by_id[instrument], *others) for instrument, *others in rows]
