"""Phases on the database: turned once, halted by one, resumed by two, stopped by the circuit breaker."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from tests.market_stage import MONDAY, REGION, Stage

from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.phases import HaltGround, Phase, PhaseRefusal
from tonnebook.core.roles import AccessRefusal
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.members import services as members

BUY, SELL = Side.BUY, Side.SELL


def refused(code: Refusal, act: object) -> None:
    with pytest.raises(Refused) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code is code


def turn(stage: Stage, clock: time, day: date = MONDAY) -> object:
    stage.at(clock, day)
    return market.turn_phases(stage.cast["Exchange"], region=REGION, key=stage.key(), now=stage.now)["turned"]


def halt(stage: Stage, minutes: int | None = None) -> object:
    until_at = None if minutes is None else stage.now + timedelta(minutes=minutes)
    answer = market.halt(
        stage.cast["Exchange"],
        instrument="SHEA",
        reason="机房断电",
        until_at=until_at,
        key=stage.key(),
        now=stage.now,
    )
    return answer["halt"]


def resume(stage: Stage) -> object:
    payload: dict[str, Json] = {"instrument": "SHEA", "reason": "恢复供电"}
    staff = stage.cast["Exchange"]
    proposed = members.propose(staff, kind="market.resume", payload=payload, key=stage.key(), now=stage.now)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    second = replace(staff, person="P-999999-99")
    members.approve(second, approval=approval, digest=digest, key=stage.key(), now=stage.now)
    answer = market.resume(
        staff, instrument="SHEA", reason="恢复供电", approval=approval, key=stage.key(), now=stage.now
    )
    return answer["phase"]


def test_a_day_is_turned_step_by_step_and_each_step_once(stage: Stage) -> None:
    both = ("SHCER", "SHEA")
    for clock, phase in (
        (time(9), "PRE_OPEN"),
        (time(9, 30), "CONTINUOUS"),
        (time(11, 30), "BREAK"),
        (time(13), "CONTINUOUS"),
        (time(15), "CLOSED"),
    ):
        assert turn(stage, clock) == dict.fromkeys(both, phase)
        assert turn(stage, clock) == {}
        assert queries.phase_of("SHEA", now=stage.now).phase == phase
    assert queries.regions_to_turn(now=stage.now) == ()


def test_what_nobody_has_turned_is_shown_by_the_clock_and_is_due(stage: Stage) -> None:
    assert models.Instrument.objects.get(code="SHEA").phase == Phase.CLOSED
    assert queries.phase_of("SHEA", now=stage.now).phase is Phase.CONTINUOUS
    assert queries.regions_to_turn(now=stage.now) == (REGION,)


def test_one_halts_and_two_resume(stage: Stage) -> None:
    turn(stage, time(10))
    stage.fund("Red River Steel", 10_000_000)
    number = halt(stage)
    refused(PhaseRefusal.ALREADY_HALTED, lambda: halt(stage))
    refused(MarketRefusal.INSTRUMENT_HALTED, lambda: stage.order("Red River Steel", BUY, 7400, 10))
    told = queries.phase_of("SHEA", now=stage.now)
    assert told.phase is Phase.HALTED
    assert told.halt is not None
    assert (told.halt.number, told.halt.reason, told.halt.until_at) == (number, "机房断电", None)
    turn(stage, time(14))  # the clock does not end it
    assert queries.phases_of(REGION, now=stage.now)[0].phase is Phase.HALTED
    assert resume(stage) == "CONTINUOUS"
    assert stage.order("Red River Steel", BUY, 7400, 10)["state"] == "OPEN"
    assert queries.halts(REGION)[0].ended_at == stage.now
    refused(PhaseRefusal.NOT_HALTED, lambda: resume(stage))


def test_only_staff_of_the_exchange_of_the_region_halts(stage: Stage) -> None:
    staff = stage.cast["Exchange"]
    for actor, code in (
        (stage.cast["Red River Steel"], AccessRefusal.NOT_PERMITTED),
        (replace(staff, region="tianjin"), AccessRefusal.NOT_YOUR_REGION),
    ):
        stage.cast["Exchange"] = actor
        refused(code, lambda: halt(stage))


def test_a_halt_with_an_end_ends_by_itself(stage: Stage) -> None:
    turn(stage, time(10))
    halt(stage, minutes=20)
    assert turn(stage, time(10, 19)) == {}
    assert turn(stage, time(10, 20)) == {"SHEA": "CONTINUOUS"}


def test_the_breaker_stops_trading_once_for_each_reference(stage: Stage) -> None:
    day = date(2029, 3, 5)  # a Monday on which the rule is in force
    turn(stage, time(10), day)
    reference = models.Instrument.objects.get(code="SHEA").previous_close_fen_per_t
    edge = reference * 108 // 100
    stage.issue("North Power", 1_000)
    stage.fund("Red River Steel", 100_000_000)

    def trade(price_fen_per_t: int) -> None:
        stage.order("North Power", SELL, price_fen_per_t, 10)
        stage.order("Red River Steel", BUY, price_fen_per_t, 10)

    trade(edge - 1)
    assert queries.halts(REGION) == ()
    trade(edge)
    (row,) = queries.halts(REGION)
    assert (row.ground, row.until_at) == (HaltGround.BREAKER, stage.now + timedelta(minutes=10))
    refused(MarketRefusal.INSTRUMENT_HALTED, lambda: trade(edge))
    turn(stage, time(10, 10), day)
    trade(edge)
    assert len(queries.halts(REGION)) == 1
