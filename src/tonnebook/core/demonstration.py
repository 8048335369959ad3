"""When the clock of a demo may be moved, and how far."""

from datetime import datetime, timedelta

from tonnebook.core import periods
from tonnebook.core.errors import Refusal, Refused, Sentence

# Far enough for the longest pause of a compliance year (design choice, no legal source).
LEAP_MAX = timedelta(days=400)


class DemoRefusal(Refusal):
    """Why the clock of a demo is not moved."""

    NOT_A_DEMO = Sentence(
        zh="这不是演示数据库，时钟不能拨动。",
        en="This is no demo database; its clock is not moved.",
        article="design choice",
        status=403,
    )
    STILL_PLAYING = Sentence(
        zh="演示数据还在准备中，请稍后再试。",
        en="The demo is still being played; try again in a moment.",
        article="design choice",
        transient=True,
    )
    NOT_FORWARD = Sentence(
        zh="时钟只能向前拨；现在已是 {now}。",
        en="The clock only goes forward; it is {now} already.",
        article="design choice",
    )
    TOO_FAR = Sentence(
        zh="一次最多向前拨 {days} 天。",
        en="At most {days} days forward at a time.",
        article="design choice",
    )


def check_advance(to: datetime, *, now: datetime, is_demo: bool, is_playing: bool) -> None:
    """Refuse to move the clock where that makes no sense.

    Args:
        to: the instant it shall show.
        now: what it shows.
        is_demo: whether the database is marked as demo.
        is_playing: whether a job is still playing up to an earlier instant.

    Raises:
        Refused: NOT_A_DEMO on a real database; STILL_PLAYING while a job plays; NOT_FORWARD when `to` is not after
            `now`; TOO_FAR when it lies more than `LEAP_MAX` ahead.

    Source: design choice, no legal source (invariant O3).
    """
    if not is_demo:
        raise Refused(DemoRefusal.NOT_A_DEMO)
    if is_playing:
        raise Refused(DemoRefusal.STILL_PLAYING)
    if to <= now:
        raise Refused(DemoRefusal.NOT_FORWARD, now=periods.wall_clock(now))
    if to - now > LEAP_MAX:
        raise Refused(DemoRefusal.TOO_FAR, days=LEAP_MAX.days)
