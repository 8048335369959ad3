"""What the account book does in a second: single transfers with all checks, and transfers by the ten thousand."""

import os
import random
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection, connections, transaction

from tonnebook import scratch
from tonnebook.bench import audited, by_hand, crowd
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core.ledger import Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.registry import services as registry
from tonnebook.registry.services import BulkDraft, TransferDraft

CROWD = 10_000
SECONDS = 3.0

_PLAIN_TABLES = """
CREATE TABLE plain_balance (id bigint PRIMARY KEY, total bigint NOT NULL CHECK (total >= 0));
CREATE TABLE plain_transfer (id bigserial PRIMARY KEY, number text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE plain_posting (
    id bigserial PRIMARY KEY, transfer bigint NOT NULL,
    debit bigint NOT NULL, credit bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0)
);
INSERT INTO plain_balance SELECT n, 1000000000 FROM generate_series(0, 9999) AS n;
GRANT ALL ON ALL TABLES IN SCHEMA public TO {app};
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {app};
"""


def measure() -> list[Figure]:
    """Measure the account book in a scratch database.

    Returns:
        Figures with their references and targets.
    """
    with scratch.scratch_database("bench_ledger"):
        accounts = crowd.open_crowd(CROWD)
        _make_plain_tables()
        by_hand.make_tables()
        ours, plain = in_turn(
            lambda: crowd.rate_at_once(lambda number: _payer(accounts, number), seconds=SECONDS),
            lambda: crowd.rate_at_once(by_hand.payer, seconds=SECONDS),
        )
        single = Figure("single_transfers_per_s", ours, plain, target_ratio=0.3, plain="SQL by hand, the same rows")
        # One leaf per movement and one for all are measured in turn with the same plain statement.
        each, plain_bulk = in_turn(lambda: _bulk_rate(accounts, leaf_each=True), _plain_bulk_rate, rounds=5)
        root, plain_again = in_turn(lambda: _bulk_rate(accounts, leaf_each=False), _plain_bulk_rate, rounds=5)
        posted = [
            single,
            Figure("bulk_transfers_per_s", each, plain_bulk, target=60_000, plain="one SQL statement, no log"),
            Figure("bulk_one_root_per_s", root, plain_again, target=100_000, plain="one SQL statement, no log"),
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


def _bulk_rate(accounts: list[str], *, leaf_each: bool) -> float:
    pairs = (random.sample(accounts, 2) for _ in range(CROWD))
    movements = [(debit, credit, 1) for debit, credit in pairs]
    draft = BulkDraft(TransferType.DELIVER_TRADE, "CNY", movements, SYSTEM.person, leaf_each=leaf_each)
    started = time.perf_counter()
    with transaction.atomic():
        registry.post_bulk(draft, now=crowd.NOW)
    return CROWD / (time.perf_counter() - started)


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


def _plain_bulk_rate() -> float:
    pairs = [random.sample(range(CROWD), 2) for _ in range(CROWD)]
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAIN_BULK, [[one[0] for one in pairs], [one[1] for one in pairs]])
    return CROWD / (time.perf_counter() - started)


def _make_plain_tables() -> None:
    with connections["owner"].cursor() as cursor:
        app = connections["owner"].ops.quote_name(connections["default"].settings_dict["USER"])
        cursor.execute(_PLAIN_TABLES.format(app=app))
