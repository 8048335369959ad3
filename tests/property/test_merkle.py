"""Proofs of the log against brute force: RFC 6962 word by word, and every wrong proof refused."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import merkle

_LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


def brute_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + brute_root(leaves[:split]) + brute_root(leaves[split:])).digest()


def brute_membership(leaves: list[bytes], index: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*brute_membership(leaves[:split], index), brute_root(leaves[split:])]
    return [*brute_membership(leaves[split:], index - split), brute_root(leaves[:split])]


def brute_consistency(leaves: list[bytes], old_size: int, *, whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2."""
    if old_size == len(leaves):
        return [] if whole else [brute_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old_size <= split:
        return [*brute_consistency(leaves[:split], old_size, whole=whole), brute_root(leaves[split:])]
    return [*brute_consistency(leaves[split:], old_size - split, whole=False), brute_root(leaves[:split])]


@given(_LEAVES, st.lists(st.integers(1, 20)))
def test_a_frontier_grown_in_pieces_has_the_root_of_the_whole(leaves: list[bytes], pieces: list[int]) -> None:
    frontier, at = merkle.Frontier(), 0
    for piece in [*pieces, len(leaves)]:
        frontier = frontier.append(leaves[at : at + piece])
        at += piece
        frontier = merkle.Frontier.from_bytes(frontier.size, frontier.to_bytes())
    assert frontier.root == brute_root(leaves)


@given(_LEAVES, st.lists(st.integers(1, 20)), st.data())
def test_a_tree_grown_in_pieces_has_every_root_and_proof_of_every_earlier_size(
    leaves: list[bytes], pieces: list[int], data: st.DataObject
) -> None:
    tree, at = merkle.Tree(), 0
    for piece in [*pieces, len(leaves)]:
        tree.append(leaves[at : at + piece])
        at += piece
        assert tree.root() == brute_root(leaves[:at])
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    assert (len(tree), tree.root(size)) == (len(leaves), brute_root(leaves[:size]))
    assert tree.membership_proof(index, size) == brute_membership(leaves[:size], index)


@given(_LEAVES, st.data())
def test_membership_proofs_equal_brute_force_and_hold_for_one_place_only(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = merkle.membership_proof(leaves, index), brute_root(leaves)
    assert path == brute_membership(leaves, index)
    assert merkle.verify_membership(leaf=leaves[index], index=index, size=len(leaves), path=path, expected_root=root)
    for other in range(len(leaves)):
        is_proved = merkle.verify_membership(
            leaf=leaves[index], index=other, size=len(leaves), path=path, expected_root=root
        )
        assert not is_proved or leaves[other] == leaves[index]


@given(_LEAVES, st.data())
def test_an_altered_membership_proof_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = merkle.membership_proof(leaves, index), brute_root(leaves)
    assert not merkle.verify_membership(
        leaf=_flipped(leaves[index]), index=index, size=len(leaves), path=path, expected_root=root
    )
    for at in range(len(path)):
        altered = [*path[:at], _flipped(path[at]), *path[at + 1 :]]
        for wrong in (altered, path[:at] + path[at + 1 :], [*path, path[at]]):
            assert not merkle.verify_membership(
                leaf=leaves[index], index=index, size=len(leaves), path=wrong, expected_root=root
            )


@given(_LEAVES, st.data())
def test_consistency_proofs_equal_brute_force_and_refuse_a_rewritten_log(
    leaves: list[bytes], data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    proof = merkle.consistency_proof(leaves, old_size)
    old_root, new_root = brute_root(leaves[:old_size]), brute_root(leaves)
    assert proof == brute_consistency(leaves, old_size)

    def holds(old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
        return merkle.verify_consistency(
            old_size=old_size, old_root=old_root, new_size=len(leaves), new_root=new_root, proof=proof
        )

    assert holds(old_root, new_root, proof)
    rewritten = [_flipped(leaves[0]), *leaves[1:]]
    assert not holds(brute_root(rewritten[:old_size]), new_root, proof)
    assert not holds(old_root, brute_root(rewritten), proof)
    for at in range(len(proof)):
        assert not holds(old_root, new_root, [*proof[:at], _flipped(proof[at]), *proof[at + 1 :]])
        assert not holds(old_root, new_root, proof[:at] + proof[at + 1 :])


def _flipped(node: bytes) -> bytes:
    return bytes([node[0] ^ 1]) + node[1:]
