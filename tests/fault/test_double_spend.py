"""Eight at once want the same tonnes and the same fen: one gets them.

The control tests switch the row lock off and show that the race is real, so the tests above it can fail.
"""

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from tests import campaigns
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.bench import crowd
from tonnebook.core import ledger
from tonnebook.core.errors import Busy, Refused
from tonnebook.core.ledger import AccountType, HoldReason, Leg, TransferType
from tonnebook.core.roles import SYSTEM, OrganisationKind
from tonnebook.members import services as members
from tonnebook.members.services import OrganisationDraft
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import locks

THREADS = 8

pytestmark = pytest.mark.fault


@pytest.fixture
def desk(fresh_database: str) -> Iterator[Desk]:
    """North Power owns 100 tonnes and 100 fen; every attempt below wants 60."""
    opened = desks.open_desk()
    opened.allocate(opened.north, 100)
    opened.pay_in(opened.north_cash, 100, "B-1")
    # The receiving balances exist already, so that no two attempts meet over creating them.
    opened.allocate(opened.red, 1)
    opened.pay_in(opened.red_cash, 1, "B-2")
    yield opened
    connections.close_all()


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read balances without locking them, and let everybody read before anybody writes."""
    unlocked = locks._LOCK.replace("FOR UPDATE OF balance", "")
    assert unlocked != locks._LOCK
    monkeypatch.setattr(locks, "_LOCK", unlocked)
    everybody_has_read = threading.Barrier(THREADS, timeout=20)
    apply = ledger.Book.apply

    def apply_late(book: ledger.Book, transfer: TransferType, legs: tuple[Leg, ...]) -> ledger.Outcome:
        everybody_has_read.wait()
        return apply(book, transfer, legs)

    monkeypatch.setattr(ledger.Book, "apply", apply_late)


def attempt(work: Callable[[], object]) -> str:
    """Do something in a transaction and tell how it ended."""
    try:
        with transaction.atomic():
            work()
    except Refused as refused:
        return refused.code.name
    except DatabaseError as error:
        return type(error).__name__
    return "done"


def at_once(work: Callable[[], object]) -> list[str]:
    """Run the same work in eight threads that start together; tell how each ended."""
    start = threading.Barrier(THREADS, timeout=20)
    ends: list[str] = []

    def run() -> None:
        try:
            start.wait()
            ends.append(attempt(work))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def pay(desk: Desk) -> Callable[[], object]:
    leg = Leg(desk.north_cash, desk.red_cash, "CNY", 60)
    draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")
    return lambda: registry.post([draft], now=NOW)


def deliver(desk: Desk, *, hold: str = "") -> Callable[[], object]:
    leg = Leg(desk.north, desk.red, "SHEA-2026", 60, hold)
    draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")
    return lambda: registry.post([draft], now=NOW)


def total(account: str) -> int:
    return sum(holding.total for holding in queries.holdings(account))


ONE_OF_EIGHT = ["INSUFFICIENT_FREE"] * (THREADS - 1) + ["done"]


def test_the_same_money_is_paid_once(desk: Desk) -> None:
    assert at_once(pay(desk)) == ONE_OF_EIGHT
    assert (total(desk.north_cash), total(desk.red_cash)) == (40, 61)


def test_the_same_tonnes_are_delivered_once(desk: Desk) -> None:
    assert at_once(deliver(desk)) == ONE_OF_EIGHT
    assert (total(desk.north), total(desk.red)) == (40, 61)
    assert [block.size_t for block in queries.blocks_of(desk.red, "SHEA-2026")] == [60, 1]


def test_the_same_tonnes_are_held_once(desk: Desk) -> None:
    draft = registry.HoldDraft(desk.north, "SHEA-2026", 60, HoldReason.ORDER, "O-1")
    assert at_once(lambda: registry.place_holds([draft], now=NOW)) == ONE_OF_EIGHT
    assert queries.holdings(desk.north)[0].held == 60


def test_the_same_surrender_is_confirmed_once(desk: Desk) -> None:
    hold = desk.hold(desk.north, 60, HoldReason.SURRENDER)
    leg = desk.surrender_leg(desk.north, 60, hold=hold)
    draft = registry.TransferDraft(TransferType.SURRENDER, (leg,), "P-ZHOU", "P-CHEN")
    ends = at_once(lambda: registry.post([draft], now=NOW))
    assert ends == ["HOLD_NOT_ACTIVE"] * (THREADS - 1) + ["done"]
    assert queries.totals("shanghai").surrendered_t == 60


def test_sale_and_release_of_the_same_hold_exclude_each_other(desk: Desk) -> None:
    hold = desk.hold(desk.north, 60, HoldReason.ORDER)
    release = partial(registry.release_holds, [hold], now=NOW)
    turns: Iterator[Callable[[], object]] = iter([deliver(desk, hold=hold), release] * THREADS)
    turn = threading.Lock()

    def either() -> None:
        with turn:
            work = next(turns)
        work()

    assert at_once(either) == ["HOLD_NOT_ACTIVE"] * (THREADS - 1) + ["done"]
    assert queries.holdings(desk.north)[0].held == 0


def test_control_without_the_lock_the_same_money_is_paid_many_times(desk: Desk, no_lock: None) -> None:
    ends = at_once(pay(desk))
    assert ends.count("done") > 1
    # Paid out again and again, yet the payer's balance fell once and the payee's rose once: the book lost its postings.
    sent = [
        line.change for line in queries.statement(desk.north_cash, from_at=NOW, to_at=desks.LATER) if line.change < 0
    ]
    assert sum(sent) < -100
    assert total(desk.north_cash) == 40


def test_control_without_the_lock_the_range_exclusion_still_stops_the_second_owner(desk: Desk, no_lock: None) -> None:
    ends = at_once(deliver(desk))
    assert ends == sorted(["IntegrityError"] * (THREADS - 1) + ["done"])


def test_a_transfer_waits_for_a_freeze_under_way_and_is_then_refused(desk: Desk) -> None:
    ends: list[str] = []

    def sell() -> None:
        try:
            ends.append(attempt(deliver(desk)))
        finally:
            connections.close_all()

    seller = threading.Thread(target=sell)
    with transaction.atomic():
        registry.set_state(desk.north, state=ledger.AccountState.FROZEN, reason="court", initiator="P-ZHOU", now=NOW)
        seller.start()
        seller.join(timeout=0.5)
        assert ends == []
    seller.join()
    assert ends == ["ACCOUNT_FROZEN"]


def test_issues_of_different_assets_at_once_share_no_serial_and_leave_no_gap(desk: Desk) -> None:
    turns = iter(["SHEA-2026", "SHCER-2025"] * THREADS)
    turn = threading.Lock()

    def issue() -> None:
        with turn:
            asset = next(turns)
        desk.allocate(desk.red, 10, asset)

    assert at_once(issue) == ["done"] * THREADS
    line = [*queries.blocks_of(desk.red, "SHEA-2026"), *queries.blocks_of(desk.red, "SHCER-2025")]
    line += queries.blocks_of(desk.north, "SHEA-2026")
    assert ledger.merge_blocks(line) == (ledger.Block(1, 1 + 101 + 10 * THREADS),)


def test_a_balance_that_stays_locked_makes_the_next_command_busy(desk: Desk) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    pay_in: dict[str, Any] = {"account": desk.red_cash, "amount_fen": 5, "bank_reference": "B-9"}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id FROM registry_balance FOR UPDATE")
        with pytest.raises(Busy):
            registry.cash_in(desks.CLERK, **pay_in, key="k", now=NOW)
    # Nothing was stored under the key: the same request succeeds once the lock is free.
    registry.cash_in(desks.CLERK, **pay_in, key="k", now=NOW)
    assert total(desk.red_cash) == 6


# Pairs of purses, and what each holds together: there are fewer pairs than processes, so that two always want the same.
PAIRS = 4
POT_FEN = 101
ATTEMPTS = campaigns.times(1_600, 1_000_000)


def test_however_often_it_is_tried_nothing_is_created(desk: Desk) -> None:
    owners = [desks.uscc(100 + number) for number in range(2 * PAIRS)]
    people = [OrganisationDraft(owner, owner, owner, OrganisationKind.ENTITY, "shanghai") for owner in owners]
    members.register_organisations(SYSTEM, drafts=people, key="purses", now=NOW)
    with transaction.atomic():
        drafts = [registry.AccountDraft(AccountType.CLIENT_CASH, "shanghai", owner) for owner in owners]
        purses = registry.open_accounts(drafts, now=NOW)
    pairs = list(zip(purses[::2], purses[1::2], strict=True))
    for number, purse in enumerate(purses):
        desk.pay_in(purse, POT_FEN - 1 if number % 2 else 1, f"B-P{number}")

    def grasp(number: int) -> int:
        chance, done = random.Random(campaigns.SEED + number), 0  # noqa: S311 - moments, not secrets
        for attempted in range(ATTEMPTS // THREADS):
            if not attempted % 500:
                # No autovacuum looks after this server: a line keeps the plans that suited the small tables of its day.
                connections.close_all()
            debit, credit = chance.sample(chance.choice(pairs), 2)
            # More than there is in all, about every second time.
            leg = Leg(debit, credit, "CNY", chance.randrange(1, 2 * POT_FEN))
            draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")
            end = attempt(lambda draft=draft: registry.post([draft], now=NOW))  # type: ignore[misc]
            assert end in {"done", "INSUFFICIENT_FREE", "OperationalError"}
            done += end == "done"
        return done

    # Processes, for threads of one wait for each other more than for the purses.
    done = sum(crowd.together(grasp, THREADS))
    assert [total(one) + total(other) for one, other in pairs] == [POT_FEN] * PAIRS
    assert done > ATTEMPTS // 20
