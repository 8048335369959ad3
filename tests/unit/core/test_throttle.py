"""The pace of a member and its share of a queue."""

from datetime import UTC, datetime, timedelta

import pytest

from tonnebook import rulebook
from tonnebook.core import throttle
from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refused

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("region", ["national", "shanghai", "tianjin"])
def test_every_market_says_how_fast_a_member_may_send(region: str) -> None:
    assert throttle.messages_max(rulebook.at(region, on=NOW.date())) == 300


@pytest.mark.parametrize("age", [timedelta(0), timedelta(microseconds=999_999)])
def test_one_message_too_many_within_a_second_is_refused(age: timedelta) -> None:
    with pytest.raises(Refused) as caught:
        throttle.check_pace(300, NOW - age, NOW)
    assert caught.value.code is MarketRefusal.TOO_FAST
    assert (caught.value.code.sentence.status, caught.value.code.sentence.transient) == (429, True)


@pytest.mark.parametrize("earlier_at", [None, NOW - timedelta(seconds=1)])
def test_the_next_second_begins_anew(earlier_at: datetime | None) -> None:
    throttle.check_pace(300, earlier_at, NOW)


def test_shares_leave_room_for_one_more_member() -> None:
    assert [throttle.fair_share(60, members) for members in (1, 2, 3)] == [30, 20, 15]


def test_a_share_is_full_when_as_many_wait() -> None:
    throttle.check_share(29, 30)
    with pytest.raises(Refused, match="30 requests waiting"):
        throttle.check_share(30, 30)
