"""Auctions on the database: announced by two, secret until cleared, delivered against payment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
import shamir_mnemonic
from tests.market_stage import MONDAY, OPENING_KEY, REGION, SHARES, Stage

from tonnebook.core import auction, periods, trace
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.auction import AuctionKind, AuctionRefusal, AuctionState, BidState
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.rules import RulesAt, Status
from tonnebook.core.sealed_bids import SealedBidRefusal
from tonnebook.emissions import services as emissions
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import jobs, models, queries
from tonnebook.market import services as market
from tonnebook.registry import queries as registry

PAID, OWN = "SHEA-2026-PAID", "SHEA-2026-OWN"
EARLY, LAST_RESORT = AuctionKind.EARLY, AuctionKind.LAST_RESORT


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


@pytest.fixture
def bidders(stage: Stage) -> Stage:
    """Four organisations with CNY 100 million each, at nine o'clock."""
    for name in ("Red River Steel", "North Power", "East Chemicals", "Lotus Capital"):
        stage.fund(name, 10_000_000_000)
    stage.at(time(9))
    return stage


def announced(stage: Stage, kind: AuctionKind = EARLY, quantity_t: int = 100_000) -> str:
    number = str(stage.announce(kind, quantity_t)["auction"])
    stage.at(time(10))
    return number


def test_announcing_issues_the_allowances_into_the_auction_account(bidders: Stage) -> None:
    answer = bidders.announce(EARLY, 100_000)
    assert (answer["asset"], answer["floor_price_fen_per_t"]) == (PAID, 7400)
    assert bidders.system(AccountType.AUCTION, PAID) == 100_000
    row = queries.auction(str(answer["auction"]), now=bidders.now)
    assert (row.state, row.result) == (AuctionState.ANNOUNCED, None)


def test_the_last_resort_costs_more_and_serves_own_surrender_only(bidders: Stage) -> None:
    answer = bidders.announce(LAST_RESORT, 1_000)
    assert (answer["asset"], answer["floor_price_fen_per_t"]) == (OWN, 8880)
    assert registry.asset(OWN).use_restriction == "OWN_SURRENDER"


def test_the_floor_price_shows_that_it_rests_on_a_reference_price(bidders: Stage) -> None:
    row = queries.auction(announced(bidders), now=bidders.now)
    assert trace.replay(row.floor_price) == 7400
    assert Status.SCENARIO in {origin.status for origin in trace.origins(row.floor_price)}


def test_the_floor_price_rests_on_the_trades_of_the_months_before(bidders: Stage) -> None:
    from tonnebook.core.book import Side

    bidders.issue("North Power", 100)
    bidders.at(time(10))
    bidders.order("North Power", Side.SELL, 7601, 100)
    bidders.order("Red River Steel", Side.BUY, 7601, 100)
    answer = bidders.announce(LAST_RESORT, 1_000, day=date(2026, 4, 1))
    assert answer["floor_price_fen_per_t"] == 9121  # 76.01 × 1.2 = 91.212, cut to cents


def test_announcing_needs_an_approval_of_exactly_this(bidders: Stage) -> None:
    bidders.announce(EARLY, 100_000)
    used = queries.auctions(REGION, now=bidders.now)[0]
    arguments = {"region": REGION, "kind": EARLY, "year": 2026, "opens_at": used.opens_at, "closes_at": used.closes_at}
    arguments["opening_key"] = OPENING_KEY
    refused(
        ApprovalRefusal.NO_SUCH_APPROVAL,
        lambda: market.announce_auction(
            bidders.cast["Authority"],
            **arguments,  # type: ignore[arg-type]
            quantity_t=200_000,
            approval="AP-000099-00",
            key=bidders.key(),
            now=bidders.now,
        ),
    )
    assert len(queries.auctions(REGION, now=bidders.now)) == 1


def test_an_auction_cannot_be_announced_for_the_past(bidders: Stage) -> None:
    bidders.at(time(9, 31))
    refused(AuctionRefusal.WINDOW_NOT_AHEAD, lambda: bidders.announce(EARLY, 100))


