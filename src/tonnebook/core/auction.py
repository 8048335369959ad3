"""Paid allowance auctions (有偿竞价发放): one round, one price for all.

Bids are sealed until the close, and `core.sealed_bids` says which of them are void. The rest rank by price, then by
time; they are filled in that order until the offered quantity is used up, the last one perhaps in part. Everybody pays
the lowest price among the bids filled. When less is asked for than offered, all are filled at the lowest of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import periods, trace, units
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.roles import MAY, Act, OrganisationKind
from tonnebook.core.rules import RulesAt


class AuctionRefusal(Refusal):
    """What an auction can refuse, in order of precedence."""

    NO_SUCH_AUCTION = Sentence(
        zh="没有竞价 {auction}；请从竞价列表选择。",
        en="There is no auction {auction}; choose one from the list of auctions.",
        article="design choice",
        status=404,
    )
    NO_SUCH_BID = Sentence(
        zh="没有报价 {bid}；请核对编号。",
        en="There is no bid {bid}; check its number.",
        article="design choice",
        status=404,
    )
    WINDOW_NOT_AHEAD = Sentence(
        zh="竞价时间 {opens} 至 {closes} 无效：须晚于现在，且结束晚于开始；请另定时间。",
        en="An auction cannot be held from {opens} to {closes}: it must lie ahead and end after it begins; choose "
        "another time.",
        article="design choice",
        status=422,
    )
    AUCTION_NOT_OPEN_YET = Sentence(
        zh="竞价 {auction} 于 {opens} 开始；请届时报价。",
        en="Auction {auction} opens at {opens}; bid then.",
        article="S24 time of the auction",
        transient=True,
    )
    AUCTION_CLOSED = Sentence(
        zh="竞价 {auction} 已于 {closes} 结束，不再接受或撤回报价。",
        en="Auction {auction} closed at {closes}; bids can no longer be placed or withdrawn.",
        article="S24 time of the auction",
    )
    AUCTION_STILL_OPEN = Sentence(
        zh="竞价 {auction} 到 {closes} 才结束；请在此之后开标。",
        en="Auction {auction} stays open until {closes}; close it after that.",
        article="S24 time of the auction",
        transient=True,
    )
    AUCTION_ALREADY_CLEARED = Sentence(
        zh="竞价 {auction} 已经开标；请查看结果。",
        en="Auction {auction} has been cleared already; look at its result.",
        article="design choice",
    )
    BIDDER_NOT_ADMITTED = Sentence(
        zh="{organisation} 不能参加竞价 {auction}：本场只面向{admitted_zh}。",
        en="{organisation} may not bid in auction {auction}, which is for {admitted_en} only.",
        article="S24 who may bid",
        status=403,
    )
    BID_NOT_OPEN = Sentence(
        zh="报价 {bid} 已撤回或已开标（{state}）。",
        en="Bid {bid} has been withdrawn or decided already ({state}).",
        article="design choice",
    )
    NO_FLOOR_PRICE = Sentence(
        zh="{from_on} 至 {to_on} 没有挂牌成交，也没有参考价，无法计算竞买底价；"
        "请先设定 trading.reference_price_fen_per_t。",
        en="There were no listed trades from {from_on} to {to_on} and no reference price, so there is no floor price; "
        "set trading.reference_price_fen_per_t first.",
        article="S24 floor price",
    )


class AuctionKind(StrEnum):
    """The two rounds of a compliance year: early, and last resort just before the surrender deadline."""

    EARLY = "EARLY"
    LAST_RESORT = "LAST_RESORT"


class AuctionState(StrEnum):
    """Where an auction stands; only CLEARED is an act, the others are a matter of the clock."""

    ANNOUNCED = "ANNOUNCED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CLEARED = "CLEARED"


class BidState(StrEnum):
    """Where a bid stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"
    FILLED = "FILLED"
    PARTLY_FILLED = "PARTLY_FILLED"
    UNFILLED = "UNFILLED"
    VOID = "VOID"


class Unsold(StrEnum):
    """What becomes of allowances nobody bought."""

    RETURN = "RETURN"
    RESERVE = "RESERVE"


# Who may keep a share of the key that opens an auction (design choice, no legal source).
KEEPERS = MAY[Act.HAND_IN_SHARE]


