"""Paid auctions: floor price, clearing, and who may bid when."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from tonnebook.core import auction, periods, trace
from tonnebook.core.auction import AuctionRefusal, AuctionTerms, Bid, Round, Unsold
from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind

DAY = date(2026, 11, 30)
ROUND = Round("AU-1", 7429, periods.instant(DAY, time(9, 30)), periods.instant(DAY, time(11, 30)))
DURING = periods.instant(DAY, time(10))
TERMS = AuctionTerms(
    floor_multiplier=trace.given("1.2", "", zh="倍数", en="multiplier"),
    window_months=6,
    admits_investors=True,
    entity_limit_t=100_000,
    investor_limit_t=50_000,
    own_surrender_only=False,
    unsold=Unsold.RETURN,
)


def check(
    bid: Bid, *, terms: AuctionTerms = TERMS, bidder: OrganisationKind = OrganisationKind.ENTITY, own_bids_t: int = 0
) -> None:
    auction.check_bid(bid, ROUND, terms, bidder=bidder, own_bids_t=own_bids_t, now=DURING)


def refusal_of(bid: Bid, *, minutes: int, bidder: OrganisationKind, terms: AuctionTerms = TERMS) -> AuctionRefusal:
    with pytest.raises(Refused) as caught:
        auction.check_bid(
            bid, ROUND, terms, bidder=bidder, own_bids_t=99_000, now=ROUND.opens_at + timedelta(minutes=minutes)
        )
    assert isinstance(caught.value.code, AuctionRefusal)
    assert caught.value.zh
    assert caught.value.en
    return caught.value.code


def test_the_floor_price_is_cut_to_the_fen_and_never_rounded_up() -> None:
    mean = trace.given(6191, "fen/t", zh="均价", en="mean price")
    floor = auction.floor_price(mean, TERMS.floor_multiplier)
    assert floor.whole == 7429
    assert trace.replay(floor) == 7429


def test_everybody_pays_the_lowest_filled_price() -> None:
    outcome = auction.clear((Bid(1, "A", 9000, 50), Bid(2, "B", 8000, 50)), quantity_t=100, floor_price_fen_per_t=7429)
    assert outcome.price is not None
    assert outcome.price.whole == 8000
    assert outcome.unsold_t == 0


def test_the_bid_at_the_margin_is_filled_in_part_by_time() -> None:
    bids = (Bid(3, "C", 8000, 40), Bid(2, "B", 8000, 40), Bid(1, "A", 8000, 40))
    outcome = auction.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert [(award.seq, award.quantity_t) for award in outcome.awards] == [(1, 40), (2, 40), (3, 20)]


def test_a_bid_just_outside_the_quantity_does_not_set_the_price() -> None:
    bids = (Bid(1, "A", 9000, 100), Bid(2, "B", 8000, 100))
    outcome = auction.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert outcome.price is not None
    assert outcome.price.whole == 9000
    assert [award.seq for award in outcome.awards] == [1]


def test_all_valid_bids_are_filled_at_the_lowest_when_demand_is_short() -> None:
    bids = (Bid(1, "A", 9000, 30), Bid(2, "B", 7429, 30))
    outcome = auction.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert outcome.price is not None
    assert (outcome.price.whole, outcome.sold_t, outcome.unsold_t) == (7429, 60, 40)


def test_bids_below_the_floor_are_void_and_count_for_nothing() -> None:
    bids = (Bid(1, "A", 7428, 500), Bid(2, "B", 7500, 30))
    outcome = auction.clear(bids, quantity_t=100, floor_price_fen_per_t=7429)
    assert (outcome.void, outcome.demand_t, outcome.bidders, outcome.sold_t) == ((1,), 30, 1, 30)


def test_an_auction_without_valid_bids_has_no_price() -> None:
    outcome = auction.clear((Bid(1, "A", 1, 5),), quantity_t=100, floor_price_fen_per_t=7429)
    assert (outcome.price, outcome.awards, outcome.unsold_t) == (None, (), 100)


def test_the_cover_ratio_has_two_places() -> None:
    assert auction.cover_ratio(demand_t=137_500, quantity_t=100_000) == Decimal("1.38")


def test_of_several_flaws_the_first_declared_takes_precedence() -> None:
    bid, outsider = Bid(1, "A", 7000, 2_000), OrganisationKind.PROJECT_OWNER
    entity = OrganisationKind.ENTITY
    found = [
        refusal_of(bid, minutes=-1, bidder=outsider),
        refusal_of(bid, minutes=120, bidder=outsider),
        refusal_of(bid, minutes=0, bidder=outsider),
        refusal_of(bid, minutes=0, bidder=entity),
        refusal_of(replace(bid, price_fen_per_t=7429), minutes=119, bidder=entity),
    ]
    assert found == [
        AuctionRefusal.AUCTION_NOT_OPEN_YET,
        AuctionRefusal.AUCTION_CLOSED,
        AuctionRefusal.BIDDER_NOT_ADMITTED,
        AuctionRefusal.PRICE_BELOW_FLOOR,
        AuctionRefusal.QUANTITY_ABOVE_BIDDER_LIMIT,
    ]
    declared = list(AuctionRefusal)
    assert [declared.index(code) for code in found] == sorted(declared.index(code) for code in found)


def test_investors_bid_only_where_the_rule_admits_them() -> None:
    bid = Bid(1, "A", 8000, 100)
    check(bid, bidder=OrganisationKind.INVESTOR)
    closed = replace(TERMS, admits_investors=False)
    code = refusal_of(bid, minutes=1, bidder=OrganisationKind.INVESTOR, terms=closed)
    assert code is AuctionRefusal.BIDDER_NOT_ADMITTED


@pytest.mark.parametrize(
    ("bidder", "limit_t"), [(OrganisationKind.ENTITY, 100_000), (OrganisationKind.INVESTOR, 50_000)]
)
def test_all_bids_of_a_bidder_together_reach_the_limit_and_not_beyond(bidder: OrganisationKind, limit_t: int) -> None:
    check(Bid(1, "A", 8000, 1_000), bidder=bidder, own_bids_t=limit_t - 1_000)
    with pytest.raises(Refused) as caught:
        check(Bid(1, "A", 8000, 1_001), bidder=bidder, own_bids_t=limit_t - 1_000)
    assert caught.value.code is AuctionRefusal.QUANTITY_ABOVE_BIDDER_LIMIT


def test_without_a_limit_a_bidder_may_ask_for_any_quantity() -> None:
    check(Bid(1, "A", 8000, 9_000_000), terms=replace(TERMS, entity_limit_t=None))


def test_bids_are_taken_from_the_opening_instant_up_to_the_closing_one() -> None:
    auction.check_window(ROUND, ROUND.opens_at)
    auction.check_window(ROUND, ROUND.closes_at - timedelta(microseconds=1))
    with pytest.raises(Refused) as caught:
        auction.check_window(ROUND, ROUND.closes_at)
    assert caught.value.code is AuctionRefusal.AUCTION_CLOSED


@pytest.mark.parametrize(("price", "quantity"), [(0, 1), (1, 0), (-1, 5)])
def test_what_is_no_bid_at_all_is_a_value_error(price: int, quantity: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        Bid(1, "A", price, quantity)
