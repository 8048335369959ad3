"""Days, half-open periods, compliance years and the working-day calendar.

Times are aware UTC instants; a *day* is a day in the region's zone. Holidays and make-up working days are data of the
rule book (they change every year by notice), handed in as a `Calendar`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open range of days `[from_on, to_on)`."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        """Refuse an empty or backward range with a `ValueError`."""
        if self.to_on <= self.from_on:
            raise ValueError(f"a period must end after it begins: {self.from_on} … {self.to_on}")

    def __contains__(self, day: date) -> bool:
        """Say whether a day lies inside."""
        return self.from_on <= day < self.to_on


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days people work.

    Attributes:
        holidays: days off that would else be working days.
        make_up_days: Saturdays and Sundays that are worked (调休).
    """

    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Say whether offices and the exchange's clock of working days count this day."""
        if day in self.make_up_days:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def is_trading_day(self, day: date) -> bool:
        """Say whether the exchange opens: a working day that is no Saturday or Sunday (make-up days do not trade)."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def working_day_after(self, day: date, count: int) -> date:
        """Give the working day that is `count` working days after a day; the day after it is the first that counts."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def working_days_between(self, from_on: date, to_on: date) -> int:
        """Count working days in the half-open range `[from_on, to_on)`; negative when it is backward."""
        if to_on < from_on:
            return -self.working_days_between(to_on, from_on)
        return sum(self.is_working_day(day) for day in _days(from_on, to_on))


def compliance_year(year: int) -> Period:
    """Give the days whose emissions a compliance year covers: the calendar year."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def month(year: int, number: int) -> Period:
    """Give the days of one month (1 to 12)."""
    return Period(date(year, number, 1), date(year + number // 12, number % 12 + 1, 1))


def day_of(instant: datetime) -> date:
    """Give the day in the region's zone on which an instant falls."""
    return instant.astimezone(ZONE).date()


def instant(day: date, at: time = time(9, 0)) -> datetime:
    """Give the UTC instant of a wall-clock time in the region's zone; nine in the morning is a choice, not a rule."""
    return datetime.combine(day, at, ZONE).astimezone(UTC)


def iso(instant_at: datetime) -> str:
    """Write an instant as ISO text in UTC with a `Z`, with microseconds when it has any: the form of the log.

    Raises:
        ValueError: when the datetime is naive.

    Example:
        >>> iso(datetime(2026, 7, 1, 8, 30, tzinfo=UTC))
        '2026-07-01T08:30:00Z'
    """
    if instant_at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant_at!r}")
    return instant_at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def wall_clock(instant_at: datetime) -> str:
    """Write an instant as people of the region read it off the wall, to the minute.

    Example:
        >>> wall_clock(datetime(2026, 7, 1, 1, 30, tzinfo=UTC))
        '2026-07-01 09:30'
    """
    return instant_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def _days(from_on: date, to_on: date) -> Iterator[date]:
    while from_on < to_on:
        yield from_on
        from_on += timedelta(days=1)
