"""The one way to lock and load what a change of the books touches, and to write it back.

`docs/locking.md` gives the order. A `Locked` holds the same `core.ledger.Book` that stories use in memory, filled with
the locked rows; after core has changed it, `save` writes the differences with one statement per table.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from tonnebook.core import ledger
from tonnebook.core.ledger import Place
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.registry.services import blocks, lots

# More than any lot has.
_ANY_T = 2**62


@dataclass(slots=True)
class Locked:
    """Locked rows as a book in memory, with what is needed to write them back."""

    book: ledger.Book
    account_ids: dict[str, int]
    asset_ids: dict[str, int]
    balance_ids: dict[Place, int] = field(default_factory=dict)
    hold_ids: dict[str, int] = field(default_factory=dict)
    block_rows: blocks.Loaded = field(default_factory=blocks.Loaded)
    positions_before: dict[Place, ledger.Position] = field(default_factory=dict)
    holds_before: dict[str, ledger.Hold] = field(default_factory=dict)
    lot_rows: lots.Loaded = field(default_factory=lots.Loaded)
    serial_next_before: int = 0


def lock_places(
    places: Iterable[Place], *, holds: Iterable[str] = (), with_standing: bool = False, with_reserves: bool = False
) -> Locked:
    """Lock accounts (against freezing) and balances, each sorted, and load them with their holds.

    Args:
        places: account numbers and asset codes; unknown ones stay out and are refused by core.
        holds: hold numbers.
        with_standing: load every hold that stands at the places, not only where somebody waits.
        with_reserves: load the reserves of orders at the places.

    Returns:
        The loaded book, without serial blocks.
    """
    wanted = sorted(set(places))
    locked = Locked(ledger.Book(), {}, {})
    _lock(locked, wanted)
    if missing := [place for place in wanted if place not in locked.balance_ids]:
        _open_balances(locked, missing)
    locked.positions_before = dict(locked.book.positions)
    crowded = [place for place, one in locked.book.positions.items() if with_standing or one.waiting]
    _load_holds(locked, sorted(set(holds)), crowded, locked.balance_ids if with_reserves else ())
    return locked


def lock_legs(legs: Iterable[ledger.Leg], *, today: date) -> Locked:
    """Lock everything that legs touch: balances of both accounts and, for an issue, the serial line.

    Args:
        legs: of all transfers that are posted together.
        today: the day on which lots are acquired, and whose rules say which are used up first.

    Returns:
        The loaded book, with the serial blocks and lots that the legs can take.
    """
    legs = list(legs)
    places = {(account, leg.asset) for leg in legs for account in (leg.debit, leg.credit)}
    locked = lock_places(places, holds={leg.hold for leg in legs if leg.hold})
    units = [leg for leg in legs if leg.debit in locked.book.accounts and _is_unit(locked, leg.asset)]
    issued = [leg for leg in units if locked.book.accounts[leg.debit].type in ledger.SOURCES]
    wanted_t: Counter[Place] = Counter()
    for leg in units:
        if locked.book.accounts[leg.debit].type not in ledger.SOURCES:
            wanted_t[leg.debit, leg.asset] += leg.quantity
    restoring = frozenset((leg.debit, leg.asset) for leg in units if leg.restores)
    load_units(locked, wanted_t, today=today, every_lot_of=restoring)
    if issued:
        _lock_serial_line(locked)
    return locked


def load_units(
    locked: Locked, wanted_t: Mapping[Place, int], *, today: date, every_lot_of: Collection[Place] = ()
) -> None:
    """Load the serial blocks and lots of locked balances that transfers can take.

    Args:
        locked: with the balances that give units.
        wanted_t: at most so many tonnes are taken, by account and asset.
        today: the day on which lots are acquired, and whose rules say which are used up first.
        every_lot_of: places where one lot is meant, wherever it stands in the order.
    """
    blocks.load(locked.block_rows, locked.book, wanted_t, locked.account_ids, locked.asset_ids)
    locked.book.today = today
    lots_t = {place: _ANY_T if place in every_lot_of else wanted for place, wanted in wanted_t.items()}
    lots.load(locked.lot_rows, locked.book, lots_t, locked.account_ids, locked.asset_ids)


def lock_limits(region: str) -> None:
    """Let everything that leaves a region's accounts take turns, so that two cannot both use the rest of a limit."""
    _take_turns(f"registry/limits/{region}")


def lock_reversal(transfer: str) -> None:
    """Let the corrections of one transfer take turns, so that the second sees the first."""
    _take_turns(f"registry/reversal/{transfer}")


def lock_settlement_bank(number: str) -> None:
    """Let the statements of a settlement bank, and the orders to it, take turns."""
    _take_turns(f"registry/settlement-bank/{number}")


