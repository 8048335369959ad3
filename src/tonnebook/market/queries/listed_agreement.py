"""What can be picked where listed orders do not match by themselves."""

from dataclasses import dataclass
from datetime import date

from tonnebook import rulebook
from tonnebook.core import book
from tonnebook.core.book import LEVELS, MarketRefusal, Mode, OrderState, Side
from tonnebook.core.errors import Refused
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Order
from tonnebook.market.queries import listed


@dataclass(frozen=True, slots=True)
class PickRow:
    """An order among the best five levels of its side, without a name: number, side, fen per tonne, tonnes left."""

    number: str
    instrument: str
    side: Side
    price_fen_per_t: int
    left_t: int
    is_own: bool


def listed_mode(region: str, *, on: date) -> Mode:
    """Tell how listed orders meet in a region."""
    return book.terms(rulebook.at(region, on=on)).mode


@tenancy.everywhere(Why.MARKET)
def pick_list(code: str, *, organisation: str, on: date) -> tuple[PickRow, ...]:
    """List the orders that a taker may pick, sellers first, each side best price first, then the oldest.

    Args:
        code: instrument.
        organisation: unified social credit code of who asks.
        on: trading day.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    listed.instrument(code)
    found: list[PickRow] = []
    for side, best_first in ((Side.SELL, "price_fen_per_t"), (Side.BUY, "-price_fen_per_t")):
        open_ = Order.objects.filter(instrument__code=code, side=side, state=OrderState.OPEN, trading_on=on)
        prices = open_.values_list("price_fen_per_t", flat=True).distinct().order_by(best_first)[:LEVELS]
        rows = open_.filter(price_fen_per_t__in=list(prices)).order_by(best_first, "priority", "seq")
        found += [_row(row, code, organisation) for row in rows]
    return tuple(found)


@tenancy.everywhere(Why.MARKET)
def pick(number: str, *, organisation: str) -> PickRow:
    """Give one order that rests, as a taker sees it.

    Raises:
        Refused: NO_SUCH_ORDER when none of this number rests.
    """
    row = Order.objects.filter(number=number, state=OrderState.OPEN).select_related("instrument").first()
    if row is None:
        raise Refused(MarketRefusal.NO_SUCH_ORDER, order=number)
    return _row(row, row.instrument.code, organisation)


def _row(row: Order, code: str, organisation: str) -> PickRow:
    left_t = row.quantity_t - row.filled_t
    return PickRow(row.number, code, Side(row.side), row.price_fen_per_t, left_t, row.organisation == organisation)
