"""Registry, market and banks compared: breaks are listed, keep the day open, and are settled by two people."""

from dataclasses import replace
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.market_stage import FREE, MONDAY, REGION, Stage

from tonnebook.core import closing
from tonnebook.core.book import Side
from tonnebook.core.closing import BreakKind, BreakState, ClearedTrade, ClosingRefusal, DayStep
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def traded(stage: Stage) -> Stage:
    """Three members trade two ways, and the sessions are over."""
    stage.issue("North Power", 1_000)
    for name in ("Red River Steel", "Lotus Capital"):
        stage.fund(name, 10_000_000)
    stage.order("North Power", SELL, 7500, 100)
    stage.order("Red River Steel", BUY, 7501, 60)
    stage.order("Red River Steel", SELL, 7510, 20)
    stage.order("Lotus Capital", BUY, 7510, 50)
    stage.at(time(15))
    return stage


def delivered_without_a_trade(stage: Stage) -> None:
    """Let the registry move units that the market knows nothing of."""
    moved(stage, "North Power", "Red River Steel", 7)


def moved(stage: Stage, seller: str, buyer: str, quantity_t: int) -> None:
    """Deliver units without a trade."""
    debit, credit = (stage.account(name, AccountType.HOLDING) for name in (seller, buyer))
    draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (Leg(debit, credit, FREE.code, quantity_t),), "P-1")
    registry.post([draft], now=stage.now)


def stopped_by(stage: Stage) -> list[str]:
    """Close the day and name what keeps it open."""
    told = stage.close_day()["breaks"]
    assert isinstance(told, list)
    return [str(number) for number in told]


def settle(stage: Stage, number: str) -> None:
    """Explain a break as the exchange and resolve it as somebody else there."""
    clerk = stage.cast["Exchange"]
    market.explain_break(clerk, number=number, explanation="taken back by T-9", key=stage.key(), now=stage.now)
    second = replace(clerk, person="P-999999-99")
    market.resolve_break(second, number=number, key=stage.key(), now=stage.now)


def test_the_days_of_members_are_what_core_says_of_the_trades(traded: Stage) -> None:
    traded.close_day()
    trades = models.Trade.objects.select_related("buy_order", "sell_order")
    made = [
        ClearedTrade(
            one.sell_order.organisation,
            one.buy_order.organisation,
            one.asset,
            one.quantity_t,
            one.price_fen_per_t,
            one.buyer_fee_fen,
            one.seller_fee_fen,
        )
        for one in trades
    ]
    assert len(made) == 3
    kept = queries.member_nets(REGION, MONDAY)
    assert {(row.organisation, row.asset): row.totals for row in kept} == closing.net_members(made)
    red = traded.cast["Red River Steel"].organisation
    assert [row.trades for row in queries.member_nets(REGION, MONDAY, organisation=red)] == [2]


def test_every_step_is_kept_with_its_figures(traded: Stage) -> None:
    assert queries.closing_steps(REGION, MONDAY) == ()
    traded.close_day()
    steps = queries.closing_steps(REGION, MONDAY)
    assert [row.step for row in steps] == list(DayStep)
    assert all(row.is_done for row in steps)
    figures = {row.step: row.figures for row in steps}
    assert figures[DayStep.EXPIRE_ORDERS] == {"orders": 1}
    assert figures[DayStep.NET_MEMBERS]["gross_t"] == 110
    assert figures[DayStep.NET_MEMBERS]["net_t"] == 100
    assert figures[DayStep.RECONCILE] == {"positions": 11, "breaks": 0, "unresolved": 0}


def test_a_delivery_without_a_trade_keeps_the_day_open_and_is_named(traded: Stage) -> None:
    delivered_without_a_trade(traded)
    answer = traded.close_day()
    found = queries.breaks(REGION, MONDAY)
    assert answer["breaks"] == [row.number for row in found]
    assert answer["closes"] == {}
    assert {(row.kind, row.subject, row.registry - row.other) for row in found} == {
        (BreakKind.REGISTRY_MARKET, traded.account("North Power", AccountType.HOLDING), -7),
        (BreakKind.REGISTRY_MARKET, traded.account("Red River Steel", AccountType.HOLDING), 7),
    }
    assert not models.DayClose.objects.exists()
    last = queries.closing_steps(REGION, MONDAY)[-1]
    assert (last.step, last.is_done) == (DayStep.RECONCILE, False)


