"""Check that an older log is the beginning of a newer one, with the auditor's own arithmetic.

Written as the recursion of RFC 6962 §2.1.2 read backwards; the system itself checks by counting bits instead.
"""

import hmac
from collections.abc import Iterator, Sequence

from tonnebook_audit import tree


def holds(*, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that nothing of the older log was changed, dropped or put in between.

    Args:
        old_size: entries in the older log, >= 1.
        old_root: its root.
        new_size: entries in the newer log.
        new_root: its root.
        proof: hashes in the order of RFC 6962.

    Returns:
        Whether both roots follow from the proof and no hash is left over; never raises.
    """
    if not 0 < old_size <= new_size:
        return False
    rest = iter(proof)
    try:
        roots = _roots(old_size, new_size, old_root, rest)
    except StopIteration:
        return False
    is_used_up = next(rest, None) is None
    return is_used_up and all(map(hmac.compare_digest, roots, (old_root, new_root)))


# The roots of the older and the newer log over one subtree; `known` is the older root while the subtree begins at 0.
def _roots(old_size: int, new_size: int, known: bytes | None, rest: Iterator[bytes]) -> tuple[bytes, bytes]:
    if old_size == new_size:
        node = next(rest) if known is None else known
        return node, node
    half = 1
    while half * 2 < new_size:
        half *= 2
    if old_size <= half:
        old, left = _roots(old_size, half, known, rest)
        return old, tree.parent(left, next(rest))
    old, right = _roots(old_size - half, new_size - half, None, rest)
    left = next(rest)
    return tree.parent(left, old), tree.parent(left, right)
