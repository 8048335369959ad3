"""What the registry says of a region's day, to be compared with what others say: moves, serials, money."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection

from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why


@tenancy.everywhere(Why.BOOKS)
def moved(
    region: str, types: Collection[TransferType], *, from_at: datetime, to_at: datetime
) -> dict[tuple[str, str], int]:
    """Add up what transfers of some types moved, less what they moved the other way.

    Args:
        region: of the accounts.
        types: of the transfers.
        from_at: first instant.
        to_at: end, not included.

    Returns:
        Tonnes or fen by account number and asset code, below zero for what went out; nothing where both are equal.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [[*map(str, types)], from_at, to_at, region])
        return {(account, asset): int(change) for account, asset, change in cursor.fetchall()}


@tenancy.everywhere(Why.BOOKS)
def serials_off(accounts: Iterable[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """List where balance and serial blocks of accounts differ, which is nowhere unless the books are broken.

    Args:
        accounts: numbers.

    Returns:
        Tonnes by balance and by serial number, by account number and asset code.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SERIALS_OFF, [list(accounts)])
        return {(account, asset): (total_t, int(serials_t)) for account, asset, total_t, serials_t in cursor.fetchall()}


@tenancy.everywhere(Why.BOOKS)
def money_of(region: str) -> tuple[int, int]:
    """Add up the money in a region's accounts, and what its bank account has given to them.

    Args:
        region: region code.

    Returns:
        Fen of clients, fees, treasury and guarantees together; fen that came from banks less what went back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MONEY, [AccountType.BANK, AccountType.BANK, region])
        held, given = cursor.fetchone()
        return int(held), int(given)


_MOVED = """
SELECT account.number, asset.code, sum(side.change)
FROM registry_transfer AS transfer
JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
CROSS JOIN LATERAL (
    VALUES (posting.debit_account_id, -posting.quantity), (posting.credit_account_id, posting.quantity)
) AS side (account_id, change)
JOIN registry_account AS account ON account.id = side.account_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
WHERE transfer.type = ANY(%s) AND transfer.at >= %s AND transfer.at < %s AND account.region = %s
GROUP BY account.number, asset.code
HAVING sum(side.change) <> 0
"""
_SERIALS_OFF = """
SELECT account.number, asset.code, balance.total, coalesce(serials.quantity_t, 0)
FROM registry_balance AS balance
JOIN registry_account AS account ON account.id = balance.account_id
JOIN registry_asset AS asset ON asset.id = balance.asset_id AND asset.kind <> 'CASH'
LEFT JOIN (
    SELECT account_id, asset_id, sum(serial_to - serial_from) AS quantity_t
    FROM registry_serialblock GROUP BY account_id, asset_id
) AS serials ON serials.account_id = balance.account_id AND serials.asset_id = balance.asset_id
WHERE account.number = ANY(%s) AND balance.total <> coalesce(serials.quantity_t, 0)
"""
_MONEY = """
SELECT coalesce(sum(balance.total) FILTER (WHERE account.type <> %s), 0),
       coalesce(-sum(balance.total) FILTER (WHERE account.type = %s), 0)
FROM registry_balance AS balance
JOIN registry_account AS account ON account.id = balance.account_id
JOIN registry_asset AS asset ON asset.id = balance.asset_id AND asset.kind = 'CASH'
WHERE account.region = %s
"""
