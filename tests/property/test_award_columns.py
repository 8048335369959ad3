"""Clearing over columns equals the readable clearing: in every small case, and drawn large."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import award_columns, awards
from tonnebook.core.awards import Bid, ClearingRule, Pricing, Shortage, TieBreak

RULES = [
    ClearingRule(shortage, tie_break, pricing=pricing)
    for shortage in Shortage
    for tie_break in TieBreak
    for pricing in Pricing
]
Rows = Sequence[tuple[int, int, int]]


def check(rows: Rows, offered_t: int, rule: ClearingRule, floor: int = 1) -> None:
    bids = [Bid(seq, str(bidder), price, quantity) for seq, (bidder, price, quantity) in enumerate(rows, 1)]
    expected = awards.clear(bids, quantity_t=offered_t, floor_price_fen_per_t=floor, rule=rule)
    columns = np.array(rows, np.int64).reshape(len(rows), 3).T.copy()
    found = award_columns.clear(*columns, offered_t=offered_t, floor_price_fen_per_t=floor, rule=rule)
    given_t = {award.seq: award.quantity_t for award in expected.awards}
    assert found.awarded_t.tolist() == [given_t.get(bid.seq, 0) for bid in bids]
    price = expected.price.whole if expected.price else None
    assert found[0] == price
    assert found[2:] == (expected.sold_t, expected.demand_t, expected.bidders)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.shortage}-{rule.tie_break}-{rule.pricing}")
def test_every_small_auction_clears_the_same(rule: ClearingRule) -> None:
    offers = list(itertools.product((2, 3), (1, 2, 3)))
    for size in (0, 1, 2, 3):
        for bids in itertools.product(offers, repeat=size):
            rows = [(place % 2, *bid) for place, bid in enumerate(bids)]
            for offered_t in range(sum(quantity for _, quantity in bids) + 2):
                check(rows, offered_t, rule)


BIDS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 10**12) | st.integers(1, 9), st.integers(1, 10**6)))


@given(BIDS, st.integers(0, 10**7), st.sampled_from(RULES), st.integers(1, 4))
def test_auctions_with_prices_far_apart_clear_the_same(
    rows: Rows, offered_t: int, rule: ClearingRule, bidders_min: int
) -> None:
    check(rows, offered_t, replace(rule, bidders_min=bidders_min))


def test_what_cannot_be_added_up_exactly_or_lies_below_the_floor_is_not_cleared() -> None:
    one = np.ones(2, np.int64)
    for price, quantity_t in ((one, one), (one * 7400, one * award_columns.TOTAL_T_MAX)):
        with pytest.raises(ValueError, match="below the floor, or too large"):
            award_columns.clear(one, price, quantity_t, offered_t=1, floor_price_fen_per_t=7400)