def test_without_trades_and_reference_price_there_is_no_floor_price(
    bidders: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    has = RulesAt.has
    monkeypatch.setattr(RulesAt, "has", lambda self, path: "reference" not in path and has(self, path))
    refused(AuctionRefusal.NO_FLOOR_PRICE, lambda: bidders.announce(EARLY, 100))


def test_bids_are_refused_before_opening_and_from_the_closing_instant_on(bidders: Stage) -> None:
    number = announced(bidders)
    bidders.at(time(9, 29, 59))
    refused(AuctionRefusal.AUCTION_NOT_OPEN_YET, lambda: bidders.bid("Red River Steel", number, 7500, 10))
    bidders.at(time(11, 30))
    refused(AuctionRefusal.AUCTION_CLOSED, lambda: bidders.bid("Red River Steel", number, 7500, 10))
    assert models.Bid.objects.count() == 0


def test_a_bid_sets_its_deposit_aside_and_not_what_it_says(bidders: Stage) -> None:
    bidders.bid("Red River Steel", announced(bidders), 7500, 1_000, deposit_fen=9_000_000)
    assert bidders.cash("Red River Steel") == (10_000_000_000, 9_000_000)


def test_a_bid_without_cash_is_refused(bidders: Stage) -> None:
    number = announced(bidders, LAST_RESORT, 10_000_000)
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: bidders.bid("Red River Steel", number, 10_001, 1_000_000))


def void_reasons(stage: Stage, auction: str) -> list[str]:
    stage.at(time(11, 30))
    stage.close_auction(auction)
    return [str(bid.void_reason or "") for bid in queries.bids(auction, organisation="")]


def test_opened_bids_below_the_floor_or_above_their_deposit_are_void_and_get_their_money_back(bidders: Stage) -> None:
    number = announced(bidders)
    bidders.bid("Red River Steel", number, 7399, 10)
    bidders.bid("Red River Steel", number, 7400, 10)
    bidders.bid("North Power", number, 8000, 10, deposit_fen=79_999)
    assert void_reasons(bidders, number) == ["BELOW_FLOOR", "", "ABOVE_DEPOSIT"]
    assert bidders.cash("North Power") == (10_000_000_000, 0)
    assert bidders.cash("Red River Steel") == (10_000_000_000 - 74_000, 0)


def test_all_bids_of_one_bidder_count_towards_the_limit_unless_withdrawn(bidders: Stage) -> None:
    number = announced(bidders, quantity_t=500_000)
    first = bidders.bid("Red River Steel", number, 7500, 60_000)
    bidders.bid("Red River Steel", number, 7500, 60_000)
    bidders.bid("Red River Steel", number, 7500, 40_001)
    bidders.bid("Red River Steel", number, 7500, 40_000)
    bidders.bid("Lotus Capital", number, 7500, 50_001)
    bidders.bid("Lotus Capital", number, 7500, 50_000)
    market.withdraw_bid(bidders.cast["Red River Steel"], bid=first, key=bidders.key(), now=bidders.now)
    assert void_reasons(bidders, number) == ["", "", "ABOVE_LIMIT", "", "ABOVE_LIMIT", ""]


