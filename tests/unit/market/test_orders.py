"""Orders on the database: hold first, match, deliver against payment, rest in the book."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from typing import cast

import pytest
from django.db import IntegrityError, connection, transaction
from tests.market_stage import CREDIT, FREE, MONDAY, OWN, Stage

from tonnebook.core.book import MarketRefusal, OrderState, Side
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal
from tonnebook.core.roles import AccessRefusal, Role
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.registry import queries as registry

BUY, SELL = Side.BUY, Side.SELL


def refused(code: Refusal, act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en
    return caught.value


@pytest.fixture
def traders(stage: Stage) -> Stage:
    """North Power is long, Red River Steel has money, East Chemicals has both."""
    stage.issue("North Power", 1_000)
    stage.issue("East Chemicals", 1_000)
    stage.fund("Red River Steel", 10_000_000)
    stage.fund("East Chemicals", 10_000_000)
    return stage


def test_an_order_that_meets_nothing_rests_with_all_of_it_reserved(traders: Stage) -> None:
    sell = traders.order("North Power", SELL, 7500, 400)
    assert (sell["state"], sell["rest_t"], sell["trades"]) == ("OPEN", 400, [])
    assert traders.units("North Power") == (1_000, 400)
    buy = traders.order("Red River Steel", BUY, 7300, 100)
    assert buy["state"] == "OPEN"
    assert traders.cash("Red River Steel") == (10_000_000, 730_584)  # 730,000 and 0.08 % of it


def test_a_trade_delivers_units_against_cash_and_charges_both_sides(traders: Stage) -> None:
    traders.order("North Power", SELL, 7500, 400)
    buy = traders.order("Red River Steel", BUY, 7500, 400)
    assert (buy["state"], buy["filled_t"], buy["fee_fen"]) == ("FILLED", 400, 2_400)
    assert traders.units("North Power") == (600, 0)
    assert traders.units("Red River Steel") == (400, 0)
    assert traders.cash("Red River Steel") == (10_000_000 - 3_002_400, 0)
    assert traders.cash("North Power") == (2_997_600, 0)
    assert traders.system(AccountType.FEES, "CNY") == 4_800


def test_a_better_price_gives_the_difference_back_to_the_buyer(traders: Stage) -> None:
    traders.order("North Power", SELL, 7400, 100)
    buy = traders.order("Red River Steel", BUY, 7600, 250)
    assert (buy["filled_t"], buy["rest_t"], buy["turnover_fen"], buy["fee_fen"]) == (100, 150, 740_000, 592)
    reserved = 150 * 7600 + 912  # fee of the whole running amount less the 592 charged
    assert traders.cash("Red River Steel") == (10_000_000 - 740_592, reserved)
    traders.order("East Chemicals", SELL, 7600, 150)
    assert traders.cash("Red River Steel") == (10_000_000 - 740_592 - reserved, 0)


def test_many_small_fills_never_cost_more_than_was_reserved(traders: Stage) -> None:
    buy = traders.order("Red River Steel", BUY, 7401, 5)
    for _ in range(5):
        traders.order("North Power", SELL, 7401, 1)
    row = queries.order(str(buy["order"]))
    assert (row.state, row.fee_fen) == (OrderState.FILLED, 30)  # 37,005 fen × 0.0008 = 29.604
    assert traders.cash("Red River Steel") == (10_000_000 - 37_005 - 30, 0)


def test_better_prices_then_earlier_orders_are_met_first(traders: Stage) -> None:
    late = traders.order("North Power", SELL, 7500, 100)
    best = traders.order("East Chemicals", SELL, 7450, 100)
    traders.order("East Chemicals", SELL, 7500, 100)
    traders.order("Red River Steel", BUY, 7500, 150)
    assert queries.order(str(best["order"])).filled_t == 100
    assert queries.order(str(late["order"])).filled_t == 50
    assert [trade.price_fen_per_t for trade in queries.trades("SHEA")] == [7500, 7450]


def test_an_order_that_would_meet_its_own_organisation_is_cancelled_and_released(traders: Stage) -> None:
    traders.order("East Chemicals", SELL, 7500, 100)
    buy = traders.order("East Chemicals", BUY, 7600, 50)
    assert (buy["state"], buy["cancelled_t"], buy["filled_t"]) == ("CANCELLED", 50, 0)
    assert traders.cash("East Chemicals") == (10_000_000, 0)
    assert traders.units("East Chemicals") == (1_000, 100)


def test_a_cancelled_order_leaves_the_book_and_sets_its_reserve_free(traders: Stage) -> None:
    order = str(traders.order("Red River Steel", BUY, 7300, 100)["order"])
    answer = market.cancel_order(traders.cast["Red River Steel"], order=order, key=traders.key(), now=traders.now)
    assert answer["cancelled_t"] == 100
    assert traders.cash("Red River Steel") == (10_000_000, 0)
    assert queries.depth("SHEA", on=MONDAY).bids == ()
    again = {"order": order, "key": traders.key(), "now": traders.now}
    refused(
        MarketRefusal.ORDER_NOT_OPEN,
        lambda: market.cancel_order(traders.cast["Red River Steel"], **again),  # type: ignore[arg-type]
    )


def test_somebody_elses_order_looks_like_none_at_all(traders: Stage) -> None:
    order = str(traders.order("Red River Steel", BUY, 7300, 100)["order"])
    refused(
        MarketRefusal.NO_SUCH_ORDER,
        lambda: market.cancel_order(traders.cast["North Power"], order=order, key=traders.key(), now=traders.now),
    )


def test_nothing_can_be_sold_twice(traders: Stage) -> None:
    traders.order("North Power", SELL, 7500, 1_000)
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: traders.order("North Power", SELL, 7500, 1))


def test_a_buyer_needs_the_fee_as_well(traders: Stage) -> None:
    traders.fund("Lotus Capital", 740_000)
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: traders.order("Lotus Capital", BUY, 7400, 100))
    traders.fund("Lotus Capital", 592)
    assert traders.order("Lotus Capital", BUY, 7400, 100)["state"] == "OPEN"


def test_a_refused_order_leaves_no_trace_in_the_book(traders: Stage) -> None:
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: traders.order("Red River Steel", SELL, 7500, 1))
    assert queries.orders(traders.cast["Red River Steel"].organisation) == ()
    assert models.Instrument.objects.get(code="SHEA").order_seq == 0


def test_the_confirmed_total_is_checked(traders: Stage) -> None:
    refused(
        MarketRefusal.TOTAL_DIFFERS, lambda: traders.order("Red River Steel", BUY, 7400, 100, shown_total_fen=740_000)
    )


@pytest.mark.parametrize(
    ("clock", "day"), [(time(9, 29), MONDAY), (time(12), MONDAY), (time(15), MONDAY), (time(10), date(2026, 3, 1))]
)
def test_orders_are_taken_in_sessions_of_trading_days_only(traders: Stage, clock: time, day: date) -> None:
    traders.at(clock, day)
    refused(MarketRefusal.MARKET_CLOSED, lambda: traders.order("Red River Steel", BUY, 7400, 1))


def test_a_halted_instrument_takes_no_orders(traders: Stage) -> None:
    models.Instrument.objects.filter(code="SHEA").update(phase="HALTED")
    refused(MarketRefusal.INSTRUMENT_HALTED, lambda: traders.order("Red River Steel", BUY, 7400, 1))


@pytest.mark.parametrize("price", [6659, 8141])
def test_prices_outside_the_band_are_refused(traders: Stage, price: int) -> None:
    refused(MarketRefusal.PRICE_OUTSIDE_BAND, lambda: traders.order("Red River Steel", BUY, price, 1))


def test_block_sizes_are_refused_in_listed_trading(traders: Stage) -> None:
    refused(MarketRefusal.QUANTITY_ABOVE_LISTED_MAX, lambda: traders.order("Red River Steel", BUY, 7400, 100_000))


@pytest.mark.parametrize("asset", [OWN, CREDIT])
def test_units_of_another_kind_or_for_own_surrender_cannot_be_sold_here(traders: Stage, asset: object) -> None:
    code = OWN.code if asset is OWN else CREDIT.code
    traders.issue("North Power", 10, OWN)
    refused(MarketRefusal.ASSET_NOT_TRADABLE, lambda: traders.order("North Power", SELL, 7400, 5, asset=code))


def test_a_project_owner_sells_credits_from_its_project_account(traders: Stage) -> None:
    traders.issue("Reed Wetland", 200, CREDIT)
    traders.order("Reed Wetland", SELL, 6800, 200, asset=CREDIT.code, instrument="SHCER")
    traders.order("Red River Steel", BUY, 6800, 200, instrument="SHCER")
    assert traders.units("Red River Steel", CREDIT.code) == (200, 0)
    assert traders.cash("Reed Wetland")[0] == 200 * 6800 - 1_088


def test_what_was_bought_today_may_be_sold_today_where_the_region_allows_it(traders: Stage) -> None:
    traders.order("North Power", SELL, 7500, 100)
    traders.order("Red River Steel", BUY, 7500, 100)
    assert traders.order("Red River Steel", SELL, 7500, 100)["state"] == "OPEN"


def test_what_was_bought_today_stays_until_tomorrow_where_the_region_says_so(
    traders: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tonnebook.core import book

    terms = book.terms
    monkeypatch.setattr(book, "terms", lambda rules: replace(terms(rules), same_day_resale=False))
    traders.issue("Red River Steel", 30)
    traders.order("North Power", SELL, 7500, 100)
    traders.order("Red River Steel", BUY, 7500, 100)
    traders.order("Red River Steel", SELL, 7600, 20)
    caught = refused(MarketRefusal.BOUGHT_TODAY, lambda: traders.order("Red River Steel", SELL, 7600, 11))
    assert caught.facts["sellable"] == 10
    traders.order("Red River Steel", SELL, 7600, 10)


def test_only_traders_place_orders(traders: Stage) -> None:
    traders.cast["North Power"] = replace(traders.cast["North Power"], roles=frozenset({Role.REPRESENTATIVE}))
    refused(AccessRefusal.NOT_PERMITTED, lambda: traders.order("North Power", SELL, 7500, 1))


def test_an_unknown_instrument_is_refused(traders: Stage) -> None:
    refused(MarketRefusal.NO_SUCH_INSTRUMENT, lambda: traders.order("North Power", SELL, 7500, 1, instrument="XYZ"))


def test_the_same_key_places_one_order(traders: Stage) -> None:
    traders.counts = iter([100, 100])
    first = traders.order("Red River Steel", BUY, 7400, 10)
    assert traders.order("Red River Steel", BUY, 7400, 10) == first
    assert len(queries.open_orders(traders.cast["Red River Steel"].organisation)) == 1


def test_seq_of_orders_and_trades_has_no_gaps(traders: Stage) -> None:
    for price in (7500, 7400, 7500):
        traders.order("North Power", SELL, price, 10)
    refused(MarketRefusal.PRICE_OUTSIDE_BAND, lambda: traders.order("North Power", SELL, 1, 10))
    traders.order("Red River Steel", BUY, 7500, 30)
    assert list(models.Order.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert list(models.Trade.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]


def test_depth_adds_up_five_levels_of_each_side(traders: Stage) -> None:
    for price in (7500, 7510, 7520, 7530, 7540, 7550):
        traders.order("North Power", SELL, price, 10)
    traders.order("East Chemicals", SELL, 7500, 5)
    traders.order("Red River Steel", BUY, 7400, 7)
    depth = queries.depth("SHEA", on=MONDAY)
    assert [(level.price_fen_per_t, level.quantity_t, level.cumulative_t, level.orders) for level in depth.asks] == [
        (7500, 15, 15, 2),
        (7510, 10, 25, 1),
        (7520, 10, 35, 1),
        (7530, 10, 45, 1),
        (7540, 10, 55, 1),
    ]
    assert [level.price_fen_per_t for level in depth.bids] == [7400]


def test_a_quote_tells_last_band_volume_and_the_next_opening(traders: Stage) -> None:
    before = queries.quote("SHEA", now=traders.now)
    assert (before.last_fen_per_t, before.volume_t, before.is_open) == (None, 0, True)
    traders.order("North Power", SELL, 7500, 10)
    traders.order("Red River Steel", BUY, 7500, 10)
    quote = queries.quote("SHEA", now=traders.now)
    assert (quote.last_fen_per_t, quote.volume_t, quote.turnover_fen) == (7500, 10, 75_000)
    assert (quote.low_fen_per_t, quote.high_fen_per_t) == (6660, 8140)
    assert quote.opens_at.hour == 5  # 13:00 in Shanghai


def test_both_parties_see_their_own_side_of_a_trade_and_the_tape_no_names(traders: Stage) -> None:
    traders.order("North Power", SELL, 7500, 10)
    traders.order("Red River Steel", BUY, 7500, 10)
    seller = queries.own_trades(traders.cast["North Power"].organisation)[0]
    buyer = queries.own_trades(traders.cast["Red River Steel"].organisation)[0]
    assert (seller.side, buyer.side, seller.fee_fen, buyer.fee_fen) == (SELL, BUY, 60, 60)
    assert len(registry.serials_of(buyer.transfer)) == 1
    assert queries.own_trades(traders.cast["Lotus Capital"].organisation) == ()
    assert "organisation" not in queries.TradeRow.__dataclass_fields__


def test_the_database_refuses_an_order_filled_beyond_its_quantity(traders: Stage) -> None:
    number = cast(str, traders.order("North Power", SELL, 7500, 10)["order"])
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Order.objects.filter(number=number).update(filled_t=11)


@pytest.mark.parametrize("column", ["buy_order", "sell_order", "instrument"])
def test_the_database_refuses_a_trade_that_names_nothing_real(traders: Stage, column: str) -> None:
    traders.order("North Power", SELL, 7500, 10)
    traders.order("Red River Steel", BUY, 7500, 10)
    made = models.Trade.objects.get()
    made.pk, made.number, made.seq = None, "SHEA-T-9", 9
    setattr(made, f"{column}_id", 999_999)
    with pytest.raises(IntegrityError, match="a trade names an order"), transaction.atomic():
        made.save(force_insert=True)


def test_the_database_refuses_an_order_of_no_instrument(traders: Stage) -> None:
    traders.order("North Power", SELL, 7500, 10)
    placed = models.Order.objects.get()
    placed.pk, placed.number, placed.seq, placed.instrument_id = None, "SHEA-O-9", 9, 999_999
    with pytest.raises(IntegrityError, match="an order names an instrument"), transaction.atomic():
        placed.save(force_insert=True)


@pytest.mark.parametrize("table", ["market_instrument", "market_order"])
def test_what_orders_and_trades_name_is_never_deleted(traders: Stage, table: str) -> None:
    traders.order("North Power", SELL, 7500, 10)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {table}")


def test_the_free_vintage_is_what_the_buyer_receives(traders: Stage) -> None:
    traders.order("North Power", SELL, 7500, 10)
    traders.order("Red River Steel", BUY, 7500, 10)
    assert models.Trade.objects.get().asset == FREE.code
