"""A crowd to measure with: organisations with cash accounts in a scratch database, and processes that act at once."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from queue import Empty
from typing import TypeVar

from django.db import connections, transaction

from tonnebook.core import identity
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import SYSTEM, OrganisationKind
from tonnebook.members import services as members
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft, TransferDraft

Result = TypeVar("Result")

REGION = "shanghai"
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PURSE_FEN = 1_000_000_000
# As many as the published anchors use.
CONNECTIONS = 8
# A server that keeps its connections plans a statement once, after it has seen it five times.
WARM_UP = 10


def open_crowd(size: int) -> list[str]:
    """Register organisations and open a funded cash account for each.

    Args:
        size: how many.

    Returns:
        Account numbers.
    """
    drafts = [
        members.OrganisationDraft(uscc, f"合成单位{n}", f"Synthetic {n}", OrganisationKind.INVESTOR, REGION)
        for n, uscc in enumerate(map(code, range(size)))
    ]
    members.register_organisations(SYSTEM, drafts=drafts, key="bench-organisations", now=NOW)
    with transaction.atomic():
        bank = registry.open_region(REGION, now=NOW)[AccountType.BANK]
        accounts = registry.open_accounts(
            [AccountDraft(AccountType.CLIENT_CASH, REGION, draft.uscc) for draft in drafts], now=NOW
        )
        registry.post(
            [
                TransferDraft(TransferType.CASH_IN, (Leg(bank, account, "CNY", PURSE_FEN),), "BENCH", subject=account)
                for account in accounts
            ],
            now=NOW,
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    return accounts


def rate_at_once(work: Callable[[int], Callable[[], None]], *, seconds: float, at_once: int = CONNECTIONS) -> float:
    """Let several processes do the same kind of work at the same time, each on its own connection.

    Args:
        work: called in each process with its number; gives what is done again and again.
        seconds: for how long.
        at_once: how many processes.

    Returns:
        How often per second it was done by all together.
    """
    ready = multiprocessing.get_context("fork").Barrier(at_once)
    told = together(lambda number: _repeat(work(number), seconds, ready), at_once)
    return sum(done / took for done, took in told)


def together(act: Callable[[int], Result], count: int) -> list[Result]:
    """Do something in several processes, each with connections of its own.

    Args:
        act: called in each process with its number.
        count: how many processes.

    Returns:
        What each gave, in the order in which they ended.

    Raises:
        RuntimeError: when one of them died; the others are ended, for they might wait for it.
    """
    context = multiprocessing.get_context("fork")
    results: Queue[Result] = context.Queue()
    crew = [context.Process(target=lambda number=number: results.put(act(number))) for number in range(count)]
    # A new thread has no lines to a database that the processes could inherit, whatever was done before.
    for starter in [threading.Thread(target=process.start) for process in crew]:
        starter.start()
        starter.join()
    told: list[Result] = []
    try:
        while len(told) < count:
            try:
                told.append(results.get(timeout=1))
            except Empty:
                if any(process.exitcode for process in crew):
                    raise RuntimeError("a process of the crowd died") from None
    finally:
        for process in crew:
            process.join() if len(told) == count else process.kill()
    return told


def code(count: int) -> str:
    """Give the code of the crowd's organisation of a number."""
    body = f"91310000{count:09d}"
    return body + identity.uscc_check_sign(body)


def _repeat(act: Callable[[], None], seconds: float, ready: Barrier) -> tuple[int, float]:
    for _ in range(WARM_UP):
        act()
    ready.wait()
    started, done = time.perf_counter(), 0
    while (took := time.perf_counter() - started) < seconds:
        act()
        done += 1
    return done, took
