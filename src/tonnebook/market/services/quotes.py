"""Keep the bars of a day at its close, and tell those who show quotes that a market has changed."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from tonnebook.market.models import Instrument
from tonnebook.market.queries import quotes

# The channel of PostgreSQL on which readers of quotes listen.
CHANNEL = "tonnebook_market"


def tell_change(region: str, seq: int) -> None:
    """Tell listeners, at commit, that the market of a region has changed; what was undone is told to nobody.

    Args:
        region: whose books changed.
        seq: number of the last command or order, so that a listener can tell one change from another.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{region}|{seq}"])


def keep_day(rows: Sequence[Instrument], day: date) -> None:
    """Keep the bars of a day that is being closed: each instrument's, over all assets and of each.

    Args:
        rows: instruments, locked.
        day: all of whose trades are made.

    Source: S42, composite price over the vintages with the volume of each.
    """
    given = ([row.pk for row in rows], day, day + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, (*given, *given))


_KEEP = f"""
INSERT INTO market_daybar (instrument_id, day, asset, open_fen_per_t, high_fen_per_t, low_fen_per_t, last_fen_per_t,
    volume_t, turnover_fen, trades)
{quotes.bars_of_trades("trading_on", "''")} UNION ALL {quotes.bars_of_trades("trading_on", "asset")}
"""
