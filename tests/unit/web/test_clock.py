"""Where the clock of the demo may go next."""

from datetime import UTC, datetime

import pytest

from tonnebook.core import periods
from tonnebook.web import clock

pytestmark = pytest.mark.django_db


def test_the_next_stops_are_the_morning_of_a_deadline_and_the_opening_of_the_exchange() -> None:
    friday_night = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    stops = clock.stops("shanghai", now=friday_night)
    assert stops.session_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert stops.deadline_at is not None
    assert stops.deadline_at > friday_night
    assert stops.deadline_at.astimezone(periods.ZONE).hour == 9


def test_on_the_day_of_a_deadline_the_next_stop_is_the_one_after() -> None:
    first = clock.stops("shanghai", now=datetime(2026, 11, 20, 12, 0, tzinfo=UTC)).deadline_at
    assert first is not None
    second = clock.stops("shanghai", now=first).deadline_at
    assert second is not None
    assert second > first


def test_a_region_without_rules_of_the_year_has_nowhere_to_go() -> None:
    assert clock.stops("eu", now=datetime(2040, 1, 1, tzinfo=UTC)).deadline_at is None
