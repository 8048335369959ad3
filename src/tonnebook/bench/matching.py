"""What matching costs: a million commands through the kernel and through the readable book, in batches of a thousand.

The day is invented and the same in every run: 60 % orders away from the other side, 30 % cancellations of what rests,
10 % orders through the best price, between 72 and 88 yuan in steps of a fen. The full form also amends, uses all order
types and lets groups meet themselves. Figures count processor time, not the clock: what others do on the machine takes
turns with us, and costs us caches, but not our turns.
"""

import bisect
import gc
import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tonnebook.bench.report import Figure
from tonnebook.core import kernel
from tonnebook.core.book import SIDES, Band, Book, Command, CommandKind, OrderType, Side

COMMANDS = 1_000_000
BATCH = 1_000
READABLE = 200_000
# A moment without neighbours is what is looked for: the shorter a run, the more of them.
ROUNDS, KERNEL_ROUNDS = 7, 60
BAND = Band(7_200, 8_800)
OPENING = 8_000


def measure() -> list[Figure]:
    """Measure matching: the kernel in its plain and its full form, and the readable book, each beside a plain book.

    Returns:
        Figures with their references and targets, commands per second of processor time.

    Raises:
        ValueError: when two of them do not make the same trades.
    """
    plain, full = (
        list(itertools.islice(_day(is_full=False), COMMANDS)),
        list(itertools.islice(_day(is_full=True), COMMANDS)),
    )
    few = plain[:READABLE]
    _check(few)
    empty = Book(BAND).snapshot()
    by_hand, by_book = _rate(few, lambda: _PlainBook().run), _rate(few, lambda: Book(BAND).run)
    told, told_full = kernel.as_commands(plain), kernel.as_commands(full)
    by_plain = _rate(told, lambda: kernel.Kernel(empty, is_plain=True).run, KERNEL_ROUNDS)
    by_full = _rate(told_full, lambda: kernel.Kernel(empty).run, KERNEL_ROUNDS)
    return [
        Figure("plain_commands_per_s", by_plain, by_hand, target=60e6, plain="sorted lists, limit orders only"),
        Figure("full_commands_per_s", by_full, by_hand, target=40e6, plain="the same"),
        Figure("readable_commands_per_s", by_book, by_hand, target=0.8e6, plain="the same"),
    ]


# One run is one day: the book is opened and its memory taken before, results of a batch are dropped after it. Nothing
# here makes cycles, so nobody looks for them, neither for ours nor for the plain book's.
def _rate(
    commands: Sequence[Command] | NDArray[np.void], opened: Callable[[], Callable[..., object]], rounds: int = ROUNDS
) -> float:
    batches = [commands[start : start + BATCH] for start in range(0, len(commands), BATCH)]
    gc.disable()
    seconds = min(_seconds(opened(), batches) for _ in range(rounds))
    gc.enable()
    return len(commands) / seconds


def _seconds(run: Callable[..., object], batches: Sequence[object]) -> float:
    started = time.process_time()
    for batch in batches:
        run(batch)
    return time.process_time() - started


def _check(commands: Sequence[Command]) -> None:
    empty, by_hand = Book(BAND), _PlainBook()
    trades = [tuple(fill[:4]) for one in empty.run(commands) for fill in one.fills]
    by_hand.run(commands)
    ran = kernel.Kernel(Book(BAND).snapshot(), is_plain=True).run(kernel.as_commands(commands))
    compiled = [tuple(fill)[:4] for fill in ran.fills.tolist()]
    if not trades == by_hand.trades == compiled:
        raise ValueError("the books do not make the same trades")


# The day, made with the help of the readable book, which knows the best prices and what rests.
def _day(*, is_full: bool) -> Iterator[Command]:
    chance = random.Random(2026)  # noqa: S311 - an invented day, no secret
    book, resting = Book(BAND), _Resting()
    while True:
        command = _command(chance, book, resting, is_full=is_full)
        yield command
        result = book.apply(command)
        resting.follow(result.number, [fill.maker for fill in result.fills], book)
        if command.order:
            resting.follow(command.order, [], book)


