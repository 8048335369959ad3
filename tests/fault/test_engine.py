"""The engine, or PostgreSQL under it, is killed at random moments: what was received is carried out exactly once."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import time as clock
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker
from tests import campaigns
from tests.fault import machine as machines
from tests.fault.machine import Machine
from tests.market_stage import FREE, MONDAY, REGION, Stage

from tonnebook import scratch
from tonnebook.core import periods
from tonnebook.core.book import CommandKind, Instruction, OrderState, Side
from tonnebook.core.errors import Busy, Refused
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import leases
from tonnebook.operations import doctor
from tonnebook_audit import auditor

ENGINE_KILLS = campaigns.times(3, 500)
DATABASE_KILLS = campaigns.times(2, 500)
OVERLOADS = campaigns.times(2, 60)
CROWD = ("North Power", "Red River Steel", "East Chemicals")

pytestmark = pytest.mark.fault


@pytest.fixture
def machine(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Machine]:
    with django_db_blocker.unblock(), machines.running(tmp_path) as running:
        scratch.prepare_database()
        journal.mark_demo()
        yield running


@pytest.fixture
def stage(machine: Machine) -> Stage:
    made = Stage()
    with transaction.atomic():
        made.open()
        made.issue("North Power", 1_000_000)
        for name in ("Red River Steel", "East Chemicals"):
            made.fund(name, 1_000_000_000_000)
    journal.set_clock(at=periods.instant(MONDAY, clock(9, 31)))
    return made


def engine_on(machine: Machine) -> "subprocess.Popen[bytes]":
    """Start an engine and wait until it holds the market."""
    taken = models.EngineLease.objects.filter(taken_at__gt=journal.real_now())
    process = subprocess.Popen(
        [sys.executable, "-m", "tonnebook.cli", "engine"], env=machine.surroundings, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not taken.exists():
        assert process.poll() is None, "the engine ended"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def order(number: int) -> tuple[str, Instruction]:
    """Give the order of a number: a seller and a buyer take turns at one price, so that every other one trades."""
    side, name = (Side.BUY, "Red River Steel") if number % 2 else (Side.SELL, "North Power")
    at = {"side": side, "price_fen_per_t": 7400, "quantity_t": 1 + number // 2 % 7}
    total_fen = queries.total_fen("SHEA", on=MONDAY, **at).whole  # type: ignore[arg-type]
    asset = FREE.code if side is Side.SELL else ""
    told = Instruction(CommandKind.PLACE, "SHEA", shown_total_fen=total_fen, asset=asset, **at)  # type: ignore[arg-type]
    return name, told


def send(stage: Stage, number: int) -> None:
    """Send the order of a number until it has been received; a key sends once however often it is used."""
    name, told = order(number)
    market.send_orders(stage.cast[name], region=REGION, told=[told], key=f"kill-{number:06d}", now=journal.now())


def wait_until_done() -> None:
    """Wait for as long as the engine gets on with what waits for it; what many kills have left may be much."""
    left, deadline = 0, time.monotonic() + 60
    while count := models.Command.objects.filter(state=models.Command.State.RECEIVED).count():
        if count != left:
            left, deadline = count, time.monotonic() + 60
        assert time.monotonic() < deadline
        time.sleep(0.05)


def assert_books_tie() -> None:
    journal.integrate(now=journal.now())
    journal.publish_checkpoint(now=journal.now())
    assert auditor.audit(journal_queries.audit_url()).breaks == []


def assert_all_done_once(stage: Stage, sent: int) -> None:
    wait_until_done()
    assert models.Command.objects.count() == models.Order.objects.count() == sent
    sold = sum(1 + number // 2 % 7 for number in range(0, sent - sent % 2, 2))
    assert stage.units("Red River Steel")[0] == sold
    assert_books_tie()


def test_a_killed_engine_loses_nothing_and_carries_nothing_out_twice(machine: Machine, stage: Stage) -> None:
    chance, sent = random.Random(campaigns.SEED), 0  # noqa: S311 - moments, not secrets
    for _ in range(ENGINE_KILLS):
        engine = engine_on(machine)
        until = time.monotonic() + chance.uniform(0.05, 0.6)
        while time.monotonic() < until:
            send(stage, sent)
            sent += 1
        engine.kill()
        engine.wait()
    engine = engine_on(machine)
    try:
        assert_all_done_once(stage, sent)
    finally:
        engine.terminate()
        assert engine.wait(timeout=30) == 0
    assert sent > ENGINE_KILLS


def test_a_database_killed_under_the_engine_keeps_every_order_it_acknowledged(machine: Machine, stage: Stage) -> None:
    chance, sent = random.Random(campaigns.SEED), 0  # noqa: S311 - moments, not secrets
    for _ in range(DATABASE_KILLS):
        engine = engine_on(machine)
        until = time.monotonic() + chance.uniform(0.05, 0.6)
        while time.monotonic() < until:
            send(stage, sent)
            sent += 1
        machine.kill()
        engine.wait(timeout=30)
        connections.close_all()
        with contextlib.suppress(Busy, DatabaseError):
            send(stage, sent)
        connections.close_all()
        machine.start()
        send(stage, sent)
        sent += 1
    engine = engine_on(machine)
    try:
        assert_all_done_once(stage, sent)
    finally:
        engine.terminate()
        assert engine.wait(timeout=30) == 0


def test_of_two_engines_the_second_ends_and_says_why(machine: Machine, stage: Stage) -> None:
    first = engine_on(machine)
    try:
        second = subprocess.run(
            [sys.executable, "-m", "tonnebook.cli", "engine"],
            env=machine.surroundings,
            capture_output=True,
            check=False,
        )
        assert second.returncode == 1
        assert "is held by another engine" in second.stderr.decode()
        send(stage, 0)
        send(stage, 1)
        assert_all_done_once(stage, 2)
    finally:
        first.terminate()
        assert first.wait(timeout=30) == 0
    assert not leases.is_held(REGION)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM market_bookmark")
        assert cursor.fetchone() == (1,)


def test_a_market_gets_an_engine_and_another_when_that_one_dies(machine: Machine, stage: Stage) -> None:
    assert _engines().health is doctor.Health.WARN
    keeper = subprocess.Popen([sys.executable, "-m", "tonnebook.cli", "engines"], env=machine.surroundings)
    try:
        first = engine_of(keeper)
        os.kill(first, signal.SIGKILL)
        send(stage, 0)
        assert engine_of(keeper, besides=first) != first
        send(stage, 1)
        assert_all_done_once(stage, 2)
        assert _engines().health is doctor.Health.OK
    finally:
        keeper.terminate()
        assert keeper.wait(timeout=30) == 0
    assert not leases.is_held(REGION)


def engine_of(keeper: "subprocess.Popen[bytes]", *, besides: int = 0) -> int:
    """Wait until one engine that a process has started holds the market; give its process number."""
    deadline = time.monotonic() + 60
    while True:
        found = [pid for pid in machines.children(keeper.pid) if pid != besides]
        if found and leases.is_held(REGION):
            (engine,) = found
            return engine
        assert keeper.poll() is None, "the keeper of the engines ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _engines() -> doctor.Finding:
    return next(one for one in doctor.examine(now=journal.now()) if one.subject == "engines")


def test_ten_times_too_much_leaves_everybody_their_share_and_loses_nothing(
    machine: Machine, stage: Stage, settings: Settings
) -> None:
    settings.ENGINE_QUEUE_MAX = room = 24
    engine, taken = engine_on(machine), 0
    try:
        for turn in range(OVERLOADS):
            engine.send_signal(signal.SIGSTOP)
            # The first floods the queue, the second comes to a crowded one and floods it too; so does the third.
            shares = [flood(stage, name, times=10 * room, turn=turn) for name in CROWD]
            assert shares == [room // 2, room // 3, room // 4]
            taken += sum(shares)
            engine.send_signal(signal.SIGCONT)
            wait_until_done()
        assert models.Command.objects.count() == models.Order.objects.count() == taken
        assert_books_tie()
    finally:
        engine.send_signal(signal.SIGCONT)
        engine.terminate()
        assert engine.wait(timeout=30) == 0


def flood(stage: Stage, name: str, *, times: int, turn: int) -> int:
    """Send so many orders of a member whatever the answers are; give the number of those that were taken."""
    taken = 0
    _, told = order(0 if name == "North Power" else 1)
    for number in range(times):
        key = f"flood-{name}-{turn}-{number}"
        with contextlib.suppress(Refused):
            market.send_orders(stage.cast[name], region=REGION, told=[told], key=key, now=journal.now())
            taken += 1
    return taken


def test_the_orders_of_a_program_that_falls_silent_leave_the_book_and_no_others(machine: Machine, stage: Stage) -> None:
    engine = engine_on(machine)
    seller, buyer = (stage.cast[name].organisation for name in ("North Power", "Red River Steel"))
    of_seller, of_buyer = (models.Order.objects.filter(organisation=one, state="OPEN") for one in (seller, buyer))
    try:
        for number in range(0, 8, 2):
            send(stage, number)
        wait_until_done()
        assert of_seller.count() == 4
        market.keep_watch(stage.cast["Red River Steel"], region=REGION, silence_ms=60_000)
        market.keep_watch(stage.cast["North Power"], region=REGION, silence_ms=200)
        deadline = time.monotonic() + 60
        while of_seller.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        send(stage, 1)
        wait_until_done()
        assert of_buyer.count() == 1
        assert_books_tie()
    finally:
        engine.terminate()
        assert engine.wait(timeout=30) == 0


def test_after_the_switch_nothing_of_a_member_trades_however_much_it_goes_on_sending(
    machine: Machine, stage: Stage
) -> None:
    engine, buyer = engine_on(machine), stage.cast["Red River Steel"].organisation
    trades = models.Trade.objects.filter(buy_order__organisation=buyer)
    try:
        for number in range(40):
            send(stage, number)
        actor, now = stage.cast["Red River Steel"], journal.now()
        market.stop_trading(actor, organisation=buyer, reason="runaway program", key="switch", now=now)
        traded = trades.count()
        assert not models.Order.objects.filter(organisation=buyer, state=OrderState.OPEN).exists()
        for number in range(40, 60):
            send(stage, number)
        wait_until_done()
        assert trades.count() == traded
        assert not models.Order.objects.filter(organisation=buyer, state=OrderState.OPEN).exists()
        assert_books_tie()
    finally:
        engine.terminate()
        assert engine.wait(timeout=30) == 0
