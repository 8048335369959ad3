"""Prove between two sizes of the log that nothing was rewritten, checked by the second pair of eyes."""

from dataclasses import dataclass

from tonnebook.journal import queries as journal
from tonnebook.journal.queries import CheckpointRow, ConsistencyRow
from tonnebook_audit import consistency

# So many of the newest checkpoints the page offers to compare with.
CHECKPOINTS_OFFERED = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of the log, the proof between them, and whether it holds by the auditor's arithmetic."""

    row: ConsistencyRow
    holds: bool


def sizes_asked(old: str, new: str) -> tuple[int, int] | None:
    """Read the two sizes of an address; without them the oldest and the newest checkpoint; None before both exist."""
    first, last = journal.first_checkpoint(), journal.latest_checkpoint()
    if first is None or last is None:
        return None
    return _size(old, first.size), _size(new, last.size)


def compare(old_size: int, new_size: int) -> Comparison:
    """Prove that the log of `new_size` entries begins with the log of `old_size` entries, and check the proof.

    Raises:
        Refused: NO_SUCH_SIZES when the log never had these sizes in this order.
    """
    row = journal.consistency(old_size=old_size, new_size=new_size)
    holds = consistency.holds(
        old_size=row.old_size,
        old_root=bytes.fromhex(row.old_root),
        new_size=row.new_size,
        new_root=bytes.fromhex(row.new_root),
        proof=[bytes.fromhex(node) for node in row.proof],
    )
    return Comparison(row, holds)


def offered() -> tuple[CheckpointRow, ...]:
    """List the checkpoints to choose from, the newest first."""
    return journal.checkpoints(CHECKPOINTS_OFFERED)


def _size(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() else otherwise
