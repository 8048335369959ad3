"""One-way auction (单向竞价): a holder offers one large lot, buyers bid within a window, price before time.

The seller chooses the floor price, the previous close or a step below it, and one of the ways to set the price that the
rule names; the exchange announces the window. Bids bind and are shown to nobody before the end. What nobody buys stays
with the seller. Results are published and never enter the close.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import book, periods, units
from tonnebook.core.book import Band, Terms
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt

_MIN = "trading.one_way.min_t"


class SaleRefusal(Refusal):
    """What one-way auctions refuse, in order of precedence."""

    NO_SUCH_SALE = Sentence(
        zh="没有单向竞价 {sale}；请从单向竞价页选择。",
        en="There is no one-way auction {sale}; choose one from their page.",
        article="design choice",
        status=404,
    )
    SALE_DECIDED = Sentence(
        zh="单向竞价 {sale} 的状态为 {state}，不能再作此操作。",
        en="One-way auction {sale} stands at {state}; this cannot be done any more.",
        article="design choice",
    )
    SALE_NOT_OPEN = Sentence(
        zh="单向竞价 {sale} 的报价时间为 {opens} 至 {closes}；请在此时间内报价。",
        en="One-way auction {sale} takes bids from {opens} to {closes}; bid in that time.",
        article="S41 one-way auction",
        transient=True,
    )
    SALE_STILL_OPEN = Sentence(
        zh="单向竞价 {sale} 到 {closes} 才结束；请在此之后成交。",
        en="One-way auction {sale} stays open until {closes}; clear it after that.",
        article="S41 one-way auction",
        transient=True,
    )
    SALE_HAS_OPENED = Sentence(
        zh="单向竞价 {sale} 已于 {opens} 开始，不能撤回。",
        en="One-way auction {sale} opened at {opens} and cannot be withdrawn any more.",
        article="design choice",
    )
    WINDOW_OUTSIDE_DAY = Sentence(
        zh="报价时间 {opens} 至 {closes} 须在今后某一交易日内、不晚于当日收市；请调整。",
        en="{opens} to {closes} must lie ahead, within one trading day and before it closes; choose another time.",
        article="design choice",
        status=422,
    )
    OWN_SALE = Sentence(
        zh="单向竞价 {sale} 由您或同一控制关系的单位发起，不能参与报价。",
        en="One-way auction {sale} is of your own ownership group, which may not bid in it.",
        article="design choice, against wash trades",
        status=403,
    )
    QUANTITY_BELOW_SALE_MIN = Sentence(
        zh="单向竞价单笔不少于 {least} 吨，本笔为 {quantity} 吨；请改用挂牌交易。",
        en="One-way auctions begin at {least} t, this one is {quantity} t; place a listed order.",
        article="S41 one-way auction",
    )
    FLOOR_NOT_OFFERED = Sentence(
        zh="底价只能为前收盘价下浮 {options} 中的一种；请重新选择。",
        en="The floor price is the previous close less one of {options}; choose one of them.",
        article="S41 one-way auction",
        status=422,
    )
    PRICING_NOT_OFFERED = Sentence(
        zh="成交价方式只能为 {options} 之一；请重新选择。",
        en="The price is set by one of {options}; choose one of them.",
        article="S41 one-way auction",
        status=422,
    )
    BID_OUTSIDE_LIMITS = Sentence(
        zh="报价 {price_yuan} 元/吨不在 {low_yuan}–{high_yuan} 元/吨之间；请调整价格。",
        en="The bid of {price_yuan} CNY/t lies outside {low_yuan} to {high_yuan} CNY/t; adjust it.",
        article="S41 one-way auction",
    )
    MORE_THAN_SOLD = Sentence(
        zh="本场只出售 {offered} 吨，报价 {quantity} 吨；请减少数量。",
        en="Only {offered} t are offered and {quantity} t are bid for; bid for less.",
        article="S41 one-way auction",
    )


class Pricing(StrEnum):
    """Who pays what: all the price of the lowest bid that gets anything, or everybody their own."""

    UNIFORM_LOWEST_ACCEPTED = "UNIFORM_LOWEST_ACCEPTED"
    PAY_AS_BID = "PAY_AS_BID"


class SaleState(StrEnum):
    """Where a one-way auction stands; OFFERED and ANNOUNCED are followed by one of the others.

    VOID: a court or the authority took the lot.
    """

    OFFERED = "OFFERED"
    ANNOUNCED = "ANNOUNCED"
    CLEARED = "CLEARED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class OneWayTerms:
    """What the rule book says about one-way auctions.

    Attributes:
        listed: rules of listed trading; tick, lot and fee are the same.
        min_t: smallest offer, tonnes.
        bid_limit_share: how far above the previous close a bid may be, as a share.
        floor_drops: how far below the previous close the floor may be set, as shares.
        pricings: the ways to set the price.
    """

    listed: Terms
    min_t: int
    bid_limit_share: Decimal
    floor_drops: tuple[Decimal, ...]
    pricings: tuple[Pricing, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """When bids are taken, `[opens_at, closes_at)`."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Sale:
    """A one-way auction as what is done with it is judged; without a window until it is announced."""

    number: str
    state: SaleState
    window: Window | None = None

    def check_state(self, *wanted: SaleState) -> None:
        """Let something be done in some states only.

        Raises:
            Refused: SALE_DECIDED.
        """
        if self.state not in wanted:
            raise Refused(SaleRefusal.SALE_DECIDED, sale=self.number, state=self.state.value)

    def check_open(self, now: datetime) -> None:
        """Take bids while the window is open only.

        Raises:
            Refused: SALE_DECIDED, SALE_NOT_OPEN.
        """
        window = self._announced()
        if not window.opens_at <= now < window.closes_at:
            raise Refused(SaleRefusal.SALE_NOT_OPEN, sale=self.number, **_times(window))

    def check_over(self, now: datetime) -> None:
        """Clear an auction from its closing instant on only.

        Raises:
            Refused: SALE_DECIDED, SALE_STILL_OPEN.
        """
        window = self._announced()
        if now < window.closes_at:
            raise Refused(SaleRefusal.SALE_STILL_OPEN, sale=self.number, closes=_times(window)["closes"])

    def check_withdrawal(self, now: datetime) -> None:
        """Let a seller change their mind until bids are taken.

        Raises:
            Refused: SALE_DECIDED, SALE_HAS_OPENED.
        """
        self.check_state(SaleState.OFFERED, SaleState.ANNOUNCED)
        if self.window is not None and now >= self.window.opens_at:
            raise Refused(SaleRefusal.SALE_HAS_OPENED, sale=self.number, opens=_times(self.window)["opens"])

    def _announced(self) -> Window:
        self.check_state(SaleState.ANNOUNCED)
        if self.window is None:
            raise ValueError("an announced auction has a window")
        return self.window


