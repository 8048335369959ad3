"""Clear an auction: who receives how much, and what each of them pays.

Bids rank by price. They are filled in that order until the offered quantity is used up, the last ones perhaps in part,
and everybody pays the lowest price among the bids filled, or each its own. Where rules differ from place to place and
from year to year they are data: who pays what, what happens when less is asked for than offered, who goes first among
equal prices, and what an auction with too few bidders comes to.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace, units
from tonnebook.core.rules import RulesAt


class Shortage(StrEnum):
    """What an auction comes to when less is asked for than offered."""

    # All valid bids are filled at the lowest of them.
    LOWEST_BID = "LOWEST_BID"
    # All valid bids are filled at the floor price.
    FLOOR = "FLOOR"
    # The same, also when exactly as much is asked for as offered.
    FLOOR_UNLESS_EXCEEDED = "FLOOR_UNLESS_EXCEEDED"
    # Nothing is sold.
    NOTHING = "NOTHING"


class TieBreak(StrEnum):
    """Who goes first among bids of one price when not all of them can be filled."""

    TIME = "TIME"
    PRO_RATA = "PRO_RATA"


class Pricing(StrEnum):
    """What the bids that are filled pay."""

    # All of them the lowest price that is filled.
    UNIFORM_LOWEST_ACCEPTED = "UNIFORM_LOWEST_ACCEPTED"
    # Each what it has bid; the rules for short demand then set no price.
    PAY_AS_BID = "PAY_AS_BID"


@dataclass(frozen=True, slots=True)
class ClearingRule:
    """How an auction is cleared.

    Attributes:
        shortage: what happens when less is asked for than offered.
        tie_break: who goes first at the lowest price that is filled.
        bidders_min: with fewer bidders than this nothing is sold.
        pricing: what the bids that are filled pay.
    """

    shortage: Shortage = Shortage.LOWEST_BID
    tie_break: TieBreak = TieBreak.TIME
    bidders_min: int = 1
    pricing: Pricing = Pricing.UNIFORM_LOWEST_ACCEPTED


PRICE_THEN_TIME = ClearingRule()
_PRICING = "auction.pricing"
# So many prices explain the price of an auction, the lowest that were filled.
_EXPLAINED = 20


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
        price: the uniform price with its trace, fen per tonne; where each pays its own, the lowest of them; None when
            nothing was sold.
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


def clearing_rule(rules: RulesAt, path: str) -> ClearingRule:
    """Read how the auctions under a path of the rule book are cleared.

    Args:
        rules: of the day on which the auction opens.
        path: such as "auction.early".

    Returns:
        The rule; where the book is silent, time decides among equals, one bidder is enough and all pay one price.

    Raises:
        Refused: NO_SUCH_PARAMETER when the path says nothing of short demand.

    Source: S24 (price, then time; lowest price filled), S87 (four rules for short demand).
    """
    tie_break, bidders_min = f"{path}.tie_break", f"{path}.bidders_min"
    return ClearingRule(
        Shortage(rules.text(f"{path}.shortage")),
        TieBreak(rules.text(tie_break)) if rules.has(tie_break) else TieBreak.TIME,
        rules.integer(bidders_min) if rules.has(bidders_min) else 1,
        Pricing(rules.text(_PRICING)) if rules.has(_PRICING) else Pricing.UNIFORM_LOWEST_ACCEPTED,
    )


def paid_fen_per_t(pricing: Pricing, *, bid_fen_per_t: int, price_fen_per_t: int) -> int:
    """Say what a bid that is filled pays.

    Args:
        pricing: by which rule.
        bid_fen_per_t: what it has bid, fen per tonne.
        price_fen_per_t: price of the auction, fen per tonne.

    Returns:
        Fen per tonne.

    Source: S24 (one price for all); that each pays its own bid is known from other auctions (S87).
    """
    return bid_fen_per_t if pricing is Pricing.PAY_AS_BID else price_fen_per_t


def clear(
    bids: Sequence[Bid], *, quantity_t: int, floor_price_fen_per_t: int, rule: ClearingRule = PRICE_THEN_TIME
) -> Outcome:
    """Clear an auction: price, then time, one price for all.

    Args:
        bids: in any order.
        quantity_t: offered, tonnes, >= 0.
        floor_price_fen_per_t: fen per tonne; bids below it are void.
        rule: what is done with short demand, equal prices and too few bidders.

    Returns:
        The outcome; `sold_t + unsold_t` is the offered quantity.

    Source: S24 (identical in all announcements), the partial fill at the margin follows from price then time; S87.

    Example:
        >>> bids = (Bid(1, "A", 8000, 60), Bid(2, "B", 7600, 60))
        >>> outcome = clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
        >>> outcome.price.whole, [award.quantity_t for award in outcome.awards]
        (7600, [60, 40])
    """
    valid = sorted(
        (bid for bid in bids if bid.price_fen_per_t >= floor_price_fen_per_t),
        key=lambda bid: (-bid.price_fen_per_t, bid.seq),
    )
    demand_t, bidders = sum(bid.quantity_t for bid in valid), len({bid.organisation for bid in valid})
    is_held = bidders >= rule.bidders_min and (demand_t >= quantity_t or rule.shortage is not Shortage.NOTHING)
    share_out = _by_shares if rule.tie_break is TieBreak.PRO_RATA else _by_time
    granted = share_out(valid, quantity_t) if is_held else []
    awarded = tuple(
        Award(bid.seq, bid.organisation, given_t) for bid, given_t in zip(valid, granted, strict=False) if given_t
    )
    sold_t = sum(granted)
    explained = None
    if awarded:
        filled = [bid.price_fen_per_t for bid in valid[: len(awarded)]]
        found = _price(rule, filled[-1], floor_price_fen_per_t, demand_t=demand_t, quantity_t=quantity_t)
        explained = price(found, filled, pricing=rule.pricing)
    return Outcome(
        price=explained,
        awards=awarded,
        void=tuple(sorted(bid.seq for bid in bids if bid.price_fen_per_t < floor_price_fen_per_t)),
        sold_t=sold_t,
        unsold_t=quantity_t - sold_t,
        demand_t=demand_t,
        bidders=bidders,
    )


def price(price_fen_per_t: int, filled: Iterable[int], *, pricing: Pricing) -> trace.Traced:
    """Explain the price of an auction by the lowest prices that were filled, or as the floor price.

    Args:
        price_fen_per_t: what everybody pays, or the lowest that is paid, fen per tonne.
        filled: prices of the bids filled, at least one, fen per tonne.
        pricing: what the bids filled pay.

    Returns:
        The price with its trace; of equal prices one, and no more than the lowest few.
    """
    lowest = sorted(set(filled))[:_EXPLAINED]
    if price_fen_per_t < lowest[0]:
        floor = trace.given(price_fen_per_t, "fen/t", zh="竞买底价", en="floor price")
        return trace.same(floor, zh="统一成交价（申报不足，按底价）", en="uniform price (short demand: the floor)")
    given = [trace.given(one, "fen/t", zh="成交报价", en="price of a filled bid") for one in reversed(lowest)]
    if pricing is Pricing.PAY_AS_BID:
        return trace.smallest(
            given, "fen/t", zh="最低成交价（各按报价付款）", en="lowest price paid (each pays its bid)"
        )
    return trace.smallest(given, "fen/t", zh="统一成交价（入围最低报价）", en="uniform price (lowest filled bid)")


def pro_rata(asked_t: Sequence[int], left_t: int) -> list[int]:
    """Share what is left among bids of one price, in whole tonnes: rounded down, then a tonne each by largest rest.

    The shares add up to what is left, and nobody receives more than asked for. Let R be what is left, a the quantity of
    one bid, A > R the sum of all, and x = R a / A < a its exact share. First each receives the whole part of x; what
    these leave, R - S, is the sum of the rests. Each rest is below one, so more than R - S of them cannot be needed to
    make it up and at least R - S are above zero: one tonne each for the R - S largest makes R. Where the rest is above
    zero, the whole number after x is the first above x, and a is a whole number above x: one tonne more is at most a.

    Args:
        asked_t: tonnes, each > 0, in order of time.
        left_t: tonnes, >= 0, less than all of them ask for together.

    Returns:
        Tonnes in the same order; of equal rests the earlier goes first.

    Source: design choice, no legal source.

    Example:
        >>> pro_rata([50, 30, 30], 61)
        [28, 17, 16]
    """
    total_t = sum(asked_t)
    shares = [divmod(left_t * one, total_t) for one in asked_t]
    granted = [share_t for share_t, _ in shares]
    by_rest = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_rest[: left_t - sum(granted)]:
        granted[place] += 1
    return granted


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


# What each of the bids in order of rank receives, up to the margin; behind it there is nothing left.
def _by_time(ranked: Sequence[Bid], left_t: int) -> list[int]:
    granted: list[int] = []
    for bid in ranked:
        granted.append(min(bid.quantity_t, left_t))
        left_t -= granted[-1]
        if not left_t:
            break
    return granted


def _by_shares(ranked: Sequence[Bid], left_t: int) -> list[int]:
    granted: list[int] = []
    for _, equal in itertools.groupby(ranked, key=lambda bid: bid.price_fen_per_t):
        asked_t = [bid.quantity_t for bid in equal]
        total_t = sum(asked_t)
        granted += asked_t if total_t <= left_t else pro_rata(asked_t, left_t)
        left_t -= min(total_t, left_t)
        if not left_t:
            break
    return granted


def _price(rule: ClearingRule, lowest: int, floor: int, *, demand_t: int, quantity_t: int) -> int:
    if rule.pricing is Pricing.PAY_AS_BID:
        return lowest
    if rule.shortage is Shortage.FLOOR_UNLESS_EXCEEDED and demand_t <= quantity_t:
        return floor
    return floor if rule.shortage is Shortage.FLOOR and demand_t < quantity_t else lowest
