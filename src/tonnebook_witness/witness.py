"""What a witness decides: compare with what was signed last, remember, then sign. Source: C2SP tlog-witness."""

import base64
import hashlib
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tonnebook_audit import consistency, notes
from tonnebook_audit.notes import Head, Key, Note
from tonnebook_witness.state import State

PROOF_LINES_MAX = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Answer:
    """What is answered to a request: HTTP status, text and its type."""

    status: int
    text: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A checkpoint with the proof that it goes on from an older size."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    head: Head


@dataclass(frozen=True)
class Cosigner:
    """A witness's name and Ed25519 key.

    Attributes:
        name: such as "witness.example/w1".
        seed: 32 secret bytes, used for nothing else.
    """

    name: str
    seed: bytes

    @property
    def verifier_key(self) -> str:
        """The public key as signed-note writes it: name+key id+base64."""
        return f"{self.name}+{self._key_id.hex()}+{base64.b64encode(self._material).decode()}"

    def cosign(self, text: str, seconds: int) -> str:
        """Write the signature line that says: seen at this second, grown from all seen before."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(notes.cosigned(text, seconds))
        line = base64.b64encode(self._key_id + seconds.to_bytes(8, "big") + signature).decode()
        return f"\u2014 {self.name} {line}\n"

    @property
    def _material(self) -> bytes:
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return notes.COSIGNATURE + key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def _key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self._material).digest()[:4]


class Witness:
    """A cosigner, the logs it knows, and what it has signed."""

    def __init__(self, cosigner: Cosigner, state: State, logs: Iterable[Key]) -> None:
        self._cosigner, self._state = cosigner, state
        self._logs = {log.name: log for log in logs}
        self._one_at_a_time = threading.Lock()

    def add_checkpoint(self, body: bytes, *, seconds: int) -> Answer:
        """Answer a request to sign a checkpoint.

        Args:
            body: of the request.
            seconds: the POSIX time.

        Returns:
            200 with the signature line, or why not: 400 malformed, 404 log unknown, 403 not signed by the log, 409
            another size or root was signed last, 422 the proof does not hold.
        """
        request = read_request(body)
        if request is None or request.old_size > request.head.size:
            return Answer(400)
        key = self._logs.get(request.head.origin)
        if key is None:
            return Answer(404)
        if not request.note.is_signed_by(key):
            return Answer(403)
        # From the look at what was signed last until the new head is on the disk, nobody else may look: two requests
        # that both go on from the same size could otherwise both be signed.
        with self._one_at_a_time:
            refusal = self._check(request)
            if refusal is not None:
                return refusal
            if self._state.latest(key.name) != request.head:
                self._state.keep(request.head)
            return Answer(200, self._cosigner.cosign(request.note.text, seconds))

    def _check(self, request: Request) -> Answer | None:
        head, latest = request.head, self._state.latest(request.head.origin)
        known = latest or Head(head.origin, 0, _EMPTY_ROOT)
        if request.old_size != known.size:
            return _conflict(known)
        if head.size == known.size:
            if request.proof:
                return Answer(422)
            return None if head.root == known.root else _conflict(known)
        if known.size == 0:
            return Answer(422) if request.proof else None
        holds = consistency.holds(
            old_size=known.size, old_root=known.root, new_size=head.size, new_root=head.root, proof=request.proof
        )
        return None if holds else Answer(422)


def read_request(body: bytes) -> Request | None:
    """Read the body of a request; None when it is not written as the protocol says."""
    try:
        top, gap, rest = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        return None
    first, *lines = top.split("\n")
    old, note = _OLD.fullmatch(first), notes.read_note(rest)
    proof = [notes.exact_base64(line) for line in lines]
    head = notes.read_head(note) if note else None
    if not gap or old is None or note is None or head is None or len(proof) > PROOF_LINES_MAX:
        return None
    hashes = tuple(node for node in proof if node is not None and len(node) == 32)
    return Request(int(old[1]), hashes, note, head) if len(hashes) == len(proof) else None


def _conflict(known: Head) -> Answer:
    return Answer(409, f"{known.size}\n", "text/x.tlog.size")
