"""Tickets: precedence of refusals, band, totals."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import book, periods, sessions
from tonnebook.core.book import Conditions, MarketRefusal, Side, Ticket
from tonnebook.core.errors import Refused

TERMS = book.Terms(
    price_limit_share=Decimal("0.10"),
    tick_fen=5,
    lot_t=10,
    listed_max_t=100_000,
    fee_share=Decimal("0.0008"),
    sessions=sessions.read(("09:30-11:30",)),
    same_day_resale=False,
)
CONDITIONS = Conditions(
    day=date(2026, 3, 2),
    is_day_closed=False,
    is_open=True,
    opens_at=periods.instant(date(2026, 3, 3), time(9, 30)),
    is_halted=False,
    previous_close_fen_per_t=8000,
    tradable=frozenset({"SHEA-2026"}),
    sellable_t=5_000,
)
SELL = Ticket("SHEA", Side.SELL, 8000, 500, "SHEA-2026", 3_996_800)
BUY = Ticket("SHEA", Side.BUY, 8000, 500, "", 4_003_200)

# Worst first: each row breaks one rule more than the row below it, so the order of the table is the precedence.
FLAWS: tuple[tuple[MarketRefusal, dict[str, object], dict[str, object]], ...] = (
    (MarketRefusal.DAY_ALREADY_CLOSED, {}, {"is_day_closed": True}),
    (MarketRefusal.MARKET_CLOSED, {}, {"is_open": False}),
    (MarketRefusal.INSTRUMENT_HALTED, {}, {"is_halted": True}),
    (MarketRefusal.ASSET_NOT_TRADABLE, {"asset": "SHEA-2026-OWN"}, {}),
    (MarketRefusal.PRICE_OFF_TICK, {"price_fen_per_t": 9001}, {}),
    (MarketRefusal.PRICE_OUTSIDE_BAND, {"price_fen_per_t": 9000}, {}),
    (MarketRefusal.QUANTITY_OFF_LOT, {"quantity_t": 100_005}, {}),
    (MarketRefusal.QUANTITY_ABOVE_LISTED_MAX, {"quantity_t": 100_000}, {}),
    (MarketRefusal.TOTAL_DIFFERS, {"shown_total_fen": 1}, {}),
    (MarketRefusal.BOUGHT_TODAY, {}, {"sellable_t": 490}),
)


def refusal(ticket: Ticket, conditions: Conditions) -> MarketRefusal:
    with pytest.raises(Refused) as caught:
        book.check_ticket(ticket, TERMS, conditions)
    assert isinstance(caught.value.code, MarketRefusal)
    assert caught.value.zh
    assert caught.value.en
    return caught.value.code


def test_a_proper_ticket_is_let_in() -> None:
    book.check_ticket(SELL, TERMS, CONDITIONS)
    book.check_ticket(BUY, TERMS, CONDITIONS)


@pytest.mark.parametrize(("code", "ticket", "conditions"), FLAWS)
def test_each_flaw_alone_is_refused_by_its_own_code(
    code: MarketRefusal, ticket: dict[str, object], conditions: dict[str, object]
) -> None:
    assert refusal(replace(SELL, **ticket), replace(CONDITIONS, **conditions)) is code  # type: ignore[arg-type]


def test_a_refusal_of_a_price_speaks_of_yuan_and_keeps_fen_for_programs() -> None:
    with pytest.raises(Refused) as caught:
        book.check_ticket(replace(SELL, price_fen_per_t=9001), TERMS, CONDITIONS)
    assert "90.01 元/吨" in caught.value.zh
    assert "90.01 CNY/t" in caught.value.en
    assert caught.value.facts["price"] == 9001


@pytest.mark.parametrize("start", range(len(FLAWS)))
def test_of_several_flaws_the_first_of_the_table_takes_precedence(start: int) -> None:
    ticket: dict[str, object] = {}
    conditions: dict[str, object] = {}
    for _, flawed, circumstances in reversed(FLAWS[start:]):
        ticket |= flawed
        conditions |= circumstances
    assert refusal(replace(SELL, **ticket), replace(CONDITIONS, **conditions)) is FLAWS[start][0]  # type: ignore[arg-type]


def test_the_table_follows_the_order_of_declaration() -> None:
    declared = list(MarketRefusal)
    positions = [declared.index(code) for code, _, _ in FLAWS]
    assert positions == sorted(positions)


@pytest.mark.parametrize(("price", "is_allowed"), [(7195, False), (7200, True), (8800, True), (8805, False)])
def test_prices_on_the_edge_of_the_band_are_allowed_and_beyond_it_not(price: int, is_allowed: bool) -> None:
    ticket = replace(BUY, price_fen_per_t=price)
    ticket = replace(ticket, shown_total_fen=book.total_fen(ticket, TERMS).whole)
    if is_allowed:
        book.check_ticket(ticket, TERMS, CONDITIONS)
    else:
        assert refusal(ticket, CONDITIONS) is MarketRefusal.PRICE_OUTSIDE_BAND


def test_the_largest_listed_order_is_one_lot_below_the_block_threshold() -> None:
    ticket = replace(BUY, quantity_t=99_990)
    book.check_ticket(replace(ticket, shown_total_fen=book.total_fen(ticket, TERMS).whole), TERMS, CONDITIONS)


def test_all_that_was_not_bought_today_may_be_sold() -> None:
    book.check_ticket(SELL, TERMS, replace(CONDITIONS, sellable_t=500))
    book.check_ticket(SELL, TERMS, replace(CONDITIONS, sellable_t=None))


@pytest.mark.parametrize(("headroom_t", "is_allowed"), [(None, True), (500, True), (499, False), (0, False)])
def test_a_buyer_stays_within_the_headroom_of_its_group(headroom_t: int | None, is_allowed: bool) -> None:
    conditions = replace(CONDITIONS, headroom_t=headroom_t)
    book.check_ticket(SELL, TERMS, conditions)
    if is_allowed:
        book.check_ticket(BUY, TERMS, conditions)
    else:
        assert refusal(BUY, conditions) is MarketRefusal.ABOVE_HOLDING_LIMIT


def test_a_buyer_is_not_asked_what_may_be_sold() -> None:
    book.check_ticket(BUY, TERMS, replace(CONDITIONS, sellable_t=0))


def test_the_band_is_rounded_inwards_to_the_tick() -> None:
    assert book.band(7363, TERMS) == book.Band(6630, 8095)


def test_the_band_never_reaches_down_to_zero() -> None:
    assert book.band(5, replace(TERMS, price_limit_share=Decimal(1))).low_fen_per_t == 5


def test_a_buyer_confirms_amount_and_fee_and_a_seller_amount_less_fee() -> None:
    assert book.total_fen(BUY, TERMS).whole == 500 * 8000 + 3200
    assert book.total_fen(SELL, TERMS).whole == 500 * 8000 - 3200


@given(st.sampled_from((BUY, SELL)), st.integers(1, 10**6), st.integers(1, 10**6), st.decimals(0, "0.1", places=6))
def test_the_total_without_its_derivation_is_the_same(one: Ticket, price: int, quantity_t: int, share: Decimal) -> None:
    ticket, terms = replace(one, price_fen_per_t=price, quantity_t=quantity_t), replace(TERMS, fee_share=share)
    assert book.confirmed_fen(ticket, terms) == book.total_fen(ticket, terms).whole


NEAR = st.sampled_from((0, 0, 0, -1, 1, 5, 10))
ODD_MARKETS = st.sampled_from(({}, {}, {}, *(flaw for *_, flaw in FLAWS[:3]), {"tradable": frozenset[str]()}))


@given(st.sampled_from((BUY, SELL)), st.sampled_from((7200, 8000, 8800)), st.tuples(NEAR, NEAR, NEAR), ODD_MARKETS)
@pytest.mark.parametrize("is_price_free", [False, True])
def test_a_frame_lets_in_just_what_is_not_refused(
    is_price_free: bool, one: Ticket, price: int, off: tuple[int, int, int], market: dict[str, Any]
) -> None:
    terms, conditions = replace(TERMS, is_price_free=is_price_free), replace(CONDITIONS, sellable_t=None, **market)
    off_price, off_quantity, off_total = off
    ticket = replace(one, price_fen_per_t=price + off_price, quantity_t=99_990 + off_quantity)
    ticket = replace(ticket, shown_total_fen=book.confirmed_fen(ticket, terms) + off_total)
    try:
        book.check_ticket(ticket, terms, conditions)
        is_let_in = True
    except Refused:
        is_let_in = False
    frame = book.frame(ticket.side, ticket.asset, terms, conditions)
    wanted = (ticket.price_fen_per_t, ticket.quantity_t, ticket.shown_total_fen)
    assert (frame is not None and frame.lets_in(*wanted)) is is_let_in


@pytest.mark.parametrize("flaw", [{"price_fen_per_t": 0}, {"quantity_t": 0}, {"quantity_t": -1}, {"asset": ""}])
def test_what_is_no_order_at_all_is_a_value_error(flaw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(SELL, **flaw)  # type: ignore[arg-type]
