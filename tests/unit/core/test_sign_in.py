"""A session ends when nobody comes, and in any case after half a day."""

from datetime import UTC, datetime, timedelta

import pytest

from tonnebook.core import sign_in
from tonnebook.core.sign_in import ABSOLUTE, IDLE, SEEN_EVERY, SignedIn

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
TICK = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seen_after", "at_after", "is_over"),
    [
        (timedelta(), IDLE - TICK, False),
        (timedelta(), IDLE, True),
        (ABSOLUTE - 2 * TICK, ABSOLUTE - TICK, False),
        (ABSOLUTE - 2 * TICK, ABSOLUTE, True),
    ],
)
def test_a_session_is_over_when_idle_or_old(seen_after: timedelta, at_after: timedelta, *, is_over: bool) -> None:
    assert sign_in.is_over(SignedIn(START, START + seen_after), at=START + at_after) is is_over


def test_the_last_sight_is_written_once_a_minute() -> None:
    assert not sign_in.is_to_be_noted(SignedIn(START, START), at=START + SEEN_EVERY - TICK)
    assert sign_in.is_to_be_noted(SignedIn(START, START), at=START + SEEN_EVERY)
