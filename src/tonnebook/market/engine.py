"""The engine of a market: one process that carries out what members have sent, as fast as it comes."""

import contextlib
import gc
import signal
import subprocess
import sys
import time
import uuid
from threading import Event

import structlog
from django.db import OperationalError, close_old_connections, connection, transaction

from tonnebook.core import kernel
from tonnebook.core.book import Band
from tonnebook.core.errors import Busy
from tonnebook.journal import services as journal
from tonnebook.market import queries
from tonnebook.market.services import commands, leases, locks, watches
from tonnebook.market.services.kept import KeptBooks

log = structlog.get_logger(__name__)

# Without being woken it looks after this time; a lock that is not free is tried again after that one.
IDLE_S = 0.5
AGAIN_S = 0.05
# How often it is looked whether every market has an engine.
LOOK_S = 2.0
# Books are marked after so many instructions, so that a start after a kill has something to check itself by.
MARKED_EVERY = 20_000


def run(region: str) -> None:
    """Hold the market of a region and carry out what is sent, until somebody ends the process.

    Args:
        region: region code.

    Raises:
        Refused: MARKET_HELD when another engine is at work, or has taken the market over.
        Fault: B1 when the books in the database are not those that the engine before had.
    """
    ended = _told_to_end()
    warm_up()
    lease, books = leases.take(region, str(uuid.uuid4())), KeptBooks()
    listen()
    # The books are here to stay: no search for garbage goes through them again.
    gc.freeze()
    unmarked = 0
    try:
        while not ended.is_set():
            done, idle_s = _work_off(lease, books)
            unmarked += done
            if unmarked >= MARKED_EVERY:
                unmarked = mark(lease, books)
            if not done:
                wait(idle_s)
        mark(lease, books)
    finally:
        leases.give_back(lease)


def warm_up() -> None:
    """Have the matching compiled before the market is held, where it was never compiled on this machine before."""
    readied = kernel.open_kernel(Band(1, 2))
    readied.run(kernel.as_commands([]))
    readied.snapshot()


def run_all() -> None:
    """See to it that every market has an engine, a process for each, until somebody ends this one.

    A market that opens gets one within seconds, and so does one whose engine has died; where another engine is at work
    already it is left alone.
    """
    ended = _told_to_end()
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        while not ended.is_set():
            for region in unattended(running):
                command = [sys.executable, "-m", "tonnebook.cli", "engine", "--region", region]
                running[region] = subprocess.Popen(command)  # noqa: S603
            ended.wait(LOOK_S)
    finally:
        for engine in running.values():
            engine.terminate()
        for engine in running.values():
            engine.wait()


def unattended(running: dict[str, "subprocess.Popen[bytes]"]) -> list[str]:
    """List the markets without an engine, of ours or of others.

    Args:
        running: our engines by region; those that have ended count no more.
    """
    own = {region for region, engine in running.items() if engine.poll() is None}
    regions: list[str] = []
    # A database that is away for a moment is looked at again.
    with contextlib.suppress(OperationalError):
        close_old_connections()
        regions = [region for region in queries.regions() if region not in own and not leases.is_held(region)]
    return regions


def listen() -> None:
    """Have this connection told of commands as they are committed."""
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {commands.CHANNEL}")


def wait(seconds: float) -> None:
    """Wait until something has been sent, at most so long."""
    for _ in connection.connection.notifies(timeout=seconds, stop_after=1):
        pass


def mark(lease: leases.Lease, books: KeptBooks) -> int:
    """Write down the hashes of the books; give the number of instructions since, which is none."""
    with transaction.atomic():
        books.mark(locks.lock_region(lease.region))
    return 0


def _told_to_end() -> Event:
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


# What has been carried out, and how long there is nothing to do if nobody sends anything.
def _work_off(lease: leases.Lease, books: KeptBooks) -> tuple[int, float]:
    try:
        left_s = watches.seconds_left(lease.region)
        if left_s is not None and left_s <= 0:
            watches.withdraw_unheard(lease, now=journal.now())
        idle_s = IDLE_S if left_s is None else min(IDLE_S, max(0.0, left_s))
        return commands.work_off(lease, books, now=journal.now()), idle_s
    except (Busy, OperationalError) as error:
        if connection.connection is None or connection.connection.closed:
            raise
        log.warning("a lock was not free", region=lease.region, reason=str(error))
        time.sleep(AGAIN_S)
        return 0, 0.0