def test_money_that_no_bank_account_gave_keeps_the_day_open(traded: Stage) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_balance SET total = total + 5 WHERE id = (SELECT max(balance.id) FROM registry_balance"
            " AS balance JOIN registry_account AS account ON account.id = account_id WHERE account.type = 'FEES')"
        )
    traded.close_day()
    (found,) = queries.breaks(REGION, MONDAY)
    assert (found.kind, found.registry - found.other) == (BreakKind.REGISTRY_BANK, 5)


def test_serials_that_do_not_follow_a_balance_keep_the_day_open(traded: Stage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_serialblock SET serial_to = serial_to - 1 WHERE serial_to > 900")
    traded.close_day()
    (found,) = queries.breaks(REGION, MONDAY)
    assert (found.kind, found.registry - found.other) == (BreakKind.REGISTRY_SERIALS, 1)


def test_a_break_is_settled_by_two_people_and_then_the_day_closes(traded: Stage) -> None:
    delivered_without_a_trade(traded)
    first, second = stopped_by(traded)
    settle(traded, first)
    assert stopped_by(traded) == [second]
    settle(traded, second)
    assert traded.close_day()["closes"] == {"SHCER": 6800, "SHEA": 7501}
    assert {row.state for row in queries.breaks(REGION, MONDAY)} == {BreakState.RESOLVED}


def test_nobody_resolves_what_they_explained_themselves(traded: Stage) -> None:
    delivered_without_a_trade(traded)
    number = stopped_by(traded)[0]
    clerk = traded.cast["Exchange"]
    market.explain_break(clerk, number=number, explanation="an error", key=traded.key(), now=traded.now)
    with pytest.raises(Refused) as caught:
        market.resolve_break(clerk, number=number, key=traded.key(), now=traded.now)
    assert caught.value.code is ClosingRefusal.BREAK_NEEDS_ANOTHER_PERSON
    assert queries.day_break(number).state is BreakState.EXPLAINED


def test_a_break_that_changes_is_open_again_and_one_that_is_gone_keeps_no_day_open(traded: Stage) -> None:
    delivered_without_a_trade(traded)
    settle(traded, stopped_by(traded)[0])
    delivered_without_a_trade(traded)
    assert {row.state for row in queries.breaks(REGION, MONDAY)} == {BreakState.OPEN, BreakState.RESOLVED}
    traded.close_day()
    assert {row.state for row in queries.breaks(REGION, MONDAY)} == {BreakState.OPEN}
    moved(traded, "Red River Steel", "North Power", 14)
    assert stopped_by(traded) == []
    assert {row.state for row in queries.breaks(REGION, MONDAY)} == {BreakState.GONE}


def test_a_break_of_another_region_is_not_found(traded: Stage) -> None:
    delivered_without_a_trade(traded)
    number = stopped_by(traded)[0]
    elsewhere = replace(traded.cast["Exchange"], region="tianjin")
    with pytest.raises(Refused) as caught:
        market.explain_break(elsewhere, number=number, explanation="mine", key=traded.key(), now=traded.now)
    assert caught.value.code is ClosingRefusal.NO_SUCH_BREAK
    with pytest.raises(Refused):
        queries.day_break("BR-none")


def test_the_number_of_statements_does_not_grow_with_the_trades(traded: Stage) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            delivered_without_a_trade(traded)
            traded.close_day()
        return len(captured)

    statements()
    before = statements()
    traded.at(time(10))
    traded.fund("East Chemicals", 10_000_000)
    for _ in range(5):
        traded.order("North Power", SELL, 7500, 1)
        traded.order("East Chemicals", BUY, 7500, 1)
    traded.at(time(15))
    assert statements() == before


def test_the_fees_account_is_compared_as_well(traded: Stage) -> None:
    traded.close_day()
    fees = accounts.system_account(REGION, AccountType.FEES)
    paid_fen = sum(row.totals.fee_fen for row in queries.member_nets(REGION, MONDAY))
    assert paid_fen > 0
    assert traded.holding(fees, "CNY")[0] == paid_fen
