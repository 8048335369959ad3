"""What the account book does in a second: single transfers with all checks, and transfers by the ten thousand."""

import os
import random
from collections.abc import Callable
from datetime import datetime

import psycopg
from django.db import connections

from tonnebook import scratch
from tonnebook.bench import crowd
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core.ledger import Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.registry import services as registry
from tonnebook.registry.services import TransferDraft

CROWD = 10_000
SECONDS = 3.0

_PLAIN_TABLES = """
CREATE TABLE plain_balance (id bigint PRIMARY KEY, total bigint NOT NULL CHECK (total >= 0));
CREATE TABLE plain_transfer (id bigserial PRIMARY KEY, number text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE plain_posting (
    id bigserial PRIMARY KEY, transfer bigint NOT NULL REFERENCES plain_transfer,
    debit bigint NOT NULL REFERENCES plain_balance, credit bigint NOT NULL REFERENCES plain_balance,
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
        ours, plain = in_turn(
            lambda: crowd.rate_at_once(lambda number: _payer(accounts, number), seconds=SECONDS),
            lambda: crowd.rate_at_once(_plain_payer, seconds=SECONDS),
        )
        return [
            Figure(
                "single_transfers_per_s", ours, plain, target_ratio=0.3, plain="SQL by hand, two updates, two inserts"
            )
        ]


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


def _make_plain_tables() -> None:
    with connections["owner"].cursor() as cursor:
        app = connections["owner"].ops.quote_name(connections["default"].settings_dict["USER"])
        cursor.execute(_PLAIN_TABLES.format(app=app))


def _plain_payer(number: int) -> Callable[[], None]:
    chance = random.Random(number)  # noqa: S311
    parameters = connections["default"].get_connection_params()
    names = ("dbname", "host", "port", "user", "password")
    connection = psycopg.connect(
        **{name: parameters[name] for name in names if name in parameters}, prepare_threshold=1
    )

    def pay() -> None:
        debit, credit = chance.sample(range(CROWD), 2)
        with connection.transaction(), connection.cursor() as cursor:
            for place, change in sorted(((debit, -1), (credit, 1))):
                cursor.execute("UPDATE plain_balance SET total = total + %s WHERE id = %s", [change, place])
            cursor.execute("INSERT INTO plain_transfer (number) VALUES (%s) RETURNING id", [f"T-{debit}"])
            row = cursor.fetchone()
            assert row
            cursor.execute(
                "INSERT INTO plain_posting (transfer, debit, credit, quantity) VALUES (%s, %s, %s, 1)",
                [row[0], debit, credit],
            )

    return pay
