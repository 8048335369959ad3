"""The tiles of the log as they lie in the database: full ones stored, partial ones put together from what is below."""

from collections.abc import Sequence

from django.db import connection

from tonnebook.core import merkle, tiles
from tonnebook.core.tiles import Tile, TiledLog


def hashes(tile: Tile) -> bytes | None:
    """Give the bytes of a tile, or None when the log has not grown that far.

    Args:
        tile: full, or partial at the right edge of any size the log ever had.
    """
    (data,) = _hashes([tile])
    return data if len(data) == tile.width * merkle.HASH_SIZE else None


def bundle(index: int, width: int) -> bytes | None:
    """Give the entries of a tile of level 0 as they are hashed, or None when the log has not grown that far.

    Args:
        index: of the tile.
        width: entries, 1 to 256.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAYLOADS, [_places(index, width)])
        entries = [payload.encode() for (payload,) in cursor.fetchall()]
    return tiles.bundle(entries) if len(entries) == width else None


def log_of(size: int) -> TiledLog:
    """Give the log of a size that it has had, to ask for roots and proofs."""
    return TiledLog(size, _read)


def store(size: int) -> int:
    """Store the full tiles that a log of this size has and the database has not; run by the integrator, under its lock.

    Args:
        size: numbered leaves.

    Returns:
        How many tiles were stored.
    """
    level, stored = 0, 0
    while size := size // tiles.WIDTH:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(index) + 1, 0) FROM journal_tile WHERE level = %s", [level])
            (first,) = cursor.fetchone()
        stored += _store_level(level, first, size)
        level += 1
    return stored


def _places(index: int, width: int) -> list[int]:
    return list(range(index * tiles.WIDTH, index * tiles.WIDTH + width))


def _read(wanted: Sequence[Tile]) -> list[bytes]:
    found = _hashes(wanted)
    for tile, data in zip(wanted, found, strict=True):
        if len(data) != tile.width * merkle.HASH_SIZE:
            raise LookupError(f"no tile {tile.path}")
    return found


# As much as there is of each tile, in order.
def _hashes(wanted: Sequence[Tile]) -> list[bytes]:
    columns = [[tile.level for tile in wanted], [tile.index for tile in wanted], [tile.width for tile in wanted]]
    with connection.cursor() as cursor:
        cursor.execute(_TILES, columns)
        return [bytes(data or b"") for (data,) in cursor.fetchall()]


def _store_level(level: int, first: int, end: int) -> int:
    grouped = _GROUPED_HASHES if level else _GROUPED_LEAVES
    with connection.cursor() as cursor:
        for start in range(first, end, _AT_A_TIME):
            bounds = [start * tiles.WIDTH, min(start + _AT_A_TIME, end) * tiles.WIDTH]
            cursor.execute(grouped, [*([level - 1] if level else []), *bounds])
            rows = [(level, index, data, merkle.root(tiles.split(bytes(data)))) for index, data in cursor.fetchall()]
            with cursor.copy(_COPY) as copy:
                copy.set_types(["int2", "int8", "bytea", "bytea"])
                for row in rows:
                    copy.write_row(row)
    return end - first


# Tiles of one step: eight megabytes of hashes.
_AT_A_TIME = 1_000

# A tile that is not stored is put together from what is below it. Places are named one by one, for a range the server
# cannot estimate makes it read the whole log. The arrays come by sub-selects, which hide their lengths from it: a
# connection keeps one plan, where to plan anew takes longer than to read.
_TILES = """
SELECT substr(
    coalesce(
        tile.hashes,
        CASE WHEN wanted.level > 0 THEN (
            SELECT string_agg(below.root_hash, ''::bytea ORDER BY below.index) FROM journal_tile AS below
            WHERE below.level = wanted.level - 1 AND below.index = ANY(wanted.places)
        ) ELSE (
            SELECT string_agg(leaf.leaf_hash, ''::bytea ORDER BY numbered.seq)
            FROM journal_seq AS numbered JOIN journal_leaf AS leaf ON leaf.id = numbered.leaf_id
            WHERE numbered.seq = ANY(wanted.places)
        ) END
    ),
    1, 32 * wanted.width
)
FROM (
    SELECT given.*, ARRAY(SELECT generate_series(256 * index, 256 * index + width - 1)) AS places
    FROM unnest((SELECT %s::smallint[]), (SELECT %s::bigint[]), (SELECT %s::integer[]))
        WITH ORDINALITY AS given (level, index, width, place)
) AS wanted
LEFT JOIN journal_tile AS tile ON tile.level = wanted.level AND tile.index = wanted.index
ORDER BY wanted.place
"""
_PAYLOADS = """
SELECT leaf.payload FROM journal_seq AS numbered JOIN journal_leaf AS leaf ON leaf.id = numbered.leaf_id
WHERE numbered.seq = ANY(%s) ORDER BY numbered.seq
"""
_GROUPED_HASHES = """
SELECT index / 256, string_agg(root_hash, ''::bytea ORDER BY index) FROM journal_tile
WHERE level = %s AND index >= %s AND index < %s GROUP BY index / 256 ORDER BY index / 256
"""
_GROUPED_LEAVES = """
SELECT numbered.seq / 256, string_agg(leaf.leaf_hash, ''::bytea ORDER BY numbered.seq)
FROM journal_seq AS numbered JOIN journal_leaf AS leaf ON leaf.id = numbered.leaf_id
WHERE numbered.seq >= %s AND numbered.seq < %s GROUP BY numbered.seq / 256 ORDER BY numbered.seq / 256
"""
_COPY = "COPY journal_tile (level, index, hashes, root_hash) FROM STDIN (FORMAT BINARY)"
