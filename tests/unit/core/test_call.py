"""The call at the opening: volume, surplus, reference price and ties, checked against every price by hand."""

import pytest
from tests.unit.core.test_matching import BAND, BUY, SELL, amend, place, standing

from tonnebook.core import book
from tonnebook.core.book import Book, Mode, Opening, Outcome, Side

ORDERS = list[tuple[Side, int, int]]


def opened(orders: ORDERS, reference: int = 8000) -> tuple[Book, Opening]:
    call = Book(BAND, mode=Mode.CALL)
    for side, price, quantity in orders:
        assert place(call, side, price, quantity).outcome is Outcome.RESTS
    return call, book.open_market(call, reference_fen_per_t=reference)


def test_most_tonnes_change_hands_at_one_price() -> None:
    after, opening = opened([(BUY, 8020, 10), (BUY, 8010, 20), (SELL, 8000, 15), (SELL, 8010, 10), (SELL, 8020, 50)])
    assert (opening.price_fen_per_t, opening.volume_t, opening.surplus_t) == (8010, 25, 5)
    assert {fill.price_fen_per_t for fill in opening.fills} == {8010}
    assert (standing(after, BUY), standing(after, SELL)) == ([(2, 5)], [(5, 50)])
    assert after.mode is Mode.AUTOMATIC


@pytest.mark.parametrize(
    ("orders", "reference", "price"),
    [
        # 10 t at every price from 7990 to 8010: nearest to the reference.
        ([(BUY, 8010, 10), (SELL, 7990, 10)], 8003, 8003),
        ([(BUY, 8010, 10), (SELL, 7990, 10)], 8500, 8010),
        ([(BUY, 8010, 10), (SELL, 7990, 10)], 7300, 7990),
        # The same volume at both, but above 8000 the buyers of 8000 are no surplus any more.
        ([(BUY, 8010, 10), (BUY, 8000, 10), (SELL, 7990, 10)], 7990, 8001),
        # 8000 and 8002 leave 10 t over, 8001 leaves less: a smaller surplus is worth more than the reference.
        ([(BUY, 8002, 10), (SELL, 8000, 10), (BUY, 8000, 5), (SELL, 8002, 5)], 8002, 8001),
    ],
)
def test_ties_go_to_the_smaller_surplus_then_to_the_reference(orders: ORDERS, reference: int, price: int) -> None:
    assert opened(orders, reference)[1].price_fen_per_t == price


def test_of_two_prices_equally_far_from_the_reference_the_lower_opens() -> None:
    # At 8000 buyers are 10 t over, at 8002 sellers; at 8001 nobody is, but fewer tonnes meet.
    orders = [(BUY, 8002, 10), (BUY, 8000, 10), (SELL, 8000, 10), (SELL, 8002, 10)]
    call = Book(book.Band(8000, 8002), tick_fen=2, mode=Mode.CALL)
    for side, price, quantity in orders:
        place(call, side, price, quantity)
    assert book.open_market(call, reference_fen_per_t=8001).price_fen_per_t == 8000


def test_price_goes_before_time_and_time_decides_at_one_price() -> None:
    after, opening = opened([(BUY, 8000, 10), (BUY, 8000, 10), (BUY, 8010, 10), (SELL, 8000, 15)])
    assert [(fill.taker, fill.maker, fill.quantity_t) for fill in opening.fills] == [(3, 4, 10), (1, 4, 5)]
    assert standing(after, BUY) == [(1, 5), (2, 10)]


@pytest.mark.parametrize("orders", [[], [(BUY, 7990, 10), (SELL, 8000, 10)], [(BUY, 8000, 10)]])
def test_where_nothing_meets_there_is_no_opening_price(orders: ORDERS) -> None:
    after, opening = opened(orders)
    assert opening == Opening(None, 0, 0, ())
    assert len(after.orders) == len(orders)


def test_an_order_that_could_meet_its_own_group_is_not_taken_into_the_call() -> None:
    call = Book(BAND, mode=Mode.CALL)
    place(call, SELL, 8000, 10, group=1)
    assert place(call, BUY, 8000, 10, group=1).outcome is Outcome.SELF_TRADE
    assert place(call, BUY, 7990, 10, group=1).outcome is Outcome.RESTS
    assert amend(call, 3, 8000, 10).outcome is Outcome.SELF_TRADE
    assert standing(call, BUY) == [(3, 10)]


def test_a_market_is_opened_once() -> None:
    with pytest.raises(ValueError, match="in the call"):
        book.open_market(Book(BAND), reference_fen_per_t=8000)