def test_a_limit_by_share_rests_on_the_latest_determined_emission(
    bidders: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = auction.terms
    share = {"entity_limit_t": None, "entity_limit_share": Decimal("0.02")}
    monkeypatch.setattr(auction, "terms", lambda rules, kind: replace(terms(rules, kind), **share))  # type: ignore[arg-type]
    uscc = bidders.cast["Red River Steel"].organisation
    rows = [emissions.HistoryRow(uscc, year, emissions_t, 0) for year, emissions_t in ((2024, 900_000), (2025, 50_000))]
    emissions.import_history(bidders.cast["Authority"], region=REGION, rows=rows, key=bidders.key(), now=bidders.now)
    number = announced(bidders)
    bidders.bid("Red River Steel", number, 7500, 1_001)
    bidders.bid("Red River Steel", number, 7500, 1_000)
    bidders.bid("North Power", number, 7500, 1)
    assert void_reasons(bidders, number) == ["ABOVE_LIMIT", "", "ABOVE_LIMIT"]


def test_an_envelope_of_another_length_or_with_a_mark_used_before_is_refused(bidders: Stage) -> None:
    number, trader = announced(bidders), bidders.cast["Red River Steel"]

    def place(envelope: str, mark: str, name: str = "Red River Steel") -> None:
        market.place_bid(
            bidders.cast[name],
            auction=number,
            envelope=envelope,
            mark=mark,
            deposit_fen=1,
            key=bidders.key(),
            now=bidders.now,
        )

    mark = "ab" * 16
    for envelope, given in (("00" * 78, mark), ("zz" * 79, mark), ("00" * 79, mark[:-1])):
        refused(SealedBidRefusal.NOT_AN_ENVELOPE, lambda envelope=envelope, given=given: place(envelope, given))  # type: ignore[misc]
    place("00" * 79, mark)
    refused(SealedBidRefusal.MARK_TAKEN, lambda: place("01" * 79, mark))
    refused(SealedBidRefusal.MARK_TAKEN, lambda: place("00" * 79, mark, "North Power"))
    with pytest.raises(ValueError, match="sets something aside"):
        market.place_bid(
            trader, auction=number, envelope="", mark="", deposit_fen=0, key=bidders.key(), now=bidders.now
        )


def test_an_envelope_opens_for_its_auction_its_mark_and_its_deposit_only(bidders: Stage) -> None:
    number = announced(bidders)
    copied = bidders.bid("Red River Steel", number, 7500, 10)
    row = models.Bid.objects.get(number=copied)
    for mark, deposit_fen in (("cd" * 16, row.deposit_fen), ("ef" * 16, row.deposit_fen + 1)):
        market.place_bid(
            bidders.cast["North Power"],
            auction=number,
            envelope=bytes(row.envelope).hex(),
            mark=mark,
            deposit_fen=deposit_fen,
            key=bidders.key(),
            now=bidders.now,
        )
    assert void_reasons(bidders, number) == ["", "UNREADABLE", "UNREADABLE"]


def test_the_price_of_a_bid_stands_nowhere_before_the_auction_is_opened(bidders: Stage) -> None:
    number = announced(bidders)
    bid = bidders.bid("Red River Steel", number, 77_777, 12_345, deposit_fen=10_000_000_000)
    row = models.Bid.objects.get(number=bid)
    assert (row.price_fen_per_t, row.quantity_t) == (None, None)
    bidders.at(time(11, 30))
    bidders.close_auction(number)
    row.refresh_from_db()
    assert (row.price_fen_per_t, row.quantity_t) == (77_777, 12_345)


def test_shares_are_taken_after_the_close_from_two_people_once_every_bid_is_in_the_log(
    bidders: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tonnebook.market.jobs.journal.now", lambda: bidders.now)
    number = announced(bidders)
    bidders.bid("Red River Steel", number, 7500, 10)

    def give(name: str, words: str) -> None:
        market.hand_in_share(bidders.cast[name], auction=number, words=words, key=bidders.key(), now=bidders.now)

    refused(AuctionRefusal.AUCTION_STILL_OPEN, lambda: give("Authority", SHARES[0]))
    refused(AuctionRefusal.AUCTION_STILL_OPEN, lambda: count(bidders, number))
    journal.integrate(now=bidders.now)
    journal.publish_checkpoint(now=bidders.now)
    bidders.at(time(11, 30))
    # That checkpoint is of a time when more bids could have come.
    refused(SealedBidRefusal.BIDS_NOT_SEALED_YET, lambda: give("Authority", SHARES[0]))
    jobs.count_bids(0)
    assert queries.auctions_to_count(now=bidders.now) == []
    refused(SealedBidRefusal.BIDS_NOT_SEALED_YET, lambda: give("Authority", SHARES[0]))
    assert count(bidders, number)["bids"] == 1
    journal.integrate(now=bidders.now)
    journal.publish_checkpoint(now=bidders.now)
    refused(SealedBidRefusal.SHARE_UNREADABLE, lambda: give("Authority", "one two three"))
    give("Authority", SHARES[0].upper())
    refused(SealedBidRefusal.SHARE_GIVEN, lambda: give("Authority", SHARES[1]))
    refused(SealedBidRefusal.SHARE_GIVEN, lambda: give("Exchange", SHARES[0]))
    refused(SealedBidRefusal.SHARES_MISSING, lambda: bidders.clear_auction(number))
    give("Exchange", SHARES[2])
    assert bidders.clear_auction(number)["sold_t"] == 10


def count(stage: Stage, auction: str) -> Answer:
    return market.count_bids(stage.cast["Exchange"], auction=auction, key=stage.key(), now=stage.now)


def test_shares_of_another_key_open_nothing(bidders: Stage) -> None:
    number = announced(bidders)
    (others,) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], bytes(32), iteration_exponent=0)
    bidders.at(time(11, 30))
    count(bidders, number)
    journal.integrate(now=bidders.now)
    journal.publish_checkpoint(now=bidders.now)
    for name, words in zip(("Authority", "Exchange"), others, strict=False):
        market.hand_in_share(bidders.cast[name], auction=number, words=words, key=bidders.key(), now=bidders.now)
    refused(SealedBidRefusal.SHARES_DO_NOT_FIT, lambda: bidders.clear_auction(number))


