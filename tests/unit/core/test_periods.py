"""Days, periods and the working-day calendar."""

from datetime import UTC, date, datetime

import pytest

from tonnebook.core import periods

# The week of the Spring Festival of 2026 as a small calendar: 16 to 20 February off, Saturday 14 February worked.
CALENDAR = periods.Calendar(
    holidays=frozenset(date(2026, 2, day) for day in range(16, 21)), make_up_days=frozenset({date(2026, 2, 14)})
)


def test_period_is_half_open() -> None:
    year = periods.compliance_year(2026)
    assert date(2026, 12, 31) in year
    assert date(2027, 1, 1) not in year
    assert periods.month(2026, 12).to_on == date(2027, 1, 1)


def test_period_refuses_to_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="must end after"):
        periods.Period(date(2026, 1, 1), date(2026, 1, 1))


def test_make_up_saturday_works_but_does_not_trade() -> None:
    saturday = date(2026, 2, 14)
    assert CALENDAR.is_working_day(saturday)
    assert not CALENDAR.is_trading_day(saturday)


def test_working_days_step_over_holidays_and_count_make_up_days() -> None:
    friday = date(2026, 2, 13)
    assert CALENDAR.working_days_between(friday, date(2026, 2, 24)) == 3
    assert CALENDAR.working_days_between(date(2026, 2, 24), friday) == -3


def test_day_of_an_instant_is_the_day_in_shanghai() -> None:
    assert periods.day_of(datetime(2026, 6, 30, 16, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert periods.iso(periods.instant(date(2026, 3, 31))) == "2026-03-31T01:00:00Z"
