"""What closing a shortfall would cost: on the market, in the next paid auction, by credits; and the fine otherwise.

None of this is a promise: prices move, an auction may be lost, and a fine is decided by people. Each figure says what
it rests on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.trace import Traced


class Way(StrEnum):
    """The ways to close a shortfall, and what happens otherwise."""

    MARKET = "MARKET"
    AUCTION = "AUCTION"
    CREDITS = "CREDITS"
    FINE = "FINE"


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered at a price: fen per tonne, tonnes."""

    price_fen_per_t: int
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One way.

    Attributes:
        way: which.
        covered_t: how much of the shortfall it covers, tonnes; nothing for a fine.
        cost: fen, with its trace; of a fine the smallest.
        most: the largest fine, fen; None for the other ways.
        subject: number of the auction, or code of the instrument; empty for a fine.
    """

    way: Way
    covered_t: int
    cost: Traced
    most: Traced | None = None
    subject: str = ""


def by_purchase(
    way: Way, instrument: str, levels: Sequence[Offered], *, wanted_t: int, close_fen_per_t: int, fee_share: Decimal
) -> Choice:
    """Work out what buying on the market would cost now, level by level, with the fee.

    Args:
        way: MARKET or CREDITS.
        instrument: code.
        levels: what sellers ask for, best first.
        wanted_t: tonnes, > 0.
        close_fen_per_t: previous close, fen per tonne.
        fee_share: fee of the buyer as a share of the amount.

    Returns:
        The cost, the fee rounded half up; what the levels do not hold is reckoned at the last of their prices or the
        close, whichever is higher.

    Source: design choice, no legal source; fee by `trading.fee_share`.

    Example:
        >>> levels = (Offered(7500, 60), Offered(7600, 100))
        >>> by_purchase(Way.MARKET, "SHEA", levels, wanted_t=100, close_fen_per_t=7400, fee_share=Decimal(0)).cost.whole
        754000
    """
    left_t, parts = wanted_t, []
    for level in levels:
        taken_t = min(left_t, level.quantity_t)
        if taken_t:
            price = trace.given(level.price_fen_per_t, "fen/t", zh="卖盘价格", en="price asked for")
            parts.append(_amount(price, taken_t, zh="按卖盘买入", en="bought from the book"))
        left_t -= taken_t
    if left_t:
        dearest = max([close_fen_per_t, *(level.price_fen_per_t for level in levels)])
        price = trace.given(dearest, "fen/t", zh="收盘价与最差卖盘价孰高", en="the close or the last price asked for")
        parts.append(_amount(price, left_t, zh="盘外估算", en="reckoned beyond the book"))
    amount = trace.total(parts, "fen", zh="买入金额", en="amount")
    share = trace.given(fee_share, "", zh="手续费率", en="fee share")
    exact = trace.product((amount, share), "fen", zh="手续费（未取整）", en="fee before rounding")
    fee = trace.half_up(exact, zh="手续费", en="fee")
    cost = trace.total((amount, fee), "fen", zh="买入合计", en="cost of buying")
    return Choice(way, wanted_t, cost, subject=instrument)


def by_auction(auction: str, floor_price: Traced, *, wanted_t: int, offered_t: int) -> Choice:
    """Work out the least that the next paid auction can cost: what it offers, at its floor price.

    Args:
        auction: number.
        floor_price: fen per tonne, with its trace.
        wanted_t: tonnes, > 0.
        offered_t: what the auction offers, tonnes.

    Source: S24 (no bid below the floor price is valid); that no fee is counted: design choice.
    """
    covered_t = min(wanted_t, offered_t)
    cost = _amount(floor_price, covered_t, zh="竞价最低花费", en="least an auction can cost")
    return Choice(Way.AUCTION, covered_t, cost, subject=auction)


def by_fine(smallest: Traced, largest: Traced) -> Choice:
    """Say what not closing the shortfall may be fined with; what is missing stays due beside it.

    Args:
        smallest: fen, as `core.penalty.surrender_range` works it out.
        largest: fen.
    """
    return Choice(Way.FINE, 0, smallest, largest)


def _amount(price: Traced, quantity_t: int, *, zh: str, en: str) -> Traced:
    quantity = trace.given(quantity_t, "t", zh="数量", en="quantity")
    return trace.product((price, quantity), "fen", zh=zh, en=en)
