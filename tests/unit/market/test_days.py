"""The close of a day: expiry, close price, tomorrow's band."""

from datetime import date, time

import pytest
from tests.market_stage import MONDAY, REGION, Stage

from tonnebook import rulebook
from tonnebook.core import trace
from tonnebook.core.book import MarketRefusal, OrderState, Side
from tonnebook.core.errors import Refused
from tonnebook.core.rules import Status
from tonnebook.market import models, queries

BUY, SELL = Side.BUY, Side.SELL
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def traded(stage: Stage) -> Stage:
    """Two trades of the same quantity at 75.00 and 75.01, and what is left of both sides."""
    stage.issue("North Power", 1_000)
    stage.fund("Red River Steel", 10_000_000)
    stage.order("North Power", SELL, 7500, 10)
    stage.order("North Power", SELL, 7501, 30)
    stage.order("Red River Steel", BUY, 7501, 20)
    stage.order("Red River Steel", BUY, 7400, 20)
    stage.at(time(15))
    return stage


def code_of(stage: Stage, day: date) -> object:
    with pytest.raises(Refused) as caught:
        stage.close_day(day)
    return caught.value.code


def test_what_rests_expires_and_its_reserve_is_free_again(traded: Stage) -> None:
    assert traded.close_day()["expired"] == 2
    assert traded.units("North Power") == (980, 0)
    assert traded.cash("Red River Steel")[1] == 0
    states = set(models.Order.objects.filter(filled_t__lt=20).values_list("state", flat=True))
    assert OrderState.OPEN not in states


def test_the_close_is_the_mean_by_volume_and_carries_its_trace(traded: Stage) -> None:
    traded.close_day()
    row = queries.market_day(REGION, MONDAY)[0]
    assert (row.instrument, row.close_fen_per_t, row.volume_t, row.turnover_fen, row.trades) == (
        "SHEA",
        7501,
        20,
        150_010,
        2,
    )
    kept = models.DayClose.objects.get(instrument__code="SHEA").trace
    assert trace.replay(trace.from_json(kept)) == 7501


def test_an_instrument_without_trades_keeps_its_close(traded: Stage) -> None:
    traded.close_day()
    assert [row.close_fen_per_t for row in queries.closes("SHCER", MONDAY, TUESDAY)] == [6800]


def test_tomorrows_band_rests_on_the_close(traded: Stage) -> None:
    traded.close_day()
    traded.at(time(10), TUESDAY)
    assert queries.quote("SHEA", now=traded.now).high_fen_per_t == 8251


def test_a_day_is_closed_once_after_its_sessions_and_only_if_it_trades(traded: Stage) -> None:
    traded.at(time(14, 59))
    assert code_of(traded, MONDAY) is MarketRefusal.SESSION_NOT_ENDED
    traded.at(time(15))
    assert code_of(traded, date(2026, 3, 1)) is MarketRefusal.NOT_A_TRADING_DAY
    traded.close_day()
    assert code_of(traded, MONDAY) is MarketRefusal.DAY_ALREADY_CLOSED


def test_a_day_before_the_last_closed_one_stays_as_it_is(traded: Stage) -> None:
    traded.at(time(16), TUESDAY)
    traded.close_day(TUESDAY)
    assert code_of(traded, MONDAY) is MarketRefusal.DAY_ALREADY_CLOSED


def test_no_order_enters_a_closed_day(traded: Stage) -> None:
    traded.close_day()
    traded.at(time(10))
    with pytest.raises(Refused) as caught:
        traded.order("Red River Steel", BUY, 7400, 1)
    assert caught.value.code is MarketRefusal.DAY_ALREADY_CLOSED


def test_orders_of_yesterday_are_not_met_even_if_nobody_closed_the_day(traded: Stage) -> None:
    traded.at(time(10), TUESDAY)
    answer = traded.order("Red River Steel", BUY, 7600, 5)
    assert answer["filled_t"] == 0
    assert queries.depth("SHEA", on=TUESDAY).asks == ()


def test_the_mean_price_counts_the_days_of_the_window_only(traded: Stage) -> None:
    rules = rulebook.at(REGION, on=MONDAY)
    inside = queries.vwap_fen_per_t("SHEA", from_on=MONDAY, to_on=TUESDAY, rules=rules)
    assert inside.whole == 7501
    outside = queries.vwap_fen_per_t("SHEA", from_on=TUESDAY, to_on=date(2026, 4, 1), rules=rules)
    assert outside.whole == 7400
    assert [origin.status for origin in trace.origins(outside)] == [Status.SCENARIO]
