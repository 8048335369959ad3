"""Eight orders at once want the same offer: it is sold once, and every order has its own place in time.

The control test takes the lock of the market away and shows that the race is real.
"""

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connections, transaction
from tests.market_stage import Stage

from tonnebook.core.book import Side
from tonnebook.core.errors import Busy, Refused
from tonnebook.market import models
from tonnebook.market.services import locks

THREADS = 8

pytestmark = pytest.mark.fault


@pytest.fixture
def offered(fresh_database: str) -> Iterator[Stage]:
    """North Power offers 100 tonnes; Red River Steel can pay for all eight orders."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 100)
        stage.fund("Red River Steel", 100_000_000)
    stage.order("North Power", Side.SELL, 7500, 100)
    yield stage
    connections.close_all()


def buy_at_once(stage: Stage) -> list[str]:
    """Have eight threads place the same order together; tell how each ended."""
    start = threading.Barrier(THREADS, timeout=20)
    ends: list[str] = []

    def run() -> None:
        try:
            start.wait()
            ends.append(str(stage.order("Red River Steel", Side.BUY, 7500, 100)["state"]))
        except (Refused, Busy, DatabaseError) as error:
            ends.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_an_offer_is_sold_once_however_many_want_it_at_the_same_time(offered: Stage) -> None:
    ends = buy_at_once(offered)
    assert sorted(ends) == ["FILLED"] + ["OPEN"] * (THREADS - 1)
    assert models.Trade.objects.count() == 1
    assert offered.units("Red River Steel") == (100, 0)
    seqs = list(models.Order.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, THREADS + 2))


def test_without_the_lock_orders_want_the_same_place_in_time(offered: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_read = threading.Barrier(THREADS, timeout=20)

    def read_only(code: str) -> list[models.Instrument]:
        row = models.Instrument.objects.get(code=code)
        everybody_has_read.wait()
        return [row]

    monkeypatch.setattr(locks, "lock_market", read_only)
    assert "IntegrityError" in buy_at_once(offered)
