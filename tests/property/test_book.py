"""Price-time priority, no trade through a better price, no tonne lost, nobody trades with themselves."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import book
from tonnebook.core.book import Book, Fill, Order, Side

ORDERS = st.lists(
    st.tuples(st.sampled_from(Side), st.sampled_from("ABC"), st.integers(95, 105), st.integers(1, 20)), max_size=30
)
CANCELS = st.sets(st.integers(1, 30), max_size=6)


@dataclass
class Day:
    """What a run of orders led to, by `seq`."""

    book: Book = field(default_factory=Book)
    orders: dict[int, Order] = field(default_factory=dict)
    filled_t: dict[int, int] = field(default_factory=dict)
    cancelled_t: dict[int, int] = field(default_factory=dict)


def resting(book_now: Book) -> dict[int, Order]:
    return {order.seq: order for order in (*book_now.bids, *book_now.asks)}


def check_fills(before: Book, incoming: Order, fills: tuple[Fill, ...]) -> None:
    opposite = before.asks if incoming.side is Side.BUY else before.bids
    touched = [fill.resting.seq for fill in fills]
    assert touched == [order.seq for order in opposite[: len(touched)]]
    for fill in fills:
        assert fill.resting.organisation != incoming.organisation
        assert fill.price_fen_per_t == fill.resting.price_fen_per_t
        better = fill.price_fen_per_t - incoming.price_fen_per_t
        assert better <= 0 if incoming.side is Side.BUY else better >= 0
    for fill in fills[:-1]:
        assert fill.quantity_t == fill.resting.quantity_t


def run(rows: list[tuple[Side, str, int, int]], cancels: set[int]) -> Day:
    day = Day()
    for seq, (side, organisation, price, quantity) in enumerate(rows, 1):
        order = Order(seq, side, organisation, price, quantity)
        day.orders[seq] = order
        done = book.match(day.book, order)
        check_fills(day.book, order, done.fills)
        for fill in done.fills:
            for touched in (seq, fill.resting.seq):
                day.filled_t[touched] = day.filled_t.get(touched, 0) + fill.quantity_t
        day.cancelled_t[seq] = done.cancelled_t
        assert done.rest_t == (resting(done.book)[seq].quantity_t if seq in resting(done.book) else 0)
        day.book = done.book
        if seq in cancels:
            day.cancelled_t[seq] += resting(day.book)[seq].quantity_t if seq in resting(day.book) else 0
            day.book = book.cancel(day.book, seq)
    return day


@given(ORDERS, CANCELS)
def test_filled_and_remaining_and_cancelled_are_the_original(
    rows: list[tuple[Side, str, int, int]], cancels: set[int]
) -> None:
    day = run(rows, cancels)
    remaining = resting(day.book)
    for seq, order in day.orders.items():
        rest_t = remaining[seq].quantity_t if seq in remaining else 0
        assert day.filled_t.get(seq, 0) + day.cancelled_t[seq] + rest_t == order.quantity_t


@given(ORDERS, CANCELS)
def test_the_book_is_sorted_and_crossed_by_nobody(rows: list[tuple[Side, str, int, int]], cancels: set[int]) -> None:
    after = run(rows, cancels).book
    bids, asks = after.bids, after.asks
    assert list(bids) == sorted(bids, key=lambda order: (-order.price_fen_per_t, order.seq))
    assert list(asks) == sorted(asks, key=lambda order: (order.price_fen_per_t, order.seq))
    assert not bids or not asks or bids[0].price_fen_per_t < asks[0].price_fen_per_t
