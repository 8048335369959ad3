"""The order book of one instrument: the readable truth of listed continuous trading (挂牌交易).

Price first, then time, where time is the gap-free `seq` the market gave at pick-up. A trade is made at the price of
the order that was there first. Orders are limit orders for the day. Nobody trades with themselves: when an incoming
order meets one of the same organisation, what is left of the incoming one is cancelled. The book does *not* know
balances, holds or fees; `check_ticket` says whether an order may enter at all.
"""

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import periods, sessions, trace, units
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt


class MarketRefusal(Refusal):
    """What the market can refuse, in order of precedence."""

    NO_SUCH_INSTRUMENT = Sentence(
        zh="没有交易品种 {instrument}；请从行情页选择。",
        en="There is no instrument {instrument}; choose one from the market page.",
        article="design choice",
        status=404,
    )
    NO_SUCH_ORDER = Sentence(
        zh="没有委托 {order}；请在“我的委托”中核对编号。",
        en="There is no order {order}; check its number in your orders.",
        article="design choice",
        status=404,
    )
    NOT_A_TRADING_DAY = Sentence(
        zh="{day} 不是交易日，无需收市。",
        en="{day} is no trading day; there is nothing to close.",
        article="S39 trading days",
        status=422,
    )
    DAY_ALREADY_CLOSED = Sentence(
        zh="{day} 已经收市结算；请等待下一交易日。",
        en="{day} has already been closed; wait for the next trading day.",
        article="design choice",
    )
    MARKET_CLOSED = Sentence(
        zh="现在不是交易时段，下次开市为 {opens}；请届时再提交。",
        en="The market is closed and opens next at {opens}; submit the order then.",
        article="S39 trading hours",
        transient=True,
    )
    INSTRUMENT_HALTED = Sentence(
        zh="{instrument} 已暂停交易；请等待交易机构公告。",
        en="Trading in {instrument} is halted; wait for the notice of the exchange.",
        article="S40 risk control",
        transient=True,
    )
    ASSET_NOT_TRADABLE = Sentence(
        zh="{asset} 不能作为 {instrument} 卖出（仅限自用清缴或不属于该品种）；请另选资产。",
        en="{asset} cannot be sold as {instrument} (own surrender only, or not of this kind); choose another asset.",
        article="S24, notice of the auction of 2025-06-30: own surrender only, not tradable",
    )
    PRICE_OFF_TICK = Sentence(
        zh="价格 {price_yuan} 元/吨不是最小变动价位 {tick_yuan} 元的整数倍；请调整价格。",
        en="The price of {price_yuan} CNY/t is not a multiple of the tick of CNY {tick_yuan}; adjust it.",
        article="S39 tick",
        status=422,
    )
    PRICE_OUTSIDE_BAND = Sentence(
        zh="价格 {price_yuan} 元/吨超出今日涨跌幅 {low_yuan}–{high_yuan} 元/吨；请在区间内报价。",
        en="The price of {price_yuan} CNY/t lies outside today's band of {low_yuan} to {high_yuan} CNY/t; quote "
        "inside it.",
        article="S39 price limit",
    )
    QUANTITY_OFF_LOT = Sentence(
        zh="数量 {quantity} 吨不是交易单位 {lot} 吨的整数倍；请调整数量。",
        en="The quantity of {quantity} t is not a multiple of the lot of {lot} t; adjust it.",
        article="S39 lot",
        status=422,
    )
    QUANTITY_ABOVE_LISTED_MAX = Sentence(
        zh="数量 {quantity} 吨达到或超过挂牌交易上限 {limit} 吨；请拆分或采用协议方式。",
        en="Listed orders must stay below {limit} t, this one is {quantity} t; split it or trade by agreement.",
        article="S39 order size",
    )
    TOTAL_DIFFERS = Sentence(
        zh="您确认的总额 {shown_yuan} 元与系统计算的 {total_yuan} 元不一致；请刷新后重新确认。",
        en="The total you confirmed, CNY {shown_yuan}, differs from the computed CNY {total_yuan}; reload and confirm "
        "again.",
        article="design choice",
        status=422,
    )
    BOUGHT_TODAY = Sentence(
        zh="当日买入的配额当日不能卖出：今日可卖 {sellable} 吨，委托 {quantity} 吨；请减少数量或次日再卖。",
        en="What was bought today cannot be sold today: {sellable} t may be sold, {quantity} t were offered; offer "
        "less or wait a day.",
        article="S39 T+1",
    )
    ORDER_NOT_OPEN = Sentence(
        zh="委托 {order} 已不在簿中（{state}），无需撤销。",
        en="Order {order} is no longer in the book ({state}); there is nothing to cancel.",
        article="design choice",
    )
    SESSION_NOT_ENDED = Sentence(
        zh="{day} 的交易时段尚未结束；请在收市后结算。",
        en="The sessions of {day} are not over; close the day after they end.",
        article="S39 trading hours",
        transient=True,
    )