@dataclass(frozen=True, slots=True)
class AuctionTerms:
    """What the rule book says about one kind of auction.

    Attributes:
        floor_multiplier: floor price as a multiple of the mean listed price, with its trace.
        floor_ceiling: the floor price is never above this, fen per tonne; None without one.
        window_months: months of listed trading the mean price looks back on.
        admits_investors: whether investors may bid.
        entity_limit_t: most a covered entity may bid for, tonnes; None without limit.
        entity_limit_share: the same as a share of the entity's emission; None where the rule has no share.
        investor_limit_t: the same for an investor.
        own_surrender_only: whether what is bought serves the buyer's own surrender only.
        unsold: what becomes of the rest.
    """

    floor_multiplier: trace.Traced
    floor_ceiling: trace.Traced | None
    window_months: int
    admits_investors: bool
    entity_limit_t: int | None
    entity_limit_share: Decimal | None
    investor_limit_t: int | None
    own_surrender_only: bool
    unsold: Unsold


@dataclass(frozen=True, slots=True)
class Round:
    """One auction as it was announced: number, floor price in fen per tonne, and when bids are taken."""

    number: str
    floor_price_fen_per_t: int
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Bid:
    """One bid.

    Attributes:
        seq: gap-free count in order of time.
        organisation: unified social credit code of the bidder.
        price_fen_per_t: fen per tonne, > 0.
        quantity_t: tonnes, > 0.
    """

    seq: int
    organisation: str
    price_fen_per_t: int
    quantity_t: int

    def __post_init__(self) -> None:
        """Refuse what is not a bid at all with a `ValueError`."""
        if self.price_fen_per_t <= 0 or self.quantity_t <= 0:
            raise ValueError("price and quantity of a bid must be positive")


