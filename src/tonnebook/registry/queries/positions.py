"""What organisations hold of a scheme over all their accounts, and what they were given to begin with."""

from collections.abc import Sequence

from django.db import connection


def vintages_held(usccs: Sequence[str], scheme: str) -> dict[str, dict[int, int]]:
    """Sum the allowances that organisations hold, by vintage, over all their accounts.

    Units pledged stand with the pledgor, or with the pledgee where they were moved into its custody.

    Args:
        usccs: unified social credit codes.
        scheme: of the allowances, such as "SHEA".

    Returns:
        Tonnes above zero by code and vintage; who holds none is missing.
    """
    found: dict[str, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(usccs), scheme])
        for uscc, vintage, total_t in cursor.fetchall():
            found.setdefault(uscc, {})[vintage] = total_t
    return found


def initial_allowances(usccs: Sequence[str], scheme: str) -> dict[str, int]:
    """Give the free allowances that organisations were given of the last vintage of which they were given any.

    Args:
        usccs: unified social credit codes.
        scheme: of the allowances, such as "SHEA".

    Returns:
        Tonnes by code; who was given none is missing. The settlement of the year (true-up) changes nothing here.
    """
    # A later vintage takes the place of an earlier one.
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [list(usccs), scheme])
        return dict(cursor.fetchall())


# By hand, for every step of the engine asks: to put a query of the ORM into words costs more than to answer it.
_HELD = """
SELECT account.organisation_id, asset.vintage_year, sum(balance.total)::bigint
FROM registry_balance AS balance
JOIN registry_account AS account ON account.id = balance.account_id
JOIN registry_asset AS asset ON asset.id = balance.asset_id
WHERE account.organisation_id = ANY(%s) AND asset.scheme = %s AND asset.kind = 'ALLOWANCE' AND balance.total > 0
GROUP BY account.organisation_id, asset.vintage_year
"""
_GIVEN = """
SELECT account.organisation_id, sum(posting.quantity)::bigint
FROM registry_posting AS posting
JOIN registry_account AS source ON source.id = posting.debit_account_id
JOIN registry_account AS account ON account.id = posting.credit_account_id
JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
WHERE source.type IN ('ISSUANCE', 'RESERVE') AND account.organisation_id = ANY(%s) AND transfer.type = 'ALLOCATE'
AND asset.scheme = %s AND asset.kind = 'ALLOWANCE'
GROUP BY account.organisation_id, asset.vintage_year
ORDER BY asset.vintage_year
"""