class Side(StrEnum):
    """Which side of the book an order stands on."""

    BUY = "BUY"
    SELL = "SELL"


class OrderState(StrEnum):
    """Where an order stands; everything but OPEN is final."""

    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rule book says about listed trading.

    Attributes:
        price_limit_share: daily price limit as a share of the previous close.
        tick_fen: smallest price step, fen per tonne.
        lot_t: smallest quantity step, tonnes.
        listed_max_t: listed orders must be smaller than this, tonnes.
        fee_share: fee of each side as a share of the amount.
        sessions: when the market is open.
        same_day_resale: whether what was bought today may be sold today.
    """

    price_limit_share: Decimal
    tick_fen: int
    lot_t: int
    listed_max_t: int
    fee_share: Decimal
    sessions: tuple[sessions.Session, ...]
    same_day_resale: bool


@dataclass(frozen=True, slots=True)
class Band:
    """The prices allowed today, fen per tonne, both ends included."""

    low_fen_per_t: int
    high_fen_per_t: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a trader asks for.

    Attributes:
        instrument: instrument code.
        side: buy or sell.
        price_fen_per_t: limit price, fen per tonne, > 0.
        quantity_t: tonnes, > 0.
        asset: what a seller delivers; empty for a buyer.
        shown_total_fen: the total the trader confirmed, fen: with fee for a buyer, after fee for a seller.
    """

    instrument: str
    side: Side
    price_fen_per_t: int
    quantity_t: int
    asset: str
    shown_total_fen: int

    def __post_init__(self) -> None:
        """Refuse what is not an order at all with a `ValueError`."""
        if self.price_fen_per_t <= 0 or self.quantity_t <= 0:
            raise ValueError("price and quantity of an order must be positive")
        if bool(self.asset) != (self.side is Side.SELL):
            raise ValueError("a seller names the asset to deliver, a buyer names none")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the market is like when a ticket arrives.

    Attributes:
        day: today, in the region's zone.
        is_day_closed: whether the day has been closed already.
        is_open: whether a session is running.
        opens_at: the next opening.
        is_halted: whether the instrument is halted.
        previous_close_fen_per_t: reference of today's band, fen per tonne.
        tradable: codes of the assets that may be delivered.
        sellable_t: of the seller's free units, those not bought today; None where the rule does not ask.
    """

    day: date
    is_day_closed: bool
    is_open: bool
    opens_at: datetime
    is_halted: bool
    previous_close_fen_per_t: int
    tradable: frozenset[str]
    sellable_t: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the book sees it; `quantity_t` is what is left of it, tonnes."""

    seq: int
    side: Side
    organisation: str
    price_fen_per_t: int
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade between the incoming order and a resting one, at the resting price."""

    resting: Order
    price_fen_per_t: int
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Book:
    """The resting orders of one instrument, best first on both sides."""

    bids: tuple[Order, ...] = ()
    asks: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of an incoming order.

    Attributes:
        fills: trades in the order in which they were made.
        rest_t: tonnes that now rest in the book.
        cancelled_t: tonnes cancelled because they would have met an order of the same organisation.
        book: the book afterwards.
    """

    fills: tuple[Fill, ...]
    rest_t: int
    cancelled_t: int
    book: Book


def terms(rules: RulesAt) -> Terms:
    """Read the terms of listed trading from the rule book.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the region has no such rule.

    Source: S39 (national), exchange rules of the region, by `trading.*`.
    """
    return Terms(
        price_limit_share=rules.decimal("trading.price_limit_share"),
        tick_fen=rules.integer("trading.tick_fen"),
        lot_t=rules.integer("trading.lot_t"),
        listed_max_t=rules.integer("trading.listed_max_t"),
        fee_share=rules.decimal("trading.fee_share"),
        sessions=sessions.read(rules.words("trading.sessions")),
        # A region that states no such rule does not forbid resale.
        same_day_resale=not rules.has("trading.same_day_resale") or rules.flag("trading.same_day_resale"),
    )


