"""Tiles are named, cut and read as C2SP tlog-tiles says; its own examples are the vectors."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tonnebook.core import merkle, tiles
from tonnebook.core.tiles import Tile

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(70_000)]


def cut(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """Cut a log into tiles, word by word as the specification defines them."""
    found: dict[tuple[int, int], bytes] = {}
    level, hashes = 0, leaves
    while hashes:
        pieces = [hashes[at : at + 256] for at in range(0, len(hashes), 256)]
        found |= {(level, index): b"".join(piece) for index, piece in enumerate(pieces)}
        level, hashes = level + 1, [merkle.root(piece) for piece in pieces if len(piece) == 256]
    return found


TILES = cut(LEAVES)


def read(wanted: Sequence[Tile]) -> list[bytes]:
    return [TILES[tile.level, tile.index][: tile.width * 32] for tile in wanted]


def test_an_index_is_written_as_in_the_example_of_the_specification() -> None:
    assert tiles.place(1234067) == "x001/x234/067"
    assert tiles.place(0) == "000"
    assert tiles.place(999, 255) == "999.p/255"
    assert tiles.place(1000) == "x001/000"
    assert Tile(3, 1234067, 1).path == "tile/3/x001/x234/067.p/1"


@pytest.mark.parametrize("index", [0, 5, 999, 1000, 1234067, 10**12])
@pytest.mark.parametrize("width", [1, 99, 255, 256])
def test_a_place_is_read_as_it_was_written(index: int, width: int) -> None:
    assert tiles.read_place(tiles.place(index, width)) == (index, width)


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "00", "0000", "x001/x234/67", "x001/x234/x067", "001/067", "x000/067", "-01", "067/", "/067"),
        *("067.p/0", "067.p/256", "067.p/01", "067.p/", "067.p", "067.p/12/", "x1/067", "٠٠٠", "067\n"),
        "x036/x028/x797/x018/x963/968",
    ],
)
def test_a_place_that_is_not_written_in_the_one_right_way_is_none(path: str) -> None:
    assert tiles.read_place(path) is None


def test_the_tiles_of_a_size_are_those_of_the_example_of_the_specification() -> None:
    # "273 full level 0 tiles, one partial of width 112, one full level 1 tile, one partial of width 17, and one partial
    # level 2 tile of width 1"; "size 256: a full level 0 tile and a partial level 1 tile of width 1".
    counted = Counter((tile.level, tile.width) for tile in tiles.tiles_of(70_000))
    assert counted == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}
    assert list(tiles.tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.tiles_of(0)) == []


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_roots_and_proofs_from_tiles_are_those_of_the_tree(size: int) -> None:
    log, tree = tiles.TiledLog(size, read), merkle.Tree(LEAVES[:size])
    assert log.root() == tree.root()
    assert log.frontier() == merkle.Frontier().append(LEAVES[:size])
    for index in {0, size // 3, size // 2, size - 1}:
        assert log.membership_proof(index) == tree.membership_proof(index)
    for old_size in {1, size // 2 or 1, size - 1 or 1, size}:
        assert log.consistency_proof(old_size) == merkle.consistency_proof(LEAVES[:size], old_size)


def test_a_proof_reads_its_tiles_together_and_no_more_than_two_of_a_level() -> None:
    asked: list[Sequence[Tile]] = []

    def watched(wanted: Sequence[Tile]) -> list[bytes]:
        asked.append(wanted)
        return read(wanted)

    log = tiles.TiledLog(70_000, watched)
    proof = log.membership_proof(40_000)
    assert log.membership_proof(40_000) == proof
    (seen,) = asked
    assert len(seen) == len(set(seen))
    assert max(Counter(tile.level for tile in seen).values()) <= 2


def test_an_empty_tiled_log_has_the_empty_root() -> None:
    assert tiles.TiledLog(0, read).root() == merkle.EMPTY_ROOT


def test_a_bundle_holds_each_entry_behind_its_length() -> None:
    assert tiles.bundle([b"ab", b"", b"c" * 256]) == b"\x00\x02ab\x00\x00\x01\x00" + b"c" * 256
    assert len(tiles.bundle([bytes(65_535)])) == 65_537
    with pytest.raises(ValueError, match="does not fit"):
        tiles.bundle([bytes(65_536)])
