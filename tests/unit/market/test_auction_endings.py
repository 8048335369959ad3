"""Auctions that are cancelled, and limits of companies under one controller."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.market_stage import REGION, Stage, uscc

from tonnebook.core import auction
from tonnebook.core.auction import AuctionKind, AuctionRefusal, AuctionState, BidState
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import AccessRefusal, Actor, OrganisationKind, Role
from tonnebook.emissions import services as emissions
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.members.services import controllers

PAID = "SHEA-2026-PAID"
REASON = "底价计算有误"


@pytest.fixture
def bidders(stage: Stage) -> Stage:
    """Four organisations with CNY 100 million each, at nine o'clock."""
    for name in ("Red River Steel", "North Power", "East Chemicals", "Lotus Capital"):
        stage.fund(name, 10_000_000_000)
    stage.at(time(9))
    return stage


def announced(stage: Stage, kind: AuctionKind = AuctionKind.EARLY, quantity_t: int = 500_000) -> str:
    number = str(stage.announce(kind, quantity_t)["auction"])
    stage.at(time(10))
    return number


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code


def cancel(stage: Stage, number: str, *, by: Actor | None = None) -> Answer:
    officer = by or stage.cast["Authority"]
    approval = stage.approved("market.cancel_auction", {"auction": number, "reason": REASON})
    return market.cancel_auction(
        officer, auction=number, reason=REASON, approval=approval, key=stage.key(), now=stage.now
    )


def test_a_cancelled_auction_gives_every_deposit_back_and_opens_nothing(bidders: Stage) -> None:
    number = announced(bidders)
    bidders.bid("Red River Steel", number, 7500, 1_000)
    gone = bidders.bid("North Power", number, 7500, 1_000)
    market.withdraw_bid(bidders.cast["North Power"], bid=gone, key=bidders.key(), now=bidders.now)
    assert cancel(bidders, number)["bids"] == 1
    assert bidders.cash("Red River Steel") == (10_000_000_000, 0)
    assert bidders.system(AccountType.AUCTION, PAID) == 0
    assert bidders.system(AccountType.RESERVE, PAID) == 500_000
    row = queries.auction(number, now=bidders.now)
    assert (row.state, row.cancel_reason, row.result) == (AuctionState.CANCELLED, REASON, None)
    states = models.Bid.objects.order_by("seq").values_list("state", "price_fen_per_t")
    assert list(states) == [(BidState.CANCELLED, None), (BidState.WITHDRAWN, None)]
    assert queries.bids(number, organisation="") == ()


def test_an_auction_can_be_cancelled_after_its_close_and_not_once_it_is_cleared(bidders: Stage) -> None:
    number = announced(bidders)
    bidders.bid("Red River Steel", number, 7500, 1_000)
    bidders.at(time(11, 30))
    bidders.hand_in_shares(number)
    cancel(bidders, number)
    assert queries.auctions_to_count(now=bidders.now) == []
    for act in (
        lambda: cancel(bidders, number),
        lambda: bidders.clear_auction(number),
        lambda: queries.auction_file(number, now=bidders.now),
    ):
        refused(AuctionRefusal.AUCTION_CANCELLED, act)
    bidders.at(time(9))
    other = announced(bidders)
    bidders.at(time(11, 30))
    bidders.close_auction(other)
    refused(AuctionRefusal.AUCTION_ALREADY_CLEARED, lambda: cancel(bidders, other))


def test_nobody_bids_in_or_takes_back_from_a_cancelled_auction(bidders: Stage) -> None:
    number = announced(bidders)
    bid = bidders.bid("Red River Steel", number, 7500, 1_000)
    cancel(bidders, number)
    refused(AuctionRefusal.AUCTION_CANCELLED, lambda: bidders.bid("North Power", number, 7500, 10))
    trader = bidders.cast["Red River Steel"]
    refused(
        AuctionRefusal.AUCTION_CANCELLED,
        lambda: market.withdraw_bid(trader, bid=bid, key=bidders.key(), now=bidders.now),
    )


def test_an_auction_is_cancelled_with_a_reason_by_its_own_region(bidders: Stage) -> None:
    number = announced(bidders)
    elsewhere = replace(bidders.cast["Authority"], region="tianjin")
    refused(AccessRefusal.NOT_YOUR_REGION, lambda: cancel(bidders, number, by=elsewhere))
    with pytest.raises(ValueError, match="says why"):
        market.cancel_auction(
            bidders.cast["Authority"], auction=number, reason=" ", approval="", key=bidders.key(), now=bidders.now
        )


