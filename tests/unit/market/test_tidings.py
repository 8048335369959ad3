"""What the programs of members are told of their orders, trades and bids."""

import json
from datetime import time

import pytest
from tests.market_stage import MONDAY, REGION, Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.webhooks import MessageKind
from tonnebook.market import services as market
from tonnebook.members import services as members
from tonnebook.members.models import WebhookMessage

RED, NORTH, LOTUS = "Red River Steel", "North Power", "Lotus Capital"


@pytest.fixture
def traders(stage: Stage) -> Stage:
    """North Power has units, Red River Steel has money."""
    stage.issue(NORTH, 1_000)
    stage.fund(RED, 10_000_000)
    return stage


def ask(stage: Stage, name: str) -> None:
    kinds = frozenset(MessageKind)
    members.add_webhook(stage.cast[name], url="http://127.0.0.1:9/", events=kinds, key=stage.key(), now=stage.now)


def told(stage: Stage, name: str) -> list[tuple[str, dict[str, object]]]:
    own = WebhookMessage.objects.filter(webhook__organisation__uscc=stage.cast[name].organisation)
    return [(row.event, json.loads(row.body)["data"]) for row in own.order_by("id")]


def test_both_sides_of_a_trade_are_told_of_it_and_of_their_orders(traders: Stage) -> None:
    ask(traders, NORTH)
    ask(traders, RED)
    sold = traders.order(NORTH, Side.SELL, 8000, 300)
    traders.order(RED, Side.BUY, 8000, 100)
    (first, placed), (second, trade), (third, changed) = told(traders, NORTH)
    assert (first, second, third) == ("order.changed", "trade.made", "order.changed")
    assert (placed["state"], placed["filled_t"]) == ("OPEN", 0)
    assert (changed["state"], changed["filled_t"], changed["turnover_fen"]) == ("OPEN", 100, 800_000)
    assert trade["order"] == sold["order"]
    assert (trade["side"], trade["quantity_t"], trade["price_fen_per_t"]) == ("SELL", 100, 8000)
    (_, bought), (_, filled) = told(traders, RED)
    assert (bought["trade"], bought["side"]) == (trade["trade"], "BUY")
    assert (filled["state"], filled["filled_t"]) == ("FILLED", 100)


def test_a_stranger_is_told_nothing_of_the_trades_of_others(traders: Stage) -> None:
    ask(traders, LOTUS)
    traders.order(NORTH, Side.SELL, 8000, 300)
    traders.order(RED, Side.BUY, 8000, 100)
    assert told(traders, LOTUS) == []


def test_what_expires_at_the_close_is_told(traders: Stage) -> None:
    ask(traders, NORTH)
    traders.order(NORTH, Side.SELL, 8000, 300)
    traders.at(time(16))
    market.close_day(traders.cast["Exchange"], region=REGION, day=MONDAY, key=traders.key(), now=traders.now)
    assert [data["state"] for _, data in told(traders, NORTH)] == ["OPEN", "EXPIRED"]


def test_a_refused_order_is_told_to_nobody(traders: Stage) -> None:
    ask(traders, NORTH)
    traders.at(time(20))
    with pytest.raises(Refused):
        traders.order(NORTH, Side.SELL, 8000, 300)
    assert told(traders, NORTH) == []


def test_bidders_are_told_what_became_of_their_bids(traders: Stage) -> None:
    ask(traders, RED)
    traders.at(time(9))
    auction = str(traders.announce(AuctionKind.LAST_RESORT, 1_000)["auction"])
    traders.at(time(10))
    bid = traders.bid(RED, auction, 9_000, 100)
    traders.at(time(12))
    traders.close_auction(auction)
    ((kind, data),) = told(traders, RED)
    assert kind == "bid.decided"
    assert (data["bid"], data["auction"]) == (bid, auction)
    assert (data["state"], data["awarded_t"]) == ("FILLED", 100)


def test_both_parties_are_told_what_became_of_a_proposal(stage: Stage) -> None:
    stage.at(time(14, 30))
    stage.issue(NORTH, 300_000)
    stage.fund(RED, 2_000_000_000)
    for name in (NORTH, RED, LOTUS):
        ask(stage, name)
    declined = stage.propose(NORTH, Side.SELL, 7500, 100_000, to=RED)
    market.decline_deal(stage.cast[RED], deal=declined, reason="dear", key=stage.key(), now=stage.now)
    stage.accept(RED, stage.propose(NORTH, Side.SELL, 7400, 100_000))
    stage.propose(NORTH, Side.SELL, 7400, 100_000)
    stage.at(time(15))
    stage.close_day()
    states = ["PROPOSED", "DECLINED", "PROPOSED", "SETTLED", "PROPOSED", "EXPIRED"]
    assert [facts["state"] for kind, facts in told(stage, NORTH) if kind == "deal.changed"] == states
    seen = [(facts["state"], facts["reason"]) for kind, facts in told(stage, RED) if kind == "deal.changed"]
    assert seen == [("PROPOSED", ""), ("DECLINED", "dear"), ("SETTLED", "")]
    assert told(stage, LOTUS) == []
