"""The lease of a market: at any time one engine writes its books, and everybody can see which.

Two things keep a second engine out. An advisory lock is held by the connection of the engine, so that the server frees
it the moment the engine dies; and the row of the lease says which program and which rules are at work, and every step
checks that it is still its own before it commits.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from tonnebook import rulebook
from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refused
from tonnebook.journal import services as journal
from tonnebook.journal.artefact import artefact
from tonnebook.market.models import EngineLease

# An engine that has not been heard of for so long has ended; it tells of itself far more often.
EXPIRY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Lease:
    """What an engine holds: its region and its own name."""

    region: str
    holder: str


def take(region: str, holder: str) -> Lease:
    """Take the lease of a market for as long as this connection lasts.

    Args:
        region: region code.
        holder: a name that no other engine has.

    Raises:
        Refused: MARKET_HELD when another engine is at work.

    Source: design choice, no legal source (invariants B11 and O6).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_about(region)])
        (is_ours,) = cursor.fetchone()
    now = journal.real_now()
    row = EngineLease.objects.filter(region=region).first()
    is_anothers = row is not None and row.beat_at > now - EXPIRY and row.artefact != artefact()
    if not is_ours or is_anothers:
        # Between the lock and the row of an engine that starts there is nobody to name.
        holder, program = (row.holder, row.artefact[:12]) if row is not None else ("?", "?")
        raise Refused(MarketRefusal.MARKET_HELD, region=region, holder=holder, artefact=program)
    terms = {"holder": holder, "artefact": artefact(), "config": rulebook.digest(region)}
    EngineLease.objects.update_or_create(region=region, defaults={**terms, "taken_at": now, "beat_at": now})
    return Lease(region, holder)


def beat(lease: Lease) -> None:
    """Tell that the engine is at work, and make sure that the market is still its own.

    Raises:
        Refused: MARKET_HELD when another engine has taken it over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [lease.region, lease.holder])
        is_ours = cursor.rowcount > 0
    if not is_ours:
        row = EngineLease.objects.get(region=lease.region)
        raise Refused(MarketRefusal.MARKET_HELD, region=lease.region, holder=row.holder, artefact=row.artefact[:12])


def give_back(lease: Lease) -> None:
    """End a lease, so that faces carry out orders themselves and another engine can begin at once."""
    EngineLease.objects.filter(region=lease.region, holder=lease.holder).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_about(lease.region)])


def is_held(region: str) -> bool:
    """Say whether an engine is at work on a market: the server knows, however long its step takes."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_LOCKED, [_about(region)])
        return bool(cursor.fetchone()[0])


def _about(region: str) -> str:
    return f"market/engine/{region}"


_BEAT = "UPDATE market_enginelease SET beat_at = clock_timestamp() WHERE region = %s AND holder = %s"
_IS_LOCKED = """
SELECT EXISTS (
    SELECT FROM pg_locks AS held, hashtextextended(%s, 0) AS key
    WHERE held.locktype = 'advisory' AND held.objsubid = 1
    AND held.classid::bigint = (key >> 32) & 4294967295 AND held.objid::bigint = key & 4294967295
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""
