"""What the journal can tell: the clock, the size of the log, checkpoints and receipts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tonnebook.journal.models import Checkpoint, Clock, JournalSeq


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
class ClockRow:
    """Whether this is a demo database, and how far its clock is moved."""

    is_demo: bool
    offset: timedelta


def clock() -> ClockRow:
    """Give the state of the clock; a database never marked is no demo."""
    row = Clock.objects.first()
    return ClockRow(row.is_demo, row.offset) if row else ClockRow(is_demo=False, offset=timedelta())


def log_size() -> int:
    """Count the numbered leaves."""
    last = JournalSeq.objects.order_by("-seq").first()
    return last.seq + 1 if last else 0


def latest_checkpoint() -> CheckpointRow | None:
    """Give the newest checkpoint, or None before the first."""
    row = Checkpoint.objects.order_by("-size").first()
    return checkpoint_row(row) if row else None


def checkpoint_row(row: Checkpoint) -> CheckpointRow:
    """Turn a stored checkpoint into its plain form."""
    return CheckpointRow(row.size, bytes(row.root_hash).hex(), row.note, row.at)