def band(previous_close_fen_per_t: int, terms: Terms) -> Band:
    """Work out today's price band from the previous close; both ends are rounded inwards to the tick.

    Args:
        previous_close_fen_per_t: fen per tonne, > 0.
        terms: price limit and tick.

    Returns:
        Lowest and highest price, fen per tonne; never below one tick.

    Source: S39, daily price limit of listed trading.

    Example:
        >>> rule = Terms(Decimal("0.10"), 1, 1, 100000, Decimal("0.0008"), (), True)
        >>> band(7363, rule)
        Band(low_fen_per_t=6627, high_fen_per_t=8099)
    """
    tick = terms.tick_fen
    close = Decimal(previous_close_fen_per_t)
    low = units.whole(units.ceil(close * (1 - terms.price_limit_share) / tick)) * tick
    high = units.whole(units.floor(close * (1 + terms.price_limit_share) / tick)) * tick
    return Band(max(low, tick), high)


def total_fen(ticket: Ticket, terms: Terms) -> trace.Traced:
    """Work out the total a trader confirms: price times quantity, plus the fee for a buyer, less it for a seller.

    Args:
        ticket: the order.
        terms: fee of each side.

    Returns:
        Fen; for a buyer what is reserved in full, for a seller the least that arrives when all of it is sold.

    Source: design choice, no legal source; fee by `trading.fee_share`.
    """
    price = trace.given(ticket.price_fen_per_t, "fen/t", zh="限价", en="limit price")
    quantity = trace.given(ticket.quantity_t, "t", zh="数量", en="quantity")
    amount = trace.product((price, quantity), "fen", zh="成交金额", en="amount")
    share = trace.given(terms.fee_share, "", zh="手续费率", en="fee share")
    fee = trace.half_up(
        trace.product((amount, share), "fen", zh="手续费（未取整）", en="fee before rounding"), zh="手续费", en="fee"
    )
    if ticket.side is Side.BUY:
        return trace.total((amount, fee), "fen", zh="应付总额", en="total to pay")
    return trace.difference(amount, fee, "fen", zh="应收总额", en="total to receive")


def check_ticket(ticket: Ticket, terms: Terms, conditions: Conditions) -> None:
    """Let a ticket into the book or say why not, in one fixed order of precedence.

    Args:
        ticket: what the trader asks for.
        terms: rules of listed trading.
        conditions: what the market is like.

    Raises:
        Refused: DAY_ALREADY_CLOSED after the close of the day; MARKET_CLOSED outside sessions; INSTRUMENT_HALTED;
            ASSET_NOT_TRADABLE when a seller offers units that may not be sold here; PRICE_OFF_TICK;
            PRICE_OUTSIDE_BAND; QUANTITY_OFF_LOT; QUANTITY_ABOVE_LISTED_MAX when the order is for block trading;
            TOTAL_DIFFERS when the confirmed total is not the computed one; BOUGHT_TODAY when the rule forbids resale
            on the day of purchase.

    Source: S39; exchange rules of the region.
    """
    _check_market(ticket, conditions)
    _check_price(ticket, terms, conditions)
    quantity_t = ticket.quantity_t
    if quantity_t % terms.lot_t:
        raise Refused(MarketRefusal.QUANTITY_OFF_LOT, quantity=quantity_t, lot=terms.lot_t)
    if quantity_t >= terms.listed_max_t:
        raise Refused(MarketRefusal.QUANTITY_ABOVE_LISTED_MAX, quantity=quantity_t, limit=terms.listed_max_t)
    total = total_fen(ticket, terms).whole
    if ticket.shown_total_fen != total:
        raise Refused(MarketRefusal.TOTAL_DIFFERS, **units.with_yuan(shown=ticket.shown_total_fen, total=total))
    sellable_t = conditions.sellable_t
    if ticket.side is Side.SELL and sellable_t is not None and quantity_t > sellable_t:
        raise Refused(MarketRefusal.BOUGHT_TODAY, sellable=max(sellable_t, 0), quantity=quantity_t)


