"""A real day of a stock exchange through the book and the kernel: what anyone can predict, both must."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from tonnebook.core import kernel
from tonnebook.core.book import Band, Book, Command, CommandKind, Level, OrderType, Outcome, Side

DAY = "AMZN_2012-06-21_34200000_57600000_{}_1.csv"
# Prices of the files are ten-thousandths of a dollar; the ladder is one of cents.
BAND, TICK = Band(2_100_000, 2_400_000), 100
SUBMITTED, REDUCED, DELETED, EXECUTED, HIDDEN = range(1, 6)
WHOEVER, TAKER = 1, 2


class Message(NamedTuple):
    """A line of the day: what happened to which order, and the best level of each side afterwards."""

    kind: int
    order: int
    quantity: int
    price: int
    side: Side
    best: dict[Side, Level]


def messages(shared: Path) -> Iterator[Message]:
    folder = shared / "data" / "matching"
    with (folder / DAY.format("message")).open() as told, (folder / DAY.format("orderbook")).open() as seen:
        for (_, kind, order, size, price, direction), row in zip(csv.reader(told), csv.reader(seen), strict=True):
            if kind == "Type":
                continue
            ask, ask_size, bid, bid_size = map(int, row)
            best = {Side.SELL: Level(ask, ask_size), Side.BUY: Level(bid, bid_size)}
            side = Side.BUY if direction == "1" else Side.SELL
            yield Message(int(kind), int(order), int(size), int(price), side, best)


@dataclass
class Standing:
    """An order as the day knows it."""

    side: Side
    price: int
    total: int
    left: int


@dataclass
class Day:
    """The day so far: our numbers of the exchange's orders, and what stands for those nobody has told us of."""

    matcher: kernel.Matcher
    standing: dict[int, Standing] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    fillers: dict[Side, int] = field(default_factory=dict)
    met: int = 0

    def tell(self, command: Command) -> kernel.Ran:
        """Send one command."""
        return self.matcher.run(kernel.as_commands([command]))

    def best(self) -> dict[Side, Level]:
        """Find the best level of each side."""
        view = self.matcher.view()
        return {side: levels[0] for side, levels in ((Side.SELL, view.asks), (Side.BUY, view.bids)) if levels}

    def place(self, side: Side, price: int, quantity: int) -> int:
        """Rest an order."""
        ran = self.tell(Command(CommandKind.PLACE, side, group=WHOEVER, price_fen_per_t=price, quantity_t=quantity))
        assert ran.results["outcome"].tolist() == [Outcome.RESTS]
        self.standing[ran.first] = Standing(side, price, quantity, quantity)
        return ran.first

    def start_anew(self, side: Side, level: Level) -> None:
        """Take over what the exchange shows of a side: how many orders that is, nobody knows."""
        for number in [number for number, one in self.standing.items() if one.side is side]:
            del self.standing[number]
            assert self.tell(Command(CommandKind.CANCEL, order=number)).results["outcome"][0] == Outcome.CANCELLED
        self.fillers[side] = self.place(side, *level)

    def take_off(self, message: Message) -> None:
        """Lessen or delete the order a message names, or the one that stands for the unnamed."""
        number = self.numbers.get(message.order, 0)
        number = number if number in self.standing else self.fillers[message.side]
        one = self.standing[number]
        one.total, one.left = one.total - message.quantity, one.left - message.quantity
        if one.left:
            command = Command(CommandKind.AMEND, order=number, price_fen_per_t=one.price, quantity_t=one.total)
        else:
            command = Command(CommandKind.CANCEL, order=number)
            del self.standing[number]
        assert self.tell(command).results["outcome"][0] == (Outcome.REDUCED if one.left else Outcome.CANCELLED)

    def execute(self, message: Message) -> None:
        """Send an execution as an incoming order where the one it names comes first; elsewhere take it off that one."""
        side = Side.SELL if message.side is Side.BUY else Side.BUY
        number = self.numbers.get(message.order, 0)
        level = (key for key, one in self.standing.items() if (one.side, one.price) == (message.side, message.price))
        if next(level) != number:
            self.take_off(message)
            return
        order = OrderType.IMMEDIATE_OR_CANCEL
        ran = self.tell(Command(CommandKind.PLACE, side, order, TAKER, 0, message.price, message.quantity))
        assert ran.fills[["maker", "quantity_t"]].tolist() == [(number, message.quantity)]
        self.met += 1
        self.standing[number].left -= message.quantity
        if not self.standing[number].left:
            del self.standing[number]

    def follow(self, message: Message) -> None:
        """Do what a message tells."""
        if message.kind == SUBMITTED:
            self.numbers[message.order] = self.place(message.side, message.price, message.quantity)
        elif message.kind == EXECUTED:
            self.execute(message)
        elif message.kind != HIDDEN:
            self.take_off(message)


def replay(told: Iterator[Message], matcher: kernel.Matcher) -> tuple[int, int, int]:
    """Follow the day and count what was predicted, what could not be, and executions that met the order named."""
    day, predicted, unknown = Day(matcher), 0, 0
    for side, level in next(told).best.items():
        day.start_anew(side, level)
    best = day.best()
    for message in told:
        before = best[message.side]
        day.follow(message)
        best = day.best()
        if message.kind in (REDUCED, DELETED, EXECUTED) and before == (message.price, message.quantity):
            day.start_anew(message.side, message.best[message.side])
            best[message.side] = message.best[message.side]
            unknown += 1
        else:
            predicted += 1
        assert best == message.best
    return predicted, unknown, day.met


@pytest.mark.data
@pytest.mark.parametrize("form", [kernel.Readable, kernel.Kernel])
def test_every_predictable_change_of_the_best_level_is_reproduced(
    form: type[kernel.Readable | kernel.Kernel], shared: Path
) -> None:
    """Amazon on 21 June 2012, 57,515 messages with the best level of each side after each (LOBSTER sample).

    A change is predictable when the files say all that it depends on: a submission; a reduction, deletion or execution
    that leaves something at the best level; a hidden execution, which changes nothing; and always, that the other side
    stays as it is. When the last of a best level goes, what lies behind it is not in a file of one level: there the
    side is taken over as the exchange shows it, and counted as unknown. Executions of what came first at its level are
    sent as incoming orders; the others, of orders behind those nobody has told us of or told in another order within
    one instant, are taken off the order named.
    """
    opened = form(Book(BAND, tick_fen=TICK).snapshot())
    assert replay(messages(shared), opened) == (43_561, 13_953, 4_474)
