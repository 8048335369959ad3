"""Ask witnesses outside to sign checkpoints (C2SP tlog-witness), and keep what they signed.

Witnesses are a setting: key and address of each. Their answers are read and checked by the second pair of eyes.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from django.conf import settings

from tonnebook.core import merkle
from tonnebook.journal import outside, queries, tiles
from tonnebook.journal.models import Checkpoint, Cosignature
from tonnebook.journal.outside import Reply
from tonnebook_audit import notes

# Sends a request to an address and gives the answer.
Send: TypeAlias = Callable[[str, bytes], Reply]


class Ahead(Exception):
    """A witness has signed a longer log than there is here: something was lost, or two logs bear one name."""


class Refusing(Exception):
    """A witness did not sign."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness outside.

    Attributes:
        key: its public key, as signed-note writes it.
        address: prefix under which it takes checkpoints.
    """

    key: str
    address: str

    @property
    def name(self) -> str:
        """The name in its signature lines."""
        return self.key.partition("+")[0]


def send(address: str, body: bytes) -> Reply:
    """Send a request over HTTP."""
    return outside.post(address, body, content_type="text/plain; charset=utf-8")


def configured() -> tuple[Witness, ...]:
    """List the witnesses of this installation, from the setting WITNESSES."""
    return tuple(Witness(*entry) for entry in settings.WITNESSES)


def cosign(witness: Witness, *, send: Send = send) -> bool:
    """Have a witness sign the latest checkpoint, and store its signature.

    Args:
        witness: who is asked.
        send: how.

    Returns:
        Whether there was anything to sign.

    Raises:
        Ahead: when the witness has signed a longer log.
        Refusing: when it does not sign, or its signature does not hold.
        outside.Unreachable: when it does not answer.

    Source: C2SP tlog-witness, tlog-cosignature.
    """
    signed = Cosignature.objects.filter(witness=witness.key).order_by("-size").first()
    latest = Checkpoint.objects.filter(size__gt=signed.size if signed else 0).order_by("-size").first()
    if latest is None:
        return False
    reply = _ask(witness, latest, signed.size if signed else 0, send)
    if reply.status == 409:
        # What was signed last is known to the witness better than to us: its answer may have been lost on the way.
        reply = _ask(witness, latest, _size(witness, reply, latest.size), send)
    if reply.status != 200:
        raise Refusing(f"{witness.name} answered {reply.status}")
    _keep(witness, latest, reply.text)
    return True


def size_known(witness: Witness, *, send: Send = send) -> int:
    """Ask a witness how long the log was that it signed last; 0 when it has signed none.

    Raises:
        Refusing: when it answers neither with a size nor with a signature.
        outside.Unreachable: when it does not answer.
    """
    empty = queries.signer().checkpoint(size=0, root_hash=merkle.EMPTY_ROOT)
    reply = send(f"{witness.address}/add-checkpoint", f"old 0\n\n{empty}".encode())
    return 0 if reply.status == 200 else _told(witness, reply)


def _ask(witness: Witness, latest: Checkpoint, old_size: int, send: Send) -> Reply:
    proof = tiles.log_of(latest.size).consistency_proof(old_size) if 0 < old_size < latest.size else []
    lines = [f"old {old_size}", *(base64.b64encode(node).decode() for node in proof), "", latest.note]
    return send(f"{witness.address}/add-checkpoint", "\n".join(lines).encode())


def _size(witness: Witness, reply: Reply, own_size: int) -> int:
    size = _told(witness, reply)
    if size > own_size:
        raise Ahead(f"{witness.name} has signed a log of {size} leaves, here are {own_size}")
    return size


def _told(witness: Witness, reply: Reply) -> int:
    text = reply.text.removesuffix("\n")
    if reply.status != 409 or not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refusing(f"{witness.name} answered {reply.status}")
    return int(text)


def _keep(witness: Witness, latest: Checkpoint, answer: str) -> None:
    key, note = notes.read_key(witness.key), notes.read_note(latest.note)
    assert note is not None
    for line in answer.splitlines():
        found = notes.read_signature(line)
        if found is None or key is None or (found.name, found.key_id) != (key.name, key.key_id):
            continue
        seconds = notes.signed_at(found.body)
        if seconds is not None and key.kind == notes.COSIGNATURE and key.has_signed(note.text, found.body):
            signed_at = datetime.fromtimestamp(seconds, UTC)
            Cosignature.objects.get_or_create(
                size=latest.size, witness=witness.key, defaults={"line": f"{line}\n", "signed_at": signed_at}
            )
            return
    raise Refusing(f"{witness.name} answered without a signature that holds")
