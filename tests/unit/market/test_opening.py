"""The opening call: orders are collected, meet at one price when it ends, and are settled like all others."""

from datetime import time, timedelta

import pytest
from tests.market_stage import MONDAY, REGION, Stage
from tests.unit.market.test_phases import BUY, SELL, halt, refused, resume, turn

from tonnebook.core import phases
from tonnebook.core.book import CommandKind, Instruction, MarketRefusal, OrderType
from tonnebook.core.ledger import AccountType
from tonnebook.core.phases import Hours, Phase, PhaseRefusal
from tonnebook.journal.models import JournalLeaf
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import commands, leases, locks, opening
from tonnebook.market.services import phases as turning
from tonnebook.market.services.kept import KeptBooks


@pytest.fixture(autouse=True)
def called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region whose rule has an opening call from 9:15 to 9:30."""
    plain = phases.hours
    monkeypatch.setattr(phases, "hours", lambda rules: Hours(plain(rules).sessions, time(9, 15)))


@pytest.fixture
def collected(stage: Stage) -> Stage:
    """Sellers of 100 t at 74.00 and 75.00, buyers of 60 t at 76.00 and 70 t at 75.00, in the call."""
    stage.issue("North Power", 100)
    stage.issue("East Chemicals", 100)
    stage.fund("Red River Steel", 10_000_000)
    stage.fund("Lotus Capital", 10_000_000)
    turn(stage, time(9, 20))
    stage.order("North Power", SELL, 7400, 100)
    stage.order("East Chemicals", SELL, 7500, 100)
    stage.order("Red River Steel", BUY, 7600, 60)
    stage.order("Lotus Capital", BUY, 7500, 70)
    return stage


def phase() -> str:
    return models.Instrument.objects.get(code="SHEA").phase


def test_orders_rest_in_the_call_and_meet_at_one_price_when_it_ends(collected: Stage) -> None:
    assert (phase(), queries.trades("SHEA")) == (Phase.CALL, ())
    assert turn(collected, time(9, 29)) == {}
    assert turn(collected, time(9, 30)) == {"SHEA": "CONTINUOUS", "SHCER": "CONTINUOUS"}
    made = queries.trades("SHEA")[::-1]
    assert [(row.price_fen_per_t, row.quantity_t) for row in made] == [(7500, 60), (7500, 40), (7500, 30)]
    assert collected.units("Red River Steel") == (60, 0)
    assert collected.units("Lotus Capital") == (70, 0)
    assert collected.units("East Chemicals") == (70, 70)
    # What the buyer at 76.00 had set aside beyond the price and its fee is free again.
    fee_fen = collected.system(AccountType.FEES, "CNY")
    assert collected.cash("Red River Steel")[1] == 0
    assert collected.cash("Red River Steel")[0] == 10_000_000 - 450_000 - 360
    assert sum(collected.cash(name)[0] for name in collected.traders()) + fee_fen == 20_000_000
    row = models.OpeningCall.objects.get(instrument__code="SHEA")
    assert (row.price_fen_per_t, row.volume_t, row.surplus_t, row.trades, len(row.orders)) == (7500, 130, -70, 3, 4)
    assert '"volume_t":"130"' in JournalLeaf.objects.get(kind="market.call.completed", payload__contains="SHEA").payload
    assert collected.order("Lotus Capital", BUY, 7500, 10)["filled_t"] == 10


def test_the_first_order_after_the_call_ends_it_where_nobody_else_has(collected: Stage) -> None:
    collected.at(time(9, 31))
    answer = collected.order("Lotus Capital", BUY, 7500, 10)
    assert (answer["filled_t"], len(queries.trades("SHEA"))) == (10, 4)
    assert phase() == Phase.CONTINUOUS


def test_the_engine_ends_a_call_though_nobody_sends_anything(collected: Stage) -> None:
    lease, kept = leases.take(REGION, "engine-1"), KeptBooks()
    send(collected, "Red River Steel", 7600)
    assert commands.work_off(lease, kept, now=collected.now) == 1
    assert queries.trades("SHEA") == ()
    assert commands.work_off(lease, kept, now=collected.now) == 0
    collected.at(time(9, 30))
    assert opening.is_due(REGION, now=collected.now)
    commands.work_off(lease, kept, now=collected.now)
    assert (phase(), len(queries.trades("SHEA"))) == (Phase.CONTINUOUS, 4)
    send(collected, "Lotus Capital", 7500)
    commands.work_off(lease, kept, now=collected.now)
    assert len(queries.trades("SHEA")) == 5  # the book it kept is the one after the call
    leases.give_back(lease)


def send(stage: Stage, name: str, price_fen_per_t: int) -> None:
    total = queries.total_fen("SHEA", side=BUY, price_fen_per_t=price_fen_per_t, quantity_t=10, on=MONDAY).whole
    one = Instruction(
        CommandKind.PLACE, "SHEA", BUY, price_fen_per_t=price_fen_per_t, quantity_t=10, shown_total_fen=total
    )
    market.send_orders(stage.cast[name], region=REGION, told=[one], key=stage.key(), now=stage.now)


def place(stage: Stage, order_type: OrderType) -> None:
    market.place_order(
        stage.cast["Lotus Capital"],
        instrument="SHEA",
        side=BUY,
        price_fen_per_t=7500,
        quantity_t=10,
        shown_total_fen=75_060,
        order_type=order_type,
        key=stage.key(),
        now=stage.now,
    )


def test_the_call_takes_limit_orders_and_withdrawals_and_nobody_meets_themselves(collected: Stage) -> None:
    for order_type in (OrderType.MARKET_TO_LIMIT, OrderType.IMMEDIATE_OR_CANCEL, OrderType.FILL_OR_KILL):
        refused(PhaseRefusal.CALL_TAKES_LIMITS, lambda order_type=order_type: place(collected, order_type))
    collected.fund("North Power", 10_000_000)
    assert collected.order("North Power", BUY, 7400, 10)["state"] == "CANCELLED"
    own = queries.open_orders(collected.cast["Red River Steel"].organisation)[0]
    market.cancel_order(collected.cast["Red River Steel"], order=own.number, key=collected.key(), now=collected.now)
    turn(collected, time(9, 30))
    assert sum(row.quantity_t for row in queries.trades("SHEA")) == 70


def test_before_the_call_and_in_the_break_nothing_is_taken_in(stage: Stage) -> None:
    stage.fund("Red River Steel", 10_000_000)
    for clock in (time(9), time(12)):
        turn(stage, clock)
        refused(MarketRefusal.MARKET_CLOSED, lambda: stage.order("Red River Steel", BUY, 7400, 10))
    (row, *_) = locks.lock_region(REGION)
    refused(PhaseRefusal.NOT_IN_CALL, lambda: turning.complete_call(row, now=stage.now))


def test_a_call_in_which_nothing_meets_opens_all_the_same(stage: Stage) -> None:
    turn(stage, time(9, 15))
    turn(stage, time(9, 30))
    assert phase() == Phase.CONTINUOUS
    assert models.OpeningCall.objects.get(instrument__code="SHEA").price_fen_per_t is None
    assert models.OpeningCall.objects.count() == 2


def test_a_halt_is_followed_by_a_call_that_lasts_as_long(collected: Stage) -> None:
    turn(collected, time(9, 30))
    halt(collected)
    collected.at(time(10))
    assert resume(collected) == "CALL"
    collected.order("Lotus Capital", BUY, 7500, 10)
    assert len(queries.trades("SHEA")) == 3
    assert turn(collected, time(10, 14)) == {}
    assert REGION not in queries.regions_to_turn(now=collected.now)
    assert REGION in queries.regions_to_turn(now=collected.now + timedelta(minutes=1))
    assert turn(collected, time(10, 15)) == {"SHEA": "CONTINUOUS"}
    assert len(queries.trades("SHEA")) == 4


def test_a_day_with_a_call_closes_without_a_break(collected: Stage) -> None:
    turn(collected, time(9, 30))
    collected.at(time(15, 30))
    answer = collected.close_day()
    assert answer["breaks"] == []
    assert models.DayClose.objects.get(instrument__code="SHEA").close_fen_per_t == 7500