class _Resting:
    # Numbers of what rests, from which any can be drawn at once.
    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.places: dict[int, int] = {}

    def follow(self, number: int, makers: list[int], book: Book) -> None:
        for one in (number, *makers):
            if one in book.orders and one not in self.places:
                self.places[one] = len(self.numbers)
                self.numbers.append(one)
            elif one not in book.orders and one in self.places:
                place, last = self.places.pop(one), self.numbers.pop()
                if last != one:
                    self.numbers[place], self.places[last] = last, place


def _command(chance: random.Random, book: Book, resting: _Resting, *, is_full: bool) -> Command:
    drawn = chance.random()
    if drawn < 0.3 and resting.numbers:
        return Command(CommandKind.CANCEL, order=chance.choice(resting.numbers))
    side, group = chance.choice(SIDES), chance.randrange(40 if is_full else COMMANDS)
    order_type = chance.choice(_TYPES) if is_full else OrderType.LIMIT
    if is_full and drawn > 0.95 and resting.numbers:
        order = book.orders[chance.choice(resting.numbers)]
        price = min(BAND.high_fen_per_t, max(BAND.low_fen_per_t, order.price_fen_per_t + chance.randrange(-2, 3)))
        return Command(CommandKind.AMEND, order=order.seq, price_fen_per_t=price, quantity_t=chance.randint(1, 100))
    ask = next((one.price_fen_per_t for one in book.best(Side.SELL)), OPENING + 1)
    bid = next((one.price_fen_per_t for one in book.best(Side.BUY)), OPENING - 1)
    if drawn < 0.4:
        price = ask + chance.randrange(200) if side is Side.BUY else bid - chance.randrange(200)
        price = min(BAND.high_fen_per_t, max(BAND.low_fen_per_t, price))
        return Command(CommandKind.PLACE, side, order_type, group, 0, price, chance.randint(1, 400))
    price = (
        chance.randint(BAND.low_fen_per_t, ask - 1)
        if side is Side.BUY
        else chance.randint(bid + 1, BAND.high_fen_per_t)
    )
    return Command(CommandKind.PLACE, side, order_type, group, 0, price, chance.randint(1, 100))


_TYPES = (OrderType.LIMIT,) * 17 + tuple(OrderType)[1:]


class _PlainBook:
    # What a textbook shows: a queue for each price, the prices in order, limit orders and cancellations only.
    def __init__(self) -> None:
        self.seq = 0
        self.queues: dict[Side, dict[int, deque[int]]] = {side: {} for side in SIDES}
        self.prices: dict[Side, list[int]] = {side: [] for side in SIDES}
        self.orders: dict[int, list[int]] = {}
        self.trades: list[tuple[int, ...]] = []

    def run(self, commands: Sequence[Command]) -> None:
        for kind, side, _, _, order, price, quantity in commands:
            self.seq += 1
            if kind is CommandKind.CANCEL:
                self.orders.pop(order, None)
            else:
                self.place(side, price, quantity)

    def place(self, side: Side, price: int, quantity: int) -> None:
        facing, sign = (Side.SELL, 1) if side is Side.BUY else (Side.BUY, -1)
        prices, queues = self.prices[facing], self.queues[facing]
        while quantity and prices and sign * (price - prices[0 if sign > 0 else -1]) >= 0:
            best = prices[0 if sign > 0 else -1]
            queue = queues[best]
            while quantity and queue:
                maker = self.orders.get(queue[0])
                if maker is None:
                    queue.popleft()
                    continue
                traded = min(quantity, maker[0])
                self.trades.append((self.seq, queue[0], best, traded))
                quantity -= traded
                maker[0] -= traded
                if not maker[0]:
                    del self.orders[queue.popleft()]
            if not queue:
                del queues[best]
                prices.pop(0 if sign > 0 else -1)
        if quantity:
            if price not in self.queues[side]:
                bisect.insort(self.prices[side], price)
                self.queues[side][price] = deque()
            self.queues[side][price].append(self.seq)
            self.orders[self.seq] = [quantity]
