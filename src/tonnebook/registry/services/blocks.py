"""Load and save the serial blocks of accounts with locked balances: split where they leave, joined where they come.

Neighbours of the same account and asset become one block, so that the table stays as small as the holdings allow; the
life of a unit is told by the moves, which nothing changes. What lies in a terminal account is never touched again, and
so not joined either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from tonnebook.core import ledger
from tonnebook.core.ledger import Block, Place
from tonnebook.journal import rows
from tonnebook.registry.models import SerialBlock


@dataclass(slots=True)
class Loaded:
    """The rows behind the blocks of a book in memory: ids by place and block."""

    ids: dict[tuple[Place, Block], int] = field(default_factory=dict)


# Only as many blocks as the transfers can take, lowest serial first; the locked balance guards them.
_LOAD = """
SELECT id, account_id, asset_id, serial_from, serial_to
FROM (
    SELECT block.*, wanted.quantity_t,
           sum(block.serial_to - block.serial_from) OVER of_place - (block.serial_to - block.serial_from) AS before_t
    FROM registry_serialblock AS block
    JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS wanted (account_id, asset_id, quantity_t)
        USING (account_id, asset_id)
    WINDOW of_place AS (PARTITION BY account_id, asset_id ORDER BY block.serial_from)
) AS block
WHERE before_t < quantity_t
ORDER BY serial_from
"""
# The blocks that end where a new one begins, or begin where it ends; the index of the range exclusion finds them.
_NEIGHBOURS = """
WITH come (account_id, asset_id, serial_from, serial_to) AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
)
SELECT block.id, block.account_id, block.asset_id, block.serial_from, block.serial_to
FROM come JOIN registry_serialblock AS block
    ON block.serials && int8range(come.serial_from - 1, come.serial_to + 1)
    AND (block.serial_to = come.serial_from OR block.serial_from = come.serial_to)
WHERE block.account_id = come.account_id AND block.asset_id = come.asset_id
"""


def load(
    loaded: Loaded,
    book: ledger.Book,
    wanted_t: Mapping[Place, int],
    account_ids: Mapping[str, int],
    asset_ids: Mapping[str, int],
) -> None:
    """Load the blocks that transfers may take."""
    if not wanted_t:
        return
    by_ids = {(account_ids[place[0]], asset_ids[place[1]]): place for place in wanted_t}
    accounts, assets = [ids[0] for ids in by_ids], [ids[1] for ids in by_ids]
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [accounts, assets, list(wanted_t.values())])
        for block_id, account_id, asset_id, serial_from, serial_to in cursor.fetchall():
            place, block = by_ids[account_id, asset_id], Block(serial_from, serial_to)
            loaded.ids[place, block] = block_id
            book.blocks.setdefault(place, []).append(block)


def save(loaded: Loaded, book: ledger.Book, account_ids: Mapping[str, int], asset_ids: Mapping[str, int]) -> None:
    """Write what has changed, each block joined with its neighbours."""
    _join(loaded, book, account_ids, asset_ids)
    after = {(place, block) for place, blocks in book.blocks.items() for block in blocks}
    gone = [block_id for key, block_id in loaded.ids.items() if key not in after]
    come = sorted(after - loaded.ids.keys(), key=lambda key: key[1].serial_from)
    # First the blocks that were split, left or joined: the range exclusion is checked row by row.
    if gone:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM registry_serialblock WHERE id = ANY(%s)", [gone])
    rows.copy_in(
        SerialBlock,
        ("account_id", "asset_id", "serial_from", "serial_to"),
        ((account_ids[place[0]], asset_ids[place[1]], block.serial_from, block.serial_to) for place, block in come),
    )


def _join(loaded: Loaded, book: ledger.Book, account_ids: Mapping[str, int], asset_ids: Mapping[str, int]) -> None:
    come = [
        (place, block)
        for place, blocks in book.blocks.items()
        for block in blocks
        if (place, block) not in loaded.ids and book.accounts[place[0]].type not in ledger.TERMINALS
    ]
    if not come:
        return
    by_ids = {(account_ids[place[0]], asset_ids[place[1]]): place for place, _ in come}
    accounts = [account_ids[place[0]] for place, _ in come]
    assets = [asset_ids[place[1]] for place, _ in come]
    ends = [[block.serial_from for _, block in come], [block.serial_to for _, block in come]]
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, [accounts, assets, *ends])
        for block_id, account_id, asset_id, serial_from, serial_to in cursor.fetchall():
            place, block = by_ids[account_id, asset_id], Block(serial_from, serial_to)
            # A block that was loaded already is here, or was split or taken.
            if (place, block) not in loaded.ids:
                loaded.ids[place, block] = block_id
                book.blocks[place].append(block)
    for place in by_ids.values():
        book.blocks[place] = list(ledger.merge_blocks(book.blocks[place]))
