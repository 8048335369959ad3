"""What the journal can tell: the clock, the size of the log, checkpoints and receipts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, connections
from django.db.models import Q
from psycopg.conninfo import make_conninfo

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.keys import LogRefusal
from tonnebook.journal import sm2, tenancy, tiles
from tonnebook.journal.models import (
    Anchor,
    Artefact,
    AuditEvent,
    Checkpoint,
    Clock,
    Cosignature,
    JournalLeaf,
    JournalSecret,
    JournalSeq,
)
from tonnebook.journal.signing import Signer
from tonnebook.journal.tenancy import Why

AUDIT_COMMAND = "journal.audit"
_DEMO_SEED = bytes(range(32))


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed root.

    Attributes:
        size: leaves it covers.
        root: 64 hexadecimal digits.
        note: the signed note (C2SP).
        at: when it was signed.
    """

    size: int
    root: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CosignatureRow:
    """A witness's signature under a checkpoint: of how many leaves, whose (the public key), the line, and when."""

    size: int
    witness: str
    line: str
    signed_at: datetime

    @property
    def name(self) -> str:
        """The witness's name."""
        return self.witness.partition("+")[0]


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """Where a checkpoint was put down outside: its size and digest, the sink, the reference there, and when."""

    size: int
    sink: str
    digest: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsistencyRow:
    """Proof that an older log is the beginning of a newer one; roots and hashes in hexadecimal."""

    old_size: int
    old_root: str
    new_size: int
    new_root: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockRow:
    """Whether this is a demo database, and how far its clock is moved."""

    is_demo: bool
    offset: timedelta


@dataclass(frozen=True, slots=True)
class SealedLeaf:
    """A leaf whose private fields are still there: its hash (64 hexadecimal digits), what it is about, and when."""

    leaf: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What an audit by night found.

    Attributes:
        at: when.
        breaks: check and subject of what did not hold, the first hundred.
        log_root: root of the log it recomputed, hexadecimal.
    """

    at: datetime
    breaks: tuple[str, ...]
    log_root: str


def clock() -> ClockRow:
    """Give the state of the clock; a database never marked is no demo."""
    row = Clock.objects.first()
    return ClockRow(row.is_demo, row.offset) if row else ClockRow(is_demo=False, offset=timedelta())


@tenancy.everywhere(Why.LOG)
def artefact() -> tuple[str, str] | None:
    """Give the hashes of the program and of the settings that serve this database, or None before the first."""
    return Artefact.objects.values_list("program", "config").first()


def has_leaves() -> bool:
    """Say whether anything has ever been logged here, numbered or not."""
    return JournalLeaf.objects.exists()


@tenancy.everywhere(Why.LOG)
def latest_audit() -> AuditRow | None:
    """Give what the last audit by night found, or None before the first."""
    row = AuditEvent.objects.filter(command=AUDIT_COMMAND).order_by("-id").first()
    return AuditRow(row.at, tuple(row.facts["breaks"]), row.facts["log_root"]) if row else None


def log_size() -> int:
    """Count the numbered leaves."""
    last = JournalSeq.objects.order_by("-seq").first()
    return last.seq + 1 if last else 0


def latest_checkpoint() -> CheckpointRow | None:
    """Give the newest checkpoint, or None before the first."""
    row = Checkpoint.objects.order_by("-size").first()
    return checkpoint_row(row) if row else None


def checkpoints(limit: int) -> tuple[CheckpointRow, ...]:
    """List the newest checkpoints, newest first."""
    return tuple(checkpoint_row(row) for row in Checkpoint.objects.order_by("-size")[:limit])


def first_checkpoint() -> CheckpointRow | None:
    """Give the oldest checkpoint that covers any entry, or None before the first."""
    row = Checkpoint.objects.filter(size__gt=0).order_by("size").first()
    return checkpoint_row(row) if row else None


def cosignatures(size: int) -> tuple[CosignatureRow, ...]:
    """List the witnesses' signatures under the checkpoint of this size, by name."""
    rows = Cosignature.objects.filter(size=size).order_by("witness")
    return tuple(CosignatureRow(row.size, row.witness, row.line, row.signed_at) for row in rows)


def latest_cosignatures() -> tuple[CosignatureRow, ...]:
    """List the latest signature of every witness there ever was, by name."""
    rows = Cosignature.objects.order_by("witness", "-size").distinct("witness")
    return tuple(CosignatureRow(row.size, row.witness, row.line, row.signed_at) for row in rows)


