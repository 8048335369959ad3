"""What the public log does in a second: the tree in memory, tiles in the database, proofs from both, and a rebuild."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
from django.db import connection, transaction

from tonnebook import scratch
from tonnebook.bench import crowd
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core import merkle
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal import tiles
from tonnebook_audit import rows, tree

MILLION = 1_000_000
BATCH = 50_000
PROOFS = 20_000
TILED_PROOFS = 200
PLAIN_LOG = 1 << 12


def measure() -> list[Figure]:
    """Measure the log, in memory and in a scratch database.

    Returns:
        Figures with their references and targets.
    """
    leaves = [hashlib.sha256(number.to_bytes(8, "big")).digest() for number in range(MILLION)]
    figures = [_growing(leaves), _proving(leaves), _rebuilding(leaves)]
    del leaves
    with scratch.scratch_database("bench_log"):
        _write_leaves()
        return [*figures, _integrating(), _proving_from_tiles(), _rebuilding_from_rows()]


def _growing(leaves: Sequence[bytes]) -> Figure:
    ours, plain = in_turn(
        lambda: MILLION / _seconds(lambda: merkle.Tree(leaves)), lambda: MILLION / _seconds(lambda: _plain_root(leaves))
    )
    return Figure("tree_leaves_per_s", ours, plain, target=600_000, plain="RFC 6962 by the letter, root only")


def _proving(leaves: Sequence[bytes]) -> Figure:
    grown, chance = merkle.Tree(leaves), random.Random(1)  # noqa: S311
    wanted = [chance.randrange(MILLION) for _ in range(PROOFS)]
    small = leaves[:PLAIN_LOG]

    def prove() -> None:
        for index in wanted:
            grown.membership_proof(index)

    ours, plain = in_turn(
        lambda: PROOFS / _seconds(prove), lambda: 1 / _seconds(lambda: _plain_proof(small, wanted[0] % PLAIN_LOG))
    )
    return Figure("proofs_per_s", ours, plain, target=50_000, plain="by the letter, 4,096 leaves")


def _rebuilding(leaves: Sequence[bytes]) -> Figure:
    ours, plain = in_turn(lambda: _seconds(lambda: merkle.root(leaves)), lambda: _seconds(lambda: _plain_root(leaves)))
    return Figure("rebuild_1m_hashes_s", ours, plain, target=3.0, is_cost=True, plain="by the letter")


def _write_leaves() -> None:
    for first in range(0, MILLION, BATCH):
        with transaction.atomic():
            texts = [
                f'{{"at":"2026-03-02T02:00:00Z","facts":{{"n":"{n}"}},"kind":"bench.done"}}' for n in _batch(first)
            ]
            journal.append_texts("bench.done", texts, now=crowd.NOW)


def _batch(first: int) -> range:
    return range(first, first + BATCH)


def _integrating() -> Figure:
    # The plain part of the work, durable like ours: the same numbers by one COPY into a table with the same keys.
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE plain_seq (seq bigint PRIMARY KEY, leaf_id bigint UNIQUE)")
    plain = MILLION / _seconds(_plain_numbers)
    seconds = _seconds(lambda: journal.integrate(now=crowd.NOW))
    return Figure("integrated_leaves_per_s", MILLION / seconds, plain, target=100_000, plain="numbers alone by COPY")


def _plain_numbers() -> None:
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy("COPY plain_seq FROM STDIN") as copy:
        copy.write("".join(f"{n}\t{n}\n" for n in range(MILLION)))


def _proving_from_tiles() -> Figure:
    size, chance = journal_queries.log_size(), random.Random(2)  # noqa: S311
    wanted = [chance.randrange(size) for _ in range(TILED_PROOFS)]

    def prove() -> None:
        for index in wanted:
            tiles.log_of(size).membership_proof(index)

    def read_rows() -> None:
        for index in wanted:
            with connection.cursor() as cursor:
                cursor.execute("SELECT leaf_id FROM journal_seq WHERE seq = %s", [index])
                cursor.fetchone()

    ours, plain = in_turn(lambda: _seconds(prove) / TILED_PROOFS, lambda: _seconds(read_rows) / TILED_PROOFS)
    return Figure("proof_from_tiles_s", ours, plain, target=0.001, is_cost=True, plain="one row read")


def _rebuilding_from_rows() -> Figure:
    def rebuild() -> None:
        grown = tree.Tree()
        with psycopg.connect(journal_queries.audit_url()) as auditor:
            for _seq, payload in rows.stream(auditor, _LEAVES):
                grown.add(tree.leaf_hash(payload.encode()))
        if grown.size != MILLION:
            raise ValueError(f"{grown.size} leaves")

    def read() -> None:
        with psycopg.connect(journal_queries.audit_url()) as auditor:
            for _ in rows.stream(auditor, _LEAVES):
                pass

    ours, plain = in_turn(lambda: _seconds(rebuild), lambda: _seconds(read), rounds=1)
    return Figure("rebuild_1m_rows_s", ours, plain, target=15.0, is_cost=True, plain="the same rows, only read")


_LEAVES = """
SELECT numbered.seq, leaf.payload FROM journal_seq AS numbered JOIN journal_leaf AS leaf ON leaf.id = numbered.leaf_id
ORDER BY numbered.seq
"""


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _plain_root(leaves: Sequence[bytes]) -> bytes:
    # The definition of RFC 6962 §2.1, word for word.
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _plain_root(leaves[:split]) + _plain_root(leaves[split:])).digest()


def _plain_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    return list(_plain_path(leaves, index))


def _plain_path(leaves: Sequence[bytes], index: int) -> Iterator[bytes]:
    if len(leaves) == 1:
        return
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        yield from _plain_path(leaves[:split], index)
        yield _plain_root(leaves[split:])
    else:
        yield from _plain_path(leaves[split:], index - split)
        yield _plain_root(leaves[:split])
