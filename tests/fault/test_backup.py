"""The disk is lost: what was acknowledged and copied comes back, proven before it serves; a damaged copy does not."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from tests.fault import machine as machines
from tests.fault.machine import Machine
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook import scratch
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.operations import backup, commands, doctor, restore
from tonnebook.operations.servers import OperationError
from tonnebook.registry import queries

pytestmark = pytest.mark.fault


@pytest.fixture
def machine(tmp_path: Path, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("TONNEBOOK_HOME", str(home))
    with django_db_blocker.unblock(), machines.running(home) as running:
        for name, value in running.surroundings.items():
            monkeypatch.setenv(name, value)
        scratch.prepare_database()
        journal.mark_demo()
        yield running


@pytest.fixture
def desk(machine: Machine) -> Desk:
    opened = desks.open_desk()
    opened.pay_in(opened.red_cash, 100, "B-1")
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return opened


def copy(machine: Machine, folder: Path) -> backup.Label:
    return backup.make_backup(folder, url=url_of(machine), home=machine.home, now=NOW)


def url_of(machine: Machine) -> str:
    return machine.surroundings["TONNEBOOK_BACKUP_DATABASE_URL"]


def lose_disk(machine: Machine) -> None:
    connections.close_all()
    machine.kill()
    shutil.rmtree(machine.home / "pg")


def cash(account: str) -> int:
    return sum(holding.total for holding in queries.holdings(account))


def test_everything_copied_comes_back_after_the_disk_is_lost(machine: Machine, desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    following = backup.follow(folder, url=url_of(machine))
    try:
        label = copy(machine, folder)
        desk.pay_in(desk.red_cash, 23, "B-2")
        await_copied(machine, folder)
    finally:
        following.terminate()
        following.wait()
    leaves = count_leaves()
    lose_disk(machine)
    restored = restore.restore_backup(folder)
    assert restored.before is None
    assert (restored.log_size, restored.leaves) == (label.log_size, leaves)
    machine.start()
    assert cash(desk.red_cash) == 123


def test_a_damaged_copy_is_refused_and_the_data_in_place_stays(machine: Machine, desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    copy(machine, folder)
    connections.close_all()
    machine.kill()
    victim = max((folder / "base" / "base").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    with victim.open("r+b") as file:
        file.seek(4_000)
        file.write(b"\xff\x00\xff")
    with pytest.raises(OperationError, match="damaged"):
        restore.restore_backup(folder)
    machine.start()
    assert cash(desk.red_cash) == 100


def test_books_that_do_not_hold_are_not_put_in_place(machine: Machine, desk: Desk, tmp_path: Path) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE registry_balance DISABLE TRIGGER USER")
        cursor.execute("UPDATE registry_balance SET total = total + 1 WHERE total = 100")
    folder = tmp_path / "copy"
    copy(machine, folder)
    connections.close_all()
    machine.kill()
    with pytest.raises(OperationError, match="does not hold"):
        restore.restore_backup(folder)
    assert not list(machine.home.glob("pg-before-*"))
    machine.start()


def test_a_backup_goes_into_a_new_folder_and_says_what_it_holds(machine: Machine, desk: Desk, tmp_path: Path) -> None:
    label = copy(machine, tmp_path / "copy")
    assert label == backup.read_label(tmp_path / "copy")
    assert label.log_size == journal_queries.log_size() > 0
    assert backup.last_made_at(machine.home) == NOW
    with pytest.raises(OperationError, match="not empty"):
        copy(machine, tmp_path / "copy")
    with pytest.raises(OperationError, match="no finished backup"):
        restore.restore_backup(tmp_path)


def test_a_drill_says_what_came_back_and_how_long_it_took(
    machine: Machine, desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label = copy(machine, tmp_path / "copy")
    connections.close_all()
    machine.kill()
    assert commands.run_restore(tmp_path / "copy", until=None) == 0
    told = capsys.readouterr().out
    assert re.search(rf"proven in \d+ s: {label.log_size} leaves, root {label.log_root}", told)
    machine.start()


def test_a_restore_needs_the_keys_and_a_stopped_system(machine: Machine, desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    copy(machine, folder)
    connections.close_all()
    machine.kill()
    keys = (machine.home / "secrets.json").rename(tmp_path / "secrets.json")
    with pytest.raises(OperationError, match="keys"):
        restore.restore_backup(folder)
    keys.rename(machine.home / "secrets.json")
    machine.start()


def test_the_doctor_finds_a_guard_that_was_switched_off(machine: Machine, desk: Desk) -> None:
    def ill() -> set[str]:
        return {one.subject for one in doctor.examine(now=journal.now()) if one.health is doctor.Health.FAIL}

    assert ill() == set()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE registry_posting DISABLE TRIGGER journal_insert_only")
    assert ill() == {"guards"}


def count_leaves() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_leaf")
        return int(cursor.fetchone()[0])


def await_copied(machine: Machine, folder: Path) -> None:
    # A commit counts once the copying program has written it; the server knows how far that is.
    with psycopg.connect(superuser(machine), autocommit=True) as connection:
        row = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
        assert row
        for _ in range(600):
            done = connection.execute(
                "SELECT restart_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s", [row[0], backup.SLOT]
            ).fetchone()
            if done == (True,):
                return
            time.sleep(0.05)
    raise AssertionError("the copy never caught up")


def superuser(machine: Machine) -> str:
    keys = json.loads((machine.home / "secrets.json").read_text(encoding="utf-8"))
    host = connections["default"].settings_dict["HOST"]
    return f"host={host} user=postgres password={keys['postgres']} dbname=tonnebook"
