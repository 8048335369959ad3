"""The order book of one instrument: the readable truth that the compiled kernel is held against.

Price first, then time, where time is the gap-free number the book gives each command at pick-up. A trade is made at the
price of the order that was there first. Amending an order to less at the same price keeps its place; any other
amendment sends it to the back, as if it had come now.

A side ranks its prices so that the best is always the lowest: sell orders by price, buy orders by its negative.
"""

import bisect
import hashlib
import itertools
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tonnebook.core.book.orders import (
    LEVELS,
    QUANTITY_T_MAX,
    SIDES,
    Band,
    Command,
    Fill,
    Level,
    Mode,
    Order,
    OrderType,
    Outcome,
    Result,
    SelfTrade,
    Side,
    View,
)

_HEAD, _ROW = "<8q", "<6q"
_FORM = 1

# Members of an enumeration are slow to look up by name, and every command meets some of them.
_SELL, _BUY = SIDES
_LIMIT, _MARKET_TO_LIMIT, _IMMEDIATE_OR_CANCEL, _FILL_OR_KILL = OrderType
_CANCEL_NEWEST, _CANCEL_OLDEST, _ = SelfTrade
_AUTOMATIC, _LISTED_AGREEMENT, _CALL = Mode
_RESTS, _FILLED, _SELF_TRADE, _CANCELLED = Outcome.RESTS, Outcome.FILLED, Outcome.SELF_TRADE, Outcome.CANCELLED


class Head(NamedTuple):
    """What a snapshot says before its orders; `size` is how many there are."""

    form: int
    seq: int
    low_fen_per_t: int
    high_fen_per_t: int
    tick_fen: int
    policy: SelfTrade
    mode: Mode
    size: int


class _Depth:
    # One side of the book, and the side it faces. An order that was cancelled stays, empty, until it comes to the front
    # of its queue, and a level that was emptied until it is the best.
    __slots__ = ("facing", "queues", "ranks", "sign")

    def __init__(self, sign: int) -> None:
        self.sign, self.facing = sign, self
        self.ranks: list[int] = []
        self.queues: dict[int, deque[Order]] = {}

    def add(self, order: Order) -> None:
        rank = self.sign * order.price_fen_per_t
        queue = self.queues.get(rank)
        if queue is None:
            queue = self.queues[rank] = deque()
            bisect.insort(self.ranks, rank)
        queue.append(order)

    # The oldest order of the best price.
    def front(self) -> Order | None:
        while self.ranks:
            queue = self.queues[self.ranks[0]]
            while queue:
                if queue[0].left_t:
                    return queue[0]
                queue.popleft()
            del self.queues[self.ranks.pop(0)]
        return None

    # Orders best first, then oldest first, up to a rank.
    def standing(self, limit: int | None = None) -> Iterator[Order]:
        ranks = self.ranks if limit is None else self.ranks[: bisect.bisect_right(self.ranks, limit)]
        return (order for rank in ranks for order in self.queues[rank] if order.left_t)

    def levels(self) -> tuple[Level, ...]:
        prices = itertools.groupby(self.standing(), key=lambda order: order.price_fen_per_t)
        best = itertools.islice(prices, LEVELS)
        return tuple(Level(price, sum(order.left_t for order in orders)) for price, orders in best)


