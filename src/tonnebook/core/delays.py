"""The working-hours clock: how long what a thief would do first has to wait.

A wait begins when it is asked for, if offices are open then, else when they open next; it ends as many working days
later, at the same time of the day. Weekends that are worked (调休) count, holidays do not, and a summer-time switch
moves nothing on the wall. What the calendar does not know yet is not guessed: a guess could end a wait too early.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tonnebook.core import periods, sessions
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt
from tonnebook.core.sessions import Session

_HOLIDAYS = "calendar.holidays"


class DelayRefusal(Refusal):
    """Why a wait cannot be worked out."""

    CALENDAR_ENDS = Sentence(
        zh="工作日历只到 {known_to_on}，无法计算等待期；请先录入下一年度的放假安排。",
        en="The working-day calendar ends before {known_to_on}, so the wait cannot be worked out; the notice of the "
        "next year's days off must be entered first.",
        article="design choice",
        transient=True,
    )


@dataclass(frozen=True, slots=True)
class WorkingClock:
    """When offices are open.

    Attributes:
        calendar: which days are worked.
        hours: from when to when, on the wall.
        zone: whose wall.
        known_to_on: the first day whose days off are not known; None where no days off are kept at all.
    """

    calendar: periods.Calendar
    hours: Session
    zone: ZoneInfo
    known_to_on: date | None = None


def read(rules: RulesAt, calendar: periods.Calendar) -> WorkingClock:
    """Read a region's clock from the rule book.

    Args:
        rules: of the region; `transfer.delay.hours` and `region.timezone` are read.
        calendar: of the region.

    Returns:
        The clock; it knows the days off until the end of the last year that has a notice.

    Raises:
        Refused: NO_SUCH_PARAMETER when the region has no office hours.

    Source: design choice, no legal source; hours by `transfer.delay.hours`.
    """
    notices = rules.leaves.get(_HOLIDAYS)
    last = max((value.from_on.year for value in notices.values), default=None) if notices else None
    return WorkingClock(
        calendar,
        sessions.read(rules.words("transfer.delay.hours"))[0],
        ZoneInfo(rules.text("region.timezone")),
        date(last + 1, 1, 1) if last else None,
    )


def starts_at(asked_at: datetime, *, clock: WorkingClock) -> datetime:
    """Give the instant a wait begins: at once in office hours, else when offices open next.

    Args:
        asked_at: aware instant.
        clock: whose office hours.

    Returns:
        Aware UTC instant, not before `asked_at`.

    Raises:
        Refused: CALENDAR_ENDS when the days off are not known so far ahead.

    Source: design choice, no legal source; as the European registry's clock is reported (S60).

    Example:
        >>> office = Session(time(10), time(16))
        >>> clock = WorkingClock(periods.Calendar(), office, ZoneInfo("Europe/Brussels"))
        >>> starts_at(datetime(2026, 3, 7, 11, tzinfo=UTC), clock=clock)  # a Saturday
        datetime.datetime(2026, 3, 9, 9, 0, tzinfo=datetime.timezone.utc)
    """
    asked = asked_at.astimezone(clock.zone)
    if _is_worked(asked.date(), clock):
        if clock.hours.opens <= asked.time() < clock.hours.closes:
            return asked_at.astimezone(UTC)
        if asked.time() < clock.hours.opens:
            return _instant(asked.date(), clock.hours.opens, clock.zone)
    return _instant(_working_day_after(asked.date(), 1, clock), clock.hours.opens, clock.zone)


def ready_at(asked_at: datetime, *, working_days: int, clock: WorkingClock) -> datetime:
    """Give the instant a wait ends: so many working days after it began, at the same time of the day.

    Args:
        asked_at: aware instant.
        working_days: >= 0; with none there is no wait.
        clock: whose working days and office hours.

    Returns:
        Aware UTC instant.

    Raises:
        Refused: CALENDAR_ENDS when the days off are not known so far ahead.

    Source: design choice, no legal source; as the European registry's clock is reported (S60).

    Example:
        >>> office = Session(time(10), time(16))
        >>> clock = WorkingClock(periods.Calendar(), office, ZoneInfo("Europe/Brussels"))
        >>> ready_at(datetime(2026, 3, 9, 18, tzinfo=UTC), working_days=4, clock=clock)  # a Monday, after hours
        datetime.datetime(2026, 3, 16, 9, 0, tzinfo=datetime.timezone.utc)
    """
    if working_days == 0:
        return asked_at.astimezone(UTC)
    started = starts_at(asked_at, clock=clock).astimezone(clock.zone)
    return _instant(_working_day_after(started.date(), working_days, clock), started.time(), clock.zone)


def _working_day_after(day: date, count: int, clock: WorkingClock) -> date:
    while count:
        day += timedelta(days=1)
        count -= _is_worked(day, clock)
    return day


def _is_worked(day: date, clock: WorkingClock) -> bool:
    if clock.known_to_on is not None and day >= clock.known_to_on:
        raise Refused(DelayRefusal.CALENDAR_ENDS, known_to_on=clock.known_to_on)
    return clock.calendar.is_working_day(day)


# A time that a summer-time switch leaves out or repeats is read so that the wait is not cut short: the later instant.
def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    readings = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return max(readings)
