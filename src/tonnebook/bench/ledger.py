"""What the account book does in a second: single transfers with all checks, and transfers by the ten thousand."""

import functools
import itertools
import os
import random
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

from django.db import connection, connections, transaction

from tonnebook import scratch
from tonnebook.bench import audited, by_hand, crowd
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core.ledger import Leg, Movement, TransferType
from tonnebook.core.roles import SYSTEM, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.registry import services as registry
from tonnebook.registry.services import BulkDraft, TransferDraft

CROWD = 10_000
SECONDS = 3.0
# As when two files of payments are posted at the same time.
CALLERS = 2
# Bulks of movements that each caller draws before the clock runs, and goes through again and again.
DRAWN = 4

# Places of debit and credit account among all accounts.
Pairs: TypeAlias = list[list[int]]
Drawn = TypeVar("Drawn")

_PLAIN_TABLES = """
CREATE TABLE plain_balance (id bigint PRIMARY KEY, total bigint NOT NULL CHECK (total >= 0));
CREATE TABLE plain_transfer (id bigserial PRIMARY KEY, number text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE plain_posting (
    id bigserial PRIMARY KEY, transfer bigint NOT NULL,
    debit bigint NOT NULL, credit bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0)
);
INSERT INTO plain_balance SELECT n, 1000000000 FROM generate_series(0, 19999) AS n;
GRANT ALL ON ALL TABLES IN SCHEMA public TO {app};
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {app};
"""


def measure() -> list[Figure]:
    """Measure the account book in a scratch database.

    Returns:
        Figures with their references and targets.
    """
    with scratch.scratch_database("bench_ledger"):
        accounts = crowd.open_crowd(CROWD * CALLERS)
        _make_plain_tables()
        by_hand.make_tables()
        ours, plain = in_turn(
            lambda: crowd.rate_at_once(lambda number: _payer(accounts[:CROWD], number), seconds=SECONDS),
            lambda: crowd.rate_at_once(by_hand.payer, seconds=SECONDS),
        )
        posted = [
            Figure("single_transfers_per_s", ours, plain, target_ratio=0.3, plain="SQL by hand, the same rows"),
            *_bulk_figures("bulk_transfers", accounts, leaf_each=True, target=60_000),
            *_bulk_figures("bulk_one_root", accounts, leaf_each=False, target=100_000),
        ]
    return [*posted, *audited.measure()]


def _payer(accounts: list[str], number: int) -> Callable[[], None]:
    chance = random.Random(number)  # noqa: S311
    count = 0

    def pay() -> None:
        nonlocal count
        count += 1
        debit, credit = chance.sample(accounts, 2)
        _pay(SYSTEM, debit=debit, credit=credit, amount_fen=1, key=f"pay-{os.getpid()}-{count}", now=crowd.NOW)

    return pay


@journal.command("bench.pay")
def _pay(actor: Actor, *, debit: str, credit: str, amount_fen: int, key: str, now: datetime) -> Answer:
    del key
    leg = Leg(debit, credit, "CNY", amount_fen)
    (posted,) = registry.post([TransferDraft(TransferType.DELIVER_TRADE, (leg,), actor.person)], now=now)
    return {"transfer": posted.number, "leaf": posted.leaf}


def _bulk_figures(name: str, accounts: list[str], *, leaf_each: bool, target: float) -> list[Figure]:
    def movements(pairs: Pairs) -> list[Movement]:
        return [(accounts[debit], accounts[credit], 1) for debit, credit in pairs]

    def rates(callers: int) -> tuple[float, float]:
        post = functools.partial(_post, leaf_each=leaf_each)
        return in_turn(lambda: _rate(callers, movements, post), lambda: _rate(callers, _columns, _post_plainly))

    one, two = rates(1), rates(CALLERS)
    # One caller leaves a core idle whenever server and program wait for each other: the target is held against two.
    return [
        Figure(f"{name}_per_s", *one, plain="one SQL statement, no log"),
        Figure(f"{name}_two_callers_per_s", *two, target=target, plain="the same, two callers"),
    ]


def _rate(callers: int, drawn_as: Callable[[Pairs], Drawn], post: Callable[[Drawn], None]) -> float:
    # Each caller has a connection and accounts of its own, and has drawn its movements before the clock runs.
    def caller(number: int) -> Callable[[], None]:
        own = range(number * CROWD, (number + 1) * CROWD)
        bulks = [drawn_as([random.sample(own, 2) for _ in own]) for _ in range(DRAWN)]
        again_and_again = itertools.cycle(bulks)
        return lambda: post(next(again_and_again))

    return CROWD * crowd.rate_at_once(caller, seconds=SECONDS, at_once=callers)


def _post(movements: list[Movement], *, leaf_each: bool) -> None:
    draft = BulkDraft(TransferType.DELIVER_TRADE, "CNY", movements, SYSTEM.person, leaf_each=leaf_each)
    with transaction.atomic():
        registry.post_bulk(draft, now=crowd.NOW)


# Two guarded updates and one row per transfer, as one statement.
_PLAIN_BULK = """
WITH moved AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS moved (debit, credit)
), change AS (
    SELECT id, sum(change) AS change
    FROM (SELECT debit AS id, -1 AS change FROM moved UNION ALL SELECT credit, 1 FROM moved) AS both_sides GROUP BY id
), updated AS (
    UPDATE plain_balance SET total = total + change.change FROM change WHERE change.id = plain_balance.id
), transfer AS (
    INSERT INTO plain_transfer (number) VALUES ('bulk') RETURNING id
)
INSERT INTO plain_posting (transfer, debit, credit, quantity) SELECT transfer.id, debit, credit, 1 FROM moved, transfer
"""


def _columns(pairs: Pairs) -> list[list[int]]:
    return [[one[0] for one in pairs], [one[1] for one in pairs]]


def _post_plainly(columns: list[list[int]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAIN_BULK, columns)


def _make_plain_tables() -> None:
    with connections["owner"].cursor() as cursor:
        app = connections["owner"].ops.quote_name(connections["default"].settings_dict["USER"])
        cursor.execute(_PLAIN_TABLES.format(app=app))