def save(locked: Locked, *others: rows.Write | None) -> None:
    """Write what has changed since the rows were locked.

    Args:
        locked: as core left it.
        others: what is written in one statement with balances, holds and lots: leaves and new rows.
    """
    changes = lots.changes(locked.lot_rows, locked.book, locked.account_ids, locked.asset_ids)
    rows.write(_balances(locked), _holds(locked), *changes, *others)
    blocks.save(locked.block_rows, locked.book, locked.account_ids, locked.asset_ids)
    if locked.serial_next_before and locked.book.serial_next != locked.serial_next_before:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE registry_serialline SET serial_next = %s", [locked.book.serial_next])


def pushed_holds(locked: Locked) -> list[journal.Entry]:
    """Write down what happened to holds of others: which gave way, and which got what they had waited for."""
    entries = []
    for hold, before in _changed_holds(locked):
        if hold.state is ledger.HoldState.OVERRIDDEN:
            sealed = {"quantity": before.remaining}
            entries.append(journal.Entry("registry.hold.overridden", {"number": hold.number}, sealed))
        elif hold.given_way > before.given_way:
            sealed = {"quantity": hold.given_way - before.given_way}
            entries.append(journal.Entry("registry.hold.gave_way", {"number": hold.number}, sealed))
        elif hold.state is ledger.HoldState.ACTIVE and hold.waiting < before.waiting:
            sealed = {"quantity": before.waiting - hold.waiting}
            entries.append(journal.Entry("registry.hold.moved_up", {"number": hold.number}, sealed))
    return entries


def _take_turns(about: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [about])


def _is_unit(locked: Locked, asset: str) -> bool:
    return asset in locked.book.assets and locked.book.assets[asset].kind is not ledger.AssetKind.CASH


def _lock(locked: Locked, places: list[Place]) -> None:
    for *named, balance_id, total, held, waiting in _found(_LOCK, places):
        place = _keep_named(locked, *named)
        locked.balance_ids[place] = balance_id
        locked.book.positions[place] = ledger.Position(total, held, waiting)


def _open_balances(locked: Locked, places: list[Place]) -> None:
    for named in _found(_LOCK_NAMED, places):
        _keep_named(locked, *named)
    known = [place for place in places if place[0] in locked.account_ids and place[1] in locked.asset_ids]
    if known:
        accounts = [locked.account_ids[account] for account, _ in known]
        assets = [locked.asset_ids[asset] for _, asset in known]
        sources = [locked.book.accounts[account].type in ledger.SOURCES for account, _ in known]
        with connection.cursor() as cursor:
            cursor.execute(_CREATE_BALANCES, [accounts, assets, sources])
        _lock(locked, known)


def _found(sql: str, places: list[Place]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [[place[0] for place in places], [place[1] for place in places]])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _keep_named(
    locked: Locked,
    account_id: int,
    number: str,
    type_: str,
    state: str,
    region: str,
    barred: list[str],
    in_force: str,
    asset_id: int | None,
    code: str,
    kind: str,
    *others: Any,
) -> Place:
    if in_force != NO_FREEZE and not locked.book.freezes:
        locked.book.freezes = freezes_in(in_force)
    if number not in locked.account_ids:
        stopped = ledger.transactions_named(barred)
        account = ledger.Account(number, ledger.AccountType(type_), ledger.AccountState(state), region, stopped)
        locked.book.accounts[number], locked.account_ids[number] = account, account_id
    if asset_id is not None and code not in locked.asset_ids:
        key = ledger.AssetKey(code, ledger.AssetKind(kind), *others)
        locked.book.assets[code], locked.asset_ids[code] = key, asset_id
    return number, code


NO_FREEZE = "[]"


def freezes_in(in_force: str) -> tuple[ledger.Freeze, ...]:
    """Read the switches in force from the text of the line that holds them."""
    return tuple(
        ledger.Freeze(number, region, ledger.FreezeScope(scope), subject)
        for number, region, scope, subject in json.loads(in_force)
    )


def freezes_in_force() -> tuple[ledger.Freeze, ...]:
    """Read the switches in force and keep them as they are until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT in_force::text FROM registry_freezeline FOR SHARE")
        return freezes_in(cursor.fetchone()[0])


# A freeze waits for these share locks and this transfer waits for a freeze under way: none slips past (A11). Assets
# never change and need no lock; one that comes with unknown accounts only stays out, for the account is refused first.
# The line is named by its key: of a table it knows nothing of, the server expects a thousand rows, and goes through ten
# thousand accounts name by name rather than sort what it expects to come of them. The arrays come by sub-selects, which
# hide their lengths from it, so that a connection keeps one plan and no length is planned anew.
_LOCK_NAMED = """
SELECT account.id AS account_id, account.number, account.type, account.state, account.region, account.barred,
       line.in_force,
       asset.id AS asset_id, asset.code, asset.kind, asset.scheme, asset.vintage_year, asset.origin,
       asset.use_restriction
