"""Listed agreement on the database: nothing meets by itself, and what is picked is settled as any trade."""

from dataclasses import replace
from datetime import date

import pytest
from tests.market_stage import FREE, MONDAY, Stage

from tonnebook import rulebook
from tonnebook.core import book
from tonnebook.core.book import MarketRefusal, Mode, OrderType, Side
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.core.listed_agreement import TakeRefusal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market import services as market

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def listed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The stage's region with the mode of the national market; one sells twice at a price, another has money."""
    terms = book.terms
    monkeypatch.setattr(book, "terms", lambda rules: replace(terms(rules), mode=Mode.LISTED_AGREEMENT))
    stage.issue("North Power", 1_000)
    stage.issue("East Chemicals", 1_000)
    stage.fund("Red River Steel", 100_000_000)
    stage.order("East Chemicals", SELL, 7500, 200)
    stage.order("North Power", SELL, 7500, 300)
    return stage


def take(stage: Stage, name: str, order: str, quantity_t: int, *, asset: str = "") -> Answer:
    row = queries.pick(order, organisation="")
    side = BUY if row.side is SELL else SELL
    total = queries.total_fen(
        "SHEA", side=side, price_fen_per_t=row.price_fen_per_t, quantity_t=quantity_t, on=MONDAY
    ).whole
    return market.take_order(
        stage.cast[name],
        order=order,
        quantity_t=quantity_t,
        shown_total_fen=total,
        asset=asset,
        key=stage.key(),
        now=stage.now,
    )


def picks(stage: Stage, name: str = "Red River Steel") -> list[queries.PickRow]:
    return list(queries.pick_list("SHEA", organisation=stage.cast[name].organisation, on=MONDAY))


def refused(code: Refusal, stage: Stage, name: str, order: str, quantity_t: int, *, asset: str = "") -> None:
    with pytest.raises(Refused) as caught:
        take(stage, name, order, quantity_t, asset=asset)
    assert caught.value.code is code


def test_the_mode_of_each_region_is_a_rule() -> None:
    modes = [book.terms(rulebook.at(one, on=date(2026, 3, 2))).mode for one in ("national", "shanghai", "tianjin")]
    assert modes == [Mode.LISTED_AGREEMENT, Mode.AUTOMATIC, Mode.AUTOMATIC]


def test_an_order_that_crosses_rests_and_waits_to_be_picked(listed: Stage) -> None:
    buy = listed.order("Red River Steel", BUY, 7600, 100)
    assert (buy["state"], buy["rest_t"], buy["trades"]) == ("OPEN", 100, [])
    assert [(row.side, row.price_fen_per_t, row.left_t) for row in picks(listed)] == [
        (SELL, 7500, 200),
        (SELL, 7500, 300),
        (BUY, 7600, 100),
    ]


def test_what_is_picked_trades_at_its_price_whatever_rests_before_it(listed: Stage) -> None:
    first, second = picks(listed)
    answer = take(listed, "Red River Steel", second.number, 120)
    assert (answer["state"], answer["filled_t"], answer["turnover_fen"]) == ("FILLED", 120, 120 * 7500)
    assert [(row.number, row.left_t) for row in picks(listed)] == [(first.number, 200), (second.number, 180)]
    assert listed.units("Red River Steel") == (120, 0)
    assert listed.units("North Power") == (880, 180)


def test_a_seller_picks_a_buyers_order(listed: Stage) -> None:
    buy = str(listed.order("Red River Steel", BUY, 7400, 100)["order"])
    take(listed, "East Chemicals", buy, 100, asset=FREE.code)
    assert listed.units("Red River Steel") == (100, 0)
    assert listed.cash("Red River Steel")[1] == 0


def test_nobody_picks_their_own_or_more_than_there_is_or_without_money(listed: Stage) -> None:
    first, second = picks(listed)
    refused(TakeRefusal.OWN_ORDER, listed, "North Power", second.number, 100)
    refused(TakeRefusal.MORE_THAN_OFFERED, listed, "Red River Steel", first.number, 201)
    refused(LedgerRefusal.INSUFFICIENT_FREE, listed, "Lotus Capital", first.number, 100)
    with pytest.raises(Refused) as caught:
        market.take_order(
            listed.cast["Red River Steel"], order="x", quantity_t=1, shown_total_fen=1, key=listed.key(), now=listed.now
        )
    assert caught.value.code is MarketRefusal.NO_SUCH_ORDER


def test_only_the_best_five_levels_are_offered_and_can_be_picked(listed: Stage) -> None:
    for price in (7501, 7502, 7503, 7504, 7505):
        last = str(listed.order("North Power", SELL, price, 10)["order"])
    assert last not in [row.number for row in picks(listed)]
    refused(TakeRefusal.BEYOND_FIVE_LEVELS, listed, "Red River Steel", last, 10)


def test_where_orders_match_by_themselves_nothing_is_picked(stage: Stage) -> None:
    stage.issue("North Power", 1_000)
    order = str(stage.order("North Power", SELL, 7500, 300)["order"])
    refused(TakeRefusal.NOT_IN_MODE, stage, "Red River Steel", order, 100)


def test_an_order_that_is_gone_is_not_picked(listed: Stage) -> None:
    first, _ = picks(listed)
    owner = listed.cast["East Chemicals"]
    market.cancel_order(owner, order=first.number, key=listed.key(), now=listed.now)
    with pytest.raises(Refused) as caught:
        market.take_order(
            listed.cast["Red River Steel"],
            order=first.number,
            quantity_t=1,
            shown_total_fen=1,
            key=listed.key(),
            now=listed.now,
        )
    assert caught.value.code is TakeRefusal.ORDER_GONE


def test_an_order_that_may_not_rest_has_no_place_in_the_book(listed: Stage) -> None:
    with pytest.raises(Refused) as caught:
        market.place_order(
            listed.cast["Red River Steel"],
            instrument="SHEA",
            side=BUY,
            price_fen_per_t=7500,
            quantity_t=1,
            shown_total_fen=7506,
            order_type=OrderType.IMMEDIATE_OR_CANCEL,
            key=listed.key(),
            now=listed.now,
        )
    assert caught.value.code is TakeRefusal.TYPE_NOT_IN_MODE
