"""The disk is full: what cannot be kept is refused, nothing acknowledged is lost, and with room the books go on."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connections
from pytest_django.plugin import DjangoDbBlocker
from tests import campaigns
from tests.fault import machine as machines
from tests.fault import test_kills as kills
from tests.fault.machine import Machine
from tests.unit.registry import desk as desks

from tonnebook import scratch
from tonnebook.journal import services as journal

FILLINGS = campaigns.times(2, 100)
DISK_MIB = 256
_PATIENCE_SECONDS = 60

pytestmark = pytest.mark.fault


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; only who may mount one can have it."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("nobody here may mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def machine(disk: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Machine]:
    with django_db_blocker.unblock(), machines.running(disk) as running:
        scratch.prepare_database()
        journal.mark_demo()
        yield running


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        room = os.statvfs(disk)
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize)
    return filler


def await_server(machine: Machine) -> None:
    """Wait until the server answers again; one that gave up is started, as the operator would."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        connections.close_all()
        if machine.crew.members["PostgreSQL"].poll() is not None:
            machine.crew.members.pop("PostgreSQL")
            machine.start()
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not come back although there is room")


def test_a_full_disk_loses_nothing_and_the_books_go_on_when_there_is_room(machine: Machine, disk: Path) -> None:
    desk = desks.open_desk()
    desk.allocate(desk.red, kills.OWNED_T)
    book, checked = kills.Book(desk), 0
    for _ in range(FILLINGS):
        filler = fill(disk)
        # Goes on until the database refuses: it has pages with room left, but not many.
        book.write()
        filler.unlink()
        await_server(machine)
        book.answers[len(book.answers)] = kills.command(desk, len(book.answers))
        for number in range(checked, len(book.answers)):
            assert kills.command(desk, number) == book.answers[number]
        checked = len(book.answers)
        assert kills.held(desk) == kills.expected(checked)
    assert book.failures == []
    kills.assert_no_break()
