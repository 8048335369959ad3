"""A new version is brought in under load: the database moves on while the old one serves, then both serve (O5).

The old version is the one before the last change of tables, taken out of the history of the repository. A migration
that takes something away which the old version still uses, or that keeps a table locked for longer than a page waits,
fails requests here; so do guards that are gone for a moment while they are put there again. Somebody reads for long
meanwhile, as the night's audit does.
"""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker
from tests.conftest import REPOSITORY
from tests.fault import machine as machines
from tests.fault.machine import Machine
from tests.fault.web import Web, post, request, signed_in

from tonnebook.journal import guards

PAGES = ("/", "/registry/accounts", "/market/instruments", "/approvals")
_OPEN = """
import django, json
django.setup()
from tonnebook.journal import services as journal, tenancy
tenancy.serve_as(tenancy.EVERYWHERE)
from tests.unit.registry import desk
journal.mark_demo()
opened = desk.open_desk()
from tonnebook.core.roles import SYSTEM, Role
from tonnebook.members import services as members
draft = members.PersonDraft("clerk", "职员", "Clerk", desk.EXCHANGE, (Role.EXCHANGE_STAFF,), "a long password")
members.register_people(SYSTEM, drafts=[draft], key="clerk", now=desk.NOW)
print(json.dumps(opened.red_cash))
"""
_HELD = """
import django
django.setup()
from tonnebook.journal import tenancy
tenancy.serve_as(tenancy.EVERYWHERE)
from tonnebook.registry import queries
print(sum(one.total for one in queries.holdings("{account}")))
"""

pytestmark = pytest.mark.fault


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, check=True).stdout


def version_before() -> str:
    """The commit before the last one that changed tables; empty where there is no history."""
    with suppress(OSError, subprocess.CalledProcessError):
        last = git("log", "-1", "--first-parent", "--format=%H", "--", "src/tonnebook/*/migrations/*.py").decode()
        return git("rev-parse", "--verify", "--quiet", f"{last.strip()}^").decode().strip()
    return ""


def taken_out(commit: str, folder: Path) -> Path:
    """Take a version out of the history into a folder; give where its sources lie."""
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=git("archive", commit, "src", "tests"), check=True)
    return folder / "src"


@dataclass
class Load:
    """What two people at one web process were answered: a clerk who books money, and one who looks at pages."""

    web: Web
    account: str
    first: int
    headers: dict[str, str]
    stopped: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    looked: int = 0
    failures: list[object] = field(default_factory=list)

    def book(self) -> None:
        """Book one payment after the other, until stopped or failed."""
        while not self.stopped.is_set():
            try:
                status: object = post(self.web, self.account, self.first + self.done, self.headers)
            except (OSError, http.client.HTTPException) as error:
                status = error
            if status != 302:
                self.failures.append((self.done, status))
                return
            self.done += 1

    def look(self) -> None:
        """Look at one page after the other, until stopped."""
        while not self.stopped.is_set():
            page = PAGES[self.looked % len(PAGES)]
            try:
                status: object = request(self.web.port, "GET", page, "", self.headers)
            except (OSError, http.client.HTTPException) as error:
                status = error
            # A page that is not this clerk's is refused, which is an answer; an error of the program is none.
            if not isinstance(status, int) or status >= 500:
                self.failures.append((page, status))
            self.looked += 1

    @contextmanager
    def going(self) -> Iterator[None]:
        """Let both work for the length of a `with` block."""
        threads = [threading.Thread(target=self.book), threading.Thread(target=self.look)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join(timeout=60)


@pytest.fixture
def machine(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Machine]:
    (home := tmp_path / "home").mkdir()
    with django_db_blocker.unblock(), machines.running(home) as running:
        yield running


def run(machine: Machine, source: Path, *words: str) -> str:
    """Run Python with the sources of one version on the machine's database."""
    surroundings = {**machine.surroundings, "PYTHONPATH": f"{source}:{source.parent}"}
    surroundings["DJANGO_SETTINGS_MODULE"] = "tonnebook.settings"
    done = subprocess.run([sys.executable, *words], env=surroundings, capture_output=True, text=True, cwd=source.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_for(load: Load, *, booked: int) -> None:
    """Let a load go on until it has booked so many more payments, or failed."""
    aim = load.done + booked
    while load.done < aim and not load.failures:
        load.stopped.wait(0.05)


@contextmanager
def long_reader(machine: Machine) -> Iterator[None]:
    """Read every book in one transaction, for as long as a `with` block."""
    with psycopg.connect(machine.surroundings["TONNEBOOK_AUDIT_DATABASE_URL"]) as session:
        for table in guards.book_tables():
            if session.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
                session.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        yield


@pytest.mark.skipif(not version_before(), reason="the history of the repository is not here")
def test_nobody_notices_a_new_version(machine: Machine, tmp_path: Path) -> None:
    old, new = taken_out(version_before(), tmp_path / "old"), REPOSITORY / "src"
    run(machine, old, "-m", "tonnebook.cli", "prepare")
    account = json.loads(run(machine, old, "-c", _OPEN))
    with ExitStack() as ended:
        before = Web(machine.surroundings, old)
        ended.callback(before.kill)
        before.wait()
        headers = signed_in(before)
        load = Load(before, account, 0, headers)
        with load.going():
            wait_for(load, booked=5)
            with ThreadPoolExecutor(1) as desk:
                with long_reader(machine):
                    prepared = desk.submit(run, machine, new, "-m", "tonnebook.cli", "prepare")
                    wait_for(load, booked=20)
                prepared.result()
            wait_for(load, booked=5)
            after = Web(machine.surroundings, new)
            ended.callback(after.kill)
            after.wait()
            both = Load(after, account, 1_000_000, headers)
            with both.going():
                wait_for(both, booked=20)
                wait_for(load, booked=20)
    assert (load.failures, both.failures) == ([], [])
    assert min(load.looked, both.looked) > 0
    numbers = [*range(load.done), *range(1_000_000, 1_000_000 + both.done)]
    held = run(machine, new, "-c", _HELD.format(account=account))
    assert int(held) == sum(100 * (100 + number) for number in numbers)
