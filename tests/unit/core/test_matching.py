"""The order book: priority, order types, amendments, self-trade prevention, listed agreement, snapshots."""

from typing import Any

import pytest

from tonnebook.core import book
from tonnebook.core.book import (
    Band,
    Book,
    Command,
    CommandKind,
    Fill,
    Level,
    Mode,
    OrderType,
    Outcome,
    Result,
    SelfTrade,
    Side,
)

BAND = Band(7200, 8800)
BUY, SELL = Side.BUY, Side.SELL


def place(
    opened: Book, side: Side, price: int, quantity: int, group: int = 0, type_: OrderType = OrderType.LIMIT
) -> Result:
    """Place an order, in a group of its own unless told otherwise."""
    return opened.apply(Command(CommandKind.PLACE, side, type_, group or 1000 + opened.seq, 0, price, quantity))


def amend(opened: Book, order: int, price: int, quantity: int) -> Result:
    return opened.apply(Command(CommandKind.AMEND, order=order, price_fen_per_t=price, quantity_t=quantity))


def cancel(opened: Book, order: int) -> Result:
    return opened.apply(Command(CommandKind.CANCEL, order=order))


def take(opened: Book, order: int, quantity: int, group: int = 99) -> Result:
    return opened.apply(Command(CommandKind.TAKE, group=group, order=order, quantity_t=quantity))


def standing(opened: Book, side: Side) -> list[tuple[int, int]]:
    return [(order.seq, order.left_t) for order in opened.standing(side)]


def told(result: Result) -> tuple[Outcome, int, list[tuple[int, int, int]]]:
    return result.outcome, result.left_t, [(fill.maker, fill.price_fen_per_t, fill.quantity_t) for fill in result.fills]


def test_better_prices_are_met_first_and_earlier_orders_before_later_ones() -> None:
    opened = Book(BAND)
    for price in (8010, 8000, 8000):
        place(opened, SELL, price, 10)
    assert told(place(opened, BUY, 8010, 25)) == (Outcome.FILLED, 0, [(2, 8000, 10), (3, 8000, 10), (1, 8010, 5)])
    assert standing(opened, SELL) == [(1, 5)]


def test_what_is_not_met_rests_in_the_book_behind_equals() -> None:
    opened = Book(BAND)
    for price in (8000, 7990, 8000):
        assert place(opened, BUY, price, 10).outcome is Outcome.RESTS
    assert [seq for seq, _ in standing(opened, BUY)] == [1, 3, 2]


def test_a_sell_order_takes_the_highest_bids_at_their_price() -> None:
    opened = Book(BAND)
    place(opened, BUY, 8000, 10)
    place(opened, BUY, 8050, 10)
    assert told(place(opened, SELL, 7900, 15)) == (Outcome.FILLED, 0, [(2, 8050, 10), (1, 8000, 5)])


def test_a_market_order_takes_the_best_price_alone_and_rests_there() -> None:
    opened = Book(BAND)
    place(opened, SELL, 8000, 10)
    place(opened, SELL, 8010, 10)
    assert told(place(opened, BUY, 0, 15, type_=OrderType.MARKET_TO_LIMIT)) == (Outcome.RESTS, 5, [(1, 8000, 10)])
    assert opened.view().bids == (Level(8000, 5),)


def test_a_market_order_without_anybody_opposite_is_not_taken() -> None:
    opened = Book(BAND)
    place(opened, BUY, 8000, 10)
    assert told(place(opened, BUY, 0, 15, type_=OrderType.MARKET_TO_LIMIT)) == (Outcome.NO_OPPOSITE, 15, [])


def test_an_immediate_order_never_rests() -> None:
    opened = Book(BAND)
    place(opened, SELL, 8000, 10)
    immediate = OrderType.IMMEDIATE_OR_CANCEL
    assert told(place(opened, BUY, 8000, 15, type_=immediate)) == (Outcome.ENDED, 5, [(1, 8000, 10)])
    assert opened.orders == {}


@pytest.mark.parametrize(("quantity", "outcome"), [(20, Outcome.FILLED), (21, Outcome.KILLED)])
def test_fill_or_kill_trades_whole_or_not_at_all(quantity: int, outcome: Outcome) -> None:
    opened = Book(BAND)
    for price in (8000, 8010, 8020):
        place(opened, SELL, price, 10)
    done = place(opened, BUY, 8010, quantity, type_=OrderType.FILL_OR_KILL)
    assert done.outcome is outcome
    assert len(opened.orders) == (1 if outcome is Outcome.FILLED else 3)


def test_fill_or_kill_does_not_count_on_its_own_group() -> None:
    opened = Book(BAND)
    place(opened, SELL, 8000, 10, group=1)
    place(opened, SELL, 8000, 10)
    assert told(place(opened, BUY, 8000, 10, group=1, type_=OrderType.FILL_OR_KILL)) == (Outcome.KILLED, 10, [])


