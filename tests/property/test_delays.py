"""No wait ever ends early: three years of instants, with every holiday and every worked weekend in them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook import rulebook
from tonnebook.core import delays, periods
from tonnebook.core.delays import WorkingClock

WORKING_DAYS = 4
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def clock_of(region: str) -> WorkingClock:
    return delays.read(rulebook.at(region, on=date(2026, 9, 1)), rulebook.calendar(region))


CLOCKS = {region: clock_of(region) for region in ("shanghai", "tianjin", "eu")}


# Another way to count: the office time that lies between two instants, day by day.
def office_time(clock: WorkingClock, from_at: datetime, to_at: datetime) -> timedelta:
    total, day = timedelta(), from_at.astimezone(clock.zone).date()
    while day <= to_at.astimezone(clock.zone).date():
        if day in clock.calendar.make_up_days or (day.weekday() < 5 and day not in clock.calendar.holidays):
            opens, closes = (datetime.combine(day, at, clock.zone) for at in (clock.hours.opens, clock.hours.closes))
            total += max(min(closes, to_at) - max(opens, from_at), timedelta())
        day += timedelta(days=1)
    return total


def office_day(clock: WorkingClock) -> timedelta:
    day = date(2026, 1, 5)
    return datetime.combine(day, clock.hours.closes) - datetime.combine(day, clock.hours.opens)


@pytest.mark.parametrize("region", CLOCKS)
def test_every_few_hours_of_three_years_wait_four_working_days_of_office_time(region: str) -> None:
    clock, asked_at, early = CLOCKS[region], FIRST, 0
    while asked_at < LAST:
        ready_at = delays.ready_at(asked_at, working_days=WORKING_DAYS, clock=clock)
        early += office_time(clock, asked_at, ready_at) < WORKING_DAYS * office_day(clock)
        asked_at += timedelta(hours=7, minutes=41)
    assert early == 0


@given(st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)), st.sampled_from(sorted(CLOCKS)))
def test_a_wait_is_office_time_to_the_microsecond(asked: datetime, region: str) -> None:
    clock, asked_at = CLOCKS[region], asked.replace(tzinfo=UTC)
    ready_at = delays.ready_at(asked_at, working_days=WORKING_DAYS, clock=clock)
    assert office_time(clock, asked_at, ready_at) == WORKING_DAYS * office_day(clock)
    assert clock.calendar.is_working_day(ready_at.astimezone(clock.zone).date())


@given(
    st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)),
    st.timedeltas(timedelta(), timedelta(days=9)),
    st.sampled_from(sorted(CLOCKS)),
)
def test_who_asks_later_is_never_ready_earlier(asked: datetime, later: timedelta, region: str) -> None:
    asked_at, clock = asked.replace(tzinfo=UTC), CLOCKS[region]
    first, second = (delays.ready_at(at, working_days=WORKING_DAYS, clock=clock) for at in (asked_at, asked_at + later))
    assert first <= second


def test_a_clock_that_forgets_the_holidays_is_caught_by_the_count() -> None:
    clock = CLOCKS["shanghai"]
    forgetful = WorkingClock(periods.Calendar(), clock.hours, clock.zone)
    asked_at = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    ready_at = delays.ready_at(asked_at, working_days=WORKING_DAYS, clock=forgetful)
    assert office_time(clock, asked_at, ready_at) < WORKING_DAYS * office_day(clock)
