"""Paid allowance auctions (有偿竞价发放): their terms, their floor price, and who may bid when for how much.

Bids are sealed until the close, `core.sealed_bids` says which of them are void, and `core.awards` clears the rest.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import awards, periods, trace, units
from tonnebook.core.awards import PRICE_THEN_TIME, ClearingRule
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.papers import PaperKind
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
    AUCTION_CANCELLED = Sentence(
        zh="竞价 {auction} 已取消；押金已退回，请查看取消原因。",
        en="Auction {auction} was cancelled and all deposits are free again; look at the reason.",
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
    NOT_ITS_BODY = Sentence(
        zh="此文书由{issuer_zh}发布。",
        en="This paper is issued by the {issuer_en}.",
        article="S24 announcement and notice",
        status=403,
    )
    NOT_CLEARED_YET = Sentence(
        zh="竞价 {auction} 尚未开标，没有结果可公布。",
        en="Auction {auction} has no result to publish before it is cleared.",
        article="design choice",
        transient=True,
    )
    PAPER_ISSUED = Sentence(
        zh="竞价 {auction} 的此文书（{kind}）已经发布。",
        en="This paper of auction {auction} ({kind}) is issued already.",
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
    """Where an auction stands; CLEARED and CANCELLED are acts, the others are a matter of the clock."""

    ANNOUNCED = "ANNOUNCED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CLEARED = "CLEARED"
    CANCELLED = "CANCELLED"


class BidState(StrEnum):
    """Where a bid stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"
    FILLED = "FILLED"
    PARTLY_FILLED = "PARTLY_FILLED"
    UNFILLED = "UNFILLED"
    VOID = "VOID"
    CANCELLED = "CANCELLED"


class Unsold(StrEnum):
    """What becomes of allowances nobody bought."""

    # Back to the authority, which cancels them: a serial number once issued is never issued again.
    RETURN = "RETURN"
    # Into the region's reserve.
    RESERVE = "RESERVE"
    # They stay where they are, and the next auction of the same allowances offers them first.
    NEXT_AUCTION = "NEXT_AUCTION"


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
        group_limit_t: the same for all bidders under one controller together; None where groups are not looked at.
        offer_limit_share: most any bidder may bid for as a share of the offer; None without such a limit.
        limit_by_need: whether a company may ask for no more than it lacks for its own surrender.
        own_surrender_only: whether what is bought serves the buyer's own surrender only.
        unsold: what becomes of the rest.
        clearing: how the bids are cleared.
        bid_t_min: a bid for less is void, tonnes.
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
    group_limit_t: int | None = None
    offer_limit_share: Decimal | None = None
    limit_by_need: bool = False
    clearing: ClearingRule = PRICE_THEN_TIME
    bid_t_min: int = 1


@dataclass(frozen=True, slots=True)
class Round:
    """One auction: number, floor price in fen per tonne, when bids are taken, and whether and how it has ended."""

    number: str
    floor_price_fen_per_t: int
    opens_at: datetime
    closes_at: datetime
    is_cleared: bool = False
    is_cancelled: bool = False


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
        entity_limit_share=_share(rules, f"{path}.entity_limit_share"),
        investor_limit_t=_limit(rules, f"{path}.investor_limit_t"),
        own_surrender_only=rules.flag(f"{path}.own_surrender_only"),
        unsold=Unsold(rules.text(f"{path}.unsold")),
        group_limit_t=_limit(rules, f"{path}.group_limit_t"),
        offer_limit_share=_share(rules, f"{path}.offer_limit_share"),
        limit_by_need=rules.has(need := f"{path}.limit_by_need") and rules.flag(need),
        clearing=awards.clearing_rule(rules, path),
        bid_t_min=_limit(rules, f"{path}.bid_t_min") or 1,
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


def state_of(auction: Round, *, now: datetime) -> AuctionState:
    """Say where an auction stands at an instant."""
    if auction.is_cancelled:
        return AuctionState.CANCELLED
    if auction.is_cleared:
        return AuctionState.CLEARED
    if now < auction.opens_at:
        return AuctionState.ANNOUNCED
    return AuctionState.OPEN if now < auction.closes_at else AuctionState.CLOSED


def check_clearing(auction: Round, *, now: datetime) -> None:
    """Let an auction be cleared once, and only after its closing instant.

    Raises:
        Refused: AUCTION_STILL_OPEN before it; AUCTION_ALREADY_CLEARED the second time; AUCTION_CANCELLED.

    Source: S24, time of the auction.
    """
    if now < auction.closes_at:
        raise Refused(
            AuctionRefusal.AUCTION_STILL_OPEN, auction=auction.number, closes=periods.wall_clock(auction.closes_at)
        )
    check_not_ended(auction)


def check_not_ended(auction: Round) -> None:
    """Let an auction be cancelled at any time before it is cleared, and only once.

    Raises:
        Refused: AUCTION_ALREADY_CLEARED; AUCTION_CANCELLED the second time.

    Source: design choice, no legal source: the announcements do not speak of it.
    """
    if auction.is_cleared:
        raise Refused(AuctionRefusal.AUCTION_ALREADY_CLEARED, auction=auction.number)
    if auction.is_cancelled:
        raise Refused(AuctionRefusal.AUCTION_CANCELLED, auction=auction.number)