FROM unnest((SELECT %s::text[]), (SELECT %s::text[])) AS wanted (number, code)
JOIN registry_account AS account ON account.number = wanted.number
CROSS JOIN (SELECT in_force::text FROM registry_freezeline WHERE id = 1 FOR SHARE) AS line
LEFT JOIN registry_asset AS asset ON asset.code = wanted.code
ORDER BY account.id
FOR SHARE OF account
"""
# All accounts are locked before the first balance is: their rows are sorted once more.
_LOCK = (
    "WITH named AS MATERIALIZED ("
    + _LOCK_NAMED
    + """)
SELECT named.*, balance.id, balance.total, balance.held, balance.waiting
FROM named JOIN registry_balance AS balance USING (account_id, asset_id)
ORDER BY balance.id
FOR UPDATE OF balance
"""
)

_CREATE_BALANCES = """
INSERT INTO registry_balance (account_id, asset_id, is_source, total, held)
SELECT wanted.account_id, wanted.asset_id, wanted.is_source, 0, 0
FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS wanted (account_id, asset_id, is_source)
ORDER BY wanted.account_id, wanted.asset_id
ON CONFLICT DO NOTHING
"""

# No lock of their own: whoever changes a hold has locked the balance it is a part of. What stands at a place is asked
# for only where somebody waits or a claim comes that may push others aside.
_HOLD = """
SELECT hold.id, hold.number, account.number, asset.code,
       hold.remaining, hold.reason, hold.state, hold.waiting, hold.rank, hold.is_reserve, hold.given_way
FROM registry_hold AS hold
JOIN registry_account AS account ON account.id = hold.account_id
JOIN registry_asset AS asset ON asset.id = hold.asset_id
"""
_NAMED_HOLDS = _HOLD + "WHERE hold.number = ANY(%s)"
_STANDING_HOLDS = (
    _HOLD
    + """
JOIN unnest(%s::bigint[], %s::bigint[]) AS crowded (account_id, asset_id)
    ON crowded.account_id = hold.account_id AND crowded.asset_id = hold.asset_id
WHERE hold.state IN ('ACTIVE', 'WAITING')
"""
)
_RESERVES = f"{_STANDING_HOLDS}AND hold.is_reserve"


def _load_holds(locked: Locked, numbers: list[str], crowded: Collection[Place], reserved: Collection[Place]) -> None:
    if numbers:
        _keep_holds(locked, _NAMED_HOLDS, [numbers])
    for sql, places in ((_STANDING_HOLDS, crowded), (_RESERVES, reserved)):
        if places:
            accounts = [locked.account_ids[account] for account, _ in places]
            _keep_holds(locked, sql, [accounts, [locked.asset_ids[asset] for _, asset in places]])
    locked.holds_before = dict(locked.book.holds)


def _keep_holds(locked: Locked, sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for hold_id, number, account, asset, remaining, reason, state, *others in cursor.fetchall():
            locked.hold_ids[number] = hold_id
            kinds = (ledger.HoldReason(reason), ledger.HoldState(state))
            locked.book.holds[number] = ledger.Hold(number, account, asset, remaining, *kinds, *others)


def _lock_serial_line(locked: Locked) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT serial_next FROM registry_serialline FOR UPDATE")
        locked.serial_next_before = locked.book.serial_next = cursor.fetchone()[0]


_SAVE_BALANCES = """
UPDATE registry_balance AS balance SET total = new.total, held = new.held, waiting = new.waiting
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS new (id, total, held, waiting)
WHERE balance.id = new.id
"""

_SAVE_HOLDS = """
UPDATE registry_hold AS hold
SET remaining = new.remaining, waiting = new.waiting, given_way = new.given_way, state = new.state
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
    AS new (id, remaining, waiting, given_way, state)
WHERE hold.id = new.id
"""


def _balances(locked: Locked) -> rows.Write | None:
    before = locked.positions_before
    changed = [(place, position) for place, position in locked.book.positions.items() if before[place] != position]
    if not changed:
        return None
    ids = [locked.balance_ids[place] for place, _ in changed]
    amounts = [[getattr(position, name) for _, position in changed] for name in ("total", "held", "waiting")]
    return rows.Write(_SAVE_BALANCES, [ids, *amounts])


def _holds(locked: Locked) -> rows.Write | None:
    changed = [hold for hold, before in _changed_holds(locked)]
    if not changed:
        return None
    ids = [locked.hold_ids[hold.number] for hold in changed]
    amounts = [[getattr(hold, name) for hold in changed] for name in ("remaining", "waiting", "given_way")]
    return rows.Write(_SAVE_HOLDS, [ids, *amounts, [str(hold.state) for hold in changed]])


def _changed_holds(locked: Locked) -> list[tuple[ledger.Hold, ledger.Hold]]:
    after = locked.book.holds
    return [(after[number], before) for number, before in locked.holds_before.items() if after[number] != before]
