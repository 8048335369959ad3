"""The call auction at the opening (集合竞价): orders are collected without trading, then meet at one price.

The price is the one at which most tonnes change hands; among several, the one that leaves the smallest surplus on one
side; among several, the one nearest to the reference price; and of two at the same distance the lower one. Source:
design choice after the opening call of the securities exchanges; no carbon exchange read so far has one.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from tonnebook.core.book.matching import Book
from tonnebook.core.book.orders import Band, Fill, Mode, Order, Side


@dataclass(frozen=True, slots=True)
class Opening:
    """What the call came to.

    Attributes:
        price_fen_per_t: the price of every fill, fen per tonne; None when no orders met.
        volume_t: tonnes traded.
        surplus_t: tonnes at that price or better that found nobody, of buyers above zero, of sellers below.
        fills: the trades, those with the best claim first; taker is the buyer.
    """

    price_fen_per_t: int | None
    volume_t: int
    surplus_t: int
    fills: tuple[Fill, ...]


def open_market(book: Book, *, reference_fen_per_t: int) -> Opening:
    """End the call: trade what meets at one price and let the rest match automatically from now on.

    Args:
        book: in the call; nobody has orders in it that could trade with their own.
        reference_fen_per_t: the previous close, fen per tonne.

    Returns:
        Price, volume, surplus and trades; the book is changed.

    Raises:
        ValueError: when the book is not in the call.

    Source: design choice, see above.

    Example:
        >>> from tonnebook.core.book import Command, CommandKind
        >>> book = Book(Band(7200, 8800), mode=Mode.CALL)
        >>> for side, group, price in ((Side.BUY, 1, 8010), (Side.SELL, 2, 7990)):
        ...     _ = book.apply(Command(CommandKind.PLACE, side, group=group, price_fen_per_t=price, quantity_t=100))
        >>> open_market(book, reference_fen_per_t=8000).price_fen_per_t
        8000
    """
    if book.mode is not Mode.CALL:
        raise ValueError("only a book in the call can be opened")
    book.mode = Mode.AUTOMATIC
    buys, sells = list(book.standing(Side.BUY)), list(book.standing(Side.SELL))
    volume_t, surplus_t, price = _best(book.band, book.tick_fen, buys, sells, reference_fen_per_t)
    if not volume_t:
        return Opening(None, 0, 0, ())
    return Opening(price, volume_t, surplus_t, tuple(_pair(book, buys, sells, volume_t, price)))


# Volume, surplus and price of the best of all prices of the ladder.
def _best(
    band: Band, tick_fen: int, buys: Iterable[Order], sells: Iterable[Order], reference_fen_per_t: int
) -> tuple[int, int, int]:
    prices = range(band.low_fen_per_t, band.high_fen_per_t + 1, tick_fen)
    supply_t = list(itertools.accumulate(_by_price(sells, prices)))
    demand_t = list(itertools.accumulate(reversed(_by_price(buys, prices))))[::-1]
    candidates = zip(prices, demand_t, supply_t, strict=True)
    price, demand, supply = min(
        candidates, key=lambda one: (-min(one[1:]), abs(one[1] - one[2]), abs(one[0] - reference_fen_per_t), one[0])
    )
    return min(demand, supply), demand - supply, price


def _by_price(orders: Iterable[Order], prices: range) -> list[int]:
    quantities_t = [0] * len(prices)
    for order in orders:
        quantities_t[prices.index(order.price_fen_per_t)] += order.left_t
    return quantities_t


# Buyers and sellers in order of their claim, each meeting the next until the volume is used up.
def _pair(book: Book, buys: list[Order], sells: list[Order], volume_t: int, price_fen_per_t: int) -> Iterable[Fill]:
    buyers, sellers = iter(buys), iter(sells)
    buyer, seller = next(buyers), next(sellers)
    while volume_t:
        quantity_t = min(buyer.left_t, seller.left_t, volume_t)
        yield book.trade(buyer, seller, quantity_t, price_fen_per_t=price_fen_per_t)
        volume_t -= quantity_t
        if volume_t and not buyer.left_t:
            buyer = next(buyers)
        if volume_t and not seller.left_t:
            seller = next(sellers)
