"""Moves of the reserve: the most one may take, and upon which finding."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tonnebook import rulebook
from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.market_stability import reserve_moves
from tonnebook.core.market_stability.interventions import StabilityRefusal
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind, Stock
from tonnebook.core.market_stability.triggers import PriceMove

RELEASE, WITHDRAWAL = ReserveMoveKind.RELEASE, ReserveMoveKind.WITHDRAWAL
FOUND_ON = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, 1, tzinfo=UTC)
RULES = rulebook.at("shanghai", on=FOUND_ON)


@pytest.mark.parametrize(
    ("stock", "limit_t"),
    [
        (Stock(reserve_t=1_000, spare_t=1_000, moved_t=0, waiting_t=0), 200),
        (Stock(reserve_t=600, spare_t=600, moved_t=400, waiting_t=0), 100),
        (Stock(reserve_t=1_000, spare_t=7, moved_t=0, waiting_t=0), 7),
        (Stock(reserve_t=100, spare_t=100, moved_t=900, waiting_t=0), 0),
    ],
    ids=["one release", "what the year leaves", "what can be spared", "never below zero"],
)
def test_a_release_takes_no_more_than_the_least_of_its_limits(stock: Stock, limit_t: int) -> None:
    found = reserve_moves.limit(RELEASE, RULES, stock)
    assert found.whole == trace.replay(found) == limit_t
    assert trace.statuses(found) == ("scenario",)


def test_a_withdrawal_takes_a_share_of_what_waits_rounded_down() -> None:
    found = reserve_moves.limit(WITHDRAWAL, RULES, Stock(reserve_t=9, spare_t=9, moved_t=9, waiting_t=101))
    assert (found.whole, trace.statuses(found)) == (50, ("scenario",))


def _check(
    kind: ReserveMoveKind = RELEASE, found: PriceMove = PriceMove.RISE, quantity_t: int = 10, now: datetime = NOW
) -> None:
    reserve_moves.check_move(kind, found, FOUND_ON, quantity_t=quantity_t, limit_t=10, act_within_days=10, now=now)


def test_a_rise_calls_for_a_release_and_a_fall_for_a_withdrawal() -> None:
    for kind, called_for in ((RELEASE, PriceMove.RISE), (WITHDRAWAL, PriceMove.FALL)):
        _check(kind, called_for)
        for other in set(PriceMove) - {called_for}:
            with pytest.raises(Refused) as caught:
                _check(kind, other)
            assert caught.value.code is StabilityRefusal.NOT_CALLED_FOR


def test_a_move_keeps_its_limit_and_the_days_of_its_finding() -> None:
    _check(now=NOW + timedelta(days=9))
    with pytest.raises(Refused) as old:
        _check(now=NOW + timedelta(days=10))
    assert old.value.code is StabilityRefusal.FINDING_TOO_OLD
    with pytest.raises(Refused) as much:
        _check(quantity_t=11)
    assert much.value.code is StabilityRefusal.ABOVE_SINGLE_LIMIT
    with pytest.raises(ValueError, match="at least one tonne"):
        _check(quantity_t=0)
