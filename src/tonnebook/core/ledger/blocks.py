"""Serial blocks: one number per tonne on one global line, lowest number first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tonnebook.core.errors import Fault


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Serial numbers `[serial_from, serial_to)`, one per tonne."""

    serial_from: int
    serial_to: int

    @property
    def size_t(self) -> int:
        """How many tonnes the block holds."""
        return self.serial_to - self.serial_from


def take_blocks(blocks: Sequence[Block], quantity_t: int) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Take tonnes out of serial blocks, the lowest serial first, splitting the last one if need be.

    Args:
        blocks: in order of serial, without overlap.
        quantity_t: tonnes, > 0.

    Returns:
        The blocks taken and the blocks that remain, both in order.

    Raises:
        Fault: A1 when the blocks hold less; balances are checked before, so the book would be broken.

    Source: design choice, no legal source.

    Example:
        >>> take_blocks((Block(1, 4), Block(9, 12)), 4)[0]
        (Block(serial_from=1, serial_to=4), Block(serial_from=9, serial_to=10))
    """
    taken: list[Block] = []
    missing_t = quantity_t
    for index, block in enumerate(blocks):
        if block.size_t > missing_t:
            cut = block.serial_from + missing_t
            last = (Block(block.serial_from, cut),) if missing_t else ()
            return (*taken, *last), (Block(cut, block.serial_to), *blocks[index + 1 :])
        taken.append(block)
        missing_t -= block.size_t
    if missing_t:
        raise Fault("A1", missing_t=missing_t, wanted_t=quantity_t)
    return tuple(taken), ()


def merge_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Join neighbouring blocks, to show serial numbers in as few ranges as possible."""
    merged: list[Block] = []
    for block in sorted(blocks):
        if merged and merged[-1].serial_to == block.serial_from:
            merged[-1] = Block(merged[-1].serial_from, block.serial_to)
        else:
            merged.append(block)
    return tuple(merged)
