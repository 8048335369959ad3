"""Sessions of the exchange."""

from datetime import date, time

import pytest

from tonnebook.core import periods, sessions

DAY = sessions.read(("13:00-15:00", "09:30-11:30"))
CALENDAR = periods.Calendar(holidays=frozenset({date(2026, 10, 1), date(2026, 10, 2)}))
WEDNESDAY = date(2026, 9, 30)


def test_sessions_are_read_in_order_of_the_day() -> None:
    assert [session.opens for session in DAY] == [time(9, 30), time(13)]


@pytest.mark.parametrize("words", [("09:30",), ("11:30-09:30",), ("half past nine-11:30",)])
def test_words_that_are_no_session_are_a_value_error(words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        sessions.read(words)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (time(9, 29, 59), False),
        (time(9, 30), True),
        (time(11, 29, 59), True),
        (time(11, 30), False),
        (time(13), True),
        (time(15), False),
    ],
)
def test_a_session_includes_its_first_instant_and_not_its_last(clock: time, expected: bool) -> None:
    assert sessions.is_open(DAY, CALENDAR, periods.instant(WEDNESDAY, clock)) is expected


@pytest.mark.parametrize("day", [date(2026, 9, 26), date(2026, 10, 1)])
def test_the_exchange_is_shut_on_saturdays_and_holidays(day: date) -> None:
    assert not sessions.is_open(DAY, CALENDAR, periods.instant(day, time(10)))


def test_a_make_up_saturday_does_not_trade() -> None:
    saturday = date(2026, 9, 26)
    calendar = periods.Calendar(make_up_days=frozenset({saturday}))
    assert not sessions.is_open(DAY, calendar, periods.instant(saturday, time(10)))


def test_the_next_opening_skips_holidays_and_the_weekend() -> None:
    after_close = periods.instant(WEDNESDAY, time(16))
    assert sessions.next_opening_at(DAY, CALENDAR, after_close) == periods.instant(date(2026, 10, 5), time(9, 30))


def test_the_next_opening_may_be_the_same_day() -> None:
    at_noon = periods.instant(WEDNESDAY, time(12))
    assert sessions.next_opening_at(DAY, CALENDAR, at_noon) == periods.instant(WEDNESDAY, time(13))


def test_a_day_has_ended_at_the_close_of_its_last_session() -> None:
    assert not sessions.has_ended(DAY, WEDNESDAY, periods.instant(WEDNESDAY, time(14, 59)))
    assert sessions.has_ended(DAY, WEDNESDAY, periods.instant(WEDNESDAY, time(15)))


def test_a_calendar_that_never_opens_is_a_value_error() -> None:
    closed = periods.Calendar(holidays=frozenset(date.fromordinal(WEDNESDAY.toordinal() + n) for n in range(70)))
    with pytest.raises(ValueError, match="no session"):
        sessions.next_opening_at(DAY, closed, periods.instant(WEDNESDAY))


@pytest.mark.parametrize(
    ("clock", "closes"), [(time(9, 29), None), (time(9, 30), time(11, 30)), (time(11, 30), None), (time(14), time(15))]
)
def test_a_session_that_is_running_ends_at_its_close(clock: time, closes: time | None) -> None:
    expected = periods.instant(WEDNESDAY, closes) if closes else None
    assert sessions.closing_at(DAY, periods.instant(WEDNESDAY, clock)) == expected
