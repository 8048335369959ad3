"""The order book compiled: the same matching as `core.book`, in batches over arrays, many millions of orders a second.

`open_kernel` gives a `Kernel` where Numba runs and otherwise a `Readable`, which answers the same calls by the readable
book: the same results, fills, views and snapshots, byte for byte, only slower. Neither allocates anything per order.
What they take is `COMMANDS` arrays of continuous trading; the call and listed agreement belong to `core.book`, which
hands over by its snapshot.

    kernel = open_kernel(band, tick_fen=1)
    commands = as_commands([Command(CommandKind.PLACE, Side.SELL, group=7, price_fen_per_t=8000, quantity_t=300)])
    ran = kernel.run(commands)      # numbers them kernel.seq + 1, kernel.seq + 2, …
    ran.results["outcome"], ran.results["left_t"]      # one for each command
    ran.fills["taker"], ran.fills["maker"], ran.fills["quantity_t"]     # in the order in which they were made
    open_kernel(band, snapshot=kernel.snapshot())      # the same market, on another machine or after a stop

Results and fills lie in arrays that the next `run` writes over: copy what must stay.
"""

import hashlib
import importlib.util
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tonnebook.core import book
from tonnebook.core.book import LEVELS, SIDES, Band, Command, CommandKind, Fill, Level, Mode, OrderType, SelfTrade, View

COMMANDS = np.dtype(
    [
        ("kind", "u1"),
        ("side", "u1"),
        ("order_type", "u1"),
        ("spare", "u1"),
        ("group", "u4"),
        ("order", "i8"),
        ("price_fen_per_t", "i8"),
        ("quantity_t", "i8"),
    ]
)
RESULTS = np.dtype([("outcome", "u4"), ("left_t", "u4")])
FILLS = np.dtype(
    [("taker", "i8"), ("maker", "i8"), ("price_fen_per_t", "i8"), ("quantity_t", "u4"), ("is_prevented", "u4")]
)
# A level or an order: 16 bytes, four to a cache line. What is read only when orders meet lies beside it.
_NODES = np.dtype([("left_t", "u4"), ("next", "u4"), ("prev", "u4"), ("slot", "u4")])
_OWNERS = np.dtype([("group", "u4"), ("total_t", "u4")])
_ROWS = np.dtype([(name, "<i8") for name in ("order", "side", "price_fen_per_t", "total_t", "left_t", "group")])

# Positions in the state: where the ladder begins, its tick and levels, the number of the first order in the pool, the
# last number given, the policy, how many orders rest, and the best rank of each side.
LOW, TICK, SPAN, FIRST, SEQ, POLICY, RESTING, BEST = range(8)

# The levels of both sides have 32-bit numbers beside the orders; a day of more commands takes another kernel.
SPAN_MAX = 1 << 20
CAPACITY_MAX = 1 << 31
CAPACITY = 1 << 20
_FILLS_AT_FIRST = 1 << 16


class Ran(NamedTuple):
    """What a batch came to.

    Attributes:
        first: number of its first command; the others follow without a gap.
        results: (n_commands,) RESULTS, outcome and tonnes left of each.
        fills: (n_fills,) FILLS, fen per tonne and tonnes.
    """

    first: int
    results: NDArray[np.void]
    fills: NDArray[np.void]


class Matcher(Protocol):
    """What `Kernel` and `Readable` both do."""

    @property
    def seq(self) -> int:
        """Number of the last command."""

    def run(self, commands: NDArray[np.void]) -> Ran:
        """Number the commands and match them."""

    def view(self) -> View:
        """Show the best five levels of both sides."""

    def snapshot(self) -> bytes:
        """Write down everything that the next command depends on, as `core.book.Book.snapshot` does."""

    def state_hash(self) -> str:
        """Hash the snapshot."""


def is_compiled() -> bool:
    """Say whether this machine has Numba, so that `open_kernel` gives a compiled kernel."""
    return importlib.util.find_spec("numba") is not None


def open_kernel(
    band: Band,
    *,
    tick_fen: int = 1,
    policy: SelfTrade = SelfTrade.CANCEL_NEWEST,
    seq: int = 0,
    snapshot: bytes = b"",
) -> Matcher:
    """Open a market for continuous trading.

    Args:
        band: today's prices.
        tick_fen: smallest price step, fen per tonne.
        policy: what happens where an order meets one of its own group.
        seq: number of the last command before the first one of this market.
        snapshot: what a book or kernel wrote; then it alone says everything, and the rest is not read.

    Returns:
        The compiled kernel, or the readable book behind the same calls where there is no compiler.

    Raises:
        ValueError: when the snapshot is not whole or not of continuous trading, or the ladder is too long.
    """
    snapshot = snapshot or book.Book(band, tick_fen=tick_fen, policy=policy, seq=seq).snapshot()
    return Kernel(snapshot) if is_compiled() else Readable(snapshot)


