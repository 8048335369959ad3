"""The tiles of the public log: its tree cut into static pieces of 256 hashes, and its entries into bundles.

A *tile* of level 0 holds leaf hashes; each hash of a tile of level n + 1 is the root of a full tile of level n. Whoever
has the tiles of a size can compute every root and every proof of it. Source: C2SP tlog-tiles.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tonnebook.core import merkle

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

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        """Take a size and a function that gives the bytes of a tile; each tile is read once at most."""
        self.size = size
        self._read = read
        self._trees: dict[tuple[int, int], merkle.Tree] = {}

    def root(self) -> bytes:
        """Give the root over all leaves."""
        return self._range_root(0, self.size) if self.size else merkle.EMPTY_ROOT

    def frontier(self) -> merkle.Frontier:
        """Give the roots of the full subtrees, largest first."""
        nodes, low = [], 0
        for height in reversed(range(self.size.bit_length())):
            if self.size >> height & 1:
                nodes.append(self._range_root(low, low + (1 << height)))
                low += 1 << height
        return merkle.Frontier(self.size, tuple(nodes))

    def membership_proof(self, index: int) -> list[bytes]:
        """Prove that a leaf stands in this log; else as `merkle.membership_proof`."""
        return merkle.membership_proof_over(self._range_root, index=index, size=self.size)

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Prove that the log of `old_size` leaves is the beginning of this one; else as `merkle.consistency_proof`."""
        return merkle.consistency_proof_over(self._range_root, old_size=old_size, new_size=self.size)

    # Every range a proof asks for begins at a multiple of a power of two not below its length.
    def _range_root(self, low: int, high: int) -> bytes:
        height = (high - low).bit_length() - 1
        if high - low != 1 << height:
            middle = low + (1 << height)
            return merkle.node_hash(self._range_root(low, middle), self._range_root(middle, high))
        level, inside = divmod(height, HEIGHT)
        first = low >> level * HEIGHT
        return self._node(level, first // WIDTH, first % WIDTH >> inside, inside)

    # The node of a height within a tile; its tree is built once and serves every range of the proof.
    def _node(self, level: int, index: int, position: int, height: int) -> bytes:
        if (level, index) not in self._trees:
            width = min(WIDTH, (self.size >> level * HEIGHT) - index * WIDTH)
            self._trees[level, index] = merkle.Tree(split(self._read(Tile(level, index, width))))
        return self._trees[level, index].node(height, position)
