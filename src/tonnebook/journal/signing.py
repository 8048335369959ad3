"""Signed notes of the public log (C2SP signed-note) with Ed25519: checkpoints, and promises for leaves without number.

Source of the format: C2SP signed-note and tlog-checkpoint; the promise is a design choice, no legal source.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Signer:
    """A log's name and key.

    Attributes:
        origin: such as "tonnebook/shanghai"; the first line of every note and the name of the key.
        seed: 32 secret bytes.
    """

    origin: str
    seed: bytes

    @property
    def verifier_key(self) -> str:
        """The public key as signed-note writes it: name+key id+base64."""
        public = _ED25519 + self._public_bytes
        return f"{self.origin}+{self._key_id.hex()}+{_base64(public)}"

    def checkpoint(self, *, size: int, root_hash: bytes) -> str:
        """Sign that the log of `size` leaves has this root."""
        return self._sign(f"{self.origin}\n{size}\n{_base64(root_hash)}\n")

    def promise(self, leaf_hash: bytes) -> str:
        """Sign that a leaf has been committed and will be numbered."""
        return self._sign(f"{self.origin}\npromise\n{_base64(leaf_hash)}\n")

    def _sign(self, text: str) -> str:
        signature = self._key_id + Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n\u2014 {self.origin} {_base64(signature)}\n"

    @property
    def _public_bytes(self) -> bytes:
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def _key_id(self) -> bytes:
        return hashlib.sha256(self.origin.encode() + b"\n" + _ED25519 + self._public_bytes).digest()[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
