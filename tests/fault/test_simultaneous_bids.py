"""A bid that arrives in the very instant in which its bidder is stopped waits for the stop, and is refused.

The control test takes the lock of the market away and shows that the bid would slip past.
"""

import threading
from collections.abc import Iterator
from datetime import time

import pytest
from django.db import connection, connections, transaction
from tests.market_stage import Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.errors import Refused
from tonnebook.market import models
from tonnebook.market import services as market
from tonnebook.market.services import locks, voids

pytestmark = pytest.mark.fault


@pytest.fixture
def auctioned(fresh_database: str) -> Iterator[tuple[Stage, str]]:
    """An open auction, and Red River Steel with money."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.at(time(9))
        stage.fund("Red River Steel", 100_000_000)
        number = str(stage.announce(AuctionKind.EARLY, 1_000)["auction"])
    stage.at(time(10))
    yield stage, number
    connections.close_all()


def bid_while_stopped(stage: Stage, number: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Stop Red River Steel, and let it bid when the stop is written and not yet committed; tell how the bid ended."""
    is_stopping, has_ended, ends = threading.Event(), threading.Event(), list[str]()
    cancel = voids.cancel_orders_of

    def cancel_late(organisation: str, rows: list[models.Instrument], **kwargs: object) -> int:
        is_stopping.set()
        while not has_ended.is_set() and not _is_somebody_waiting():
            pass
        return cancel(organisation, rows, now=stage.now)

    def run() -> None:
        try:
            is_stopping.wait(timeout=20)
            stage.bid("Red River Steel", number, 7500, 100)
            ends.append("taken")
        except Refused as refused:
            ends.append(refused.code.name)
        finally:
            has_ended.set()
            connections.close_all()

    monkeypatch.setattr(voids, "cancel_orders_of", cancel_late)
    bidder = threading.Thread(target=run)
    bidder.start()
    red = stage.cast["Red River Steel"].organisation
    market.stop_trading(stage.cast["Exchange"], organisation=red, reason="a doubt", key=stage.key(), now=stage.now)
    bidder.join()
    return ends[0]


def _is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_a_bid_waits_for_the_stop_under_way_and_is_refused(
    auctioned: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bid_while_stopped(*auctioned, monkeypatch) == "TRADING_STOPPED"
    assert not models.Bid.objects.exists()


def test_control_without_the_lock_of_the_market_the_bid_slips_past(
    auctioned: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = locks._STAND_STILL.replace("FOR KEY SHARE", "")
    assert unlocked != locks._STAND_STILL
    monkeypatch.setattr(locks, "_STAND_STILL", unlocked)
    assert bid_while_stopped(*auctioned, monkeypatch) == "taken"