def test_an_auction_of_older_data_without_a_key_is_ended_by_cancelling_it(bidders: Stage) -> None:
    number = announced(bidders)
    models.Auction.objects.filter(number=number).update(opening_key="")
    bidders.at(time(11, 30))
    cancel(bidders, number)
    assert bidders.system(AccountType.AUCTION, PAID) == 0


def test_companies_under_one_controller_share_a_limit(bidders: Stage) -> None:
    registrar = Actor("P-900001-00", uscc(900), OrganisationKind.AUTHORITY, frozenset({Role.REGISTRAR}), REGION)
    for name in ("Red River Steel", "North Power"):
        controllers.enter_controller(
            registrar,
            organisation=bidders.cast[name].organisation,
            controller=bidders.cast["East Chemicals"].organisation,
            key=bidders.key(),
            now=bidders.now,
        )
    number = announced(bidders)
    bidders.bid("Red River Steel", number, 7500, 60_000)
    bidders.bid("North Power", number, 7500, 40_001)
    bidders.bid("East Chemicals", number, 7500, 40_000)
    bidders.bid("Lotus Capital", number, 7500, 50_000)
    bidders.at(time(11, 30))
    bidders.close_auction(number)
    found = [str(bid.void_reason or "") for bid in queries.bids(number, organisation="")]
    assert found == ["", "ABOVE_GROUP_LIMIT", "", ""]
    labels = models.Bid.objects.order_by("seq").values_list("bidder_seq", "group_seq")
    assert list(labels) == [(1, 1), (2, 1), (3, 1), (4, 4)]


def test_where_need_is_the_limit_a_company_may_ask_for_what_it_lacks(
    bidders: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = auction.terms
    monkeypatch.setattr(auction, "terms", lambda rules, kind: replace(terms(rules, kind), limit_by_need=True))
    name = bidders.cast["Red River Steel"].organisation
    rows = [emissions.HistoryRow(name, year, emission_t, 0) for year, emission_t in ((2025, 900), (2026, 500))]
    emissions.import_history(bidders.cast["Authority"], region=REGION, rows=rows, key=bidders.key(), now=bidders.now)
    bidders.issue("Red River Steel", 100)
    number = announced(bidders, AuctionKind.LAST_RESORT)
    bidders.bid("Red River Steel", number, 9000, 401)
    bidders.bid("Red River Steel", number, 9000, 400)
    bidders.bid("North Power", number, 9000, 1)
    bidders.at(time(11, 30))
    bidders.close_auction(number)
    found = [str(bid.void_reason or "") for bid in queries.bids(number, organisation="")]
    assert found == ["ABOVE_LIMIT", "", "ABOVE_LIMIT"]


def test_an_auction_is_settled_in_as_many_statements_however_many_bid(bidders: Stage) -> None:
    counts = []
    # The first auction opens the balances of its asset.
    for bids in (3, 3, 30):
        number = announced(bidders, quantity_t=2_000)
        names = ("Red River Steel", "North Power", "Lotus Capital")
        for index in range(bids):
            bidders.bid(names[index % 3], number, 7500 + index, 50, deposit_fen=8_000 * 50)
        bidders.at(time(11, 30))
        bidders.hand_in_shares(number)
        with CaptureQueriesContext(connection) as statements:
            bidders.clear_auction(number)
        counts.append(len(statements))
        bidders.at(time(9))
    assert counts[1] == counts[2]


def test_all_awards_are_one_transfer_and_all_rests_are_told_of_at_once(bidders: Stage) -> None:
    number = announced(bidders, quantity_t=1_000)
    won, lost = (
        bidders.bid(name, number, price, 600) for name, price in (("Red River Steel", 7600), ("North Power", 7500))
    )
    beaten = bidders.bid("Lotus Capital", number, 7450, 600)
    bidders.at(time(11, 30))
    bidders.close_auction(number)
    assert {bid.transfer for bid in models.Bid.objects.filter(number__in=(won, lost))} != {""}
    assert len({bid.transfer for bid in models.Bid.objects.filter(awarded_t__gt=0)}) == 1
    assert models.Bid.objects.get(number=beaten).transfer == ""
    assert bidders.cash("Red River Steel") == (10_000_000_000 - 600 * 7500, 0)
    assert bidders.cash("Lotus Capital") == (10_000_000_000, 0)
    leaf = JournalLeaf.objects.get(kind="registry.holds.released")
    assert len(json.loads(leaf.payload)["facts"]["numbers"]) == 3
    lines = "\n".join(models.Batch.objects.order_by("id").values_list("lines", flat=True))
    told = [json.loads(line) for line in lines.split("\n")]
    assert [line["facts"]["awarded_t"] for line in told if line["kind"] == "market.bid.decided"] == ["600", "400", "0"]