@dataclass(frozen=True, slots=True)
class SaleBid:
    """A bid: gap-free count in order of time, fen per tonne, tonnes."""

    seq: int
    price_fen_per_t: int
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Sold:
    """What a bid got: its count, what it pays in fen per tonne, tonnes."""

    seq: int
    price_fen_per_t: int
    quantity_t: int


def has(rules: RulesAt) -> bool:
    """Say whether a region has one-way auctions."""
    return rules.has(_MIN)


def terms(rules: RulesAt) -> OneWayTerms:
    """Read the terms of one-way auctions from the rule book.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the region has none.

    Source: S41, by `trading.one_way.*`.
    """
    return OneWayTerms(
        listed=book.terms(rules),
        min_t=rules.integer(_MIN),
        bid_limit_share=rules.decimal("trading.one_way.bid_limit_share"),
        floor_drops=tuple(units.decimal_of(word) for word in rules.words("trading.one_way.floor_drop_options")),
        pricings=tuple(Pricing(word) for word in rules.words("trading.one_way.pricing")),
    )


def limits(previous_close_fen_per_t: int, terms: OneWayTerms, *, floor_drop: Decimal) -> Band:
    """Work out floor and highest bid, both rounded inwards to the tick.

    Args:
        previous_close_fen_per_t: fen per tonne, > 0.
        terms: rules of one-way auctions.
        floor_drop: how far below it the seller sets the floor, as a share.

    Returns:
        Fen per tonne.

    Source: S41, one-way auction.

    Example:
        >>> rule = OneWayTerms(book.Terms(Decimal("0.1"), 1, 1, 100000, Decimal(0), (), True), 100000, Decimal("0.10"),
        ...     (Decimal(0), Decimal("0.10")), tuple(Pricing))
        >>> limits(7363, rule, floor_drop=Decimal("0.10"))
        Band(low_fen_per_t=6627, high_fen_per_t=8099)
    """
    tick, close = terms.listed.tick_fen, Decimal(previous_close_fen_per_t)
    low = units.whole(units.ceil(close * (1 - floor_drop) / tick)) * tick
    high = units.whole(units.floor(close * (1 + terms.bid_limit_share) / tick)) * tick
    return Band(max(low, tick), high)


