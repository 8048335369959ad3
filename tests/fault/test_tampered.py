"""Proofs and rows are tampered with at random: every time, somebody notices.

The short form tries a few hundred; TONNEBOOK_TAMPERED_PROOFS=10000 and TONNEBOOK_TAMPERED_ROWS=1000 are the long ones.
"""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from tonnebook.core import merkle
from tonnebook.journal import queries
from tonnebook.journal import services as journal
from tonnebook.journal.services import Entry
from tonnebook_audit import consistency, log, tree
from tonnebook_audit.report import AuditReport

PROOFS = int(os.environ.get("TONNEBOOK_TAMPERED_PROOFS", "500"))
ROWS = int(os.environ.get("TONNEBOOK_TAMPERED_ROWS", "60"))
SEED = int(os.environ.get("TONNEBOOK_FAULT_SEED", "20260101"))
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(700)]
TREE = merkle.Tree(LEAVES)

pytestmark = pytest.mark.fault


def flipped(data: bytes, chance: random.Random) -> bytes:
    """Turn one bit over."""
    at = chance.randrange(len(data) * 8)
    return bytes(byte ^ (1 << at % 8 if place == at // 8 else 0) for place, byte in enumerate(data))


def tampered(nodes: list[bytes], chance: random.Random) -> list[bytes]:
    """Change a list of hashes: a bit, one too few, one too many, two in the wrong order."""
    at = chance.randrange(len(nodes))
    other = (at + 1) % len(nodes)
    ways: list[list[bytes]] = [
        [*nodes[:at], flipped(nodes[at], chance), *nodes[at + 1 :]],
        nodes[:at] + nodes[at + 1 :],
        [*nodes[:at], nodes[at], *nodes[at:]],
    ]
    if len(nodes) > 1:
        swapped = list(nodes)
        swapped[at], swapped[other] = nodes[other], nodes[at]
        ways.append(swapped)
    return chance.choice(ways)


def holds(proof: dict[str, Any]) -> set[bool]:
    """Ask both programs whether a membership proof holds."""
    given = {name: proof[name] for name in ("index", "size", "path")}
    walked = None
    if 0 <= given["index"] < given["size"]:
        walked = tree.root_by_path(proof["leaf"], **given)
    return {
        merkle.verify_membership(leaf=proof["leaf"], expected_root=proof["root"], **given),
        walked is not None and walked == proof["root"],
    }


def test_no_tampered_membership_proof_is_accepted_by_either_program() -> None:
    print(f"seed {SEED}, {PROOFS} proofs; TONNEBOOK_FAULT_SEED and TONNEBOOK_TAMPERED_PROOFS change them")
    chance = random.Random(SEED)  # noqa: S311 - mutants, not secrets
    for _ in range(PROOFS):
        size = chance.randint(2, len(LEAVES))
        index = chance.randrange(size)
        path = TREE.membership_proof(index, size)
        proof: dict[str, Any] = {"leaf": LEAVES[index], "index": index, "size": size, "path": path}
        proof["root"] = TREE.root(size)
        assert holds(proof) == {True}
        other = chance.choice([one for one in range(size) if one != index])
        mutants = (
            {"leaf": flipped(LEAVES[index], chance)},
            {"index": other},
            {"index": index + size},
            {"path": tampered(path, chance)},
            {"root": flipped(proof["root"], chance)},
            {"size": index},
        )
        assert holds({**proof, **chance.choice(mutants)}) == {False}


def test_no_tampered_consistency_proof_is_accepted_by_either_program() -> None:
    chance = random.Random(SEED)  # noqa: S311
    for _ in range(PROOFS):
        new_size = chance.randint(3, len(LEAVES))
        old_size = chance.randint(1, new_size - 1)
        nodes = merkle.consistency_proof(LEAVES[:new_size], old_size)
        proof: dict[str, Any] = {"old_size": old_size, "new_size": new_size, "proof": nodes}
        proof |= {"old_root": TREE.root(old_size), "new_root": TREE.root(new_size)}
        mutants = (
            {"old_root": flipped(proof["old_root"], chance)},
            {"new_root": flipped(proof["new_root"], chance)},
            {"old_root": proof["new_root"], "new_root": proof["old_root"]},
            {"proof": tampered(nodes, chance)},
            {"old_size": 0},
            {"old_size": new_size, "new_size": old_size},
        )
        for check in (merkle.verify_consistency, consistency.holds):
            assert check(**proof)
        mutant = {**proof, **chance.choice(mutants)}
        for check in (merkle.verify_consistency, consistency.holds):
            assert not check(**mutant)


def bit(column: str, size: int, chance: random.Random) -> str:
    """Turn one bit of a column of bytes over."""
    at = chance.randrange(size)
    return f"set_byte({column}, {at}, get_byte({column}, {at}) # {1 << chance.randrange(8)})"


# Each way to alter one row.
ALTERATIONS: dict[str, Callable[[random.Random], str]] = {
    "journal_leaf": lambda chance: (
        f"UPDATE journal_leaf SET leaf_hash = {bit('leaf_hash', 32, chance)} WHERE id = {one_leaf(chance)}"
    ),
    "journal_leaf payload": lambda chance: (
        f"UPDATE journal_leaf SET payload = replace(payload, 'taken', 'takem') WHERE id = {one_leaf(chance)}"
    ),
    "journal_leaf deleted": lambda chance: f"DELETE FROM journal_leaf WHERE id = {one_leaf(chance)}",
    "journal_seq": lambda chance: f"DELETE FROM journal_seq WHERE seq = {chance.randrange(600)}",
    "journal_seq moved": lambda chance: f"UPDATE journal_seq SET seq = 10000 WHERE seq = {chance.randrange(600)}",
    "journal_secret": lambda chance: (
        f"UPDATE journal_secret SET salt = {bit('salt', 32, chance)} WHERE leaf_id = {one_leaf(chance)}"
    ),
    "journal_secret sealed": lambda chance: (
        f"UPDATE journal_secret SET sealed = replace(sealed, 'name', 'nane') WHERE leaf_id = {one_leaf(chance)}"
    ),
    "journal_tile": lambda chance: (
        f"UPDATE journal_tile SET hashes = {bit('hashes', 8192, chance)} WHERE index = {chance.randrange(2)}"
    ),
    "journal_tile root": lambda chance: (
        f"UPDATE journal_tile SET root_hash = {bit('root_hash', 32, chance)} WHERE index = {chance.randrange(2)}"
    ),
    "journal_tile deleted": lambda chance: f"DELETE FROM journal_tile WHERE index = {chance.randrange(2)}",
    "journal_checkpoint": lambda chance: (
        f"UPDATE journal_checkpoint SET root_hash = {bit('root_hash', 32, chance)} WHERE size > 0"
    ),
    "journal_checkpoint note": lambda chance: (
        f"UPDATE journal_checkpoint SET note = overlay(note PLACING '!' FROM {chance.randrange(1, 200)} FOR 1) "
        "WHERE size > 0"
    ),
    "journal_checkpoint size": lambda _: "UPDATE journal_checkpoint SET size = size + 1 WHERE size > 0",
}


def one_leaf(chance: random.Random) -> str:
    """Name a numbered leaf of those that were logged for this test."""
    return f"(SELECT leaf_id FROM journal_seq WHERE seq = {chance.randrange(600)})"


def breaks(owner: psycopg.Connection[Any], key: str) -> int:
    """Count what the auditor finds in the log, in the transaction under way."""
    report = AuditReport()
    log.check(owner, report, trusted_key=key)
    return len(report.breaks)


def test_every_altered_row_of_the_log_is_found(fresh_database: str) -> None:
    print(f"seed {SEED}, {ROWS} rows; TONNEBOOK_FAULT_SEED and TONNEBOOK_TAMPERED_ROWS change them")
    chance, key = random.Random(SEED), queries.signer().verifier_key  # noqa: S311
    with transaction.atomic():
        journal.append_many([Entry("trial.taken", {"i": i}, {"name": f"n{i}"}) for i in range(600)], now=NOW)
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    connections["owner"].ensure_connection()
    owner = connections["owner"].connection
    names = list(ALTERATIONS)
    for number in range(ROWS):
        name = names[number % len(names)]
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            if number < len(names):
                assert breaks(owner, key) == 0
            for table in ("leaf", "seq", "tile", "checkpoint"):
                cursor.execute(f"ALTER TABLE journal_{table} DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE journal_leaf DROP CONSTRAINT journal_leaf_hash_of_payload")
            cursor.execute("ALTER TABLE journal_secret DROP CONSTRAINT IF EXISTS " + foreign_key(cursor))
            cursor.execute(ALTERATIONS[name](chance))
            assert cursor.rowcount > 0, name
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert breaks(owner, key) > 0, name
            transaction.set_rollback(True, using="owner")


def foreign_key(cursor: Any) -> str:
    """Name the foreign key from private fields to their leaf."""
    cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'journal_secret'::regclass AND contype = 'f'")
    return str(cursor.fetchone()[0])
