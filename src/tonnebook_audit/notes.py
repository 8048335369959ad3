"""The auditor's own reading of signed notes, of their keys and of the statements of witnesses.

Sources: C2SP signed-note, tlog-checkpoint, tlog-cosignature; the kind SM2 is this system's own (0xff and its name).
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tonnebook_audit import sm2

# Kinds of keys: how many bytes of the key follow the name of the kind.
ED25519 = b"\x01"
COSIGNATURE = b"\x04"
SM2 = b"\xffSM2-with-SM3:"
_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, SM2: 64}

SIGNATURES_MAX = 32
_MARK = "\u2014"
_TIME_BYTES = 8


@dataclass(frozen=True)
class Key:
    """A public key by its name.

    Attributes:
        name: as in the signature line.
        key_id: four bytes that follow from name, kind and key.
        kind: ED25519, COSIGNATURE or SM2.
        public: the key itself.
    """

    name: str
    key_id: bytes
    kind: bytes
    public: bytes

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Say whether a signature (without its key id) is by this key over this text."""
        if self.kind == SM2:
            return sm2.is_signed(self.public, text.encode(), signature)
        if self.kind == COSIGNATURE:
            seconds = signed_at(signature)
            return seconds is not None and _ed25519(self.public, cosigned(text, seconds), signature[_TIME_BYTES:])
        return _ed25519(self.public, text.encode(), signature)


@dataclass(frozen=True)
class Signature:
    """One signature line: whose, and what it holds behind the key id."""

    name: str
    key_id: bytes
    body: bytes


@dataclass(frozen=True)
class Note:
    """A note as written: its text with the last line break, and its signature lines in order."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the text."""
        return tuple(self.text.split("\n")[:-1])

    def by(self, key: Key) -> tuple[Signature, ...]:
        """Give the lines that bear the name and the id of a key."""
        return tuple(one for one in self.signatures if (one.name, one.key_id) == (key.name, key.key_id))

    def is_signed_by(self, key: Key) -> bool:
        """Say whether the key has signed; a line that bears its name and id and does not hold spoils it."""
        lines = self.by(key)
        return bool(lines) and all(key.has_signed(self.text, line.body) for line in lines)


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: whose log, how many entries, which root."""

    origin: str
    size: int
    root: bytes


def read_key(text: str) -> Key | None:
    """Read a key written as name+key id+base64; None when it is not, or when its id is not its own."""
    name, key_id, encoded = [*text.split("+", 2), "", ""][:3]
    material = exact_base64(encoded)
    kind = next((one for one in _KEY_BYTES if material is not None and material.startswith(one)), None)
    if material is None or kind is None or len(material) != len(kind) + _KEY_BYTES[kind] or not is_name(name):
        return None
    own_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return Key(name, own_id, kind, material[len(kind) :]) if own_id.hex() == key_id else None


def read_note(note: str) -> Note | None:
    """Read a note; None when it is not written as one."""
    if any(sign < " " and sign != "\n" for sign in note):
        return None
    text, gap, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not gap or not text or lines.pop() != "" or not 0 < len(lines) <= SIGNATURES_MAX:
        return None
    signatures = tuple(filter(None, map(read_signature, lines)))
    return Note(text + "\n", signatures) if len(signatures) == len(lines) else None


def read_signature(line: str) -> Signature | None:
    """Read one signature line without its line break; None when it is not written as one."""
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    data = exact_base64(encoded)
    if mark != _MARK or not is_name(name) or data is None or len(data) < 5:
        return None
    return Signature(name, data[:4], data[4:])


def read_head(note: Note) -> Head | None:
    """Read the checkpoint a note is; None when it is none."""
    origin, size, encoded = [*note.lines, "", "", ""][:3]
    root = exact_base64(encoded)
    is_number = size.isascii() and size.isdigit() and (size == "0" or size[0] != "0")
    if not origin or not is_number or root is None or len(root) != 32 or not all(note.lines):
        return None
    return Head(origin, int(size), root)


def cosigned(text: str, seconds: int) -> bytes:
    """Give what a witness signs: that it has seen this checkpoint grow from all it saw before, and when."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def signed_at(signature: bytes) -> int | None:
    """Give the second at which a witness signed; None when the signature is none of a witness."""
    seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
    return seconds if len(signature) == _TIME_BYTES + 64 and seconds < 1 << 63 else None


def is_name(name: str) -> bool:
    """Say whether a key may be called so."""
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def exact_base64(text: str) -> bytes | None:
    """Decode base64 that is written the one right way; None otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def _ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