def check_window(window: Window, terms: OneWayTerms, calendar: periods.Calendar, *, now: datetime) -> None:
    """Let a window be announced that lies ahead, within one trading day and before its last session ends.

    Args:
        window: when bids are taken.
        terms: rules of one-way auctions.
        calendar: which days the exchange opens.
        now: when it is announced.

    Raises:
        Refused: WINDOW_OUTSIDE_DAY.

    Source: S41, one-way auction (hours announced for each); that it lies within a day is a design choice, because its
    limits go by the close of the day before.
    """
    day = periods.day_of(window.opens_at)
    ends_at = periods.instant(day, terms.listed.sessions[-1].closes)
    is_ordered = now <= window.opens_at < window.closes_at <= ends_at
    if not (is_ordered and calendar.is_trading_day(day)):
        raise Refused(SaleRefusal.WINDOW_OUTSIDE_DAY, **_times(window))


def check_offer(terms: OneWayTerms, *, quantity_t: int, floor_drop: Decimal, pricing: Pricing) -> None:
    """Let an offer in or say why not.

    Args:
        terms: rules of one-way auctions.
        quantity_t: tonnes, > 0.
        floor_drop: how far below the previous close the floor lies, as a share.
        pricing: how the price is set.

    Raises:
        Refused: QUANTITY_BELOW_SALE_MIN; FLOOR_NOT_OFFERED; PRICING_NOT_OFFERED.

    Source: S41, one-way auction.
    """
    if quantity_t < terms.min_t:
        raise Refused(SaleRefusal.QUANTITY_BELOW_SALE_MIN, quantity=quantity_t, least=terms.min_t)
    if floor_drop not in terms.floor_drops:
        options = ", ".join(f"{drop:%}" for drop in terms.floor_drops)
        raise Refused(SaleRefusal.FLOOR_NOT_OFFERED, options=options)
    if pricing not in terms.pricings:
        raise Refused(SaleRefusal.PRICING_NOT_OFFERED, options=", ".join(terms.pricings))


def check_bid(band: Band, *, price_fen_per_t: int, quantity_t: int, offered_t: int) -> None:
    """Let a bid in or say why not; tick and lot are those of its market's ticket.

    Args:
        band: floor and highest bid.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes.
        offered_t: what the seller offers, tonnes.

    Raises:
        Refused: BID_OUTSIDE_LIMITS; MORE_THAN_SOLD.

    Source: S41, one-way auction.
    """
    if not band.low_fen_per_t <= price_fen_per_t <= band.high_fen_per_t:
        facts = units.with_yuan(price=price_fen_per_t, low=band.low_fen_per_t, high=band.high_fen_per_t)
        raise Refused(SaleRefusal.BID_OUTSIDE_LIMITS, **facts)
    if quantity_t > offered_t:
        raise Refused(SaleRefusal.MORE_THAN_SOLD, quantity=quantity_t, offered=offered_t)


def clear(bids: Sequence[SaleBid], *, offered_t: int, pricing: Pricing) -> tuple[Sold, ...]:
    """Clear a one-way auction: price before time; the last bid may be filled in part.

    Args:
        bids: within the limits, in any order.
        offered_t: tonnes, > 0.
        pricing: how the price is set.

    Returns:
        What the bids that got anything got, best first; those of one price in order of time.

    Source: S41, one-way auction.

    Example:
        >>> bids = (SaleBid(1, 7600, 60), SaleBid(2, 8000, 60))
        >>> clear(bids, offered_t=100, pricing=Pricing.UNIFORM_LOWEST_ACCEPTED)[0].price_fen_per_t
        7600
        >>> [sold.price_fen_per_t for sold in clear(bids, offered_t=100, pricing=Pricing.PAY_AS_BID)]
        [8000, 7600]
    """
    left_t, sold = offered_t, []
    for bid in sorted(bids, key=lambda bid: (-bid.price_fen_per_t, bid.seq)):
        if not left_t:
            break
        quantity_t = min(bid.quantity_t, left_t)
        sold.append(Sold(bid.seq, bid.price_fen_per_t, quantity_t))
        left_t -= quantity_t
    if pricing is Pricing.PAY_AS_BID or not sold:
        return tuple(sold)
    price_fen_per_t = sold[-1].price_fen_per_t
    return tuple(Sold(one.seq, price_fen_per_t, one.quantity_t) for one in sold)


def _times(window: Window) -> dict[str, str]:
    return {"opens": periods.wall_clock(window.opens_at), "closes": periods.wall_clock(window.closes_at)}
