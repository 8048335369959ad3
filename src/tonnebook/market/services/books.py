"""The book of an instrument in memory: filled from the open orders that are stored, matched by the kernel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tonnebook.core import book, kernel
from tonnebook.core.book import SIDES, Band, CommandKind, Outcome
from tonnebook.market import models
from tonnebook.market.services.live import LiveOrder


class Asked(NamedTuple):
    """What is asked of the book about an order, which has its new price and quantity when it is amended."""

    kind: CommandKind
    order: LiveOrder


class Met(NamedTuple):
    """A trade: ids of both orders, fen per tonne and tonnes."""

    taker: int
    maker: int
    price_fen_per_t: int
    quantity_t: int


class Resting(NamedTuple):
    """What the book must know of an open order; a tuple, because an engine reads all of them when it starts."""

    pk: int
    organisation: str
    side: str
    price_fen_per_t: int
    quantity_t: int
    filled_t: int
    priority: int
    seq: int


def resting(order: models.Order | LiveOrder) -> Resting:
    """Give what the book must know of an order that is at hand."""
    return Resting(*(getattr(order, name) for name in Resting._fields))


@dataclass(slots=True)
class OpenBook:
    """The open orders of one instrument on one day.

    Attributes:
        matcher: the kernel, or the readable book; the numbers it gives are its own.
        ids: of stored orders, by their numbers in the matcher.
        numbers: the other way round.
        groups: number of the ownership group of every organisation that it knows.
        live: open orders that were met or placed since it was filled, by id, as their rows stand.
    """

    matcher: kernel.Matcher
    ids: dict[int, int]
    numbers: dict[int, int]
    groups: dict[str, int]
    live: dict[int, LiveOrder] = field(default_factory=dict)

    def keep(self, orders: Iterable[LiveOrder]) -> None:
        """Keep orders as they stand after a step, for as long as they are open.

        Args:
            orders: that a step has changed.
        """
        for order in orders:
            if order.is_open:
                self.live[order.pk] = order
            else:
                self.live.pop(order.pk, None)

    def learn(self, groups: Mapping[str, int]) -> None:
        """Get to know the ownership groups of organisations.

        Args:
            groups: numbers that are equal for those of one group, of the known organisations and of new ones.
        """
        own = {groups[name]: number for name, number in self.groups.items() if name in groups}
        for name, group in groups.items():
            self.groups.setdefault(name, own.setdefault(group, len(self.groups)))

    def run(self, asked: Sequence[Asked]) -> tuple[list[tuple[Outcome, int]], list[Met]]:
        """Match commands in order.

        Args:
            asked: in order of pick-up.

        Returns:
            Outcome and tonnes left of each, and the trades in the order in which they were made.
        """
        commands = []
        for number, (kind, order) in enumerate(asked, self.matcher.seq + 1):
            if kind is CommandKind.PLACE:
                self.ids[number], self.numbers[order.pk] = order.pk, number
            group, own = self.groups[order.organisation], self.numbers[order.pk]
            wanted = (order.price_fen_per_t, order.quantity_t)
            commands.append((kind, _SIDE[order.side], order.order_type, 0, group, own, *wanted))
        ran = self.matcher.run(np.array(commands, kernel.COMMANDS))
        met = [
            Met(self.ids[taker], self.ids[maker], price_fen_per_t, quantity_t)
            for taker, maker, price_fen_per_t, quantity_t, is_prevented in ran.fills.tolist()
            if not is_prevented
        ]
        return [(_OUTCOMES[outcome], left_t) for outcome, left_t in ran.results.tolist()], met

    def end_call(self, *, reference_fen_per_t: int) -> tuple[int, list[Met]]:
        """End the call that the orders were collected in; the matcher is the readable book.

        Args:
            reference_fen_per_t: the previous close, fen per tonne.

        Returns:
            Tonnes at the price or better that found nobody, below zero of sellers; and what met, at one price.
        """
        if not isinstance(self.matcher, kernel.Readable):
            raise TypeError("only the readable book has a call")
        opening = book.open_market(self.matcher.book, reference_fen_per_t=reference_fen_per_t)
        met = [Met(self.ids[fill.taker], self.ids[fill.maker], *fill[2:4]) for fill in opening.fills]
        return opening.surplus_t, met

    def state(self) -> list[tuple[int, ...]]:
        """Tell the open orders in order of priority, sellers first: id, side, price, total, open tonnes and group.

        Two books of the same state answer every further command alike.
        """
        _, rows = book.unpacked(self.matcher.snapshot())
        found: dict[int, int] = {}
        told = []
        for number, *about, group in np.frombuffer(rows, np.int64).reshape(-1, 6).tolist():
            told.append((self.ids[number], *about, found.setdefault(group, len(found))))
        return told


def filled(
    band: Band, terms: book.Terms, orders: Sequence[Resting], groups: Mapping[str, int], *, is_compiled: bool
) -> OpenBook:
    """Fill a book with open orders.

    Args:
        band: today's prices.
        terms: of listed trading: the smallest price step, and how orders meet.
        orders: any.
        groups: number of the ownership group by organisation, of these at least.
        is_compiled: match by the kernel where there is a compiler; for a single command the readable book is faster.

    Returns:
        The book; nothing in it has been matched.
    """
    ranked = sorted(orders, key=_rank)
    ids = {number: order.pk for number, order in enumerate(ranked, 1)}
    rows = [(number, *_standing(order), groups[order.organisation]) for number, order in enumerate(ranked, 1)]
    empty = book.Book(band, tick_fen=terms.tick_fen, mode=terms.mode, seq=len(rows))
    head, _ = book.unpacked(empty.snapshot())
    snapshot = book.packed(head._replace(size=len(rows)), np.array(rows, np.int64).tobytes())
    # Only automatic matching is compiled.
    is_compiled = is_compiled and terms.mode is book.Mode.AUTOMATIC
    matcher = kernel.open_kernel(band, snapshot=snapshot) if is_compiled else kernel.Readable(snapshot)
    return OpenBook(matcher, ids, {pk: number for number, pk in ids.items()}, dict(groups))


# Looked up in a table: to ask the enumerations themselves costs a thousand orders a millisecond.
_SIDE = {side.value: number for number, side in enumerate(SIDES)}
_OUTCOMES = {one.value: one for one in Outcome}


# Sellers first, best price first, then by time.
def _rank(order: Resting) -> tuple[int, int, int, int]:
    side = _SIDE[order.side]
    return side, -order.price_fen_per_t if side else order.price_fen_per_t, order.priority, order.seq


def _standing(order: Resting) -> tuple[int, int, int, int]:
    left_t = order.quantity_t - order.filled_t
    return _SIDE[order.side], order.price_fen_per_t, order.quantity_t, left_t
