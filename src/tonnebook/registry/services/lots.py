"""Load and save the lots of accounts whose balances are locked: as many as a transfer can use up, set by set."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from django.db import connection

from tonnebook import rulebook
from tonnebook.core import ledger
from tonnebook.core.ledger import Lot, Place, Title
from tonnebook.journal import rows

_Key: TypeAlias = tuple[Place, tuple[Title, date, int | None]]


@dataclass(slots=True)
class Loaded:
    """The rows behind the lots of a book in memory: id and tonnes by what makes them the same lot."""

    rows: dict[_Key, tuple[int, int]] = field(default_factory=dict)


# In the published order, and only as many as the transfers can take; the locked balance guards them.
_LOAD = """
SELECT id, account_id, asset_id, title, acquired_on, price_fen_per_t, quantity_t
FROM (
    SELECT lot.*, wanted.quantity_t AS wanted_t, sum(lot.quantity_t) OVER of_place - lot.quantity_t AS before_t
    FROM registry_lot AS lot
    JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
        AS wanted (account_id, asset_id, quantity_t, titles) USING (account_id, asset_id)
    WINDOW of_place AS (
        PARTITION BY account_id, asset_id
        ORDER BY array_position(string_to_array(wanted.titles, ' '), lot.title::text),
                 lot.acquired_on, coalesce(lot.price_fen_per_t, 0), lot.id
    )
) AS lot
WHERE before_t < wanted_t
"""
_CHANGE = """
UPDATE registry_lot AS lot SET quantity_t = new.quantity_t
FROM unnest(%s::bigint[], %s::bigint[]) AS new (id, quantity_t)
WHERE lot.id = new.id
"""
_ADD = """
INSERT INTO registry_lot (account_id, asset_id, title, acquired_on, price_fen_per_t, quantity_t)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::bigint[], %s::bigint[])
ON CONFLICT (account_id, asset_id, title, acquired_on, price_fen_per_t)
DO UPDATE SET quantity_t = registry_lot.quantity_t + EXCLUDED.quantity_t
"""


def load(
    loaded: Loaded,
    book: ledger.Book,
    wanted_t: Mapping[Place, int],
    account_ids: Mapping[str, int],
    asset_ids: Mapping[str, int],
) -> None:
    """Load the lots that transfers may use up, and the order in which each region uses them."""
    places = [place for place in wanted_t if book.accounts[place[0]].type in ledger.TITLED]
    if not places:
        return
    for region in {book.accounts[account].region for account, _ in places}:
        book.lot_orders[region] = ledger.order_of(rulebook.at(region, on=book.today))
    by_ids = {(account_ids[place[0]], asset_ids[place[1]]): place for place in places}
    orders = [" ".join(book.lot_orders[book.accounts[account].region]) for account, _ in places]
    wanted = [wanted_t[place] for place in places]
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [[ids[0] for ids in by_ids], [ids[1] for ids in by_ids], wanted, orders])
        for lot_id, account_id, asset_id, title, acquired_on, price, quantity_t in cursor.fetchall():
            place, lot = by_ids[account_id, asset_id], Lot(Title(title), acquired_on, price, quantity_t)
            loaded.rows[place, lot.key] = lot_id, quantity_t
            book.lots[place] = (*book.lots.get(place, ()), lot)


def changes(
    loaded: Loaded, book: ledger.Book, account_ids: Mapping[str, int], asset_ids: Mapping[str, int]
) -> Iterator[rows.Write]:
    """Give what writes the changes: lots that are used up go, others shrink or grow, new ones join what is there."""
    after = {(place, lot.key): lot.quantity_t for place, lots in book.lots.items() for lot in lots}
    gone = [lot_id for key, (lot_id, _) in loaded.rows.items() if key not in after]
    changed = [
        (lot_id, after[key]) for key, (lot_id, before_t) in loaded.rows.items() if after.get(key, before_t) != before_t
    ]
    new = [
        (account_ids[account], asset_ids[asset], str(title), on, price, quantity_t)
        for ((account, asset), (title, on, price)), quantity_t in after.items()
        if ((account, asset), (title, on, price)) not in loaded.rows
    ]
    if gone:
        yield rows.Write("DELETE FROM registry_lot WHERE id = ANY(%s)", [gone])
    if changed:
        yield rows.Write(_CHANGE, _columns(changed))
    if new:
        yield rows.Write(_ADD, _columns(new))


def written(lots: Iterable[Lot] | None) -> str | None:
    """Write the lots that left an account as a posting keeps them; null for cash."""
    if lots is None:
        return None
    return json.dumps([[lot.title, lot.acquired_on.isoformat(), lot.price_fen_per_t, lot.quantity_t] for lot in lots])


def _columns(found: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*found, strict=True)]
