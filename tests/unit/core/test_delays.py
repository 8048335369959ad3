"""The working-hours clock: the European registry's published examples, worked weekends, holidays and summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tonnebook import rulebook
from tonnebook.core import delays, periods
from tonnebook.core.delays import DelayRefusal, WorkingClock
from tonnebook.core.errors import Refused
from tonnebook.core.sessions import Session

BRUSSELS, SHANGHAI = ZoneInfo("Europe/Brussels"), ZoneInfo("Asia/Shanghai")
UNION = WorkingClock(periods.Calendar(), Session(time(10), time(16)), BRUSSELS)


def brussels(day: date, at: time) -> datetime:
    return datetime.combine(day, at, BRUSSELS)


def shanghai_clock() -> WorkingClock:
    return delays.read(rulebook.at("shanghai", on=date(2026, 9, 1)), rulebook.calendar("shanghai"))


@pytest.mark.parametrize(
    ("asked_on", "asked", "starts_on", "starts", "ready_on"),
    [
        # Thursday in office hours; a Saturday; a Monday evening (2026).
        (date(2026, 5, 7), time(11, 30), date(2026, 5, 7), time(11, 30), date(2026, 5, 13)),
        (date(2026, 5, 9), time(12), date(2026, 5, 11), time(10), date(2026, 5, 15)),
        (date(2026, 5, 11), time(19), date(2026, 5, 12), time(10), date(2026, 5, 18)),
        # Before the doors open, and at the very minute they close.
        (date(2026, 5, 11), time(8), date(2026, 5, 11), time(10), date(2026, 5, 15)),
        (date(2026, 5, 11), time(16), date(2026, 5, 12), time(10), date(2026, 5, 18)),
    ],
)
def test_the_union_s_clock_gives_the_published_days(
    asked_on: date, asked: time, starts_on: date, starts: time, ready_on: date
) -> None:
    asked_at = brussels(asked_on, asked)
    assert delays.starts_at(asked_at, clock=UNION) == brussels(starts_on, starts)
    assert delays.ready_at(asked_at, working_days=4, clock=UNION) == brussels(ready_on, starts)


def test_a_switch_to_summer_time_moves_nothing_on_the_wall() -> None:
    friday = brussels(date(2026, 3, 27), time(11, 30))
    ready = delays.ready_at(friday, working_days=4, clock=UNION)
    assert ready.astimezone(BRUSSELS).strftime("%a %H:%M") == "Thu 11:30"
    assert ready - friday == timedelta(days=6, hours=-1)


def test_a_time_that_summer_time_leaves_out_is_read_as_the_later_instant() -> None:
    night = WorkingClock(
        periods.Calendar(make_up_days=frozenset({date(2026, 3, 29)})), Session(time(2, 30), time(4)), BRUSSELS
    )
    ready = delays.ready_at(brussels(date(2026, 3, 27), time(2, 30)), working_days=1, clock=night)
    assert ready == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_national_holiday_is_waited_out_and_its_worked_weekend_counts() -> None:
    # Wednesday, 30 September 2026; days off until 7 October; Saturday the 10th is worked.
    asked_at = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)
    ready = delays.ready_at(asked_at, working_days=4, clock=shanghai_clock())
    assert ready == datetime(2026, 10, 12, 16, 0, tzinfo=SHANGHAI)


def test_no_wait_ends_when_it_is_asked_for() -> None:
    saturday = datetime(2026, 5, 9, 3, 0, tzinfo=UTC)
    assert delays.ready_at(saturday, working_days=0, clock=UNION) == saturday


def test_a_wait_into_days_whose_holidays_are_unknown_is_refused() -> None:
    clock = shanghai_clock()
    assert clock.known_to_on == date(2028, 1, 1)
    with pytest.raises(Refused) as refused:
        delays.ready_at(datetime(2027, 12, 30, 10, 0, tzinfo=SHANGHAI), working_days=4, clock=clock)
    assert refused.value.code is DelayRefusal.CALENDAR_ENDS
    last = delays.ready_at(datetime(2027, 12, 27, 10, 0, tzinfo=SHANGHAI), working_days=4, clock=clock)
    assert last == datetime(2027, 12, 31, 10, 0, tzinfo=SHANGHAI)


def test_the_union_keeps_no_days_off_and_reads_its_own_wall() -> None:
    clock = delays.read(rulebook.at("eu", on=date(2026, 9, 1)), rulebook.calendar("eu"))
    assert (clock.zone, clock.known_to_on, clock.hours) == (BRUSSELS, None, Session(time(10), time(16)))
