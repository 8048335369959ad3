"""Four people clear the same auction at once: it is cleared once. The control test takes its lock away."""

import threading
from collections.abc import Iterator
from datetime import time

import pytest
from django.db import DatabaseError, connections, transaction
from tests.market_stage import OWN, Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.errors import Busy, Refused
from tonnebook.core.ledger import AccountType
from tonnebook.market import models
from tonnebook.market.services import locks

THREADS = 4
ALREADY = "AUCTION_ALREADY_CLEARED"

pytestmark = pytest.mark.fault


@pytest.fixture
def closed(fresh_database: str) -> Iterator[tuple[Stage, str]]:
    """An auction of 500 t whose time is over, with one bid for 100 t."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.fund("Red River Steel", 100_000_000)
    stage.at(time(9))
    auction = str(stage.announce(AuctionKind.LAST_RESORT, 500)["auction"])
    stage.at(time(10))
    stage.bid("Red River Steel", auction, 20_000, 100)
    stage.at(time(11, 30))
    stage.hand_in_shares(auction)
    yield stage, auction
    connections.close_all()


def clear_at_once(stage: Stage, auction: str) -> list[str]:
    """Have four threads clear the auction together; tell how each ended."""
    start = threading.Barrier(THREADS, timeout=20)
    ends: list[str] = []

    def run() -> None:
        try:
            start.wait()
            stage.clear_auction(auction)
            ends.append("cleared")
        except Refused as refused:
            ends.append(refused.code.name)
        except (Busy, DatabaseError) as error:
            ends.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_an_auction_is_cleared_once_however_many_clear_it(closed: tuple[Stage, str]) -> None:
    stage, auction = closed
    assert clear_at_once(stage, auction) == [ALREADY] * (THREADS - 1) + ["cleared"]
    assert stage.units("Red River Steel", OWN.code) == (100, 0)
    assert stage.system(AccountType.AUCTION, OWN.code) == 0


def test_without_the_lock_everybody_begins_to_clear(closed: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_read = threading.Barrier(THREADS, timeout=20)

    def read_only(number: str) -> models.Auction:
        row = models.Auction.objects.get(number=number)
        everybody_has_read.wait()
        return row

    monkeypatch.setattr(locks, "lock_auction", read_only)
    ends = clear_at_once(*closed)
    assert len(ends) == THREADS
    assert ALREADY not in ends
