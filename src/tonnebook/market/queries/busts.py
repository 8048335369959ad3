"""What the market can tell of trades taken back: to everybody which they were, to the exchange who made them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from tonnebook.core.busts import BustGround
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Bust, Trade


@dataclass(frozen=True, slots=True)
class BustRow:
    """A trade that was taken back, as it is published; the right figures are None where nothing replaces it."""

    number: str
    trade: str
    instrument: str
    ground: BustGround
    price_fen_per_t: int
    quantity_t: int
    replacement: str
    right_price_fen_per_t: int | None
    right_quantity_t: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A listed trade with both its parties, as the exchange sees it; `bust` is empty while it stands."""

    number: str
    instrument: str
    buyer: str
    seller: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    low_fen_per_t: int
    high_fen_per_t: int
    at: datetime
    bust: str


@tenancy.everywhere(Why.MARKET)
def busts_on(region: str, *, day: date) -> tuple[BustRow, ...]:
    """List the trades of a day that were taken back, in the order in which that was done."""
    return _rows(Bust.objects.filter(trade__instrument__region=region, trade__trading_on=day))


@tenancy.everywhere(Why.MARKET)
def busts_of(code: str, *, day: date) -> tuple[BustRow, ...]:
    """List the trades of an instrument and a day that were taken back, as `busts_on`."""
    return _rows(Bust.objects.filter(trade__instrument__code=code, trade__trading_on=day))


@tenancy.everywhere(Why.MARKET)
def trades_on(region: str, day: date, *, limit: int) -> tuple[MadeRow, ...]:
    """List the listed trades of a day with their parties, newest first, for the exchange.

    Args:
        region: region code.
        day: of trading.
        limit: at most so many.
    """
    found = Trade.objects.filter(instrument__region=region, trading_on=day).order_by("-at", "-id")
    rows = found.select_related("instrument", "buy_order", "sell_order", "bust")[:limit]
    return tuple(
        MadeRow(
            number=row.number,
            instrument=row.instrument.code,
            buyer=row.buy_order.organisation,
            seller=row.sell_order.organisation,
            asset=row.asset,
            price_fen_per_t=row.price_fen_per_t,
            quantity_t=row.quantity_t,
            low_fen_per_t=row.sell_order.price_fen_per_t,
            high_fen_per_t=row.buy_order.price_fen_per_t,
            at=row.at,
            bust=bust_of(row),
        )
        for row in rows
    )


def bust_of(row: Trade) -> str:
    """Give the number of what took a trade back, empty while it stands; the trade was read with its `bust`."""
    return row.bust.number if hasattr(row, "bust") else ""


def _rows(found: "QuerySet[Bust]") -> tuple[BustRow, ...]:
    rows = found.select_related("trade__instrument", "replacement").order_by("id")
    return tuple(
        BustRow(
            number=row.number,
            trade=row.trade.number,
            instrument=row.trade.instrument.code,
            ground=BustGround(row.ground),
            price_fen_per_t=row.trade.price_fen_per_t,
            quantity_t=row.trade.quantity_t,
            replacement=row.replacement.number if row.replacement else "",
            right_price_fen_per_t=row.replacement.price_fen_per_t if row.replacement else None,
            right_quantity_t=row.replacement.quantity_t if row.replacement else None,
            at=row.at,
        )
        for row in rows
    )
