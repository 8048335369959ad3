"""Clear an auction over columns: the same as `core.awards.clear`, a million bids in some milliseconds.

Nothing is sorted. Quantities are added up by price, the highest price first, until they reach the offer: that is the
margin. Whoever bid more is filled, whoever bid less is not, and only the bids at the margin are looked at one by one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonnebook.core import awards
from tonnebook.core.awards import ClearingRule, Pricing, Shortage, TieBreak

# Sums up to here are exact in the doubles that quantities are added up in.
TOTAL_T_MAX = 1 << 53
# Prices further apart than this are counted by rank and no longer by fen.
_SPAN_MAX = 1 << 20


class Cleared(NamedTuple):
    """The result of an auction.

    Attributes:
        price_fen_per_t: the uniform price, or the lowest that is paid; None when nothing was sold.
        awarded_t: (n_bids,) int64, tonnes each bid receives.
        sold_t: tonnes sold.
        demand_t: tonnes asked for.
        bidders: number of bidders.
    """

    price_fen_per_t: int | None
    awarded_t: NDArray[np.int64]
    sold_t: int
    demand_t: int
    bidders: int


def clear(
    bidder: NDArray[np.int64],
    price_fen_per_t: NDArray[np.int64],
    quantity_t: NDArray[np.int64],
    *,
    offered_t: int,
    floor_price_fen_per_t: int,
    rule: ClearingRule = awards.PRICE_THEN_TIME,
) -> Cleared:
    """Clear an auction.

    Args:
        bidder: (n_bids,) int64, who bids, numbered from 0; bids stand in order of time.
        price_fen_per_t: (n_bids,) int64, fen per tonne, none below the floor.
        quantity_t: (n_bids,) int64, tonnes, > 0, below `TOTAL_T_MAX` together.
        offered_t: tonnes, >= 0.
        floor_price_fen_per_t: fen per tonne.
        rule: what is done with short demand, equal prices and too few bidders.

    Returns:
        The result.

    Raises:
        ValueError: when a price lies below the floor, or the quantities are too large to be added up exactly.

    Source: as `core.awards.clear`.
    """
    awarded_t = np.zeros(len(bidder), np.int64)
    if not len(bidder):
        return Cleared(None, awarded_t, 0, 0, 0)
    lowest = int(price_fen_per_t.min())
    if lowest < floor_price_fen_per_t or int(quantity_t.max()) * len(bidder) >= TOTAL_T_MAX:
        raise ValueError("bids below the floor, or too large to be added up")
    demand_t, bidders = int(quantity_t.sum()), int(np.count_nonzero(np.bincount(bidder)))
    is_short = demand_t < offered_t
    if not offered_t or bidders < rule.bidders_min or (is_short and rule.shortage is Shortage.NOTHING):
        return Cleared(None, awarded_t, 0, demand_t, bidders)
    if demand_t <= offered_t:
        is_at_floor = rule.shortage is Shortage.FLOOR_UNLESS_EXCEEDED or (is_short and rule.shortage is Shortage.FLOOR)
        is_uniform = rule.pricing is Pricing.UNIFORM_LOWEST_ACCEPTED
        price = floor_price_fen_per_t if is_at_floor and is_uniform else lowest
        return Cleared(price, quantity_t.copy(), demand_t, demand_t, bidders)
    margin, left_t = _margin(price_fen_per_t, quantity_t, offered_t)
    np.multiply(quantity_t, price_fen_per_t > margin, out=awarded_t)
    equal = np.flatnonzero(price_fen_per_t == margin)
    awarded_t[equal] = _at_margin(quantity_t[equal], left_t, rule.tie_break)
    return Cleared(margin, awarded_t, offered_t, demand_t, bidders)


# The lowest price that is filled, and what is left for it; more is asked for than offered.
def _margin(prices: NDArray[np.int64], quantity_t: NDArray[np.int64], offered_t: int) -> tuple[int, int]:
    highest = int(prices.max())
    if highest - int(prices.min()) < _SPAN_MAX:
        asked_t = np.bincount(highest - prices, quantity_t)
        reached = asked_t.cumsum()
        place = int(np.searchsorted(reached, offered_t))
        return highest - place, offered_t - int(reached[place] - asked_t[place])
    ranks, counted = np.unique(-prices, return_inverse=True)
    rank, left_t = _margin(-counted, quantity_t, offered_t)
    return -int(ranks[-rank]), left_t


def _at_margin(asked_t: NDArray[np.int64], left_t: int, tie_break: TieBreak) -> Sequence[int] | NDArray[np.int64]:
    if tie_break is TieBreak.PRO_RATA and int(asked_t.sum()) > left_t:
        return awards.pro_rata(asked_t.tolist(), left_t)
    before_t = asked_t.cumsum() - asked_t
    return np.clip(left_t - before_t, 0, asked_t)
