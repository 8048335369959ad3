"""The auditor's own check of a consistency proof agrees with the system's for every pair of sizes."""

import hashlib

import pytest

from tonnebook.core import merkle
from tonnebook_audit import consistency

LEAVES = [hashlib.sha256(bytes([count])).digest() for count in range(20)]


@pytest.mark.parametrize("new_size", range(1, 20))
def test_every_beginning_of_a_log_is_proved(new_size: int) -> None:
    for old_size in range(1, new_size + 1):
        proof = merkle.consistency_proof(LEAVES[:new_size], old_size)
        roots = {"old_root": merkle.root(LEAVES[:old_size]), "new_root": merkle.root(LEAVES[:new_size])}
        assert consistency.holds(old_size=old_size, new_size=new_size, proof=proof, **roots)
        forged = {**roots, "old_root": merkle.root(LEAVES[1 : old_size + 1])}
        assert not consistency.holds(old_size=old_size, new_size=new_size, proof=proof, **forged)
        assert not consistency.holds(old_size=old_size, new_size=new_size, proof=[*proof, LEAVES[0]], **roots)
        assert not proof or not consistency.holds(old_size=old_size, new_size=new_size, proof=proof[:-1], **roots)


@pytest.mark.parametrize(("old_size", "new_size"), [(0, 3), (4, 3), (-1, 3)])
def test_sizes_in_the_wrong_order_prove_nothing(old_size: int, new_size: int) -> None:
    root = merkle.root(LEAVES[:3])
    assert not consistency.holds(old_size=old_size, new_size=new_size, old_root=root, new_root=root, proof=[])
