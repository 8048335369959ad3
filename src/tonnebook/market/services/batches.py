"""Write the orders and trades of a step as lines of one batch: one leaf with the root over all of them.

A line is what a leaf of its own would be. Its private fields stand in it as a commitment, under a salt that follows
from the batch's and the place of the line; so one salt is kept for thousands of lines, and the fields in the rows that
have them anyway.
"""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import canonical, identity, merkle, periods
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.market.models import Batch

_COLUMNS = ("number", "region", "lines", "leaf_hash", "at")


def bundled(
    region: str, entries: Sequence[journal.Entry], *, now: datetime
) -> tuple[journal.Leaves, rows.Write | None]:
    """Make a batch of changes, to be written with the changes themselves in one statement.

    Args:
        region: region code.
        entries: what changed, in order.
        now: when.

    Returns:
        The one leaf of the batch, and what writes its lines.

    Source: design choice, no legal source.
    """
    (count,) = rows.next_counts("market_batch_id_seq", 1)
    number, salt = identity.numbered(f"{region.upper()}-B", count), journal.draw_salt()
    lines = _lines(entries, salt, f"{number}/".encode(), at=periods.iso(now))
    root = merkle.root([merkle.leaf_hash(line.encode()) for line in lines]).hex()
    facts = {"batch": number, "lines": len(lines), "root": root}
    leaves = journal.prepare([journal.Entry("market.batch.done", facts, {"salt": salt.hex()})], now=now)
    return leaves, rows.insertion(Batch, _COLUMNS, [(number, region, "\n".join(lines), leaves.hashes[0], now)])


# Canonical as a whole: its keys stand in order, and neither an instant nor a kind has a sign to be escaped.
def _lines(entries: Sequence[journal.Entry], salt: bytes, begun: bytes, *, at: str) -> list[str]:
    facts = canonical.texts([entry.facts for entry in entries])
    # What is public has no commitment, but its place in the row of salts.
    private = merkle.seal_texts(canonical.texts([entry.sealed or {} for entry in entries]), salt, begun)
    head = f'{{"at":"{at}","facts":'
    return [
        f'{head}{told},"kind":"{entry.kind}"}}'
        if entry.sealed is None
        else f'{head}{told},"kind":"{entry.kind}","sealed":"{sealed}"}}'
        for entry, told, sealed in zip(entries, facts, private, strict=True)
    ]
