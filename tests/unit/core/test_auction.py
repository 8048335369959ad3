"""Paid auctions: floor price, who may bid when, and what became of a bid."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from tonnebook.core import auction, periods, trace
from tonnebook.core.auction import AuctionRefusal, AuctionState, AuctionTerms, BidState, Round, Unsold
from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind

DAY = date(2026, 11, 30)
ROUND = Round("AU-1", 7429, periods.instant(DAY, time(9, 30)), periods.instant(DAY, time(11, 30)))
DURING = periods.instant(DAY, time(10))
TERMS = AuctionTerms(
    floor_multiplier=trace.given("1.2", "", zh="倍数", en="multiplier"),
    floor_ceiling=None,
    window_months=6,
    admits_investors=True,
    entity_limit_t=100_000,
    entity_limit_share=None,
    investor_limit_t=50_000,
    own_surrender_only=False,
    unsold=Unsold.RETURN,
)


def refusal_of(*, minutes: int, kind: OrganisationKind, terms: AuctionTerms = TERMS) -> AuctionRefusal:
    now = ROUND.opens_at + timedelta(minutes=minutes)
    with pytest.raises(Refused) as caught:
        auction.check_bidder(ROUND, terms, organisation="A", kind=kind, now=now)
    assert isinstance(caught.value.code, AuctionRefusal)
    assert caught.value.zh
    assert caught.value.en
    return caught.value.code


def test_the_floor_price_is_cut_to_the_fen_and_never_rounded_up() -> None:
    mean = trace.given(6191, "fen/t", zh="均价", en="mean price")
    floor = auction.floor_price(mean, TERMS.floor_multiplier)
    assert floor.whole == 7429
    assert trace.replay(floor) == 7429


def test_the_floor_price_is_never_above_the_ceiling() -> None:
    mean = trace.given(3600, "fen/t", zh="均价", en="mean price")
    ceiling = trace.given(4200, "fen/t", zh="上限", en="ceiling")
    assert auction.floor_price(mean, TERMS.floor_multiplier, ceiling).whole == 4200
    lower = trace.given(3000, "fen/t", zh="均价", en="mean price")
    assert auction.floor_price(lower, TERMS.floor_multiplier, ceiling).whole == 3600


def test_of_several_flaws_the_first_declared_takes_precedence() -> None:
    outsider = OrganisationKind.PROJECT_OWNER
    found = [refusal_of(minutes=minutes, kind=outsider) for minutes in (-1, 120, 0)]
    assert found == [
        AuctionRefusal.AUCTION_NOT_OPEN_YET,
        AuctionRefusal.AUCTION_CLOSED,
        AuctionRefusal.BIDDER_NOT_ADMITTED,
    ]
    for instant in (ROUND.opens_at, ROUND.closes_at - timedelta(seconds=1)):
        auction.check_bidder(ROUND, TERMS, organisation="A", kind=OrganisationKind.ENTITY, now=instant)


def test_investors_bid_only_where_the_rule_admits_them() -> None:
    investor = OrganisationKind.INVESTOR
    auction.check_bidder(ROUND, TERMS, organisation="A", kind=investor, now=DURING)
    closed = replace(TERMS, admits_investors=False)
    assert refusal_of(minutes=1, kind=investor, terms=closed) is AuctionRefusal.BIDDER_NOT_ADMITTED


def test_a_limit_by_share_is_rounded_down_and_nothing_without_an_emission() -> None:
    by_share = replace(TERMS, entity_limit_t=None, entity_limit_share=Decimal("0.02"))
    entity = OrganisationKind.ENTITY
    assert auction.bidder_limit_t(by_share, entity, offered_t=10**6, emission_t=123_499) == 2_469
    assert auction.bidder_limit_t(by_share, entity, offered_t=10**6, emission_t=None) == 0
    both = replace(by_share, entity_limit_t=2_000)
    assert auction.bidder_limit_t(both, entity, offered_t=10**6, emission_t=123_499) == 2_000
    assert auction.bidder_limit_t(by_share, OrganisationKind.INVESTOR, offered_t=10**6, emission_t=None) == 50_000


def test_an_auction_is_announced_only_for_a_window_ahead() -> None:
    auction.check_announcement(opens_at=DURING, closes_at=ROUND.closes_at, now=DURING)
    late = DURING + timedelta(microseconds=1)
    for opens_at, closes_at, now in ((DURING, ROUND.closes_at, late), (DURING, DURING, DURING)):
        with pytest.raises(Refused) as caught:
            auction.check_announcement(opens_at=opens_at, closes_at=closes_at, now=now)
        assert caught.value.code is AuctionRefusal.WINDOW_NOT_AHEAD


def test_an_auction_ends_once_and_is_cleared_only_after_it_closes() -> None:
    auction.check_clearing(ROUND, now=ROUND.closes_at)
    auction.check_not_ended(ROUND)
    cleared, cancelled = replace(ROUND, is_cleared=True), replace(ROUND, is_cancelled=True)
    cases = [
        (ROUND, DURING, AuctionRefusal.AUCTION_STILL_OPEN),
        (cleared, ROUND.closes_at, AuctionRefusal.AUCTION_ALREADY_CLEARED),
        (cancelled, ROUND.closes_at, AuctionRefusal.AUCTION_CANCELLED),
    ]
    for round_, now, code in cases:
        with pytest.raises(Refused) as caught:
            auction.check_clearing(round_, now=now)
        assert caught.value.code is code
    with pytest.raises(Refused) as caught:
        auction.check_window(cancelled, DURING)
    assert caught.value.code is AuctionRefusal.AUCTION_CANCELLED


def test_where_an_auction_stands_is_a_matter_of_the_clock_until_it_ends() -> None:
    before = ROUND.opens_at - timedelta(seconds=1)
    states = [auction.state_of(ROUND, now=now) for now in (before, DURING, ROUND.closes_at)]
    assert states == [AuctionState.ANNOUNCED, AuctionState.OPEN, AuctionState.CLOSED]
    assert auction.state_of(replace(ROUND, is_cleared=True), now=ROUND.closes_at) is AuctionState.CLEARED
    assert auction.state_of(replace(ROUND, is_cancelled=True), now=DURING) is AuctionState.CANCELLED


def test_each_bid_learns_what_became_of_it() -> None:
    states = [auction.state_of_bid(awarded_t, asked_t=60) for awarded_t in (60, 40, 0)]
    assert states == [BidState.FILLED, BidState.PARTLY_FILLED, BidState.UNFILLED]


def test_the_price_window_is_whole_months_across_the_turn_of_the_year() -> None:
    assert auction.price_window(date(2025, 6, 30), 6) == periods.Period(date(2024, 12, 1), date(2025, 6, 1))
    assert auction.price_window(date(2026, 1, 5), 1) == periods.Period(date(2025, 12, 1), date(2026, 1, 1))


def test_bids_are_taken_from_the_opening_instant_up_to_the_closing_one() -> None:
    auction.check_window(ROUND, ROUND.opens_at)
    auction.check_window(ROUND, ROUND.closes_at - timedelta(microseconds=1))
    with pytest.raises(Refused) as caught:
        auction.check_window(ROUND, ROUND.closes_at)
    assert caught.value.code is AuctionRefusal.AUCTION_CLOSED


def test_the_lowest_of_the_limits_that_apply_counts() -> None:
    by_need = replace(TERMS, limit_by_need=True, offer_limit_share=Decimal("0.5"))
    entity, investor = OrganisationKind.ENTITY, OrganisationKind.INVESTOR
    limits = [
        auction.bidder_limit_t(by_need, entity, offered_t=1_000_000, emission_t=70_000, held_t=10_000),
        auction.bidder_limit_t(by_need, entity, offered_t=101, emission_t=70_000, held_t=10_000),
        auction.bidder_limit_t(by_need, entity, offered_t=1_000_000, emission_t=70_000, held_t=80_000),
        auction.bidder_limit_t(by_need, entity, offered_t=1_000_000),
        auction.bidder_limit_t(by_need, investor, offered_t=1_000_000),
    ]
    assert limits == [60_000, 50, 0, 0, 50_000]
