"""A log made up for these tests, a witness for it, and the requests of the one to the other."""

import base64
from pathlib import Path

from tonnebook.core import merkle
from tonnebook.journal.signing import Signer
from tonnebook_audit import notes
from tonnebook_witness.state import State
from tonnebook_witness.witness import Cosigner, Witness

LOG = Signer("log.example/trial", bytes(range(32)), 7)
COSIGNER = Cosigner("witness.example/w1", bytes(range(1, 33)))
SECONDS = 1_679_315_147
TREE = merkle.Tree([merkle.leaf_hash(str(number).encode()) for number in range(400)])
# The same log with its third leaf rewritten.
FORKED = merkle.Tree([merkle.leaf_hash(str(-number if number == 2 else number).encode()) for number in range(400)])


def witness(path: Path) -> Witness:
    """Start a witness that remembers in this file."""
    key = notes.read_key(LOG.verifier_key)
    assert key is not None
    return Witness(COSIGNER, State(path), [key])


def checkpoint(size: int, tree: merkle.Tree = TREE, log: Signer = LOG) -> str:
    """Sign a head."""
    return log.checkpoint(size=size, root_hash=tree.root(size))


def request(old_size: int, size: int, tree: merkle.Tree = TREE, log: Signer = LOG) -> bytes:
    """Ask for a signature under a head, with the proof from the older size."""
    proof = []
    if 0 < old_size < size:
        leaves = [tree.node(0, at) for at in range(size)]
        proof = merkle.consistency_proof(leaves, old_size)
    lines = [f"old {old_size}", *(base64.b64encode(node).decode() for node in proof)]
    return ("\n".join(lines) + "\n\n" + checkpoint(size, tree, log)).encode()
