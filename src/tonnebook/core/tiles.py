"""The tiles of the public log: its tree cut into static pieces of 256 hashes, and its entries into bundles.

A *tile* of level 0 holds leaf hashes; each hash of a tile of level n + 1 is the root of a full tile of level n. Whoever
has the tiles of a size can compute every root and every proof of it. Source: C2SP tlog-tiles.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from tonnebook.core import merkle

Answer = TypeVar("Answer")
# Gives the root over the leaves [low, high).
RangeRoot: TypeAlias = Callable[[int, int], bytes]

HEIGHT = 8
WIDTH = 1 << HEIGHT
# An entry of a bundle is written with its length in two bytes.
ENTRY_BYTES_MAX = 0xFFFF
# Entries are counted in 63 bits.
INDEX_MAX = (1 << 63) // WIDTH - 1

_PLACE = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a tile stands and how much of it there is.

    Attributes:
        level: 0 for leaf hashes, to 63.
        index: position in its level, from 0.
        width: hashes, 1 to 256; under 256 the tile is *partial*: the right edge of a log of some size.
    """

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The tile's address under the prefix of the log."""
        return f"tile/{self.level}/{place(self.index, self.width)}"


def place(index: int, width: int = WIDTH) -> str:
    """Write an index as a path of three digits each, all but the last marked, and a width that is not full.

    Args:
        index: >= 0.
        width: 1 to 256.

    Returns:
        The end of an address.

    Source: C2SP tlog-tiles.

    Example:
        >>> place(1234067, 5)
        'x001/x234/067.p/5'
    """
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
    return path if width == WIDTH else f"{path}.p/{width}"


def read_place(path: str) -> tuple[int, int] | None:
    """Read what `place` wrote.

    Args:
        path: the end of an address.

    Returns:
        Index and width, or None when it is not written in the one right way or no log can be so long.
    """
    found = _PLACE.fullmatch(path)
    if found is None:
        return None
    index, width = int(found[1].replace("x", "").replace("/", "") + found[2]), int(found[3] or WIDTH)
    return (index, width) if index <= INDEX_MAX and place(index, width) == path else None


def tiles_of(size: int) -> Iterator[Tile]:
    """Name the tiles of a log of that size, level by level; the last of a level may be partial."""
    level, hashes = 0, size
    while hashes:
        full, rest = divmod(hashes, WIDTH)
        yield from (Tile(level, index) for index in range(full))
        if rest:
            yield Tile(level, full, rest)
        level, hashes = level + 1, full


def bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries one after the other, each behind its length in two bytes.

    Raises:
        ValueError: when an entry is longer than 65,535 bytes.

    Source: C2SP tlog-tiles.
    """
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise ValueError(f"an entry of {len(entry)} bytes does not fit into a bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split(hashes: bytes) -> list[bytes]:
    """Cut a tile into its hashes."""
    return [hashes[at : at + merkle.HASH_SIZE] for at in range(0, len(hashes), merkle.HASH_SIZE)]


class TiledLog:
    """A log of which only tiles are kept, here or anywhere: gives roots and proofs of one size."""

    def __init__(self, size: int, read: Callable[[Sequence[Tile]], Sequence[bytes]]) -> None:
        """Take a size and a function that gives the bytes of tiles; it is asked once for each answer, if at all."""
        self.size = size
        self._read = read
        self._trees: dict[Tile, merkle.Tree] = {}

    def root(self) -> bytes:
        """Give the root over all leaves."""
        return self._answer(lambda range_root: range_root(0, self.size)) if self.size else merkle.EMPTY_ROOT

    def frontier(self) -> merkle.Frontier:
        """Give the roots of the full subtrees, largest first."""
        ranges, low = [], 0
        for height in reversed(range(self.size.bit_length())):
            if self.size >> height & 1:
                ranges.append((low, low + (1 << height)))
                low += 1 << height
        nodes = self._answer(lambda range_root: [range_root(*one) for one in ranges])
        return merkle.Frontier(self.size, tuple(nodes))

    def membership_proof(self, index: int) -> list[bytes]:
        """Prove that a leaf stands in this log; else as `merkle.membership_proof`."""
        return self._answer(lambda range_root: merkle.membership_proof_over(range_root, index=index, size=self.size))

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Prove that the log of `old_size` leaves is the beginning of this one; else as `merkle.consistency_proof`."""
        return self._answer(
            lambda range_root: merkle.consistency_proof_over(range_root, old_size=old_size, new_size=self.size)
        )

    # Asked twice: the first time to hear which tiles it takes, which are then read together.
    def _answer(self, ask: Callable[[RangeRoot], Answer]) -> Answer:
        wanted: dict[Tile, None] = {}

        def hear(low: int, high: int) -> bytes:
            wanted.update((tile, None) for tile, _, _ in self._nodes(low, high) if tile not in self._trees)
            return merkle.EMPTY_ROOT

        ask(hear)
        if wanted:
            read = self._read(list(wanted))
            self._trees |= {tile: merkle.Tree(split(hashes)) for tile, hashes in zip(wanted, read, strict=True)}
        return ask(self._range_root)

    def _range_root(self, low: int, high: int) -> bytes:
        *others, root = [self._trees[tile].node(height, position) for tile, height, position in self._nodes(low, high)]
        for node in reversed(others):
            root = merkle.node_hash(node, root)
        return root

    # The full subtrees of a range, largest first: for each the tile it lies in, its height and its position there.
    # Every range a proof asks for begins at a multiple of a power of two not below its length.
    def _nodes(self, low: int, high: int) -> Iterator[tuple[Tile, int, int]]:
        while low < high:
            height = (high - low).bit_length() - 1
            level, inside = divmod(height, HEIGHT)
            index, first = divmod(low >> level * HEIGHT, WIDTH)
            width = min(WIDTH, (self.size >> level * HEIGHT) - index * WIDTH)
            yield Tile(level, index, width), inside, first >> inside
            low += 1 << height
