"""Trades that should not have been: taken back (撤销成交), or replaced by another at the right price (更正成交).

The trade stays as it was made; new entries take it back, by two people, until its day is closed. After the close its
price is published, its papers are made and the next day's limits rest on it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Refused, Sentence


class BustGround(StrEnum):
    """Why a trade is taken back."""

    SYSTEM_FAULT = "SYSTEM_FAULT"
    OBVIOUS_ERROR = "OBVIOUS_ERROR"
    UNFORESEEN_EVENT = "UNFORESEEN_EVENT"
    UNLAWFUL = "UNLAWFUL"


class BustRefusal(Refusal):
    """Why a trade stands, in order of precedence."""

    NO_SUCH_TRADE = Sentence(
        zh="没有编号为 {trade} 的挂牌成交。",
        en="There is no listed trade with number {trade}.",
        article="design choice",
        status=404,
    )
    ALREADY_BUSTED = Sentence(
        zh="成交 {trade} 已经撤销（{bust}），不能再次撤销或更正。",
        en="Trade {trade} has been taken back already ({bust}); it can be neither taken back nor corrected again.",
        article="design choice",
    )
    BUST_TOO_LATE = Sentence(
        zh="成交 {trade} 所属交易日 {day} 已收市结算，不能再撤销；请通过协商或司法途径处理。",
        en="The day of trade {trade}, {day}, is closed: the trade stands. The parties settle it among themselves.",
        article="design choice",
    )
    CORRECTION_UNFIT = Sentence(
        zh="更正后的价格须在双方委托限价 {low} 至 {high} 元之间，并为最小变动价位 {tick} 元的整数倍。",
        en="The right price must lie within what both orders allowed, CNY {low} to {high}, in steps of {tick}.",
        article="design choice",
        status=422,
    )
    CORRECTION_TOO_LARGE = Sentence(
        zh="更正后的数量须为 {lot} 吨的整数倍，且不超过原成交量 {most} 吨。",
        en="The right quantity must be a multiple of {lot} t and at most the {most} t that were traded.",
        article="design choice",
        status=422,
    )
    CORRECTION_CHANGES_NOTHING = Sentence(
        zh="更正后的价格和数量与成交 {trade} 相同，无需更正。",
        en="Price and quantity are those of trade {trade}; there is nothing to correct.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A listed trade as it was made.

    Attributes:
        number: of the trade.
        trading_on: its day.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes.
        low_fen_per_t: the least the seller's order asked for.
        high_fen_per_t: the most the buyer's order gave.
        bust: number of what took it back; empty while it stands.
    """

    number: str
    trading_on: date
    price_fen_per_t: int
    quantity_t: int
    low_fen_per_t: int
    high_fen_per_t: int
    bust: str = ""


def check_bust(trade: Made, *, today: date, closed_on: date | None) -> None:
    """Refuse to take a trade back that has been taken back, or whose day is over.

    Args:
        trade: as it was made.
        today: in the region's zone.
        closed_on: the last day of its instrument that has been closed.

    Raises:
        Refused: ALREADY_BUSTED, BUST_TOO_LATE.

    Source: design choice, no legal source.
    """
    if trade.bust:
        raise Refused(BustRefusal.ALREADY_BUSTED, trade=trade.number, bust=trade.bust)
    is_closed = closed_on is not None and closed_on >= trade.trading_on
    if is_closed or today != trade.trading_on:
        raise Refused(BustRefusal.BUST_TOO_LATE, trade=trade.number, day=trade.trading_on)


def check_correction(trade: Made, *, price_fen_per_t: int, quantity_t: int, tick_fen: int, lot_t: int) -> None:
    """Refuse a correction that gives somebody worse than their order said, or more than was traded.

    Args:
        trade: as it was made.
        price_fen_per_t: the right price, fen per tonne.
        quantity_t: the right quantity, tonnes.
        tick_fen: smallest price step, fen per tonne.
        lot_t: smallest quantity step, tonnes.

    Raises:
        Refused: CORRECTION_UNFIT, CORRECTION_TOO_LARGE, CORRECTION_CHANGES_NOTHING.

    Source: design choice, no legal source.
    """
    if not trade.low_fen_per_t <= price_fen_per_t <= trade.high_fen_per_t or price_fen_per_t % tick_fen:
        ends = (trade.low_fen_per_t, trade.high_fen_per_t, tick_fen)
        low, high, tick = map(units.yuan_text, ends)
        raise Refused(BustRefusal.CORRECTION_UNFIT, low=low, high=high, tick=tick)
    if not 0 < quantity_t <= trade.quantity_t or quantity_t % lot_t:
        raise Refused(BustRefusal.CORRECTION_TOO_LARGE, lot=lot_t, most=trade.quantity_t)
    if (price_fen_per_t, quantity_t) == (trade.price_fen_per_t, trade.quantity_t):
        raise Refused(BustRefusal.CORRECTION_CHANGES_NOTHING, trade=trade.number)
