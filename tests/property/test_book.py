"""Price-time priority, no trade through a better price, no tonne lost, nobody trades with themselves."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import book
from tonnebook.core.book import Band, Book, Command, CommandKind, Mode, OrderType, Outcome, Result, SelfTrade, Side

BAND = Band(95, 105)
PLACED = st.builds(
    Command,
    st.just(CommandKind.PLACE),
    st.sampled_from(Side),
    st.sampled_from(OrderType),
    st.integers(1, 3),
    st.just(0),
    st.integers(95, 105),
    st.integers(1, 20),
)
CANCELLED = st.builds(Command, st.just(CommandKind.CANCEL), order=st.integers(1, 30))
COMMANDS = st.lists(PLACED | PLACED | CANCELLED, max_size=30)


def ranked(opened: Book, side: Side) -> list[tuple[int, int]]:
    sign = 1 if side is Side.SELL else -1
    return [(sign * order.price_fen_per_t, order.seq) for order in opened.standing(side)]


def check_fills(before: list[book.Order], command: Command, done: Result) -> None:
    assert [fill.maker for fill in done.fills] == [order.seq for order in before[: len(done.fills)]]
    for fill, maker in zip(done.fills, before, strict=False):
        assert fill.is_prevented == (maker.group == command.group)
        assert fill.price_fen_per_t == maker.price_fen_per_t
        if command.order_type is not OrderType.MARKET_TO_LIMIT:
            better = fill.price_fen_per_t - command.price_fen_per_t
            assert better <= 0 if command.side is Side.BUY else better >= 0


@given(COMMANDS, st.sampled_from(SelfTrade))
def test_orders_meet_the_best_and_oldest_first_and_never_their_own(commands: list[Command], policy: SelfTrade) -> None:
    opened = Book(BAND, policy=policy)
    for command in commands:
        before = list(opened.standing(Side.BUY if command.side is Side.SELL else Side.SELL))
        check_fills(before, command, opened.apply(command))
        bids, asks = ranked(opened, Side.BUY), ranked(opened, Side.SELL)
        assert (bids, asks) == (sorted(bids), sorted(asks))
        assert not bids or not asks or -bids[0][0] < asks[0][0]


@given(COMMANDS)
def test_filled_and_remaining_and_cancelled_are_the_original(commands: list[Command]) -> None:
    opened = Book(BAND)
    parts: Counter[int] = Counter()
    for command in commands:
        done = opened.apply(command)
        for fill in done.fills:
            parts[fill.taker] += fill.quantity_t
            parts[fill.maker] += fill.quantity_t
        if done.outcome not in (Outcome.RESTS, Outcome.FILLED):
            parts[done.number if command.kind is CommandKind.PLACE else command.order] += done.left_t
    for order in opened.orders.values():
        parts[order.seq] += order.left_t
    placed = {number: one.quantity_t for number, one in enumerate(commands, 1) if one.kind is CommandKind.PLACE}
    assert {number: parts[number] for number in placed} == placed


def at_every_price(orders: list[Command], reference: int) -> tuple[int, int, int, int]:
    candidates = []
    for price in range(95, 106):
        demand = sum(one.quantity_t for one in orders if one.side is Side.BUY and one.price_fen_per_t >= price)
        supply = sum(one.quantity_t for one in orders if one.side is Side.SELL and one.price_fen_per_t <= price)
        candidates.append((-min(demand, supply), abs(demand - supply), abs(price - reference), price))
    return min(candidates)


@given(st.lists(PLACED, max_size=20), st.integers(95, 105))
def test_the_call_opens_where_no_other_price_is_better(orders: list[Command], reference: int) -> None:
    taken = [one._replace(group=number, order_type=OrderType.LIMIT) for number, one in enumerate(orders)]
    opened = Book(BAND, mode=Mode.CALL)
    opened.run(taken)
    opening = book.open_market(opened, reference_fen_per_t=reference)
    volume, surplus, _, price = at_every_price(taken, reference)
    assert opening.volume_t == -volume == sum(fill.quantity_t for fill in opening.fills)
    if opening.volume_t:
        assert (opening.price_fen_per_t, abs(opening.surplus_t)) == (price, surplus)
    view = opened.view()
    assert not view.bids or not view.asks or view.bids[0].price_fen_per_t < view.asks[0].price_fen_per_t
