"""The integrator: numbers committed leaves without gaps, keeps the tiles of the tree, and signs the root over them."""

from datetime import datetime

from django.db import connection, transaction

from tonnebook.journal import queries, tiles
from tonnebook.journal.models import Checkpoint

# Any fixed number: the advisory lock under which leaves are numbered and checkpoints published.
LOCK = 0x746F6E6E65


def integrate(*, now: datetime) -> int:
    """Number every committed leaf that has no number yet, in order of writing and without gaps, and store full tiles.

    Args:
        now: the instant, for symmetry with the other services; numbers carry no time.

    Returns:
        How many leaves were numbered.

    Source: design choice, no legal source (numbers without gaps are what RFC 6962 proves); C2SP tlog-tiles.
    """
    del now
    with transaction.atomic(), connection.cursor() as cursor:
        # The lock first, in a statement of its own: the next one then sees what the last integrator committed.
        cursor.execute(_LOCKED, [LOCK])
        cursor.execute(INTEGRATE)
        numbered = int(cursor.rowcount)
        tiles.store(queries.log_size())
    return numbered


def publish_checkpoint(*, now: datetime) -> queries.CheckpointRow:
    """Sign the root over all numbered leaves.

    Args:
        now: the instant of the checkpoint.

    Returns:
        The new checkpoint, or the latest one when no leaf has been numbered since.

    Source: RFC 6962 (the tree), C2SP tlog-checkpoint (the note).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCKED, [LOCK])
        last, size = Checkpoint.objects.order_by("-size").first(), queries.log_size()
        if last is None or size > last.size:
            frontier = tiles.log_of(size).frontier()
            last = Checkpoint.objects.create(
                size=size,
                root_hash=frontier.root,
                frontier=frontier.to_bytes(),
                note=queries.signer().checkpoint(size=size, root_hash=frontier.root),
                at=now,
            )
    return queries.checkpoint_row(last)


# Numbering many leaves may take longer than a command waits: who integrates waits for as long as it takes.
_LOCKED = "SELECT pg_advisory_xact_lock(%s) FROM set_config('lock_timeout', '0', true)"

# They come as an array as well: for a join alone with what was just taken out, the server might read the whole log.
INTEGRATE = """
WITH taken AS (
    DELETE FROM journal_waiting RETURNING txid, leaf_from
)
INSERT INTO journal_seq (seq, leaf_id)
SELECT (SELECT coalesce(max(seq) + 1, 0) FROM journal_seq) + row_number() OVER (ORDER BY leaf.id) - 1, leaf.id
FROM journal_leaf AS leaf JOIN taken USING (txid)
WHERE leaf.txid = ANY (ARRAY(SELECT txid FROM taken)) AND leaf.id >= taken.leaf_from
ORDER BY leaf.id
"""