@dataclass(frozen=True, slots=True)
class Award:
    """What one filled bid receives, tonnes."""

    seq: int
    organisation: str
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an auction.

    Attributes:
        price: the uniform price with its trace, fen per tonne; None when nothing was sold.
        awards: filled bids in order of rank.
        void: `seq` of the bids below the floor price.
        sold_t: tonnes sold.
        unsold_t: tonnes left.
        demand_t: tonnes asked for by valid bids.
        bidders: number of organisations with a valid bid.
    """

    price: trace.Traced | None
    awards: tuple[Award, ...]
    void: tuple[int, ...]
    sold_t: int
    unsold_t: int
    demand_t: int
    bidders: int


def terms(rules: RulesAt, kind: AuctionKind) -> AuctionTerms:
    """Read the terms of one kind of auction from the rule book.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the region holds no such auction.

    Source: S24 (nine announcements), by `auction.early.*` and `auction.last_resort.*`.
    """
    path = f"auction.{kind.lower()}"
    return AuctionTerms(
        floor_multiplier=rules.number(f"{path}.floor_multiplier"),
        floor_ceiling=rules.number(ceiling) if rules.has(ceiling := f"{path}.price_ceiling_fen_per_t") else None,
        window_months=rules.integer(f"{path}.window_months"),
        admits_investors=rules.flag(f"{path}.investors"),
        entity_limit_t=_limit(rules, f"{path}.entity_limit_t"),
        entity_limit_share=rules.decimal(share) if rules.has(share := f"{path}.entity_limit_share") else None,
        investor_limit_t=_limit(rules, f"{path}.investor_limit_t"),
        own_surrender_only=rules.flag(f"{path}.own_surrender_only"),
        unsold=Unsold(rules.text(f"{path}.unsold")),
    )


def floor_price(vwap: trace.Traced, multiplier: trace.Traced, ceiling: trace.Traced | None = None) -> trace.Traced:
    """Work out the floor price: the mean listed price times the multiplier, cut to the fen.

    Args:
        vwap: volume-weighted mean listed price, fen per tonne, already rounded to the fen.
        multiplier: such as 1.2.
        ceiling: the floor price is never above it, fen per tonne.

    Returns:
        Fen per tonne, fractions of a fen dropped.

    Source: S24 (auction of 2023-11-30: 1.2 × 61.91 = 74.29; ceiling in the rounds of 2017 and 2018).

    Example:
        >>> mean = trace.given(6191, "fen/t", zh="均价", en="mean price")
        >>> floor_price(mean, trace.given("1.2", "", zh="倍数", en="multiplier")).whole
        7429
    """
    exact = trace.product((vwap, multiplier), "fen/t", zh="均价 × 倍数", en="mean price × multiplier")
    cut = trace.floor(exact, zh="竞买底价（舍去不足一分）", en="floor price (fractions of a fen dropped)")
    if ceiling is None:
        return cut
    return trace.smallest((cut, ceiling), "fen/t", zh="竞买底价（不高于上限）", en="floor price (at most the ceiling)")


def clear(bids: Sequence[Bid], *, quantity_t: int, floor_price_fen_per_t: int) -> Outcome:
    """Clear an auction: price, then time, one price for all.

    Args:
        bids: in any order.
        quantity_t: offered, tonnes, >= 0.
        floor_price_fen_per_t: fen per tonne; bids below it are void.

    Returns:
        The outcome; `sold_t + unsold_t` is the offered quantity.

    Source: S24 (identical in all announcements); the partial fill at the margin follows from price then time.

    Example:
        >>> bids = (Bid(1, "A", 8000, 60), Bid(2, "B", 7600, 60))
        >>> outcome = clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
        >>> outcome.price.whole, [award.quantity_t for award in outcome.awards]
        (7600, [60, 40])
    """
    valid = [bid for bid in bids if bid.price_fen_per_t >= floor_price_fen_per_t]
    awards: list[Award] = []
    accepted: list[Bid] = []
    left_t = quantity_t
    for bid in sorted(valid, key=lambda bid: (-bid.price_fen_per_t, bid.seq)):
        if not left_t:
            break
        awards.append(Award(bid.seq, bid.organisation, min(bid.quantity_t, left_t)))
        accepted.append(bid)
        left_t -= awards[-1].quantity_t
    return Outcome(
        price=_uniform_price(accepted),
        awards=tuple(awards),
        void=tuple(sorted(bid.seq for bid in bids if bid.price_fen_per_t < floor_price_fen_per_t)),
        sold_t=quantity_t - left_t,
        unsold_t=left_t,
        demand_t=sum(bid.quantity_t for bid in valid),
        bidders=len({bid.organisation for bid in valid}),
    )


def cover_ratio(*, demand_t: int, quantity_t: int) -> Decimal:
    """Say how many times over the offered quantity was asked for, to two decimal places.

    Args:
        demand_t: tonnes asked for by valid bids.
        quantity_t: offered, tonnes, > 0.

    Returns:
        A plain number such as ``Decimal("1.37")``.

    Source: design choice, no legal source (published by most auction platforms).
    """
    return units.half_up(units.EXACT.divide(Decimal(demand_t), Decimal(quantity_t)), 2)


def price_window(day: date, months: int) -> periods.Period:
    """Find the days of listed trading on which a floor price rests: whole months before that of the auction.

    Args:
        day: day of the auction.
        months: how many, >= 1.

    Returns:
        From the first day of the earliest month to the first day of the auction's own month.

    Source: S24, rounds of 2024 and 2025 (six months; for 2025-06-30 the trades from 2024-12 to 2025-05).

    Example:
        >>> price_window(date(2025, 6, 30), 6)
        Period(from_on=datetime.date(2024, 12, 1), to_on=datetime.date(2025, 6, 1))
    """
    count = day.year * 12 + day.month - 1 - months
    return periods.Period(date(count // 12, count % 12 + 1, 1), day.replace(day=1))


def check_announcement(*, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Let an auction be announced only for a window that lies ahead.

    Raises:
        Refused: WINDOW_NOT_AHEAD when it opens before `now` or ends before it begins.

    Source: design choice, no legal source.
    """
    if opens_at < now or closes_at <= opens_at:
        facts = {"opens": periods.wall_clock(opens_at), "closes": periods.wall_clock(closes_at)}
        raise Refused(AuctionRefusal.WINDOW_NOT_AHEAD, **facts)


def state_of(auction: Round, *, is_cleared: bool, now: datetime) -> AuctionState:
    """Say where an auction stands at an instant."""
    if is_cleared:
        return AuctionState.CLEARED
    if now < auction.opens_at:
        return AuctionState.ANNOUNCED
    return AuctionState.OPEN if now < auction.closes_at else AuctionState.CLOSED


