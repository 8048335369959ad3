"""The tree behind the public log: hashes, roots and proofs after RFC 6962.

A log of n leaves has one root. A *membership proof* shows that a leaf stands at an index of a log of that size; a
*consistency proof* shows that an older log is the beginning of a newer one. A `Frontier` carries only the roots of the
full subtrees, so a log grows in logarithmic memory; a `Tree` keeps every node, so that a proof is a look-up. A *seal*
commits to private fields without showing them.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tonnebook.core import canonical

HASH_SIZE = 32
SALT_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(payload: bytes) -> bytes:
    """Hash a leaf: SHA-256 of a zero byte and the payload. Source: RFC 6962 §2.1."""
    return hashlib.sha256(b"\x00" + payload).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent: SHA-256 of a one byte and both. Source: RFC 6962 §2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def seal(sealed: Mapping[str, object], salt: bytes) -> str:
    """Commit to private fields so that nothing about them can be guessed once the salt is erased.

    Args:
        sealed: the private fields, canonically encodable.
        salt: 32 random bytes, kept beside the fields and erased with them.

    Returns:
        The commitment, 64 hexadecimal digits.

    Raises:
        ValueError: when the salt has another length.

    Source: design choice, no legal source (HMAC-SHA-256 as a commitment).
    """
    return seal_text(canonical.text(sealed), salt)


def seal_text(sealed: str, salt: bytes) -> str:
    """Commit to private fields that have been written as canonical text already; else as `seal`."""
    if len(salt) != SALT_SIZE:
        raise ValueError(f"a salt has {SALT_SIZE} bytes, not {len(salt)}")
    return keyed_digest(salt, sealed.encode()).hex()


def keyed_digest(key: bytes, text: bytes) -> bytes:
    """Compute the HMAC (SHA-256) of a short text under a key of 32 bytes; the general function takes twice the time.

    Source: design choice, no legal source.
    """
    inside = hashlib.sha256(key.translate(_INNER) + _INNER_REST + text).digest()
    return hashlib.sha256(key.translate(_OUTER) + _OUTER_REST + inside).digest()


def keyed_digests(key: bytes, begun: bytes) -> Callable[[bytes], bytes]:
    """Prepare the HMAC of many texts that begin alike, under one key of 32 bytes; what they share is hashed once.

    Args:
        key: 32 bytes.
        begun: what every text begins with.

    Returns:
        A function from the rest of a text to the digest of the whole.

    Source: design choice, no legal source.
    """
    inner = hashlib.sha256(key.translate(_INNER) + _INNER_REST + begun)
    outer = hashlib.sha256(key.translate(_OUTER) + _OUTER_REST)

    def digest(rest: bytes) -> bytes:
        inside, whole = inner.copy(), outer.copy()
        inside.update(rest)
        whole.update(inside.digest())
        return whole.digest()

    return digest


def seal_texts(sealed: Iterable[str], key: bytes, begun: bytes) -> list[str]:
    """Commit to thousands of texts in turn, each as `seal_text` under a salt of its own.

    Args:
        sealed: canonical texts of private fields.
        key: 32 bytes; the salt of a text is the keyed digest of `begun` and its place, from 0.
        begun: what tells these texts from others under the same key.

    Returns:
        The commitments, 64 hexadecimal digits each.

    Source: design choice, no legal source (HMAC-SHA-256 as a commitment).
    """
    salt_of, hashed = keyed_digests(key, begun), hashlib.sha256
    found = []
    for place, one in enumerate(sealed):
        salt = salt_of(b"%d" % place)
        inside = hashed(salt.translate(_INNER) + _INNER_REST + one.encode()).digest()
        found.append(hashed(salt.translate(_OUTER) + _OUTER_REST + inside).hexdigest())
    return found


# Each byte of the key is changed by a constant; the rest of the block of 64 bytes is the constant itself.
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_INNER_REST, _OUTER_REST = b"\x36" * 32, b"\x5c" * 32


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees of a log, largest first: all that is needed to go on.

    Attributes:
        size: number of leaves, >= 0.
        nodes: one hash per set bit of `size`, highest bit first.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier whose nodes do not fit its size with a `ValueError`."""
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError(f"{len(self.nodes)} nodes cannot stand for {self.size} leaves")

    def append(self, leaves: Sequence[bytes]) -> "Frontier":
        """Add leaf hashes and give the new frontier; costs one hash per leaf on average."""
        nodes, size = list(self.nodes), self.size
        for leaf in leaves:
            node, rest = leaf, size
            while rest & 1:
                node = node_hash(nodes.pop(), node)
                rest >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size, tuple(nodes))

    @property
    def root(self) -> bytes:
        """The root of the whole log; of an empty one, the hash of nothing."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def to_bytes(self) -> bytes:
        """Write the nodes one after the other, for storage beside the size."""
        return b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Read back what `to_bytes` wrote; a length that does not fit is a `ValueError`."""
        if len(data) % HASH_SIZE:
            raise ValueError(f"{len(data)} bytes are no whole number of hashes")
        return cls(size, tuple(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)))


