"""Serial blocks split and joined over and over: no number lost, none twice, as few blocks as there can be.

The long form is one command: `TONNEBOOK_SERIAL_OPS=100000 ./tonnebook test tests/property/test_serials.py`.
"""

import os
import random
from itertools import pairwise

import pytest

from tonnebook.core import ledger
from tonnebook.core.ledger import Block

OPS = int(os.environ.get("TONNEBOOK_SERIAL_OPS", "20000"))
ISSUED_T = 100_000
HOLDERS = 12


@pytest.mark.parametrize("seed", [20260101])
def test_any_number_of_splits_and_joins_keeps_one_owner_per_number(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  a repeatable sequence, nothing secret
    held: list[tuple[Block, ...]] = [(Block(1, ISSUED_T + 1),), *[()] * (HOLDERS - 1)]
    for step in range(OPS):
        debit, credit = chance.sample(range(HOLDERS), 2)
        total_t = sum(block.size_t for block in held[debit])
        if not total_t:
            continue
        quantity_t = chance.randint(1, min(total_t, chance.choice((3, 300, ISSUED_T))))
        taken, held[debit] = ledger.take_blocks(held[debit], quantity_t)
        held[credit] = ledger.merge_blocks((*held[credit], *taken))
        if step % 100 == 0 or step == OPS - 1:
            check(held)


def check(held: list[tuple[Block, ...]]) -> None:
    line = sorted(block for blocks in held for block in blocks)
    assert (line[0].serial_from, line[-1].serial_to) == (1, ISSUED_T + 1)
    # Gapless and without overlap: every block begins where the one before it ends.
    assert all(left.serial_to == right.serial_from for left, right in pairwise(line))
    for blocks in held:
        assert all(left.serial_to < right.serial_from for left, right in pairwise(sorted(blocks)))
