"""Phases of a trading day: the model of all transitions, the clock, halts and the circuit breaker."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from tonnebook import rulebook
from tonnebook.core import periods, phases, sessions
from tonnebook.core.errors import Refused
from tonnebook.core.phases import Breaker, Hours, Phase, PhaseRefusal
from tonnebook.core.rules import Leaf

MONDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 7)
CALENDAR = rulebook.calendar("shanghai")
DAILY = sessions.read(("09:30-11:30", "13:00-15:00"))
PLAIN, CALLED = Hours(DAILY), Hours(DAILY, time(9, 15))
BOTH = pytest.mark.parametrize("hours", [PLAIN, CALLED], ids=["without a call", "with a call"])


def at(clock: time, day: date = MONDAY) -> datetime:
    return periods.instant(day, clock)


@BOTH
def test_every_phase_is_reached_and_left(hours: Hours) -> None:
    reached = {Phase.CLOSED}
    for _ in Phase:
        reached |= {after for phase in reached for after in phases.followers(phase, has_call=hours.has_call)}
    assert reached == set(Phase) - (set() if hours.has_call else {Phase.CALL})
    assert all(phases.followers(phase, has_call=hours.has_call) - {phase} for phase in Phase)


def test_continuous_trading_begins_after_a_call_only_where_there_is_one() -> None:
    # Every walk of up to seven steps from the night or from a halt: no session before its call.
    walks: list[tuple[Phase, ...]] = [(Phase.CLOSED,), (Phase.HALTED,)]
    for _ in range(7):
        walks = [(*walk, after) for walk in walks for after in phases.followers(walk[-1], has_call=True)]
    assert len(walks) > 500
    for walk in walks:
        if Phase.CONTINUOUS in walk:
            for start in [place for place, phase in enumerate(walk) if phase in (Phase.CLOSED, Phase.HALTED)]:
                rest = walk[start + 1 :]
                if Phase.CONTINUOUS in rest:
                    assert Phase.CALL in rest[: rest.index(Phase.CONTINUOUS)]


@pytest.mark.parametrize(
    ("clock", "plain", "called"),
    [
        (time(0), Phase.PRE_OPEN, Phase.PRE_OPEN),
        (time(9, 14, 59), Phase.PRE_OPEN, Phase.PRE_OPEN),
        (time(9, 15), Phase.PRE_OPEN, Phase.CALL),
        (time(9, 29, 59), Phase.PRE_OPEN, Phase.CALL),
        (time(9, 30), Phase.CONTINUOUS, Phase.CONTINUOUS),
        (time(11, 29, 59), Phase.CONTINUOUS, Phase.CONTINUOUS),
        (time(11, 30), Phase.BREAK, Phase.BREAK),
        (time(12, 59, 59), Phase.BREAK, Phase.BREAK),
        (time(13), Phase.CONTINUOUS, Phase.CONTINUOUS),
        (time(15), Phase.CLOSED, Phase.CLOSED),
    ],
)
def test_the_clock_turns_on_the_second(clock: time, plain: Phase, called: Phase) -> None:
    assert phases.by_clock(PLAIN, CALENDAR, at(clock)) is plain
    assert phases.by_clock(CALLED, CALENDAR, at(clock)) is called
    assert phases.by_clock(PLAIN, CALENDAR, at(clock, SATURDAY)) is Phase.CLOSED


@BOTH
@pytest.mark.parametrize("stored", list(Phase))
@pytest.mark.parametrize("days", [0, 1, 4])
def test_every_way_to_the_clock_is_legal_and_ends_there_or_at_a_call(hours: Hours, stored: Phase, days: int) -> None:
    stored_at = at(time(0)) - timedelta(days=days)
    for minutes in range(0, 24 * 60, 15):
        now = at(time(minutes // 60, minutes % 60))
        way = phases.path(stored, stored_at, hours, CALENDAR, now)
        for before, after in pairwise((stored, *way)):
            assert after in phases.followers(before, has_call=hours.has_call)
        target, end = phases.by_clock(hours, CALENDAR, now), (stored, *way)[-1]
        if stored is Phase.HALTED:
            assert way == []
        elif end is not target:
            # Only a call that has yet to be completed, or to begin, holds the day up.
            assert hours.has_call
            assert end in (Phase.CALL, Phase.PRE_OPEN)
        assert phases.path(end, now, hours, CALENDAR, now) == []


def test_what_is_left_of_yesterday_is_closed_before_the_new_day_begins() -> None:
    yesterday = at(time(14)) - timedelta(days=1)
    way = phases.path(Phase.CONTINUOUS, yesterday, CALLED, CALENDAR, at(time(10)))
    assert way == [Phase.CLOSED, Phase.PRE_OPEN, Phase.CALL]
    assert phases.path(Phase.BREAK, yesterday, PLAIN, CALENDAR, at(time(10)))[0] is Phase.CLOSED


@BOTH
def test_after_a_halt_the_next_phase_is_a_legal_one_at_every_hour(hours: Hours) -> None:
    for minutes in range(0, 24 * 60, 15):
        after = phases.after_halt(hours, CALENDAR, at(time(minutes // 60, minutes % 60)))
        assert after in phases.followers(Phase.HALTED, has_call=hours.has_call)


def test_hours_and_breaker_come_from_the_rule_book() -> None:
    assert phases.hours(rulebook.at("shanghai", on=MONDAY)) == PLAIN
    assert phases.breaker(rulebook.at("shanghai", on=MONDAY)) is None
    assert phases.breaker(rulebook.at("shanghai", on=date(2030, 3, 5))) == Breaker(Decimal("0.08"), 10)


def test_a_region_that_opens_with_a_call_says_from_when() -> None:
    rules = rulebook.at("shanghai", on=MONDAY)
    dated = rules.leaves["trading.opening_call"].values[0]
    found = {
        path: Leaf(path, unit, "", "", (replace(dated, value=value),))
        for path, unit, value in (
            ("trading.opening_call", "flag", "yes"),
            ("trading.opening_call_from", "time", "09:15"),
        )
    }
    assert phases.hours(replace(rules, leaves={**rules.leaves, **found})) == CALLED


def test_a_halt_is_refused_where_there_is_one_or_its_end_has_passed() -> None:
    now = at(time(10))
    for phase, until_at, code in (
        (Phase.HALTED, None, PhaseRefusal.ALREADY_HALTED),
        (Phase.CONTINUOUS, now, PhaseRefusal.HALT_ENDS_EARLIER),
    ):
        with pytest.raises(Refused) as refused:
            phases.check_halt("SHEA", phase, until_at=until_at, now=now)
        assert refused.value.code is code
    phases.check_halt("SHEA", Phase.CONTINUOUS, until_at=now + timedelta(seconds=1), now=now)


@pytest.mark.parametrize(
    ("entered", "now", "is_over"),
    [
        (time(9, 15), time(9, 29), False),
        (time(9, 15), time(9, 30), True),
        (time(9, 29), time(9, 30), True),
        (time(9, 40), time(9, 54), False),  # begun late, it lasts as long
        (time(9, 40), time(9, 55), True),
        (time(11, 20), time(11, 35), False),  # it ends within a session
        (time(11, 20), time(13), True),
    ],
)
def test_a_call_lasts_until_the_first_session_or_as_long_as_a_whole_one(
    entered: time, now: time, is_over: bool
) -> None:
    assert phases.is_call_over(Phase.CALL, at(entered), CALLED, CALENDAR, at(now)) is is_over
    assert not phases.is_call_over(Phase.CONTINUOUS, at(entered), CALLED, CALENDAR, at(now))
    assert not phases.is_call_over(Phase.CALL, at(entered), PLAIN, CALENDAR, at(now))


@pytest.mark.parametrize(
    ("hours", "stored", "clock", "takes"),
    [
        (CALLED, Phase.PRE_OPEN, time(9, 14), False),
        (CALLED, Phase.PRE_OPEN, time(9, 15), True),
        (CALLED, Phase.CALL, time(9, 40), True),
        (CALLED, Phase.CALL, time(12), False),
        (CALLED, Phase.HALTED, time(10), True),  # the halt is refused by its own name
        (PLAIN, Phase.PRE_OPEN, time(9, 15), False),
        (PLAIN, Phase.PRE_OPEN, time(9, 30), True),
        (PLAIN, Phase.CONTINUOUS, time(12), False),
    ],
)
def test_orders_are_taken_in_during_call_and_session(hours: Hours, stored: Phase, clock: time, takes: bool) -> None:
    assert phases.takes_orders(stored, at(time(9)), hours, CALENDAR, at(clock)) is takes
