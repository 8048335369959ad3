"""Four people take the same trade back at once: it is taken back once. The control test takes the lock away."""

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connections, transaction
from tests.market_stage import Stage
from tests.unit.market.test_busts import WHY, approved

from tonnebook.core.book import Side
from tonnebook.core.busts import BustGround
from tonnebook.core.errors import Busy, Refused
from tonnebook.core.ledger import AccountType
from tonnebook.journal import services as journal
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import busts, locks

THREADS = 4

pytestmark = pytest.mark.fault


@pytest.fixture
def traded(fresh_database: str) -> Iterator[tuple[Stage, str, list[str]]]:
    """A trade of 100 t, and four approvals to take it back."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 1000)
        stage.fund("Red River Steel", 10_000_000)
        stage.order("North Power", Side.SELL, 7500, 100)
        stage.order("Red River Steel", Side.BUY, 7500, 100)
        (trade,) = queries.trades("SHEA")
        told = {"trade": trade.number, **WHY}
        approvals = [approved(stage, "market.bust_trade", dict(told)) for _ in range(THREADS)]
    yield stage, trade.number, approvals
    connections.close_all()


def take_back(stage: Stage, trade: str, approval: str, *, key: str) -> None:
    market.bust_trade(
        stage.cast["Exchange"],
        trade=trade,
        ground=BustGround.OBVIOUS_ERROR,
        reason=WHY["reason"],
        approval=approval,
        key=key,
        now=stage.now,
    )


def take_back_at_once(stage: Stage, trade: str, approvals: list[str]) -> list[str]:
    """Have four threads take the trade back together; tell how each ended."""
    start = threading.Barrier(THREADS, timeout=20)
    ends: list[str] = []

    def run(approval: str) -> None:
        try:
            start.wait()
            take_back(stage, trade, approval, key=f"at-once-{approval}")
            ends.append("done")
        except Refused as refused:
            ends.append(refused.code.name)
        except (Busy, DatabaseError) as error:
            ends.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(approval,)) for approval in approvals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_a_trade_is_taken_back_once_however_many_do(traded: tuple[Stage, str, list[str]]) -> None:
    stage, trade, approvals = traded
    assert take_back_at_once(stage, trade, approvals) == ["ALREADY_BUSTED"] * (THREADS - 1) + ["done"]
    assert (stage.units("North Power"), stage.cash("Red River Steel")) == ((1000, 0), (10_000_000, 0))
    assert stage.system(AccountType.FEES, "CNY") == 0


def test_without_the_lock_several_begin_and_the_books_stop_all_but_one(
    traded: tuple[Stage, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_has_looked = threading.Barrier(THREADS, timeout=20)
    looked: list[None] = []
    found = busts._back

    def wait(case: busts._Case) -> object:
        looked.append(None)
        everybody_has_looked.wait()
        return found(case)

    monkeypatch.setattr(busts, "_back", wait)
    monkeypatch.setattr(locks, "lock_market", lambda code: list(models.Instrument.objects.all()))
    stage, trade, approvals = traded
    ends = take_back_at_once(stage, trade, approvals)
    assert len(looked) == THREADS
    assert ends.count("done") == 1
    assert "ALREADY_BUSTED" not in ends
    assert stage.units("North Power") == (1000, 0)


@pytest.mark.parametrize("step", ["append_many", "_keep"])
def test_whoever_dies_between_the_steps_has_done_nothing_and_may_begin_again(
    traded: tuple[Stage, str, list[str]], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    stage, trade, (approval, *_) = traded

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(busts if step == "_keep" else journal, step, die)
        with pytest.raises(SystemExit):
            take_back(stage, trade, approval, key="killed")
    assert stage.units("North Power") == (900, 0)
    assert not models.Bust.objects.exists()
    take_back(stage, trade, approval, key="killed")
    assert stage.units("North Power") == (1000, 0)
    assert models.Bust.objects.count() == 1
