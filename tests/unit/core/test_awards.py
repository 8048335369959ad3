"""Clearing: price before time, one price for all, and the rules for short demand, equal prices and too few bidders."""

import itertools
from decimal import Decimal

import pytest

from tonnebook.core import awards
from tonnebook.core.awards import Bid, ClearingRule, Pricing, Shortage, TieBreak


def test_everybody_pays_the_lowest_filled_price() -> None:
    outcome = awards.clear((Bid(1, "A", 9000, 50), Bid(2, "B", 8000, 50)), quantity_t=100, floor_price_fen_per_t=7429)
    assert outcome.price is not None
    assert outcome.price.whole == 8000
    assert outcome.unsold_t == 0


def test_the_bid_at_the_margin_is_filled_in_part_by_time() -> None:
    bids = (Bid(3, "C", 8000, 40), Bid(2, "B", 8000, 40), Bid(1, "A", 8000, 40))
    outcome = awards.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert [(award.seq, award.quantity_t) for award in outcome.awards] == [(1, 40), (2, 40), (3, 20)]


def test_a_bid_just_outside_the_quantity_does_not_set_the_price() -> None:
    bids = (Bid(1, "A", 9000, 100), Bid(2, "B", 8000, 100))
    outcome = awards.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert outcome.price is not None
    assert outcome.price.whole == 9000
    assert [award.seq for award in outcome.awards] == [1]


def test_all_valid_bids_are_filled_at_the_lowest_when_demand_is_short() -> None:
    bids = (Bid(1, "A", 9000, 30), Bid(2, "B", 7429, 30))
    outcome = awards.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert outcome.price is not None
    assert (outcome.price.whole, outcome.sold_t, outcome.unsold_t) == (7429, 60, 40)


def test_bids_below_the_floor_are_void_and_count_for_nothing() -> None:
    bids = (Bid(1, "A", 7428, 500), Bid(2, "B", 7500, 30))
    outcome = awards.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert (outcome.void, outcome.demand_t, outcome.bidders, outcome.sold_t) == ((1,), 30, 1, 30)


def test_an_auction_without_valid_bids_has_no_price() -> None:
    outcome = awards.clear((Bid(1, "A", 1, 5),), quantity_t=100, floor_price_fen_per_t=7429)
    assert (outcome.price, outcome.awards, outcome.unsold_t) == (None, (), 100)


def test_the_cover_ratio_has_two_places() -> None:
    assert awards.cover_ratio(demand_t=137_500, quantity_t=100_000) == Decimal("1.38")


@pytest.mark.parametrize(("price", "quantity"), [(0, 1), (1, 0), (-1, 5)])
def test_what_is_no_bid_at_all_is_a_value_error(price: int, quantity: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        Bid(1, "A", price, quantity)


SHORT = (Bid(1, "A", 9000, 30), Bid(2, "B", 8000, 30))


@pytest.mark.parametrize(
    ("shortage", "of_short", "of_exact", "of_more"),
    [
        (Shortage.LOWEST_BID, (8000, 60), (8000, 60), (9000, 30)),
        (Shortage.FLOOR, (7000, 60), (8000, 60), (9000, 30)),
        (Shortage.FLOOR_UNLESS_EXCEEDED, (7000, 60), (7000, 60), (9000, 30)),
        (Shortage.NOTHING, (None, 0), (8000, 60), (9000, 30)),
    ],
)
def test_short_demand_comes_to_what_the_rule_says(
    shortage: Shortage,
    of_short: tuple[int | None, int],
    of_exact: tuple[int | None, int],
    of_more: tuple[int | None, int],
) -> None:
    for offered_t, (price, sold_t) in ((61, of_short), (60, of_exact), (30, of_more)):
        rule = ClearingRule(shortage)
        outcome = awards.clear(SHORT, quantity_t=offered_t, floor_price_fen_per_t=7000, rule=rule)
        assert (outcome.price.whole if outcome.price else None) == price
        assert (outcome.sold_t, outcome.unsold_t, outcome.demand_t) == (sold_t, offered_t - sold_t, 60)


def test_with_too_few_bidders_nothing_is_sold() -> None:
    same = (Bid(1, "A", 9000, 30), Bid(2, "A", 8000, 30))
    rule = ClearingRule(bidders_min=2)
    assert awards.clear(same, quantity_t=50, floor_price_fen_per_t=7000, rule=rule).sold_t == 0
    assert awards.clear(SHORT, quantity_t=50, floor_price_fen_per_t=7000, rule=rule).sold_t == 50


def test_where_the_rule_says_so_equal_prices_share_the_margin() -> None:
    bids = (Bid(1, "A", 9000, 39), Bid(2, "B", 8000, 50), Bid(3, "C", 8000, 30), Bid(4, "D", 8000, 30))
    rule = ClearingRule(tie_break=TieBreak.PRO_RATA)
    outcome = awards.clear(bids, quantity_t=100, floor_price_fen_per_t=7000, rule=rule)
    assert [(award.seq, award.quantity_t) for award in outcome.awards] == [(1, 39), (2, 28), (3, 17), (4, 16)]
    assert outcome.price is not None
    assert outcome.price.whole == 8000


def test_a_share_of_nothing_is_no_award() -> None:
    bids = (Bid(1, "A", 9000, 9), Bid(2, "B", 8000, 1), Bid(3, "C", 8000, 8))
    rule = ClearingRule(tie_break=TieBreak.PRO_RATA)
    outcome = awards.clear(bids, quantity_t=10, floor_price_fen_per_t=7000, rule=rule)
    assert [award.seq for award in outcome.awards] == [1, 3]
    assert outcome.price is not None
    assert outcome.price.whole == 8000


def test_shares_at_the_margin_add_up_and_stay_within_what_was_asked_in_every_small_case() -> None:
    for size in (1, 2, 3, 4):
        for asked in itertools.product(range(1, 7), repeat=size):
            for left_t in range(sum(asked)):
                granted = awards.pro_rata(asked, left_t)
                assert sum(granted) == left_t
                exact = [left_t * one // sum(asked) for one in asked]
                assert all(low <= got <= min(low + 1, one) for low, got, one in zip(exact, granted, asked, strict=True))


@pytest.mark.parametrize("shortage", list(Shortage))
def test_where_each_pays_its_bid_no_rule_for_short_demand_sets_another_price(shortage: Shortage) -> None:
    rule = ClearingRule(shortage, pricing=Pricing.PAY_AS_BID)
    outcome = awards.clear(SHORT, quantity_t=60, floor_price_fen_per_t=7000, rule=rule)
    assert outcome.price is not None
    assert outcome.price.whole == 8000
    paid = [
        awards.paid_fen_per_t(rule.pricing, bid_fen_per_t=bid.price_fen_per_t, price_fen_per_t=8000) for bid in SHORT
    ]
    assert paid == [9000, 8000]
    assert awards.paid_fen_per_t(ClearingRule().pricing, bid_fen_per_t=9000, price_fen_per_t=8000) == 8000
