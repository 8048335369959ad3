"""Clearing: fees, mean prices, and the close of a day.

Every fen is exact: an amount is price times quantity, and a fee is rounded once per order, on the order's running
amount, so that the fees of many partial fills can never exceed what was reserved for the whole.
"""

from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import trace, units


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What a day of trading adds up to.

    Attributes:
        close: close price with its trace, fen per tonne.
        volume_t: tonnes traded.
        turnover_fen: fen.
        trades: number of trades.
    """

    close: trace.Traced
    volume_t: int
    turnover_fen: int
    trades: int


def fee_of_fill_fen(*, filled_before_fen: int, amount_fen: int, share: Decimal) -> int:
    """Charge one fill of an order: the fee of the running amount less what was charged before.

    Args:
        filled_before_fen: amount of the order's earlier fills, fen, >= 0.
        amount_fen: amount of this fill, fen, >= 0.
        share: fee as a share of the amount.

    Returns:
        Fen; over all fills of an order it adds up to the fee of the whole amount, halves up.

    Source: `trading.fee_share`; rounding once per order is a design choice, no legal source.

    Example:
        >>> fee_of_fill_fen(filled_before_fen=625, amount_fen=625, share=Decimal("0.0008"))
        0
    """
    before_fen = units.fee_fen(filled_before_fen, share)
    return units.fee_fen(filled_before_fen + amount_fen, share) - before_fen


def reserve_fen(*, price_fen_per_t: int, quantity_t: int, filled_fen: int, share: Decimal) -> int:
    """Work out what a buyer must have reserved for what is left of an order: its amount at the limit and the fee.

    Args:
        price_fen_per_t: limit price, fen per tonne.
        quantity_t: tonnes left.
        filled_fen: amount of the order's fills so far, fen.
        share: fee as a share of the amount.

    Returns:
        Fen; enough for every way the rest can be filled.

    Source: design choice, no legal source (full reservation is recalled as the practice of the exchanges).

    Example:
        >>> reserve_fen(price_fen_per_t=8500, quantity_t=500, filled_fen=0, share=Decimal("0.0008"))
        4253400
    """
    amount_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=quantity_t)
    return amount_fen + fee_of_fill_fen(filled_before_fen=filled_fen, amount_fen=amount_fen, share=share)


def vwap(*, turnover_fen: int, volume_t: int) -> trace.Traced:
    """Work out the volume-weighted mean price, halves up to the fen.

    Args:
        turnover_fen: fen.
        volume_t: tonnes, > 0.

    Returns:
        Fen per tonne.

    Raises:
        ValueError: when nothing was traded; ask before.

    Source: S39, close price; S24, mean listed price of the floor price.

    Example:
        >>> vwap(turnover_fen=1000, volume_t=3).whole
        333
    """
    if volume_t <= 0:
        raise ValueError("there is no mean price of nothing")
    turnover = trace.given(turnover_fen, "fen", zh="成交额", en="turnover")
    volume = trace.given(volume_t, "t", zh="成交量", en="volume")
    exact = trace.quotient(turnover, volume, "fen/t", zh="成交额 ÷ 成交量", en="turnover ÷ volume")
    return trace.half_up(exact, zh="加权平均价", en="volume-weighted mean price")


def close_of_day(*, volume_t: int, turnover_fen: int, trades: int, previous_close_fen_per_t: int) -> DayTotals:
    """Work out the close of a day: the mean price by volume, or the previous close when nothing was traded.

    Args:
        volume_t: tonnes traded of one instrument on one day.
        turnover_fen: their price, fen.
        trades: number of trades.
        previous_close_fen_per_t: fen per tonne.

    Returns:
        Close, volume, turnover and number of trades.

    Source: S39, close price.

    Example:
        >>> day = close_of_day(volume_t=400, turnover_fen=3_210_000, trades=2, previous_close_fen_per_t=7900)
        >>> day.close.whole
        8025
    """
    if volume_t:
        mean = vwap(turnover_fen=turnover_fen, volume_t=volume_t)
        close = trace.same(mean, zh="收盘价", en="close")
    else:
        before = trace.given(previous_close_fen_per_t, "fen/t", zh="上一收盘价", en="previous close")
        close = trace.same(before, zh="收盘价（当日无成交）", en="close (nothing was traded)")
    return DayTotals(close, volume_t, turnover_fen, trades)