# Who issues which paper of an auction.
_ISSUERS = {
    PaperKind.ANNOUNCEMENT: OrganisationKind.AUTHORITY,
    PaperKind.AUCTION_NOTICE: OrganisationKind.EXCHANGE,
    PaperKind.AUCTION_RESULT: OrganisationKind.EXCHANGE,
}
_BODIES = {OrganisationKind.AUTHORITY: ("主管部门", "authority"), OrganisationKind.EXCHANGE: ("交易所", "exchange")}


def papers_of(body: OrganisationKind, state: AuctionState) -> tuple[PaperKind, ...]:
    """List the papers that a body may issue of an auction that stands so; the result once there is one."""
    if state is AuctionState.CANCELLED:
        return ()
    own = (kind for kind, issuer in _ISSUERS.items() if issuer is body)
    return tuple(kind for kind in own if kind is not PaperKind.AUCTION_RESULT or state is AuctionState.CLEARED)


def check_paper(auction: Round, kind: PaperKind, *, body: OrganisationKind) -> None:
    """Let a paper of an auction be issued by the body it comes from: volume and terms by one, the holding by another.

    Args:
        auction: as it stands.
        kind: of the paper.
        body: that issues it.

    Raises:
        Refused: NOT_ITS_BODY; AUCTION_CANCELLED; NOT_CLEARED_YET for the result.
        ValueError: when it is no paper of an auction.

    Source: S24 (two papers for every auction), feature U12.
    """
    if kind not in _ISSUERS:
        raise ValueError("no paper of an auction")
    if _ISSUERS[kind] is not body:
        zh, en = _BODIES[_ISSUERS[kind]]
        raise Refused(AuctionRefusal.NOT_ITS_BODY, issuer_zh=zh, issuer_en=en)
    if auction.is_cancelled:
        raise Refused(AuctionRefusal.AUCTION_CANCELLED, auction=auction.number)
    if kind is PaperKind.AUCTION_RESULT and not auction.is_cleared:
        raise Refused(AuctionRefusal.NOT_CLEARED_YET, auction=auction.number)


def state_of_bid(awarded_t: int, *, asked_t: int) -> BidState:
    """Say what became of a valid bid that asked for so many tonnes and receives so many."""
    if not awarded_t:
        return BidState.UNFILLED
    return BidState.FILLED if awarded_t == asked_t else BidState.PARTLY_FILLED


def check_window(auction: Round, now: datetime) -> None:
    """Take bids, and their withdrawal, only while an auction is open.

    Raises:
        Refused: AUCTION_NOT_OPEN_YET before it opens; AUCTION_CLOSED from the closing instant on; AUCTION_CANCELLED.

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
    if auction.is_cancelled:
        raise Refused(AuctionRefusal.AUCTION_CANCELLED, auction=auction.number)


def bidder_limit_t(
    terms: AuctionTerms,
    bidder: OrganisationKind,
    *,
    offered_t: int,
    emission_t: int | None = None,
    held_t: int = 0,
) -> int | None:
    """Work out the most a bidder may ask for in one auction: the lowest of the limits that apply to it.

    Args:
        terms: rules of this kind of auction.
        bidder: kind of the bidding organisation.
        offered_t: tonnes on offer.
        emission_t: the entity's latest determined emission, tonnes; None when there is none.
        held_t: allowances in the entity's accounts, tonnes.

    Returns:
        Tonnes, or None without limit. Where a limit goes by the emission, who has none may bid for nothing.

    Source: S24, first rounds of 2021 and 2023 (tonnes); S37 (share of the entity's emission; rounding
        down is a design choice); S87 (share of the offer); that need is emission less holdings is a design choice.
    """
    is_investor = bidder is OrganisationKind.INVESTOR
    limits_t = [terms.investor_limit_t if is_investor else terms.entity_limit_t]
    if terms.offer_limit_share is not None:
        limits_t.append(_part_t(terms.offer_limit_share, offered_t))
    if not is_investor and terms.entity_limit_share is not None:
        limits_t.append(_part_t(terms.entity_limit_share, emission_t or 0))
    if not is_investor and terms.limit_by_need:
        limits_t.append(max(0, (emission_t or 0) - held_t))
    return min((limit_t for limit_t in limits_t if limit_t is not None), default=None)


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
        admitted_zh="纳入配额管理的单位和机构投资者" if terms.admits_investors else "纳入配额管理的单位",
        admitted_en="covered entities and investors" if terms.admits_investors else "covered entities",
    )


def _limit(rules: RulesAt, path: str) -> int | None:
    return rules.integer(path) if rules.has(path) else None


def _share(rules: RulesAt, path: str) -> Decimal | None:
    return rules.decimal(path) if rules.has(path) else None


def _part_t(share: Decimal, whole_t: int) -> int:
    return units.whole(units.floor(share * whole_t))