def latest_anchors() -> tuple[AnchorRow, ...]:
    """List the latest anchor of every sink there ever was."""
    rows = Anchor.objects.order_by("sink", "-size").distinct("sink")
    return tuple(AnchorRow(row.size, row.sink, row.digest, row.reference, row.at) for row in rows)


def published_note() -> str | None:
    """Give the latest checkpoint with all signatures under it, or None before the first."""
    latest = latest_checkpoint()
    return latest.note + "".join(one.line for one in cosignatures(latest.size)) if latest else None


def consistency(*, old_size: int, new_size: int) -> ConsistencyRow:
    """Prove that the first `old_size` entries of the log are still the same in the log of `new_size` entries.

    Args:
        old_size: entries in the older log, >= 1.
        new_size: entries in the newer log, at most `log_size()`.

    Returns:
        Both roots and the proof.

    Raises:
        Refused: NO_SUCH_SIZES when the log has never had these sizes in this order.

    Source: RFC 6962 §2.1.2.
    """
    if not 0 < old_size <= new_size <= log_size():
        raise Refused(LogRefusal.NO_SUCH_SIZES, old_size=old_size, new_size=new_size)
    older, newer = tiles.log_of(old_size), tiles.log_of(new_size)
    proof = tuple(node.hex() for node in newer.consistency_proof(old_size))
    return ConsistencyRow(old_size, older.root().hex(), new_size, newer.root().hex(), proof)


def checkpoint_row(row: Checkpoint) -> CheckpointRow:
    """Turn a stored checkpoint into its plain form."""
    return CheckpointRow(row.size, bytes(row.root_hash).hex(), row.note, row.at)


