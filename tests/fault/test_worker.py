"""The worker takes jobs and ends at once when told to, in the middle of one."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from pytest_django.plugin import DjangoDbBlocker
from tests.fault import machine as machines
from tests.fault.machine import Machine

from tonnebook import scratch
from tonnebook.journal import integrator, queries
from tonnebook.journal import services as journal

pytestmark = pytest.mark.fault


@pytest.fixture
def machine(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Machine]:
    with django_db_blocker.unblock(), machines.running(tmp_path) as running:
        scratch.prepare_database()
        journal.mark_demo()
        yield running


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def running_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name LIKE 'journal.%'")
        return int(cursor.fetchone()[0])


def test_the_worker_signs_a_checkpoint_and_ends_at_once_in_the_middle_of_a_job(machine: Machine) -> None:
    with transaction.atomic():
        journal.append(journal.Entry("trial.thing.happened", {}), now=journal.now())
    worker = subprocess.Popen([sys.executable, "-m", "tonnebook.cli", "worker"], env=machine.surroundings)
    try:
        app.configure_task("journal.publish").defer(timestamp=0)
        wait_until(lambda: queries.latest_checkpoint() is not None)
        with psycopg.connect(queries.audit_url(), autocommit=True) as other:
            # Whoever numbers leaves holds this lock: the next job of the worker waits in the middle of its work.
            other.execute("SELECT pg_advisory_lock(%s)", [integrator.LOCK])
            app.configure_task("journal.publish").defer(timestamp=1)
            wait_until(lambda: running_jobs() == 1)
            started = time.monotonic()
            worker.terminate()
            assert worker.wait(timeout=5) == -15
            assert time.monotonic() - started < 2
    finally:
        worker.kill()
        worker.wait()
