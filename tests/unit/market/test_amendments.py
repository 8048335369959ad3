"""Order types and amendments on the database: what rests, what is cancelled, and what stays reserved."""

import pytest
from tests.market_stage import MONDAY, Stage
from tests.unit.market.test_orders import refused

from tonnebook.core.book import MarketRefusal, OrderState, OrderType, Side
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market

BUY, SELL = Side.BUY, Side.SELL
HIGH = 8140


@pytest.fixture
def traders(stage: Stage) -> Stage:
    """North Power sells 100 t at 74.00 and 100 t at 75.00; Red River Steel and East Chemicals have money."""
    stage.issue("North Power", 1_000)
    for name in ("Red River Steel", "East Chemicals"):
        stage.fund(name, 10_000_000)
    for price in (7400, 7500):
        stage.order("North Power", SELL, price, 100)
    return stage


def buy(stage: Stage, order_type: OrderType, price_fen_per_t: int, quantity_t: int) -> Answer:
    at = {"side": BUY, "price_fen_per_t": price_fen_per_t, "quantity_t": quantity_t}
    total_fen = queries.total_fen("SHEA", on=MONDAY, **at).whole  # type: ignore[arg-type]
    return market.place_order(
        stage.cast["Red River Steel"],
        instrument="SHEA",
        shown_total_fen=total_fen,
        order_type=order_type,
        key=stage.key(),
        now=stage.now,
        **at,  # type: ignore[arg-type]
    )


def amend(stage: Stage, name: str, order: object, price_fen_per_t: int, quantity_t: int, *, side: Side = BUY) -> Answer:
    total = queries.total_fen("SHEA", side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=MONDAY)
    return market.amend_order(
        stage.cast[name],
        order=str(order),
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        shown_total_fen=total.whole,
        key=stage.key(),
        now=stage.now,
    )


def test_an_immediate_order_never_rests(traders: Stage) -> None:
    done = buy(traders, OrderType.IMMEDIATE_OR_CANCEL, 7400, 150)
    assert (done["state"], done["filled_t"], done["cancelled_t"]) == ("CANCELLED", 100, 50)
    assert traders.cash("Red River Steel")[1] == 0


def test_an_order_that_cannot_be_filled_whole_is_killed_and_takes_nothing(traders: Stage) -> None:
    killed = buy(traders, OrderType.FILL_OR_KILL, 7500, 201)
    assert (killed["state"], killed["filled_t"], killed["cancelled_t"]) == ("CANCELLED", 0, 201)
    assert traders.cash("Red River Steel") == (10_000_000, 0)
    assert buy(traders, OrderType.FILL_OR_KILL, 7500, 200)["state"] == "FILLED"


def test_a_market_order_takes_the_best_price_and_rests_there_with_no_more_than_that_reserved(traders: Stage) -> None:
    done = buy(traders, OrderType.MARKET_TO_LIMIT, HIGH, 150)
    assert (done["filled_t"], done["rest_t"]) == (100, 50)
    row = queries.order(str(done["order"]))
    assert (row.price_fen_per_t, row.state) == (7400, OrderState.OPEN)
    assert traders.cash("Red River Steel")[1] == 50 * 7400 + 296


def test_a_market_order_without_opposite_is_cancelled(traders: Stage) -> None:
    buy(traders, OrderType.LIMIT, 7500, 200)
    done = buy(traders, OrderType.MARKET_TO_LIMIT, HIGH, 10)
    assert (done["state"], done["cancelled_t"]) == ("CANCELLED", 10)


def test_an_order_reduced_at_its_price_keeps_its_place(traders: Stage) -> None:
    first = traders.order("Red River Steel", BUY, 7300, 100)["order"]
    traders.order("East Chemicals", BUY, 7300, 100)
    amended = amend(traders, "Red River Steel", first, 7300, 60)
    assert (amended["state"], amended["rest_t"]) == ("OPEN", 60)
    assert traders.cash("Red River Steel")[1] == 60 * 7300 + 350
    traders.order("North Power", SELL, 7300, 60)
    assert queries.order(str(first)).state is OrderState.FILLED


def test_an_order_made_larger_goes_behind_its_equals(traders: Stage) -> None:
    first = traders.order("Red River Steel", BUY, 7300, 100)["order"]
    second = traders.order("East Chemicals", BUY, 7300, 100)["order"]
    amend(traders, "Red River Steel", first, 7300, 120)
    traders.order("North Power", SELL, 7300, 100)
    assert queries.order(str(second)).state is OrderState.FILLED
    assert queries.order(str(first)).filled_t == 0


def test_an_order_amended_to_meet_another_trades_with_it(traders: Stage) -> None:
    order = traders.order("Red River Steel", BUY, 7300, 150)["order"]
    amended = amend(traders, "Red River Steel", order, 7400, 150)
    assert (amended["filled_t"], amended["rest_t"], len(amended["trades"])) == (100, 50, 1)  # type: ignore[arg-type]
    assert traders.cash("Red River Steel")[1] == 50 * 7400 + 296


def test_an_order_cannot_be_amended_to_less_than_it_has_traded_nor_beyond_its_money(traders: Stage) -> None:
    order = traders.order("Red River Steel", BUY, 7400, 150)["order"]
    refused(MarketRefusal.AMENDED_BELOW_FILLED, lambda: amend(traders, "Red River Steel", order, 7400, 100))
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: amend(traders, "Red River Steel", order, 7400, 5_000))
    refused(MarketRefusal.NO_SUCH_ORDER, lambda: amend(traders, "East Chemicals", order, 7400, 200))
    assert traders.cash("Red River Steel")[1] == 50 * 7400 + 296


def test_every_command_on_a_book_has_a_number(traders: Stage) -> None:
    order = traders.order("Red River Steel", BUY, 7300, 100)["order"]
    amend(traders, "Red River Steel", order, 7200, 100)
    market.cancel_order(traders.cast["Red River Steel"], order=str(order), key=traders.key(), now=traders.now)
    row = models.Instrument.objects.get(code="SHEA")
    assert (row.order_seq, row.command_seq) == (3, 5)
    assert list(models.Order.objects.order_by("seq").values_list("priority", flat=True)) == [1, 2, 4]
