"""What the closes of a market call for: nothing, a release when prices have risen, a purchase when they have fallen.

The plans of Shanghai, Tianjin and the nation announce a mechanism and name no number (S01 (一), S03 [8], S36); every
threshold here is therefore a parameter `stability.*` with the status scenario, and every finding keeps that badge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class PriceMove(StrEnum):
    """What a look at the closes found."""

    CALM = "CALM"
    RISE = "RISE"
    FALL = "FALL"
    TOO_FEW_CLOSES = "TOO_FEW_CLOSES"


@dataclass(frozen=True, slots=True)
class Close:
    """The close of one trading day, fen per tonne."""

    day: date
    price_fen_per_t: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on a day.

    Attributes:
        kind: what the closes call for.
        change: of the price over the window, a share; below zero when it fell; None with too few closes.
        price: of a sale or a purchase that follows, fen per tonne; None where nothing follows.
        quantity: of it by the rule, tonnes; None where nothing follows.
    """

    kind: PriceMove
    change: Traced | None = None
    price: Traced | None = None
    quantity: Traced | None = None


def finding(closes: Sequence[Close], rules: RulesAt, *, reserve_t: int) -> Finding:
    """Say what the closes call for.

    The change compares the last close with the one `stability.window_days` trading days before. At the threshold the
    trigger fires.

    Args:
        closes: oldest first, the last of them of the day in question.
        rules: of that day.
        reserve_t: what the reserve account holds, tonnes.

    Returns:
        The finding; TOO_FEW_CLOSES until the window is full.

    Raises:
        Refused: NO_SUCH_PARAMETER when the region has no such mechanism.

    Source: design choice, no legal source for any number (S01 (一), S03 [8] announce the mechanism; S36 names the
        instruments).

    Example:
        See `tests/golden/market_stability.yaml`.
    """
    window_days = rules.integer("stability.window_days")
    if len(closes) <= window_days:
        return Finding(PriceMove.TOO_FEW_CLOSES)
    window = closes[-window_days - 1 :]
    change = _change(window[0], window[-1])
    if change.value >= rules.decimal("stability.rise_share"):
        quantity = _share_of(reserve_t, rules)
        return Finding(PriceMove.RISE, change, _price(window[1:], rules, "stability.sale_price_multiple"), quantity)
    if change.value <= -rules.decimal("stability.fall_share"):
        quantity = rules.number("stability.buy_back_t")
        return Finding(PriceMove.FALL, change, _price(window[1:], rules, "stability.buy_price_multiple"), quantity)
    return Finding(PriceMove.CALM, change)


def _change(first: Close, last: Close) -> Traced:
    before, after = (
        trace.given(one.price_fen_per_t, "fen/t", zh=f"{one.day}收盘价", en=f"close of {one.day}")
        for one in (first, last)
    )
    difference = trace.difference(after, before, "fen/t", zh="期末价－期初价", en="last close − first close")
    return trace.quotient(difference, before, "", zh="窗口期涨跌幅", en="change over the window")


# Mean of the closes of the window times a multiple, cut to the fen as a floor price is.
def _price(window: Sequence[Close], rules: RulesAt, path: str) -> Traced:
    prices = [
        trace.given(one.price_fen_per_t, "fen/t", zh=f"{one.day}收盘价", en=f"close of {one.day}") for one in window
    ]
    together = trace.total(prices, "fen/t", zh="收盘价之和", en="sum of the closes")
    days = trace.given(len(prices), "", zh="交易日数", en="trading days")
    mean = trace.quotient(together, days, "fen/t", zh="收盘价均值", en="mean close")
    exact = trace.product([mean, rules.number(path)], "fen/t", zh="均值×倍数", en="mean × multiple")
    return trace.floor(exact, zh="价格（舍去不足一分）", en="price, fractions of a fen dropped")


def _share_of(reserve_t: int, rules: RulesAt) -> Traced:
    reserve = trace.given(reserve_t, "t", zh="储备账户余额", en="held in the reserve account")
    share = rules.number("stability.release_share")
    exact = trace.product([share, reserve], "t", zh="投放比例×储备余额", en="share × reserve")
    return trace.floor(exact, zh="投放数量（舍去小数）", en="quantity to release, rounded down")