class Book:
    """The resting orders of one instrument on one day, and what its commands do to them.

    Args:
        band: today's prices.
        tick_fen: smallest price step, fen per tonne.
        policy: what happens where an order meets one of its own group.
        mode: how orders meet.
        seq: number of the last command before the first one given to this book.
    """

    def __init__(
        self,
        band: Band,
        *,
        tick_fen: int = 1,
        policy: SelfTrade = SelfTrade.CANCEL_NEWEST,
        mode: Mode = Mode.AUTOMATIC,
        seq: int = 0,
    ) -> None:
        self.band, self.tick_fen, self.policy, self.mode, self.seq = band, tick_fen, policy, mode, seq
        self.orders: dict[int, Order] = {}
        self._prices = range(band.low_fen_per_t, band.high_fen_per_t + 1, tick_fen)
        asks, bids = _Depth(1), _Depth(-1)
        asks.facing, bids.facing = bids, asks
        self._depths = {_SELL: asks, _BUY: bids}
        self._answers = (self._place, self._amend, self._cancel, self._take)

    def apply(self, command: Command) -> Result:
        """Number a command and do what it asks for.

        Args:
            command: what somebody wants.

        Returns:
            Its outcome, what is left, and the trades it made.

        Source: S39 and exchange rules: price then time, best five levels in listed agreement; order types, priority of
        amended orders and self-trade prevention are design choices.

        Example:
            >>> book = Book(Band(7200, 8800))
            >>> book.apply(Command(CommandKind.PLACE, Side.SELL, group=1, price_fen_per_t=8000, quantity_t=300)).outcome
            <Outcome.RESTS: 1>
            >>> done = book.apply(Command(CommandKind.PLACE, Side.BUY, group=2, price_fen_per_t=8100, quantity_t=500))
            >>> done.fills[0].price_fen_per_t, done.fills[0].quantity_t, done.left_t
            (8000, 300, 200)
        """
        self.seq += 1
        return self._answers[command.kind](command)

    def run(self, commands: Iterable[Command]) -> list[Result]:
        """Apply commands one after the other."""
        results, answers = [], self._answers
        for command in commands:
            self.seq += 1
            results.append(answers[command[0]](command))
        return results

    def rest(self, order: Order) -> None:
        """Put an order behind its equals without matching it, as when a book is filled from what is stored."""
        self.orders[order.seq] = order
        self._depths[order.side].add(order)

    def standing(self, side: Side) -> Iterator[Order]:
        """Yield the orders of a side, best price first, then the oldest."""
        return self._depths[side].standing()

    def best(self, side: Side) -> Iterator[Order]:
        """Yield the orders in the best five levels of a side, among which a taker may pick in listed agreement."""
        depth = self._depths[side]
        last = depth.levels()[-1:]
        return depth.standing(depth.sign * last[0].price_fen_per_t) if last else iter(())

    def view(self) -> View:
        """Show the best five levels of both sides."""
        return View(self._depths[_BUY].levels(), self._depths[_SELL].levels())

    def trade(self, taker: Order, maker: Order, quantity_t: int, *, price_fen_per_t: int) -> Fill:
        """Let two resting orders trade, as when the call ends; both give up the quantity, fen per tonne and tonnes."""
        for order in (taker, maker):
            self._reduce(order, quantity_t)
        return Fill(taker.seq, maker.seq, price_fen_per_t, quantity_t)

    def snapshot(self) -> bytes:
        """Write down everything that the next command depends on, in whole numbers of eight bytes.

        Returns:
            Form, `seq`, band, tick, policy, mode and number of orders; then, in order of priority, sellers first, each
            order's number, side, price, total, open tonnes and group.
        """
        rows = [order for side in SIDES for order in self.standing(side)]
        low, high = self.band.low_fen_per_t, self.band.high_fen_per_t
        head = Head(_FORM, self.seq, low, high, self.tick_fen, self.policy, self.mode, len(rows))
        return packed(head, b"".join(map(_row, rows)))

    def state_hash(self) -> str:
        """Hash the snapshot: two books with the same hash answer every further command alike."""
        return hashlib.sha256(self.snapshot()).hexdigest()

    def _place(self, command: Command) -> Result:
        _, side, order_type, group, _, price_fen_per_t, quantity_t = command
        if not 0 < quantity_t <= QUANTITY_T_MAX:
            return Result(self.seq, Outcome.NO_QUANTITY)
        if order_type is _MARKET_TO_LIMIT and self.mode is _AUTOMATIC:
            best = self._depths[side].facing.front()
            if best is None:
                return Result(self.seq, Outcome.NO_OPPOSITE, quantity_t)
            price_fen_per_t = best.price_fen_per_t
        elif price_fen_per_t not in self._prices:
            return Result(self.seq, Outcome.OFF_LADDER)
        order = Order(self.seq, side, group, price_fen_per_t, quantity_t, quantity_t)
        return self._enter(order, self._depths[side], order_type)

    def _amend(self, command: Command) -> Result:
        old = self.orders.get(command.order)
        if old is None:
            return Result(self.seq, Outcome.NOT_RESTING)
        if not 0 < command.quantity_t <= QUANTITY_T_MAX:
            return Result(self.seq, Outcome.NO_QUANTITY, old.left_t)
        if command.price_fen_per_t not in self._prices:
            return Result(self.seq, Outcome.OFF_LADDER, old.left_t)
        open_t = command.quantity_t - (old.total_t - old.left_t)
        if open_t <= 0:
            return self._cancel(command)
        if command.price_fen_per_t == old.price_fen_per_t and open_t <= old.left_t:
            old.total_t, old.left_t = command.quantity_t, open_t
            return Result(self.seq, Outcome.REDUCED, open_t)
        amended = Order(old.seq, old.side, old.group, command.price_fen_per_t, command.quantity_t, open_t)
        if self.mode is _CALL and self._meets_itself(amended):
            return Result(self.seq, _SELF_TRADE, old.left_t)
        self._reduce(old, old.left_t)
        return self._enter(amended, self._depths[old.side], _LIMIT)

    def _cancel(self, command: Command) -> Result:
        order = self.orders.pop(command.order, None)
        if order is None:
            return Result(self.seq, Outcome.NOT_RESTING)
        left_t, order.left_t = order.left_t, 0
        return Result(self.seq, _CANCELLED, left_t)

    def _take(self, command: Command) -> Result:
        maker = self.orders.get(command.order)
        if self.mode is not _LISTED_AGREEMENT:
            return Result(self.seq, Outcome.NOT_IN_MODE)
        if maker is None:
            return Result(self.seq, Outcome.NOT_RESTING)
        if maker.group == command.group:
            return Result(self.seq, _SELF_TRADE)
        if not 0 < command.quantity_t <= maker.left_t:
            return Result(self.seq, Outcome.NO_QUANTITY)
        if maker.price_fen_per_t not in (level.price_fen_per_t for level in self._depths[maker.side].levels()):
            return Result(self.seq, Outcome.BEYOND_FIVE_LEVELS)
        self._reduce(maker, command.quantity_t)
        fill = Fill(self.seq, maker.seq, maker.price_fen_per_t, command.quantity_t)
        return Result(self.seq, _FILLED, fills=(fill,))

    # An order that has been let in: it trades with what it meets, and the rest stays, unless it must not.
    def _enter(self, order: Order, own: _Depth, order_type: OrderType) -> Result:
        if self.mode is not _AUTOMATIC:
            return self._list(order, order_type)
        facing = own.facing
        limit = facing.sign * order.price_fen_per_t
        fills: list[Fill] | tuple[Fill, ...] = ()
        if facing.ranks and facing.ranks[0] <= limit:
            if order_type is _FILL_OR_KILL and not self._can_fill(order, facing, limit):
                return Result(self.seq, Outcome.KILLED, order.left_t)
            fills = []
            if not self._match(order, facing, limit, fills):
                return Result(self.seq, _SELF_TRADE, order.left_t, fills)
            if not order.left_t:
                return Result(self.seq, _FILLED, 0, fills)
        if order_type is _LIMIT or order_type is _MARKET_TO_LIMIT:
            self.orders[order.seq] = order
            own.add(order)
            return Result(self.seq, _RESTS, order.left_t, fills)
        outcome = Outcome.ENDED if order_type is _IMMEDIATE_OR_CANCEL else Outcome.KILLED
        return Result(self.seq, outcome, order.left_t, fills)

    # In the call and in listed agreement orders only rest.
    def _list(self, order: Order, order_type: OrderType) -> Result:
        if order_type is not _LIMIT:
            return Result(self.seq, Outcome.NOT_IN_MODE)
        if self.mode is _CALL and self._meets_itself(order):
            return Result(self.seq, _SELF_TRADE, order.left_t)
        self.rest(order)
        return Result(self.seq, _RESTS, order.left_t)

    # Trade with the best orders up to the limit; false when what is left must not trade with what it meets.
    def _match(self, order: Order, facing: _Depth, limit: int, fills: list[Fill]) -> bool:
        is_decremented = False
        while order.left_t:
            maker = facing.front()
            if maker is None or facing.sign * maker.price_fen_per_t > limit:
                break
            is_prevented = maker.group == order.group
            quantity_t = min(order.left_t, maker.left_t)
            if is_prevented:
                if self.policy is _CANCEL_NEWEST:
                    return False
                if self.policy is _CANCEL_OLDEST:
                    quantity_t = maker.left_t
                else:
                    is_decremented = True
                    order.left_t -= quantity_t
                    order.total_t -= quantity_t
                    maker.total_t -= quantity_t
            else:
                order.left_t -= quantity_t
            fills.append(Fill(order.seq, maker.seq, maker.price_fen_per_t, quantity_t, is_prevented))
            self._reduce(maker, quantity_t)
        return not is_decremented or order.left_t > 0

    def _can_fill(self, order: Order, facing: _Depth, limit: int) -> bool:
        wanted_t = order.left_t
        for maker in facing.standing(limit):
            if maker.group != order.group:
                wanted_t -= maker.left_t
            elif self.policy is not _CANCEL_OLDEST:
                return False
            if wanted_t <= 0:
                return True
        return False

    # So that nobody trades with themselves when the call ends, an order that could is not taken in.
    def _meets_itself(self, order: Order) -> bool:
        facing = self._depths[order.side].facing
        return any(one.group == order.group for one in facing.standing(facing.sign * order.price_fen_per_t))

    def _reduce(self, order: Order, quantity_t: int) -> None:
        order.left_t -= quantity_t
        if not order.left_t:
            del self.orders[order.seq]