class Tree:
    """A log in memory with every node of its full subtrees: grows by one hash per leaf, proves by looking up."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._edges: dict[int, list[bytes | None]] = {}
        self.append(leaves)

    def __len__(self) -> int:
        """Count the leaves."""
        return len(self._levels[0])

    def append(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes at the end."""
        self._levels[0].extend(leaves)
        self._edges.clear()
        for height, below in enumerate(self._levels):
            if height + 1 == len(self._levels) and len(below) > 1:
                self._levels.append([])
            paired = 2 * len(self._levels[height + 1]) if len(below) > 1 else 0
            if len(below) < paired + 2:
                break
            self._levels[height + 1].extend(parents(below[paired : len(below) & ~1]))

    def root(self, size: int | None = None) -> bytes:
        """Give the root over the first leaves, or over all.

        Args:
            size: how many leaves, at most `len(self)`; all when None.

        Returns:
            Root of the log of that size; of an empty one, the hash of nothing.
        """
        wanted = self._known(size)
        if wanted == 0:
            return EMPTY_ROOT
        height = (wanted - 1).bit_length()
        return self._edge(wanted)[height] or self._levels[height][0]

    def node(self, height: int, position: int) -> bytes:
        """Give the root of a full subtree: the one of `2 ** height` leaves at that position among its like."""
        return self._levels[height][position]

    def membership_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Prove that a leaf stands in the log, as the function of the same name does.

        Args:
            index: position from 0.
            size: leaves in the log the proof is for; all when None.

        Returns:
            Sibling hashes from the leaf upwards.

        Raises:
            ValueError: when the index or the size lies outside.

        Source: RFC 6962 §2.1.1.
        """
        wanted = self._known(size)
        if not 0 <= index < wanted:
            raise ValueError(f"no leaf {index} in a log of {wanted}")
        edge, path = self._edge(wanted), []
        for height in range((wanted - 1).bit_length()):
            sibling, full = index >> height ^ 1, wanted >> height
            if sibling < full:
                path.append(self._levels[height][sibling])
            elif sibling == full and (node := edge[height]) is not None:
                path.append(node)
        return path

    def _known(self, size: int | None) -> int:
        wanted = len(self) if size is None else size
        if not 0 <= wanted <= len(self):
            raise ValueError(f"a log of {len(self)} never had {wanted} leaves")
        return wanted

    # By height, the root over what is left of that many leaves beside the full subtrees of the height, if anything is.
    def _edge(self, size: int) -> list[bytes | None]:
        if size not in self._edges:
            edge: list[bytes | None] = [None]
            for height in range((size - 1).bit_length()):
                node, full = edge[height], size >> height
                if full & 1:
                    last = self._levels[height][full - 1]
                    node = last if node is None else node_hash(last, node)
                edge.append(node)
            self._edges[size] = edge
        return self._edges[size]


def parents(nodes: Sequence[bytes]) -> list[bytes]:
    """Hash an even number of neighbours into the half as many nodes above them."""
    sha256, each = hashlib.sha256, iter(nodes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=True)]


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the root over leaf hashes. Source: RFC 6962 §2.1."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        # A last node without neighbour moves up as it is.
        alone = level[-1:] if len(level) & 1 else []
        level = parents(level[: len(level) & ~1]) + alone
    return level[0]


def membership_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Prove that a leaf stands in the log.

    Args:
        leaves: leaf hashes of the whole log.
        index: position from 0.

    Returns:
        Sibling hashes from the leaf upwards; at most one per level.

    Raises:
        ValueError: when the index lies outside.

    Source: RFC 6962 §2.1.1.
    """
    return Tree(leaves).membership_proof(index)


