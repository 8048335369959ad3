"""Running numbers of accounts, transfers and holds, drawn from database sequences for many rows at once."""

from django.db import connection

from tonnebook.core import identity

ACCOUNT, TRANSFER, HOLD = "registry_account_number", "registry_transfer_number", "registry_hold_number"


def take_counts(sequence: str, quantity: int) -> list[int]:
    """Draw the next counts of a sequence; gaps after a rollback are harmless.

    Args:
        sequence: `ACCOUNT`, `TRANSFER` or `HOLD`.
        quantity: how many, >= 0.

    Returns:
        Counts in order.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, quantity])
        return [count for (count,) in cursor.fetchall()]


def take_numbers(sequence: str, prefix: str, quantity: int) -> list[str]:
    """Draw numbers with check digits, such as "T-000042-17", in order."""
    return [identity.numbered(prefix, count) for count in take_counts(sequence, quantity)]