@pytest.mark.parametrize(
    ("price", "quantity", "outcome"),
    [
        (7199, 10, Outcome.OFF_LADDER),
        (8801, 10, Outcome.OFF_LADDER),
        (8003, 10, Outcome.OFF_LADDER),
        (8000, 0, Outcome.NO_QUANTITY),
        (8000, 1 << 31, Outcome.NO_QUANTITY),
    ],
)
def test_what_does_not_belong_on_the_ladder_changes_nothing(price: int, quantity: int, outcome: Outcome) -> None:
    opened = Book(BAND, tick_fen=5)
    place(opened, SELL, 8800, 10)
    assert told(place(opened, BUY, price, quantity)) == (outcome, 0, [])
    assert told(amend(opened, 1, price, quantity)) == (outcome, 10, [])
    assert (standing(opened, SELL), opened.seq) == ([(1, 10)], 3)


def test_a_cancelled_order_leaves_the_book_and_only_once() -> None:
    opened = Book(BAND)
    for group in (1, 2):
        place(opened, SELL, 8000, 10, group=group)
    assert told(cancel(opened, 1)) == (Outcome.CANCELLED, 10, [])
    assert told(cancel(opened, 1)) == (Outcome.NOT_RESTING, 0, [])
    assert told(place(opened, BUY, 8000, 4)) == (Outcome.FILLED, 0, [(2, 8000, 4)])
    assert opened.view().asks == (Level(8000, 6),)


def test_less_at_the_same_price_keeps_the_place() -> None:
    opened = Book(BAND)
    place(opened, SELL, 8000, 10)
    place(opened, SELL, 8000, 10)
    assert told(amend(opened, 1, 8000, 7)) == (Outcome.REDUCED, 7, [])
    assert standing(opened, SELL) == [(1, 7), (2, 10)]


@pytest.mark.parametrize(("price", "quantity", "order"), [(8000, 11, [2, 1]), (8001, 10, [2, 1]), (8001, 5, [2, 1])])
def test_any_other_amendment_goes_to_the_back(price: int, quantity: int, order: list[int]) -> None:
    opened = Book(BAND)
    place(opened, SELL, 8000, 10)
    place(opened, SELL, price, 10)
    assert told(amend(opened, 1, price, quantity)) == (Outcome.RESTS, quantity, [])
    assert [seq for seq, _ in standing(opened, SELL)] == order


def test_an_amendment_through_the_other_side_trades_like_a_new_order() -> None:
    opened = Book(BAND)
    place(opened, BUY, 7990, 10)
    place(opened, SELL, 8000, 10)
    done = amend(opened, 1, 8000, 12)
    assert done.fills == [Fill(1, 2, 8000, 10)]
    assert (done.outcome, done.left_t, standing(opened, BUY)) == (Outcome.RESTS, 2, [(1, 2)])


def test_the_quantity_of_an_amendment_counts_what_has_been_traded() -> None:
    opened = Book(BAND)
    place(opened, SELL, 8000, 10)
    place(opened, BUY, 8000, 6)
    assert told(amend(opened, 1, 8000, 8)) == (Outcome.REDUCED, 2, [])
    assert told(amend(opened, 1, 8000, 6)) == (Outcome.CANCELLED, 2, [])
    assert told(amend(opened, 1, 8000, 9)) == (Outcome.NOT_RESTING, 0, [])


def own_order_between(policy: SelfTrade) -> Book:
    opened = Book(BAND, policy=policy)
    place(opened, SELL, 8000, 10)
    place(opened, SELL, 8010, 10, group=1)
    place(opened, SELL, 8020, 10)
    return opened


def test_the_newest_of_two_own_orders_loses_its_rest() -> None:
    opened = own_order_between(SelfTrade.CANCEL_NEWEST)
    assert told(place(opened, BUY, 8020, 30, group=1)) == (Outcome.SELF_TRADE, 20, [(1, 8000, 10)])
    assert standing(opened, SELL) == [(2, 10), (3, 10)]


def test_the_oldest_of_two_own_orders_makes_way() -> None:
    opened = own_order_between(SelfTrade.CANCEL_OLDEST)
    done = place(opened, BUY, 8020, 30, group=1)
    assert [(fill.maker, fill.is_prevented) for fill in done.fills] == [(1, False), (2, True), (3, False)]
    assert (done.outcome, done.left_t, standing(opened, SELL)) == (Outcome.RESTS, 10, [])