def membership_proof_over(range_root: Callable[[int, int], bytes], *, index: int, size: int) -> list[bytes]:
    """Prove that a leaf stands in a log whose leaves are kept elsewhere.

    Args:
        range_root: gives the root over the leaves `[low, high)`.
        index: position from 0.
        size: leaves in the log.

    Returns:
        Sibling hashes from the leaf upwards; `range_root` is asked once for each.

    Raises:
        ValueError: when the index lies outside.

    Source: RFC 6962 §2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a log of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(range_root(middle, high))
            high = middle
        else:
            path.append(range_root(low, middle))
            low = middle
    return path[::-1]


def verify_membership(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Check a membership proof.

    Args:
        leaf: leaf hash.
        index: position from 0.
        size: leaves in the log, > index.
        path: sibling hashes from the leaf upwards.
        expected_root: root of the log of that size.

    Returns:
        Whether the path leads from the leaf at that index to exactly that root; never raises.

    Source: RFC 9162 §2.1.3.2 (the same tree as RFC 6962).
    """
    if not 0 <= index < size:
        return False
    node, position, last = leaf, index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(node, expected_root)


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Prove that the log of `old_size` leaves is the beginning of this one.

    Args:
        leaves: leaf hashes of the newer log.
        old_size: leaves in the older one, 1 to `len(leaves)`.

    Returns:
        Hashes in the order of RFC 6962; empty when both sizes are the same.

    Raises:
        ValueError: when the old size lies outside.

    Source: RFC 6962 §2.1.2.
    """
    return consistency_proof_over(lambda low, high: root(leaves[low:high]), old_size=old_size, new_size=len(leaves))


def consistency_proof_over(range_root: Callable[[int, int], bytes], *, old_size: int, new_size: int) -> list[bytes]:
    """Prove that an older log is the beginning of a newer one whose leaves are kept elsewhere.

    Args:
        range_root: gives the root over the leaves `[low, high)`.
        old_size: leaves in the older log, 1 to `new_size`.
        new_size: leaves in the newer log.

    Returns:
        Hashes in the order of RFC 6962; `range_root` is asked once for each.

    Raises:
        ValueError: when the old size lies outside.

    Source: RFC 6962 §2.1.2.
    """
    if not 0 < old_size <= new_size:
        raise ValueError(f"a log of {new_size} has no earlier size {old_size}")
    proof: list[bytes] = []
    low, high, size, whole = 0, new_size, old_size, True
    while size != high - low:
        split = _split(high - low)
        if size <= split:
            proof.append(range_root(low + split, high))
            high = low + split
        else:
            proof.append(range_root(low, low + split))
            low, size, whole = low + split, size - split, False
    if not whole:
        proof.append(range_root(low, high))
    return proof[::-1]


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Check a consistency proof.

    Args:
        old_size: leaves in the older log, >= 1.
        old_root: its root.
        new_size: leaves in the newer log.
        new_root: its root.
        proof: hashes in the order of `consistency_proof`.

    Returns:
        Whether the older log is the beginning of the newer one; never raises.

    Source: RFC 9162 §2.1.4.2 (the same tree as RFC 6962).
    """
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and hmac.compare_digest(old_root, new_root)
    # An old log that is a full subtree is its own first node and is left out of the proof.
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not nodes:
        return False
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node, new_node = node_hash(node, old_node), node_hash(node, new_node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, node)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old_node, old_root) and hmac.compare_digest(new_node, new_root)


def _split(size: int) -> int:
    # The largest power of two below the size.
    return 1 << (size - 1).bit_length() - 1
