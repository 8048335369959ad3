"""Watch over the orders of a program: when it falls silent the engine withdraws them (断线撤单).

The program says again and again that it is still there. Its word is a row with the instant until which it holds; the
engine looks at these rows between its steps and sleeps no longer than to the next of those instants.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from tonnebook.core import periods, runs, watches
from tonnebook.core.book import instructions
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.watches import WatchRefusal
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Command, Instrument, Watch
from tonnebook.market.services import leases, locks, voids
from tonnebook.market.services.leases import Lease
from tonnebook.members import services as members


def keep_watch(actor: Actor, *, region: str, silence_ms: int) -> Answer:
    """Have the own orders withdrawn when nothing is heard for so long; said again, it is the sign of life.

    What this person has in the books is withdrawn, for clients too, not what others of the organisation have there. A
    sign of life is no command: it is the same however often it is sent, and nothing is kept of it but the last.

    Args:
        actor: trader.
        region: whose market.
        silence_ms: milliseconds.

    Returns:
        `silence_ms` and `until_at`, real time.

    Raises:
        Refused: NOT_PERMITTED; SILENCE_UNFIT; NOBODY_WATCHES when no engine is at work.

    Source: design choice, no legal source (invariant B9).
    """
    members.require(actor, Act.TRADE)
    lasting = watches.silence(silence_ms)
    if not leases.is_held(region):
        raise Refused(WatchRefusal.NOBODY_WATCHES, region=region)
    until_at = journal.real_now() + lasting
    Watch.objects.update_or_create(
        {"silence_ms": silence_ms, "until_at": until_at},
        region=region,
        organisation=actor.organisation,
        person=actor.person,
    )
    return {"silence_ms": silence_ms, "until_at": periods.iso(until_at)}


def end_watch(actor: Actor, *, region: str) -> Answer:
    """End a watch: from now on the own orders stay however long nothing is heard.

    Args:
        actor: trader.
        region: whose market.

    Returns:
        `was_watched`: whether there was one to end.

    Raises:
        Refused: NOT_PERMITTED.

    Source: design choice, no legal source.
    """
    members.require(actor, Act.TRADE)
    ended, _ = Watch.objects.filter(region=region, organisation=actor.organisation, person=actor.person).delete()
    return {"was_watched": bool(ended)}


@tenancy.everywhere(Why.MARKET)
def seconds_left(region: str) -> float | None:
    """Tell how long it is, by the real clock, until somebody may have fallen silent; None without watches."""
    with connection.cursor() as cursor:
        cursor.execute(_SECONDS_LEFT, [region])
        (found,) = cursor.fetchone()
    return None if found is None else float(found)


@tenancy.everywhere(Why.MARKET)
def withdraw_unheard(lease: Lease, *, now: datetime) -> int:
    """Withdraw what those have in the books who have fallen silent, and drop what they sent that still waits.

    Args:
        lease: of the engine that does it.
        now: when, by the clock of the books.

    Returns:
        How many orders were withdrawn.

    Raises:
        Refused: MARKET_HELD when another engine has taken the market over; nothing was done.
        Busy: when a lock was not to be had in time; nothing was done.

    Source: design choice, no legal source (invariant B9).
    """
    with transaction.atomic():
        leases.beat(lease)
        locked = locks.lock_region(lease.region)
        # A sign of life that is being written down wins: its row is locked, and passed over this time.
        unheard = Watch.objects.filter(region=lease.region, until_at__lte=journal.real_now())
        rows = list(unheard.order_by("id").select_for_update(skip_locked=True))
        withdrawn = sum(_withdraw(row, locked, now) for row in rows)
        Watch.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return withdrawn


def _withdraw(row: Watch, locked: Sequence[Instrument], now: datetime) -> int:
    waiting = Command.objects.filter(region=row.region, person=row.person, state=Command.State.RECEIVED)
    dropped = list(waiting.order_by("id"))
    silent = instructions.refused(Refused(WatchRefusal.FELL_SILENT, silence=row.silence_ms))
    for command in dropped:
        command.answers = runs.packed([silent] * runs.size(command.instructions))
        command.state, command.done_at = Command.State.DONE, now
    Command.objects.bulk_update(dropped, ["answers", "state", "done_at"])
    withdrawn = voids.cancel_orders_by(row.person, locked, now=now)
    facts = {"silence_ms": row.silence_ms, "withdrawn": withdrawn, "dropped": len(dropped)}
    sealed = {"organisation": row.organisation, "by": row.person}
    journal.append(journal.Entry("market.program.unheard", facts, sealed), now=now)
    return withdrawn


_SECONDS_LEFT = "SELECT extract(epoch FROM min(until_at) - clock_timestamp()) FROM market_watch WHERE region = %s"
