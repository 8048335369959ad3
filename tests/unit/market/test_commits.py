"""What the database checks at commit: every change of the market's books has its leaf."""

from datetime import time

import pytest
from django.db import DatabaseError, transaction
from tests.market_stage import Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.market import models, queries
from tonnebook.market import services as market


@pytest.fixture
def committed(fresh_database: str) -> Stage:
    """A stage whose every act is committed."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 1_000)
        stage.fund("Red River Steel", 100_000_000)
    return stage


def test_a_day_of_the_market_commits_act_by_act(committed: Stage) -> None:
    committed.at(time(9))
    auction = str(committed.announce(AuctionKind.EARLY, 100)["auction"])
    committed.at(time(10))
    bid = committed.bid("Red River Steel", auction, 7500, 60)
    market.withdraw_bid(committed.cast["Red River Steel"], bid=bid, key=committed.key(), now=committed.now)
    committed.bid("Red River Steel", auction, 7500, 60)
    committed.order("North Power", Side.SELL, 7500, 100)
    committed.order("Red River Steel", Side.BUY, 7600, 150)
    order = str(committed.order("North Power", Side.SELL, 7700, 5)["order"])
    market.cancel_order(committed.cast["North Power"], order=order, key=committed.key(), now=committed.now)
    committed.at(time(15))
    committed.close_auction(auction)
    committed.close_day()
    assert committed.units("Red River Steel")[0] == 100
    assert committed.units("Red River Steel", "SHEA-2026-PAID") == (60, 0)
    assert committed.cash("Red River Steel")[1] == 0
    assert queries.quote("SHEA", now=committed.now).previous_close_fen_per_t == 7500


def test_an_order_changed_behind_the_log_does_not_commit(committed: Stage) -> None:
    committed.order("North Power", Side.SELL, 7500, 100)
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Order.objects.update(price_fen_per_t=1)


def test_trades_and_closes_can_be_neither_changed_nor_deleted(committed: Stage) -> None:
    committed.order("North Power", Side.SELL, 7500, 100)
    committed.order("Red River Steel", Side.BUY, 7500, 100)
    committed.at(time(15))
    committed.close_day()
    trades, closes = models.Trade.objects.all(), models.DayClose.objects.all()
    forbidden = [lambda: trades.update(seq=9), trades.delete, lambda: closes.update(trades=9), closes.delete]
    for act in forbidden:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
