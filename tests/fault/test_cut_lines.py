"""Lines are cut in the middle of a word, to the web and to PostgreSQL: nothing is done by half, nothing twice."""

import random
import threading
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker
from tests import campaigns
from tests.fault import machine as machines
from tests.fault.cutting import CuttingProxy
from tests.fault.machine import Machine
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, REGION

from tonnebook import scratch
from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.market import models
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry
from tonnebook_audit import auditor
from tonnebook_client import Refused, Tonnebook, Unreachable

CUTS = campaigns.times(12, 1_000)
TRADING_DAY = date(2027, 6, 10)
TRIES, _FAULT = 5, 500

pytestmark = pytest.mark.fault


class Server(WSGIServer):
    """The web, in a thread of this process; whoever hangs up on it is no error."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: lines are cut here all the time."""


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def machine(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Machine]:
    with django_db_blocker.unblock(), machines.running(tmp_path) as running:
        scratch.prepare_database()
        journal.mark_demo()
        yield running


@pytest.fixture
def client(machine: Machine, settings: Settings) -> Tonnebook:
    """A program of a trader that has money; nobody waits between its tries."""
    # Through the fixture, which makes Django forget the hashers it keeps; other tests need its own.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with transaction.atomic():
        town = towns.open_town()
        source = accounts.system_account(REGION, AccountType.BANK)
        leg = Leg(source, accounts.account_of(RED_RIVER, AccountType.CLIENT_CASH), "CNY", 10**12)
        registry.post([registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject="b")], now=towns.NOW)
        program = programs.program_of(town, "red")
    journal.set_clock(at=periods.instant(TRADING_DAY, time(9, 31)))
    return Tonnebook(
        "http://127.0.0.1",
        api_key=program.number,
        private_key=program.private.private_bytes_raw(),
        wait=lambda seconds: None,
    )


def serve(server: WSGIServer) -> None:
    """Answer until the server is shut down, and let the thread's line to the database go."""
    server.serve_forever()
    server.server_close()
    connections.close_all()


def place(client: Tonnebook, number: int) -> Any:
    """Place the order of a number until there is an answer, with one key."""
    for _ in range(TRIES):
        try:
            return client.place_order(
                "SHEA",
                "BUY",
                price_fen_per_t=7000 + number % 50,
                quantity_t=1 + number % 7,
                idempotency_key=f"cut-{number:06d}",
            )
        except Unreachable as error:
            last: Exception = error
        except Refused as refused:
            # A line to PostgreSQL that breaks where nobody can know what was done is our fault, and asked again.
            if refused.status < _FAULT:
                raise
            last = refused
    raise last


def test_cut_lines_do_nothing_by_half_and_nothing_twice(machine: Machine, client: Tonnebook, tmp_path: Path) -> None:
    chance = random.Random(campaigns.SEED)  # noqa: S311 - places of cuts, not secrets
    folder = Path(connections["default"].settings_dict["HOST"])
    to_base = CuttingProxy(folder / ".s.PGSQL.5432", folder / ".s.PGSQL.5433")
    connections["default"].settings_dict["PORT"] = "5433"
    connections.close_all()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    serving = threading.Thread(target=serve, args=[server])
    serving.start()
    to_web = CuttingProxy(("127.0.0.1", server.server_port))
    assert isinstance(to_web.address, tuple)
    client._url = f"http://127.0.0.1:{to_web.address[1]}"
    try:
        with to_base, to_web:
            lines = (to_web, to_base)
            for line in lines:
                line.cut_after(None)
            answers = [place(client, 0)]
            whole = [line.passed for line in lines]
            for number in range(1, CUTS + 1):
                which = number % 2
                lines[which].cut_after(chance.randrange(whole[which]))
                answers.append(place(client, number))
            # A shorter way than the first took may end before its cut.
            assert min(line.cuts for line in lines) > CUTS // 4
            for line in lines:
                line.cut_after(None)
            # The same keys give the same answers, now that all lines hold.
            assert [place(client, number) for number in range(CUTS + 1)] == answers
    finally:
        server.shutdown()
        serving.join()
        connections["default"].settings_dict["PORT"] = ""
        connections.close_all()
    orders = models.Order.objects.filter(organisation=RED_RIVER)
    assert orders.count() == len({answer["order"] for answer in answers}) == CUTS + 1
    journal.integrate(now=journal.now())
    journal.publish_checkpoint(now=journal.now())
    assert auditor.audit(journal_queries.audit_url()).breaks == []
