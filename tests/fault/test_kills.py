"""The power fails at random moments, of the database and of the web process: nothing acknowledged is lost.

Every command has its key. After each restart the keys of all acknowledged commands are sent again: each answers what it
answered before and changes nothing, so that each command has happened exactly once; and the auditor finds no break.
"""

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import DatabaseError, connections
from pytest_django.plugin import DjangoDbBlocker
from tests import campaigns
from tests.fault import machine as machines
from tests.fault.machine import Machine
from tests.fault.web import Web, post, register_clerk, signed_in
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CLERK, NOW, WANG, Desk

from tonnebook import scratch
from tonnebook.core.errors import Busy
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook_audit import auditor

DATABASE_KILLS = campaigns.times(20, 1_000)
WEB_KILLS = campaigns.times(20, 500)
OWNED_T = 1_000_000

pytestmark = pytest.mark.fault


@pytest.fixture
def machine(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Machine]:
    with django_db_blocker.unblock(), machines.running(tmp_path) as running:
        scratch.prepare_database()
        journal.mark_demo()
        yield running


@pytest.fixture
def desk(machine: Machine) -> Desk:
    opened = desks.open_desk()
    opened.allocate(opened.red, OWNED_T)
    return opened


@dataclass
class Book:
    """What a writer has been told: answers by the number of its command."""

    desk: Desk
    answers: dict[int, Answer] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)

    def write(self) -> None:
        """Send one command after the other until the database is gone."""
        try:
            while True:
                number = len(self.answers)
                self.answers[number] = command(self.desk, number)
        except (Busy, DatabaseError):
            pass
        except Exception as error:
            self.failures.append(error)
        finally:
            connections.close_all()


def command(desk: Desk, number: int) -> Answer:
    """Send the command of a number: money comes in, or units leave for good."""
    key = f"kill-{number}"
    if number % 2:
        return registry.retire(
            WANG,
            account=desk.red,
            asset="SHEA-2026",
            quantity_t=1 + number % 7,
            beneficiary="Red River",
            purpose="trial",
            key=key,
            now=NOW,
        )
    return registry.cash_in(
        CLERK, account=desk.red_cash, amount_fen=100 + number, bank_reference=f"B-{number}", key=key, now=NOW
    )


def expected(count: int) -> tuple[int, int]:
    """Fen paid in and tonnes left when each of the first `count` commands has happened once."""
    paid = sum(100 + number for number in range(0, count, 2))
    return paid, OWNED_T - sum(1 + number % 7 for number in range(1, count, 2))


def held(desk: Desk) -> tuple[int, int]:
    """Fen and tonnes that Red River holds."""
    return sum(one.total for one in queries.holdings(desk.red_cash)), sum(
        one.total for one in queries.holdings(desk.red)
    )


def assert_no_break() -> None:
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    assert auditor.audit(journal_queries.audit_url()).breaks == []


def test_a_killed_database_keeps_what_it_acknowledged_exactly_once(machine: Machine, desk: Desk) -> None:
    chance = random.Random(campaigns.SEED)  # noqa: S311 - moments, not secrets
    book, checked = Book(desk), 0
    for _ in range(DATABASE_KILLS):
        writer = threading.Thread(target=book.write)
        writer.start()
        time.sleep(chance.uniform(0.02, 0.25))
        machine.kill()
        writer.join(timeout=30)
        assert not writer.is_alive()
        machine.start()
        # The command under way may have been committed without an answer: sent again, it has happened once.
        book.answers[len(book.answers)] = command(desk, len(book.answers))
        for number in range(checked, len(book.answers)):
            assert command(desk, number) == book.answers[number]
        checked = len(book.answers)
        assert held(desk) == expected(checked)
    assert book.failures == []
    assert checked > DATABASE_KILLS
    assert_no_break()


def test_a_killed_web_process_keeps_what_it_acknowledged_exactly_once(machine: Machine, desk: Desk) -> None:
    chance = random.Random(campaigns.SEED)  # noqa: S311 - moments, not secrets
    web, spare, done = Web(machine.surroundings), Web(machine.surroundings), 0
    try:
        web.wait()
        register_clerk()
        headers = signed_in(web)
        for _ in range(WEB_KILLS):
            web.wait()
            killer = threading.Timer(chance.uniform(0.02, 0.3), web.kill)
            killer.start()
            with suppress(OSError, http.client.HTTPException):
                while True:
                    assert post(web, desk.red_cash, done, headers) == 302
                    done += 1
            killer.join()
            # The spare has been starting meanwhile; the next one starts while it works.
            web, spare = spare, Web(machine.surroundings)
            web.wait()
            # Whether or not the form under way was booked: sent again, it is booked once, and so are those before it.
            assert post(web, desk.red_cash, done, headers) == 302
            done += 1
            assert post(web, desk.red_cash, chance.randrange(done), headers) == 302
            assert held(desk)[0] == sum(100 * (100 + number) for number in range(done))
    finally:
        web.kill()
        spare.kill()
    assert done > WEB_KILLS
    assert_no_break()