def as_commands(commands: Sequence[Command]) -> NDArray[np.void]:
    """Lay commands out as the array that `run` takes.

    Args:
        commands: in the order of pick-up.

    Returns:
        (n_commands,) COMMANDS.
    """
    rows = [
        (one.kind, SIDES.index(one.side), one.order_type, 0, one.group, one.order, one.price_fen_per_t, one.quantity_t)
        for one in commands
    ]
    return np.array(rows, COMMANDS)


class Readable:
    """The readable book behind the calls of the kernel."""

    def __init__(self, snapshot: bytes) -> None:
        self.book = book.restored(snapshot)

    @property
    def seq(self) -> int:
        """Number of the last command."""
        return self.book.seq

    def run(self, commands: NDArray[np.void]) -> Ran:
        """Number the commands and match them."""
        first = self.book.seq + 1
        done = self.book.run(_as_told(commands.tolist()))
        fills: list[Fill] = [fill for one in done for fill in one.fills]
        results = np.array([(one.outcome, one.left_t) for one in done], RESULTS)
        return Ran(first, results, np.array(fills, FILLS))

    def view(self) -> View:
        """Show the best five levels of both sides."""
        return self.book.view()

    def snapshot(self) -> bytes:
        """Write down everything that the next command depends on."""
        return self.book.snapshot()

    def state_hash(self) -> str:
        """Hash the snapshot."""
        return self.book.state_hash()