def audit_url() -> str:
    """Tell the auditor, which knows no settings, how to reach the database this process works on."""
    place = connections["audit"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo("", **{name: place[setting] or None for name, setting in names.items()})


def leaf_hashes(from_seq: int, to_seq: int) -> list[bytes]:
    """List the hashes of the leaves numbered `[from_seq, to_seq)`, in order."""
    rows = JournalSeq.objects.filter(seq__gte=from_seq, seq__lt=to_seq).order_by("seq")
    return [bytes(leaf) for leaf in rows.values_list("leaf__leaf_hash", flat=True)]


def signer() -> Signer:
    """Give the log's name and keys, from LOG_SEED and SM2_KEY; a demo without a seed uses a known one.

    Raises:
        Fault: D6 when there is no seed and the database is no demo.
    """
    origin = f"tonnebook/{connection.settings_dict['NAME']}"
    if not settings.LOG_SEED and not clock().is_demo:
        raise Fault("D6", reason="TONNEBOOK_LOG_SEED is not set")
    seed = bytes.fromhex(settings.LOG_SEED) if settings.LOG_SEED else _DEMO_SEED
    return Signer(origin, seed, int(settings.SM2_KEY, 16) if settings.SM2_KEY else sm2.private_key(seed))


@tenancy.everywhere(Why.LOG)
def checkpoint_over(leaf: str) -> CheckpointRow | None:
    """Find the first checkpoint that a leaf stands under.

    Args:
        leaf: its hash.

    Returns:
        None while the leaf has no number, or no checkpoint over it has been signed.
    """
    numbers = _numbers([leaf])
    row = Checkpoint.objects.filter(size__gt=numbers[leaf]).order_by("size").first() if numbers else None
    return checkpoint_row(row) if row else None


@tenancy.everywhere(Why.LOG)
def proofs(leaves: Sequence[str], *, size: int) -> dict[str, dict[str, Json]]:
    """Give many leaves with the proofs that they stand under one checkpoint.

    Args:
        leaves: hashes.
        size: of a checkpoint over all of them.

    Returns:
        By hash: `leaf` (its public form), `index` and `path`.
    """
    numbers, log = _numbers(leaves), tiles.log_of(size)
    wanted = JournalLeaf.objects.filter(leaf_hash__in=[bytes.fromhex(leaf) for leaf in numbers])
    payloads = {bytes(found).hex(): payload for found, payload in wanted.values_list("leaf_hash", "payload")}
    return {
        leaf: {
            "leaf": json.loads(payloads[leaf]),
            "index": index,
            "path": [node.hex() for node in log.membership_proof(index)],
        }
        for leaf, index in numbers.items()
    }


@tenancy.everywhere(Why.LOG)
def note_of(size: int) -> str:
    """Give the signed note of a published checkpoint with the lines of its witnesses."""
    note: str = Checkpoint.objects.values_list("note", flat=True).get(size=size)
    return note + "".join(one.line for one in cosignatures(size))


@tenancy.everywhere(Why.LOG)
def receipt(leaf_hash: str, *, with_sealed: bool = False) -> dict[str, Json]:
    """Give the proof of one leaf as a document that anybody can check offline (`tonnebook verify`).

    Args:
        leaf_hash: 64 hexadecimal digits.
        with_sealed: whether to open the private fields; only for those entitled to see them.

    Returns:
        The document; before the leaf is numbered and under a checkpoint, a signed promise with `pending` true.

    Raises:
        Refused: NO_SUCH_LEAF when the log has no such leaf.
    """
    leaf, key = _leaf(leaf_hash), signer()
    seq = JournalSeq.objects.filter(leaf=leaf).values_list("seq", flat=True).first()
    document: dict[str, Json] = {
        "origin": key.origin,
        "leaf": json.loads(leaf.payload),
        "sealed": None,
        "salt": None,
        "public_key": key.verifier_key,
    }
    secret = JournalSecret.objects.filter(leaf=leaf).first() if with_sealed else None
    if secret:
        document |= {"sealed": json.loads(secret.sealed), "salt": bytes(secret.salt).hex()}
    last = _checkpoint_over(seq) if seq is not None else None
    proved = _promised(leaf, key) if seq is None or last is None else _proved(seq, last, key)
    return {**document, **proved}


@tenancy.everywhere(Why.LOG)
def sealed_leaves_naming(word: str, *, limit: int) -> tuple[SealedLeaf, ...]:
    """List the leaves with private fields in which a word occurs, openly or in private, oldest first.

    All that is sealed is read: for the rare act of an erasure, not for pages that many open.

    Args:
        word: such as the number of a person.
        limit: how many at most.
    """
    named = JournalSecret.objects.filter(Q(sealed__contains=word) | Q(leaf__payload__contains=word))
    rows = named.order_by("leaf_id").values_list("leaf__leaf_hash", "leaf__kind", "leaf__at")[:limit]
    return tuple(SealedLeaf(bytes(leaf).hex(), kind, at) for leaf, kind, at in rows)


def _numbers(leaves: Sequence[str]) -> dict[str, int]:
    rows = JournalSeq.objects.filter(leaf__leaf_hash__in=[bytes.fromhex(leaf) for leaf in leaves])
    found = rows.order_by("seq").values_list("leaf__leaf_hash", "seq")
    return {bytes(leaf).hex(): seq for leaf, seq in found}


def _promised(leaf: JournalLeaf, key: Signer) -> dict[str, Json]:
    note = key.promise(bytes(leaf.leaf_hash))
    return {
        "pending": True,
        "index": None,
        "size": None,
        "path": [],
        "cosigners": [key.sm2_key],
        "checkpoint": note,
    }


def _proved(seq: int, last: CheckpointRow, key: Signer) -> dict[str, Json]:
    signed = cosignatures(last.size)
    return {
        "pending": False,
        "index": seq,
        "size": last.size,
        "path": [node.hex() for node in tiles.log_of(last.size).membership_proof(seq)],
        "cosigners": [*_second_keys(last.note, key), *(one.witness for one in signed)],
        "checkpoint": last.note + "".join(one.line for one in signed),
    }


# The newest checkpoint over a leaf that a witness has signed; before that, the newest.
def _checkpoint_over(seq: int) -> CheckpointRow | None:
    witnessed = Cosignature.objects.filter(size__gt=seq).order_by("-size").values_list("size", flat=True).first()
    over = Checkpoint.objects.filter(size__gt=seq).order_by("-size")
    row = over.filter(size=witnessed).first() if witnessed is not None else over.first()
    return checkpoint_row(row) if row else None


# Checkpoints of the first days bear one signature only.
def _second_keys(note: str, key: Signer) -> list[Json]:
    return [key.sm2_key] if note.count("\n\u2014 ") > 1 else []


def _leaf(leaf_hash: str) -> JournalLeaf:
    try:
        wanted = bytes.fromhex(leaf_hash)
    except ValueError:
        wanted = b""
    # Two changes may read the same to the letter; then either leaf proves it.
    leaf = JournalLeaf.objects.filter(leaf_hash=wanted).order_by("id").first()
    if leaf is None:
        raise Refused(LogRefusal.NO_SUCH_LEAF, leaf=leaf_hash)
    return leaf
