"""The clock of a demo goes forward only, and never on real data."""

from datetime import UTC, datetime, timedelta

import pytest

from tonnebook.core import demonstration
from tonnebook.core.demonstration import LEAP_MAX, DemoRefusal
from tonnebook.core.errors import Refused

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def refusal(to: datetime, *, is_demo: bool = True, is_playing: bool = False) -> DemoRefusal:
    with pytest.raises(Refused) as refused:
        demonstration.check_advance(to, now=NOW, is_demo=is_demo, is_playing=is_playing)
    code = refused.value.code
    assert isinstance(code, DemoRefusal)
    return code


def test_the_clock_moves_forward_up_to_the_longest_leap() -> None:
    for to in (NOW + timedelta(seconds=1), NOW + LEAP_MAX):
        demonstration.check_advance(to, now=NOW, is_demo=True, is_playing=False)


def test_the_clock_never_moves_back_stands_still_or_leaps_too_far() -> None:
    assert refusal(NOW) is DemoRefusal.NOT_FORWARD
    assert refusal(NOW - timedelta(days=1)) is DemoRefusal.NOT_FORWARD
    assert refusal(NOW + LEAP_MAX + timedelta(seconds=1)) is DemoRefusal.TOO_FAR


def test_a_real_database_is_refused_before_everything_else() -> None:
    assert refusal(NOW, is_demo=False, is_playing=True) is DemoRefusal.NOT_A_DEMO
    assert refusal(NOW, is_playing=True) is DemoRefusal.STILL_PLAYING