def test_two_own_orders_are_lessened_alike() -> None:
    opened = own_order_between(SelfTrade.DECREMENT)
    done = place(opened, BUY, 8020, 14, group=1)
    assert [(fill.maker, fill.quantity_t, fill.is_prevented) for fill in done.fills] == [(1, 10, False), (2, 4, True)]
    assert (done.outcome, done.left_t, standing(opened, SELL)) == (Outcome.SELF_TRADE, 0, [(2, 6), (3, 10)])
    assert opened.orders[2].total_t == 6


def test_own_orders_that_do_not_cross_may_stand_on_both_sides() -> None:
    opened = Book(BAND)
    place(opened, SELL, 8010, 10, group=1)
    assert place(opened, BUY, 8000, 10, group=1).outcome is Outcome.RESTS


def test_the_view_adds_up_five_levels_of_each_side() -> None:
    opened = Book(BAND)
    for step in range(6):
        for quantity in (1, 10):
            place(opened, SELL, 8010 + step, quantity)
            place(opened, BUY, 8000 - step, quantity)
    assert opened.view().asks == tuple(Level(8010 + step, 11) for step in range(5))
    assert opened.view().bids == tuple(Level(8000 - step, 11) for step in range(5))


def listed() -> Book:
    opened = Book(BAND, mode=Mode.LISTED_AGREEMENT)
    for step in range(6):
        place(opened, SELL, 8000 + step, 10, group=1 + step)
    place(opened, SELL, 8000, 10, group=7)
    return opened


def test_in_listed_agreement_orders_that_cross_only_rest() -> None:
    opened = listed()
    assert told(place(opened, BUY, 8100, 10)) == (Outcome.RESTS, 10, [])


def test_the_taker_picks_any_order_of_the_best_five_levels() -> None:
    opened = listed()
    assert told(take(opened, 7, 4)) == (Outcome.FILLED, 0, [(7, 8000, 4)])
    assert told(take(opened, 5, 10)) == (Outcome.FILLED, 0, [(5, 8004, 10)])
    assert [order.seq for order in opened.best(SELL)] == [1, 7, 2, 3, 4, 6]


@pytest.mark.parametrize(
    ("order", "quantity", "group", "outcome"),
    [
        (6, 1, 99, Outcome.BEYOND_FIVE_LEVELS),
        (1, 11, 99, Outcome.NO_QUANTITY),
        (1, 0, 99, Outcome.NO_QUANTITY),
        (1, 1, 1, Outcome.SELF_TRADE),
        (9, 1, 99, Outcome.NOT_RESTING),
    ],
)
def test_what_may_not_be_taken_stays(order: int, quantity: int, group: int, outcome: Outcome) -> None:
    opened = listed()
    before = standing(opened, SELL)
    assert told(take(opened, order, quantity, group)) == (outcome, 0, [])
    assert standing(opened, SELL) == before


def test_each_mode_has_its_own_commands() -> None:
    assert take(Book(BAND), 1, 1).outcome is Outcome.NOT_IN_MODE
    assert place(listed(), BUY, 8000, 1, type_=OrderType.IMMEDIATE_OR_CANCEL).outcome is Outcome.NOT_IN_MODE


@pytest.mark.parametrize("mode", Mode)
def test_a_snapshot_gives_back_the_same_book(mode: Mode) -> None:
    opened = Book(BAND, tick_fen=5, policy=SelfTrade.DECREMENT, mode=mode, seq=41)
    for price, quantity in ((8000, 10), (7995, 20), (8000, 30)):
        place(opened, BUY, price, quantity)
    amend(opened, 42, 8000, 50)
    again = book.restored(opened.snapshot())
    assert standing(again, BUY) == [(44, 30), (42, 50), (43, 20)]
    assert (again.snapshot(), again.state_hash()) == (opened.snapshot(), opened.state_hash())


def changed(change: dict[str, Any]) -> str:
    opened = Book(**({"band": BAND} | {name: value for name, value in change.items() if name in ("policy", "mode")}))
    placed = Command(CommandKind.PLACE, SELL, group=1, price_fen_per_t=8000, quantity_t=10)
    opened.apply(placed._replace(**{name: value for name, value in change.items() if name in Command._fields}))
    return opened.state_hash()


def test_whatever_the_next_command_depends_on_changes_the_hash() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"side": BUY},
        {"group": 2},
        {"price_fen_per_t": 8001},
        {"quantity_t": 11},
        {"policy": SelfTrade.DECREMENT},
        {"mode": Mode.LISTED_AGREEMENT},
        {},
    )
    assert len({changed(change) for change in changes}) == len(changes)


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: b"", lambda data: b"\2" + data[1:]])
def test_a_spoilt_snapshot_is_no_book(spoil: Any) -> None:
    with pytest.raises(ValueError, match="not a snapshot"):
        book.restored(spoil(listed().snapshot()))