def test_an_auction_is_opened_and_announced_by_its_own_region_only(bidders: Stage) -> None:
    number = announced(bidders)
    bidders.at(time(11, 30))
    bidders.hand_in_shares(number)
    elsewhere = replace(bidders.cast["Exchange"], region="tianjin")
    for act in (
        lambda: market.close_auction(elsewhere, auction=number, key=bidders.key(), now=bidders.now),
        lambda: market.hand_in_share(elsewhere, auction=number, words=SHARES[2], key=bidders.key(), now=bidders.now),
    ):
        refused(AccessRefusal.NOT_YOUR_REGION, act)


def test_investors_may_bid_early_and_not_in_the_last_resort(bidders: Stage) -> None:
    bidders.bid("Lotus Capital", announced(bidders), 7500, 10)
    bidders.at(time(9))
    last = announced(bidders, LAST_RESORT)
    refused(AuctionRefusal.BIDDER_NOT_ADMITTED, lambda: bidders.bid("Lotus Capital", last, 9000, 10))


def test_nobody_reads_the_bids_of_others_before_the_auction_is_cleared(bidders: Stage) -> None:
    number = announced(bidders)
    mine = bidders.bid("Red River Steel", number, 7500, 10)
    bidders.bid("North Power", number, 7600, 10)
    own = bidders.cast["Red River Steel"].organisation
    for clock in (time(10), time(12)):
        bidders.at(clock)
        assert [bid.number for bid in queries.bids(number, organisation=own)] == [mine]
        assert queries.bids(number, organisation="") == ()
        assert queries.bids(number, organisation=bidders.cast["Authority"].organisation) == ()
        assert queries.auction(number, now=bidders.now).result is None
    bidders.close_auction(number)
    assert len(queries.bids(number, organisation="")) == 2