def packed(head: Head, rows: bytes) -> bytes:
    """Write a snapshot from its head and the rows of its orders."""
    return struct.pack(_HEAD, *head) + rows


def unpacked(snapshot: bytes) -> tuple[Head, bytes]:
    """Read a snapshot into its head and the rows of its orders.

    Raises:
        ValueError: when it is of another form or not whole.
    """
    size = struct.calcsize(_HEAD)
    head = Head(*struct.unpack(_HEAD, snapshot[:size].ljust(size, b"\0")))
    if head.form != _FORM or len(snapshot) != size + head.size * struct.calcsize(_ROW):
        raise ValueError("not a snapshot of a book")
    return head._replace(policy=SelfTrade(head.policy), mode=Mode(head.mode)), snapshot[size:]


def restored(snapshot: bytes) -> Book:
    """Make the book that wrote a snapshot.

    Raises:
        ValueError: when it is of another form or not whole.
    """
    head, rows = unpacked(snapshot)
    band = Band(head.low_fen_per_t, head.high_fen_per_t)
    book = Book(band, tick_fen=head.tick_fen, policy=head.policy, mode=head.mode, seq=head.seq)
    for number, side, price_fen_per_t, total_t, left_t, group in struct.iter_unpack(_ROW, rows):
        book.rest(Order(number, SIDES[side], group, price_fen_per_t, total_t, left_t))
    return book


def _row(order: Order) -> bytes:
    numbers = (order.seq, SIDES.index(order.side), order.price_fen_per_t, order.total_t, order.left_t, order.group)
    return struct.pack(_ROW, *numbers)
