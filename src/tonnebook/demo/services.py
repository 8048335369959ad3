"""What fills a demo and moves its clock: two services, and the playing they both set off as one job."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

import structlog
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tonnebook.core import demonstration, periods
from tonnebook.core.errors import Refused
from tonnebook.demo import queries
from tonnebook.demo import year as demo
from tonnebook.demo.models import Performance
from tonnebook.demo.schedule import Step
from tonnebook.demo.world import World
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why

log = structlog.get_logger(__name__)

SEED = 20_260_101
# The first compliance year is over and settled, the second is running.
REGIONS = ("shanghai", "tianjin")
YEARS = (2025, 2026)
STARTS_AT = periods.instant(date(2026, 11, 20), time(10, 0))
# The name of the job, and the lock that keeps a second one from waiting behind the first.
JOB = "demo.play"
_PLAYER_LOCK = 0x64656D6F


def seed() -> bool:
    """Make an empty database a demo and have it played, or have a playing that was cut off taken up again.

    Returns:
        Whether there is anything to play; never on a database with a log of its own.
    """
    if not Performance.objects.exists():
        if journal_queries.has_leaves() or journal_queries.clock().is_demo:
            return False
        journal.mark_demo()
        journal.set_clock(at=STARTS_AT)
        Performance.objects.bulk_create(Performance(region=region, until=STARTS_AT) for region in REGIONS)
    if queries.being_played() is None:
        return False
    _enqueue()
    return True


@tenancy.everywhere(Why.SYSTEM)
def advance(*, to: datetime, now: datetime) -> None:
    """Have everybody in the demo do what is due up to an instant, and then show that instant on the clock.

    Args:
        to: the instant.
        now: when this is asked.

    Raises:
        Refused: NOT_A_DEMO, STILL_PLAYING, NOT_FORWARD and TOO_FAR as `core.demonstration.check_advance`.
    """
    is_playing = queries.being_played() is not None
    demonstration.check_advance(to, now=now, is_demo=journal_queries.clock().is_demo, is_playing=is_playing)
    if not Performance.objects.update(until=to, is_finished=False, place=0, total=0, error=""):
        journal.set_clock(at=to)
        return
    _enqueue()


def play_on() -> None:
    """Play every region up to where it shall be, then move the clock there; the job's work.

    A second player finds the first at work and leaves. A player that was killed leaves its steps recorded, and the
    step it was killed in is played again with the same keys.
    """
    with _alone() as is_alone:
        while is_alone and (row := queries.being_played()) is not None:
            _play_region(row.region, row.until)
        last = Performance.objects.order_by("-until").first()
        if is_alone and last is not None and last.until > journal.now():
            journal.set_clock(at=last.until)


def _play_region(region: str, until: datetime) -> None:
    rows = Performance.objects.filter(region=region)

    def show(step: Step, place: int, total: int) -> None:
        rows.update(step_zh=step.zh, step_en=step.en, step_at=step.at, place=place, total=total, error="")

    def forgive(step: Step, refused: Refused) -> None:
        log.warning("step left out", region=region, step=step.code, reason=str(refused))

    worlds: Sequence[World] = [World(region, year, SEED) for year in YEARS]
    try:
        # Before the first visitor every refusal is a fault of the demo; later a visitor may have been faster.
        demo.play_together(worlds, until=until, progress=show, forgiven=forgive if until > STARTS_AT else None)
    except Exception as error:
        # Shown on the page; the job itself fails, and tries again if that can help.
        rows.update(error=f"{type(error).__name__}: {error}"[:500])
        raise
    rows.update(is_finished=True)


def _enqueue() -> None:
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(JOB, queueing_lock=JOB).defer()


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    # A lock of the session: the server gives it back when this process dies, however it dies.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_PLAYER_LOCK])
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_PLAYER_LOCK])