def of_orders(orders: Iterable[Order]) -> Book:
    """Arrange open orders as a book: best price first, then lowest `seq`."""
    ranked = sorted(orders, key=_rank)
    bids = tuple(order for order in ranked if order.side is Side.BUY)
    return Book(bids, tuple(order for order in ranked if order.side is Side.SELL))


def match(book: Book, order: Order) -> Matched:
    """Match an incoming limit order against the book: price, then time, at the resting price.

    Args:
        book: the resting orders.
        order: the incoming one; its `seq` is later than every resting one.

    Returns:
        The fills, what rests, what was cancelled, and the book afterwards.

    Source: S39 and exchange rules: price then time; self-trade prevention is a design choice (cancel newest).

    Example:
        >>> resting = Order(1, Side.SELL, "North", 8000, 300)
        >>> done = match(Book(asks=(resting,)), Order(2, Side.BUY, "Red River", 8100, 500))
        >>> done.fills[0].price_fen_per_t, done.fills[0].quantity_t, done.rest_t
        (8000, 300, 200)
    """
    opposite = list(book.asks if order.side is Side.BUY else book.bids)
    fills: list[Fill] = []
    left_t, cancelled_t = order.quantity_t, 0
    while left_t and opposite and _crosses(order, opposite[0]):
        best = opposite[0]
        if best.organisation == order.organisation:
            left_t, cancelled_t = 0, left_t
            break
        quantity_t = min(left_t, best.quantity_t)
        fills.append(Fill(best, best.price_fen_per_t, quantity_t))
        left_t -= quantity_t
        if quantity_t == best.quantity_t:
            opposite.pop(0)
        else:
            opposite[0] = replace(best, quantity_t=best.quantity_t - quantity_t)
    own = list(book.bids if order.side is Side.BUY else book.asks)
    if left_t:
        bisect.insort(own, replace(order, quantity_t=left_t), key=_rank)
    after = Book(tuple(own), tuple(opposite)) if order.side is Side.BUY else Book(tuple(opposite), tuple(own))
    return Matched(tuple(fills), left_t, cancelled_t, after)


def cancel(book: Book, seq: int) -> Book:
    """Take an order out of the book; one that is not there changes nothing."""
    return Book(
        tuple(order for order in book.bids if order.seq != seq), tuple(order for order in book.asks if order.seq != seq)
    )


def _check_market(ticket: Ticket, conditions: Conditions) -> None:
    if conditions.is_day_closed:
        raise Refused(MarketRefusal.DAY_ALREADY_CLOSED, day=conditions.day)
    if not conditions.is_open:
        raise Refused(MarketRefusal.MARKET_CLOSED, opens=periods.wall_clock(conditions.opens_at))
    if conditions.is_halted:
        raise Refused(MarketRefusal.INSTRUMENT_HALTED, instrument=ticket.instrument)
    if ticket.side is Side.SELL and ticket.asset not in conditions.tradable:
        raise Refused(MarketRefusal.ASSET_NOT_TRADABLE, asset=ticket.asset, instrument=ticket.instrument)


def _check_price(ticket: Ticket, terms: Terms, conditions: Conditions) -> None:
    price = ticket.price_fen_per_t
    if price % terms.tick_fen:
        raise Refused(MarketRefusal.PRICE_OFF_TICK, **units.with_yuan(price=price, tick=terms.tick_fen))
    allowed = band(conditions.previous_close_fen_per_t, terms)
    if not allowed.low_fen_per_t <= price <= allowed.high_fen_per_t:
        facts = units.with_yuan(price=price, low=allowed.low_fen_per_t, high=allowed.high_fen_per_t)
        raise Refused(MarketRefusal.PRICE_OUTSIDE_BAND, **facts)


# Bids rank from the highest price down, asks from the lowest up; earlier orders first.
def _rank(order: Order) -> tuple[int, int]:
    return (-order.price_fen_per_t if order.side is Side.BUY else order.price_fen_per_t, order.seq)


def _crosses(order: Order, resting: Order) -> bool:
    if order.side is Side.BUY:
        return order.price_fen_per_t >= resting.price_fen_per_t
    return order.price_fen_per_t <= resting.price_fen_per_t