def test_clearing_delivers_units_against_cash_at_one_price_and_frees_the_rest(bidders: Stage) -> None:
    number = announced(bidders, quantity_t=100)
    bidders.bid("North Power", number, 7600, 60)
    bidders.bid("Red River Steel", number, 7900, 60)
    bidders.bid("East Chemicals", number, 7500, 60)
    bidders.at(time(11, 30))
    answer = bidders.close_auction(number)
    assert (answer["price_fen_per_t"], answer["sold_t"], answer["unsold_t"], answer["bidders"]) == (7600, 100, 0, 3)
    assert bidders.units("Red River Steel", PAID) == (60, 0)
    assert bidders.units("North Power", PAID) == (40, 0)
    assert bidders.cash("Red River Steel") == (10_000_000_000 - 60 * 7600, 0)
    assert bidders.cash("North Power") == (10_000_000_000 - 40 * 7600, 0)
    assert bidders.cash("East Chemicals") == (10_000_000_000, 0)
    assert bidders.system(AccountType.TREASURY, "CNY") == 760_000
    assert bidders.system(AccountType.AUCTION, PAID) == 0
    states = {bid.state for bid in queries.bids(number, organisation="")}
    assert states == {BidState.FILLED, BidState.PARTLY_FILLED, BidState.UNFILLED}
    result = queries.auction(number, now=bidders.now).result
    assert result is not None
    assert result.cover_ratio == Decimal("1.80")
    assert result.price is not None
    assert trace.replay(result.price) == 7600


def test_a_withdrawn_bid_takes_no_part(bidders: Stage) -> None:
    number = announced(bidders, quantity_t=100)
    bid = bidders.bid("North Power", number, 7600, 60)
    trader = bidders.cast["North Power"]
    market.withdraw_bid(trader, bid=bid, key=bidders.key(), now=bidders.now)
    refused(
        AuctionRefusal.BID_NOT_OPEN,
        lambda: market.withdraw_bid(trader, bid=bid, key=bidders.key(), now=bidders.now),
    )
    bidders.at(time(12))
    answer = bidders.close_auction(number)
    assert (answer["price_fen_per_t"], answer["sold_t"]) == (None, 0)
    assert [row.state for row in queries.bids(number, organisation=trader.organisation)] == [BidState.WITHDRAWN]


def test_nobody_withdraws_the_bid_of_another_or_after_the_close(bidders: Stage) -> None:
    number = announced(bidders)
    bid = bidders.bid("North Power", number, 7600, 60)
    refused(
        AuctionRefusal.NO_SUCH_BID,
        lambda: market.withdraw_bid(bidders.cast["East Chemicals"], bid=bid, key=bidders.key(), now=bidders.now),
    )
    bidders.at(time(11, 30))
    refused(
        AuctionRefusal.AUCTION_CLOSED,
        lambda: market.withdraw_bid(bidders.cast["North Power"], bid=bid, key=bidders.key(), now=bidders.now),
    )


@pytest.mark.parametrize(
    ("kind", "asset", "target"), [(EARLY, PAID, AccountType.RESERVE), (LAST_RESORT, OWN, AccountType.CANCELLATION)]
)
def test_what_nobody_bought_goes_where_the_rule_says(
    bidders: Stage, kind: AuctionKind, asset: str, target: AccountType
) -> None:
    number = announced(bidders, kind, 1_000)
    bidders.bid("Red River Steel", number, 9000, 400)
    bidders.at(time(12))
    assert bidders.close_auction(number)["unsold_t"] == 600
    assert bidders.system(target, asset) == 600
    assert bidders.system(AccountType.AUCTION, asset) == 0


def test_an_auction_is_cleared_once_and_not_before_it_closes(bidders: Stage) -> None:
    number = announced(bidders)
    refused(AuctionRefusal.AUCTION_STILL_OPEN, lambda: bidders.close_auction(number))
    bidders.at(time(11, 30))
    bidders.close_auction(number)
    refused(AuctionRefusal.AUCTION_ALREADY_CLEARED, lambda: bidders.close_auction(number))
    refused(AuctionRefusal.NO_SUCH_AUCTION, lambda: bidders.close_auction("SHEA-A-099-00"))


def test_a_bidder_without_accounts_is_refused(bidders: Stage) -> None:
    number = announced(bidders)
    bidders.cast["Stranger"] = replace(bidders.cast["North Power"], organisation="X")
    refused(LedgerRefusal.ACCOUNT_UNKNOWN, lambda: bidders.bid("Stranger", number, 7500, 10))


def test_the_auction_day_is_the_day_whose_rules_apply(bidders: Stage) -> None:
    row = queries.auction(announced(bidders), now=bidders.now)
    assert periods.day_of(row.opens_at) == MONDAY
