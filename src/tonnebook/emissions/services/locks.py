"""The locks of this room: a region's reporting year, and a company's register.

Plans, reports, opinions and determinations of one region and year are few and short, so they simply take turns; the
checks made under the lock stay true until commit. Monthly filings, which are many, need none: a month is unique.
"""

from collections.abc import Iterable

from django.db import connection


def lock_register(entity: str) -> None:
    """Take the lock of a company's register, so that its events are decided one after the other.

    Args:
        entity: unified social credit code.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"emissions/register/{entity}"])


def lock_years(region: str, years: Iterable[int]) -> None:
    """Take the locks of a region's reporting years, in order, for the rest of the transaction.

    Args:
        region: region code.
        years: compliance years, any order.
    """
    keys = [f"emissions/{region}/{year}" for year in sorted(set(years))]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) WITH ORDINALITY "
            "AS ordered(key, place) ORDER BY place",
            [keys],
        )
