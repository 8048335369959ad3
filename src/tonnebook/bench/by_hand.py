"""The plain reference of a single transfer: SQL by hand that writes what the service writes, and checks nothing else.

Two guarded updates and six inserts in one transaction, each as one would write it with psycopg: the balances, the leaf
with its private fields and its place in the queue, the transfer, its posting, and the key of the request. The tables
have the columns that the service fills, primary keys, and neither triggers nor policies.
"""

import hashlib
import hmac
import json
import random
import secrets
from collections.abc import Callable

import psycopg
from django.db import connections

from tonnebook.bench import crowd

ACCOUNTS = 10_000

_TABLES = """
CREATE TABLE hand_balance (id bigint PRIMARY KEY, total bigint NOT NULL CHECK (total >= 0));
CREATE TABLE hand_transfer (
    id bigserial PRIMARY KEY, number text NOT NULL UNIQUE, type text NOT NULL, initiator text NOT NULL,
    approver text NOT NULL, subject text NOT NULL, note text NOT NULL, at timestamptz NOT NULL, leaf_hash text NOT NULL
);
CREATE TABLE hand_posting (
    id bigserial PRIMARY KEY, transfer bigint NOT NULL, index int NOT NULL, debit bigint NOT NULL,
    credit bigint NOT NULL, asset bigint NOT NULL, quantity bigint NOT NULL CHECK (quantity > 0),
    debit_after bigint NOT NULL, credit_after bigint NOT NULL
);
CREATE TABLE hand_leaf (
    id bigserial PRIMARY KEY, kind text NOT NULL, payload text NOT NULL, leaf_hash bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE hand_secret (leaf bigint PRIMARY KEY, sealed text NOT NULL, salt bytea NOT NULL);
CREATE TABLE hand_waiting (leaf bigint PRIMARY KEY);
CREATE TABLE hand_key (
    actor text, key text, command text NOT NULL, body_digest text NOT NULL, outcome text NOT NULL,
    answer jsonb NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (actor, key)
);
INSERT INTO hand_balance SELECT n, 1000000000 FROM generate_series(0, 9999) AS n;
GRANT ALL ON ALL TABLES IN SCHEMA public TO {app};
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {app};
"""

_MOVE = "UPDATE hand_balance SET total = total + %s WHERE id = %s RETURNING total"
_LEAF = "INSERT INTO hand_leaf (kind, payload, leaf_hash, at) VALUES (%s, %s, %s, %s) RETURNING id"
_SEALED = "INSERT INTO hand_secret (leaf, sealed, salt) VALUES (%s, %s, %s)"
_WAITING = "INSERT INTO hand_waiting (leaf) VALUES (%s)"
_TRANSFER = """
INSERT INTO hand_transfer (number, type, initiator, approver, subject, note, at, leaf_hash)
VALUES (%s, 'DELIVER_TRADE', 'SYSTEM', '', '', '', %s, %s) RETURNING id
"""
_POSTING = """
INSERT INTO hand_posting (transfer, index, debit, credit, asset, quantity, debit_after, credit_after)
VALUES (%s, 0, %s, %s, 1, 1, %s, %s)
"""
_KEY = """
INSERT INTO hand_key (actor, key, command, body_digest, outcome, answer, at)
VALUES ('SYSTEM', %s, 'bench.pay', %s, 'DONE', %s, %s)
"""


def make_tables() -> None:
    """Make the tables, with as many funded balances as the crowd has."""
    with connections["owner"].cursor() as cursor:
        app = connections["owner"].ops.quote_name(connections["default"].settings_dict["USER"])
        cursor.execute(_TABLES.format(app=app))


def payer(number: int) -> Callable[[], None]:
    """Give what pays one fen from one account to another, again and again, on a connection of its own.

    Args:
        number: of the process, the seed of its choice of accounts.
    """
    chance = random.Random(number)  # noqa: S311
    parameters = connections["default"].get_connection_params()
    names = ("dbname", "host", "port", "user", "password")
    own = psycopg.connect(**{name: parameters[name] for name in names if name in parameters}, prepare_threshold=1)
    run = secrets.token_hex(4)
    count = 0

    def pay() -> None:
        nonlocal count
        count += 1
        _pay(own, *chance.sample(range(ACCOUNTS), 2), name=f"{run}-{count}")

    return pay


def _pay(own: psycopg.Connection, debit: int, credit: int, *, name: str) -> None:
    salt = secrets.token_bytes(32)
    sealed = json.dumps({"legs": [{"asset": "CNY", "credit": credit, "debit": debit, "quantity": 1}], "serials": []})
    commitment = hmac.digest(salt, sealed.encode(), "sha256").hex()
    facts = {"number": f"T-{name}", "schemes": [], "type": "DELIVER_TRADE"}
    payload = json.dumps({"at": crowd.NOW.isoformat(), "facts": facts, "kind": "posted", "sealed": commitment})
    leaf_hash = hashlib.sha256(b"\0" + payload.encode()).digest()
    body = hashlib.sha256(json.dumps({"credit": credit, "debit": debit, "amount_fen": 1}).encode()).hexdigest()
    with own.transaction(), own.cursor() as cursor:

        def told(sql: str, *values: object) -> int:
            return int(cursor.execute(sql, values).fetchone()[0])  # type: ignore[index]

        moves = sorted(((debit, -1), (credit, 1)))
        after = {account: told(_MOVE, change, account) for account, change in moves}
        leaf = told(_LEAF, "registry.transfer.posted", payload, leaf_hash, crowd.NOW)
        cursor.execute(_SEALED, [leaf, sealed, salt])
        cursor.execute(_WAITING, [leaf])
        transfer = told(_TRANSFER, f"T-{name}", crowd.NOW, leaf_hash.hex())
        cursor.execute(_POSTING, [transfer, debit, credit, after[debit], after[credit]])
        answer = json.dumps({"leaf": leaf_hash.hex(), "transfer": f"T-{name}"})
        cursor.execute(_KEY, [name, body, answer, crowd.NOW])
