"""Picking an order: at its own price, among the best five levels, and never one's own."""

import pytest

from tonnebook.core import listed_agreement
from tonnebook.core.book import Band, Book, Mode, Order, OrderType, Side
from tonnebook.core.errors import Refused
from tonnebook.core.listed_agreement import TakeRefusal


def listed(mode: Mode = Mode.LISTED_AGREEMENT) -> Book:
    """Seven sell orders at six prices; the second stands behind the first at the same price."""
    book = Book(Band(7200, 8800), mode=mode)
    for seq, price in enumerate((8000, 8000, 8001, 8002, 8003, 8004, 8005), 1):
        book.rest(Order(seq, Side.SELL, seq, price, 300, 300))
    return book


def test_any_order_of_a_level_is_picked_at_its_own_price_and_rests_with_what_is_left() -> None:
    book = listed()
    fill = listed_agreement.take(book, 2, order="second", group=99, quantity_t=100)
    assert (fill.maker, fill.price_fen_per_t, fill.quantity_t) == (2, 8000, 100)
    assert [(order.seq, order.left_t) for order in book.best(Side.SELL)][:2] == [(1, 300), (2, 200)]


@pytest.mark.parametrize(
    ("maker", "group", "quantity_t", "mode", "code"),
    [
        # Worst first: each row breaks one rule more than the one below it.
        (9, 99, 301, Mode.AUTOMATIC, TakeRefusal.NOT_IN_MODE),
        (9, 99, 301, Mode.LISTED_AGREEMENT, TakeRefusal.ORDER_GONE),
        (7, 7, 301, Mode.LISTED_AGREEMENT, TakeRefusal.OWN_ORDER),
        (7, 99, 301, Mode.LISTED_AGREEMENT, TakeRefusal.MORE_THAN_OFFERED),
        (7, 99, 300, Mode.LISTED_AGREEMENT, TakeRefusal.BEYOND_FIVE_LEVELS),
    ],
)
def test_other_picks_are_refused_in_order(
    maker: int, group: int, quantity_t: int, mode: Mode, code: TakeRefusal
) -> None:
    book = listed(mode)
    before = book.state_hash()
    with pytest.raises(Refused) as caught:
        listed_agreement.take(book, maker, order="one", group=group, quantity_t=quantity_t)
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en
    book.seq -= 1
    assert book.state_hash() == before


def test_the_last_of_five_levels_can_be_picked() -> None:
    assert listed_agreement.take(listed(), 6, order="sixth", group=99, quantity_t=300).price_fen_per_t == 8004


def test_only_limit_orders_rest_in_listed_agreement() -> None:
    listed_agreement.check_type(Mode.LISTED_AGREEMENT, OrderType.LIMIT)
    listed_agreement.check_type(Mode.AUTOMATIC, OrderType.FILL_OR_KILL)
    with pytest.raises(Refused) as caught:
        listed_agreement.check_type(Mode.LISTED_AGREEMENT, OrderType.FILL_OR_KILL)
    assert caught.value.code is TakeRefusal.TYPE_NOT_IN_MODE