class Kernel:
    """The compiled book: a bounded ladder of levels, and a pool in which an order's place follows from its number.

    Args:
        snapshot: the book to go on from.
        is_plain: take limit orders and cancellations only, and tell no owners apart: for replaying what has been let
            in and matched before, and for simulations.
        capacity: commands it has room for at first; the memory is taken at once, and doubled when it is used up.

    Raises:
        ValueError: when the snapshot is not whole or not of continuous trading, or the ladder has more than `SPAN_MAX`
            levels.
    """

    def __init__(self, snapshot: bytes, *, is_plain: bool = False, capacity: int = CAPACITY) -> None:
        from tonnebook.core import ladder

        self._match = ladder.match_plain if is_plain else ladder.match
        self._walk, self._look, self._is_plain = ladder.walk, ladder.look, is_plain
        head, rows = book.unpacked(snapshot)
        if head.mode is not Mode.AUTOMATIC:
            raise ValueError("only continuous trading is compiled")
        span = (head.high_fen_per_t - head.low_fen_per_t) // head.tick_fen + 1
        if not 0 < span <= SPAN_MAX:
            raise ValueError(f"a ladder of {span} levels")
        self._head, self._span = head, span
        orders = np.frombuffer(rows, _ROWS)
        first = int(orders["order"].min(initial=head.seq + 1))
        state = (head.low_fen_per_t, head.tick_fen, span, first, head.seq, head.policy, len(orders), span, span)
        self._state = np.array(state, np.int64)
        self._bits = np.zeros(2 * ((span + 63) // 64), np.uint64)
        self._nodes, self._owners = np.zeros(2 * span, _NODES), np.zeros(2 * span, _OWNERS)
        self._nodes["next"] = self._nodes["prev"] = np.arange(2 * span)
        self._fills, self._results = np.zeros(_FILLS_AT_FIRST, FILLS), np.zeros(0, RESULTS)
        self._seq, self._most, self._room = head.seq, len(orders), first - head.seq - 1
        self._grow(head.seq - first + 1 + capacity)
        self._fill(orders, first)

    @property
    def seq(self) -> int:
        """Number of the last command."""
        return self._seq

    def run(self, commands: NDArray[np.void]) -> Ran:
        """Number the commands and match them.

        Args:
            commands: (n_commands,) COMMANDS.

        Returns:
            Results and fills, in arrays that the next run writes over.
        """
        size, first = len(commands), self._seq + 1
        self._make_room(size)
        if self._head.tick_fen != 1:
            commands = self._in_steps(commands)
        made = self._match(commands, self._nodes, self._owners, self._bits, self._state, self._fills, self._results)
        self._seq += size
        return Ran(first, self._results[:size], self._fills[:made])

    def view(self) -> View:
        """Show the best five levels of both sides."""
        seen = np.zeros((len(SIDES), LEVELS, 2), np.int64)
        self._look(self._nodes, self._span, self._state, seen)
        asks, bids = (self._levels(number, one) for number, one in enumerate(seen))
        return View(bids, asks)

    def snapshot(self) -> bytes:
        """Write down everything that the next command depends on, as `core.book.Book.snapshot` does.

        Raises:
            ValueError: when the kernel is of the plain form, which does not know whose orders are.
        """
        if self._is_plain:
            raise ValueError("a kernel of the plain form has no snapshot")
        found = np.zeros(self._state[RESTING], np.int64)
        self._walk(self._nodes, 2 * self._span, found)
        nodes, owners = self._nodes[found], self._owners[found]
        rows = np.zeros(len(found), _ROWS)
        rows["order"] = found - 2 * self._span + self._state[FIRST]
        rows["side"] = nodes["slot"] // self._span
        rows["price_fen_per_t"] = self._prices(nodes["slot"].astype(np.int64))
        rows["total_t"], rows["left_t"], rows["group"] = owners["total_t"], nodes["left_t"], owners["group"]
        return book.packed(self._head._replace(seq=self.seq, size=len(rows)), rows.tobytes())

    def state_hash(self) -> str:
        """Hash the snapshot."""
        return hashlib.sha256(self.snapshot()).hexdigest()

    def _prices(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        rank = slots % self._span
        level = np.where(slots < self._span, rank, self._span - 1 - rank)
        return self._head.low_fen_per_t + self._head.tick_fen * level

    def _levels(self, side: int, seen: NDArray[np.int64]) -> tuple[Level, ...]:
        found = seen[seen[:, 1] > 0]
        return tuple(map(Level, self._prices(found[:, 0] + side * self._span).tolist(), found[:, 1].tolist()))

    # The compiled function knows steps of the ladder only; where a tick is one fen, a price is one.
    def _in_steps(self, commands: NDArray[np.void]) -> NDArray[np.void]:
        low, stepped = self._head.low_fen_per_t, commands.copy()
        steps, off = np.divmod(commands["price_fen_per_t"] - low, self._head.tick_fen)
        stepped["price_fen_per_t"] = np.where(off == 0, low + steps, low - 1)
        return stepped

    # Every fill finishes the order it meets or the one that came, so no batch makes more than there is room for.
    # `_most` is at least what rests: it grows with every command, and is looked up only when room runs out.
    def _make_room(self, size: int) -> None:
        self._most += size
        self._room -= size
        if self._room < 0:
            self._grow(max(len(self._nodes), size))
        if self._most + size > len(self._fills):
            self._most = int(self._state[RESTING]) + size
            if self._most + size > len(self._fills):
                self._fills = np.zeros(2 * (self._most + size), FILLS)
        if size > len(self._results):
            self._results = np.zeros(size, RESULTS)

    def _grow(self, more: int) -> None:
        if len(self._nodes) + more > CAPACITY_MAX:
            raise ValueError("too many commands for one kernel; go on from a snapshot")
        self._nodes = np.concatenate((self._nodes, np.zeros(more, _NODES)))
        self._owners = np.concatenate((self._owners, np.zeros(more, _OWNERS)))
        self._room += more

    # Orders come in the order of their priority, so those of one level follow each other.
    def _fill(self, orders: NDArray[np.void], first: int) -> None:
        span = self._span
        level = (orders["price_fen_per_t"] - self._head.low_fen_per_t) // self._head.tick_fen
        rank = np.where(orders["side"] == 0, level, span - 1 - level)
        slot, index = orders["side"] * span + rank, orders["order"] - first + 2 * span
        starts = np.diff(slot, prepend=-1) != 0
        ends = np.diff(slot, append=-1) != 0
        nodes, owners = np.zeros(len(orders), _NODES), np.zeros(len(orders), _OWNERS)
        nodes["left_t"], nodes["slot"] = orders["left_t"], slot
        nodes["prev"] = np.where(starts, slot, np.roll(index, 1))
        nodes["next"] = np.where(ends, slot, np.roll(index, -1))
        owners["group"], owners["total_t"] = orders["group"], orders["total_t"]
        self._nodes[index], self._owners[index] = nodes, owners
        self._nodes["next"][slot[starts]], self._nodes["prev"][slot[ends]] = index[starts], index[ends]
        np.bitwise_or.at(
            self._bits.reshape(2, -1), (orders["side"], rank >> 6), np.uint64(1) << (rank & 63).astype(np.uint64)
        )
        np.minimum.at(self._state, BEST + orders["side"], rank)


def _as_told(rows: Iterable[tuple[int, ...]]) -> Iterable[Command]:
    for kind, side, order_type, _, group, order, price_fen_per_t, quantity_t in rows:
        yield Command(CommandKind(kind), SIDES[side], OrderType(order_type), group, order, price_fen_per_t, quantity_t)
