"""The auditor's own arithmetic of the public log: canonical JSON and tree hashes.

Written apart from the system on purpose; it shares no line with it. Sources: RFC 8785, RFC 6962.
"""

import hashlib
import hmac
import json

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class NotCanonical(Exception):
    """A value has no canonical form."""


def canonical(value: object) -> str:
    """Write a JSON value in canonical form; whole numbers have none here, for a leaf holds them as text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{','.join(canonical(item) for item in value)}]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_quoted(key)}:{canonical(value[key])}" for key in keys) + "}"
    raise NotCanonical(f"{type(value).__name__} in a leaf")


def texts(value: object) -> object:
    """Write the whole numbers of a value as text, as digests and leaves have them."""
    if isinstance(value, dict):
        return {key: texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def leaf_hash(payload: bytes) -> bytes:
    """Hash a leaf."""
    return hashlib.sha256(b"\0" + payload).digest()


def parent(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def commitment(sealed: object, salt: bytes) -> str:
    """Commit to private fields as the log does."""
    return commitment_of_text(canonical(sealed), salt)


def commitment_of_text(sealed: str, salt: bytes) -> str:
    """Commit to private fields that are canonical text already."""
    return hmac.digest(salt, sealed.encode(), "sha256").hex()


def root_by_path(leaf: bytes, *, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Walk from a leaf to the root; None when the path has not exactly as many steps as the tree asks for."""
    steps = _sides(index, size)
    if len(steps) != len(path):
        return None
    node = leaf
    for side, sibling in zip(steps, path, strict=True):
        node = parent(sibling, node) if side == "right" else parent(node, sibling)
    return node


class Tree:
    """A root computed leaf by leaf in logarithmic memory: one waiting subtree per level."""

    def __init__(self) -> None:
        self.size = 0
        self._waiting: dict[int, bytes] = {}

    def add(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        level = 0
        while level in self._waiting:
            leaf = parent(self._waiting.pop(level), leaf)
            level += 1
        self._waiting[level] = leaf
        self.size += 1

    def root(self) -> bytes:
        """Give the root over all leaves so far."""
        node: bytes | None = None
        for level in sorted(self._waiting):
            node = self._waiting[level] if node is None else parent(self._waiting[level], node)
        return hashlib.sha256(b"").digest() if node is None else node


def root_of(leaves: list[bytes]) -> bytes:
    """Give the root over leaf hashes that are all at hand, level by level; what has no partner goes up as it is."""
    level = leaves or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        level = above + level[2 * len(above) :]
    return level[0]


def _sides(index: int, size: int) -> list[str]:
    # From the leaf upwards: on which side of its parent the walked node stands, as the tree is split.
    sides: list[str] = []
    while size > 1:
        half = 1
        while half * 2 < size:
            half *= 2
        if index < half:
            sides.append("left")
            size = half
        else:
            sides.append("right")
            index, size = index - half, size - half
    return sides[::-1]


def _quoted(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate") from error
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_ESCAPES.get(sign) or (f"\\u{ord(sign):04x}" if sign < " " else sign) for sign in text) + '"'


def parse(text: str) -> object:
    """Read JSON in which no name stands twice; a `ValueError` otherwise."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