def check_clearing(auction: Round, *, is_cleared: bool, now: datetime) -> None:
    """Let an auction be cleared once, and only after its closing instant.

    Raises:
        Refused: AUCTION_STILL_OPEN before it; AUCTION_ALREADY_CLEARED the second time.

    Source: S24, time of the auction.
    """
    if now < auction.closes_at:
        raise Refused(
            AuctionRefusal.AUCTION_STILL_OPEN, auction=auction.number, closes=periods.wall_clock(auction.closes_at)
        )
    if is_cleared:
        raise Refused(AuctionRefusal.AUCTION_ALREADY_CLEARED, auction=auction.number)


def decided(bid: Bid, awards: Mapping[int, Award]) -> tuple[BidState, int]:
    """Say what became of a valid bid and how many tonnes it receives.

    Args:
        bid: the bid.
        awards: those of the outcome, by `seq`.
    """
    award = awards.get(bid.seq)
    if award is None:
        return BidState.UNFILLED, 0
    return (BidState.FILLED if award.quantity_t == bid.quantity_t else BidState.PARTLY_FILLED), award.quantity_t


def check_window(auction: Round, now: datetime) -> None:
    """Take bids, and their withdrawal, only while an auction is open.

    Raises:
        Refused: AUCTION_NOT_OPEN_YET before it opens; AUCTION_CLOSED from the closing instant on.

    Source: S24, time of the auction.
    """
    if now < auction.opens_at:
        raise Refused(
            AuctionRefusal.AUCTION_NOT_OPEN_YET, auction=auction.number, opens=periods.wall_clock(auction.opens_at)
        )
    if now >= auction.closes_at:
        raise Refused(
            AuctionRefusal.AUCTION_CLOSED, auction=auction.number, closes=periods.wall_clock(auction.closes_at)
        )


def bidder_limit_t(terms: AuctionTerms, bidder: OrganisationKind, *, emission_t: int | None) -> int | None:
    """Work out the most a bidder may ask for in one auction.

    Args:
        terms: rules of this kind of auction.
        bidder: kind of the bidding organisation.
        emission_t: the entity's latest determined emission, tonnes; None when there is none.

    Returns:
        Tonnes, or None without limit. Where the limit is a share of the emission, who has none may bid for nothing.

    Source: S24, first rounds of 2021 and 2023 (tonnes); S37 (share of the entity's emission; rounding
        down is a design choice).
    """
    if bidder is OrganisationKind.INVESTOR:
        return terms.investor_limit_t
    if terms.entity_limit_share is None:
        return terms.entity_limit_t
    share_t = units.whole(units.floor(terms.entity_limit_share * (emission_t or 0)))
    return share_t if terms.entity_limit_t is None else min(share_t, terms.entity_limit_t)


def check_bidder(
    auction: Round, terms: AuctionTerms, *, organisation: str, kind: OrganisationKind, now: datetime
) -> None:
    """Let a bidder into an auction or say why not; what the bid says shows only after the close.

    Args:
        auction: as it was announced.
        terms: rules of this kind of auction.
        organisation: unified social credit code of the bidder.
        kind: of the bidding organisation.
        now: aware instant.

    Raises:
        Refused: AUCTION_NOT_OPEN_YET or AUCTION_CLOSED outside the window; BIDDER_NOT_ADMITTED.

    Source: S24.
    """
    check_window(auction, now)
    if kind is OrganisationKind.ENTITY or (kind is OrganisationKind.INVESTOR and terms.admits_investors):
        return
    raise Refused(
        AuctionRefusal.BIDDER_NOT_ADMITTED,
        organisation=organisation,
        auction=auction.number,
        admitted_zh="纳管单位和机构投资者" if terms.admits_investors else "纳管单位",
        admitted_en="covered entities and investors" if terms.admits_investors else "covered entities",
    )


def _limit(rules: RulesAt, path: str) -> int | None:
    return rules.integer(path) if rules.has(path) else None


def _uniform_price(accepted: Sequence[Bid]) -> trace.Traced | None:
    if not accepted:
        return None
    # Equal prices once each: the trace of a large auction stays readable.
    prices = sorted({bid.price_fen_per_t for bid in accepted}, reverse=True)
    given = [trace.given(price, "fen/t", zh="成交报价", en="price of a filled bid") for price in prices]
    return trace.smallest(given, "fen/t", zh="统一成交价（入围最低报价）", en="uniform price (lowest filled bid)")
