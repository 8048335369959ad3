"""The tiles in the database are those of the log, whatever size it has had."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tonnebook.core import merkle
from tonnebook.core.tiles import Tile, tiles_of
from tonnebook.journal import integrator, queries, tiles
from tonnebook.journal import services as journal
from tonnebook.journal.models import JournalTile, JournalWaiting
from tonnebook.journal.services import Entry

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def grow(count: int) -> None:
    """Log so many leaves and number them."""
    journal.append_many([Entry("trial.taken", {"i": i}) for i in range(count)], now=NOW)
    journal.integrate(now=NOW)


def test_every_tile_of_every_size_holds_the_hashes_of_the_specification() -> None:
    for count in (255, 1, 300, 500):
        grow(count)
    leaves = queries.leaf_hashes(0, queries.log_size())
    full = [merkle.root(leaves[at : at + 256]) for at in range(0, len(leaves) - 255, 256)]
    for size in (1, 255, 256, 257, 600, 1024, len(leaves)):
        for tile in tiles_of(size):
            hashes = leaves if tile.level == 0 else full
            expected = b"".join(hashes[tile.index * 256 : tile.index * 256 + tile.width])
            assert tiles.hashes(tile) == expected
    assert JournalTile.objects.count() == len(full) == 4


def test_neither_numbering_nor_looking_for_a_leaf_reads_the_whole_log() -> None:
    grow(5_000)
    leaf = journal.append(Entry("trial.taken", {}), now=NOW)
    with connection.cursor() as cursor:
        # Nothing is known of what waits, as in a table that is always emptied again.
        cursor.execute("ANALYZE journal_leaf")
        for sql in (integrator.INTEGRATE, f"SELECT FROM journal_leaf WHERE leaf_hash = '\\x{leaf}'"):
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on journal_leaf" not in plan, plan
            assert "journal_leaf_txid" in plan or "journal_leaf_by_hash" in plan, plan


def test_a_transaction_waits_once_and_its_later_leaves_get_numbers_too() -> None:
    journal.append(Entry("trial.taken", {"i": 1}), now=NOW)
    journal.append(Entry("trial.taken", {"i": 2}), now=NOW)
    assert JournalWaiting.objects.count() == 1
    assert journal.integrate(now=NOW) == 2
    journal.append_texts("trial.taken", ["{}"], now=NOW)
    assert (JournalWaiting.objects.count(), journal.integrate(now=NOW)) == (1, 1)


def test_a_log_of_two_full_levels_has_the_root_of_its_leaves() -> None:
    grow(65_536 + 300)
    size = queries.log_size()
    leaves = queries.leaf_hashes(0, size)
    assert JournalTile.objects.filter(level=1).count() == 1
    assert journal.publish_checkpoint(now=NOW).root == merkle.root(leaves).hex()
    tree = merkle.Tree(leaves)
    for index in (0, 65_535, 65_536, size - 1):
        assert tiles.log_of(size).membership_proof(index) == tree.membership_proof(index)


@pytest.mark.parametrize("tile", [Tile(0, 0, 4), Tile(0, 1), Tile(0, 0), Tile(1, 0, 1), Tile(5, 7), Tile(0, 10**12)])
def test_a_tile_the_log_has_not_grown_to_is_none(tile: Tile) -> None:
    grow(3)
    assert tiles.hashes(tile) is None
    with pytest.raises(LookupError, match="no tile"):
        tiles.log_of(queries.log_size() + 1).root()


def test_a_bundle_hashes_to_its_tile() -> None:
    grow(300)
    for index, width in ((0, 256), (0, 7), (1, queries.log_size() - 256)):
        bundle, hashes, at = tiles.bundle(index, width), b"", 0
        assert bundle is not None
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            hashes += merkle.leaf_hash(bundle[at + 2 : at + 2 + length])
            at += 2 + length
        assert hashes == tiles.hashes(Tile(0, index, width))
    assert tiles.bundle(1, 256) is None


def test_a_proof_reads_its_tiles_with_one_statement() -> None:
    grow(3_000)
    log = tiles.log_of(queries.log_size())
    with CaptureQueriesContext(connection) as captured:
        # The leaf's tile and the right edge at level 0, and the partial tile of level 1: stored or put together.
        log.membership_proof(700)
        # All it takes has been read.
        log.membership_proof(701)
    assert len(captured) == 1


def test_the_database_refuses_half_a_tile_and_a_second_one() -> None:
    with pytest.raises(IntegrityError, match="journal_tile_full"), transaction.atomic():
        JournalTile.objects.create(level=0, index=0, hashes=bytes(32), root_hash=bytes(32))
    JournalTile.objects.create(level=0, index=0, hashes=bytes(8192), root_hash=bytes(32))
    with pytest.raises(IntegrityError, match="journal_tile_once"), transaction.atomic():
        JournalTile.objects.create(level=0, index=0, hashes=bytes(8192), root_hash=bytes(32))
