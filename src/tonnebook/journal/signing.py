"""Signed notes of the public log (C2SP signed-note): checkpoints, and promises for leaves without number.

Every note carries two signatures over the same text: Ed25519, which the witnesses of the world understand, and SM2 with
SM3. Source of the format: C2SP signed-note and tlog-checkpoint; the promise is a design choice, no legal source.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tonnebook.journal import sm2

_ED25519 = b"\x01"
# Signed-note has no number for SM2: 0xff says that a longer name of the kind follows.
_SM2 = b"\xffSM2-with-SM3:"


@dataclass(frozen=True, slots=True)
class Signer:
    """A log's name and keys.

    Attributes:
        origin: such as "tonnebook/shanghai"; the first line of every note and the name of both keys.
        seed: 32 secret bytes, the Ed25519 key.
        sm2_private: the SM2 key, a secret number.
    """

    origin: str
    seed: bytes
    sm2_private: int

    @property
    def verifier_key(self) -> str:
        """The Ed25519 public key as signed-note writes it: name+key id+base64."""
        return self._written(_ED25519 + self._ed25519_bytes)

    @property
    def sm2_key(self) -> str:
        """The SM2 public key in the same form."""
        return self._written(_SM2 + self._sm2_bytes)

    @property
    def keys(self) -> dict[str, str]:
        """Both public keys, by the names under which the auditor asks for them."""
        return {"trusted_key": self.verifier_key, "second_key": self.sm2_key}

    def checkpoint(self, *, size: int, root_hash: bytes) -> str:
        """Sign that the log of `size` leaves has this root."""
        return self.sign(f"{self.origin}\n{size}\n{_base64(root_hash)}\n")

    def promise(self, leaf_hash: bytes) -> str:
        """Sign that a leaf has been committed and will be numbered."""
        return self.sign(f"{self.origin}\npromise\n{_base64(leaf_hash)}\n")

    def sign(self, text: str) -> str:
        """Write a note: the text, which ends with a line break, and both signatures over it."""
        ed25519 = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n" + "".join(
            f"\u2014 {self.origin} {_base64(self._key_id(material) + signature)}\n"
            for material, signature in (
                (_ED25519 + self._ed25519_bytes, ed25519),
                (_SM2 + self._sm2_bytes, sm2.sign(self.sm2_private, text.encode())),
            )
        )

    @property
    def _ed25519_bytes(self) -> bytes:
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def _sm2_bytes(self) -> bytes:
        return sm2.public_key(self.sm2_private)

    def _written(self, material: bytes) -> str:
        return f"{self.origin}+{self._key_id(material).hex()}+{_base64(material)}"

    def _key_id(self, material: bytes) -> bytes:
        return hashlib.sha256(self.origin.encode() + b"\n" + material).digest()[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
