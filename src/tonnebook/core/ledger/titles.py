"""Titles: how a holder came by its units, lot by lot, and in which order the lots are used up.

The origin of a unit (issued free or for payment, vintage, restriction) is part of its asset and never changes; the
title belongs to the holder and begins anew with most transfers. A lot is what was acquired with one title on one day at
one price. Only accounts of holders have lots: what the region itself keeps has no title, and what has been surrendered,
retired or cancelled needs none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Fault
from tonnebook.core.ledger.kinds import AccountType, TransferType
from tonnebook.core.rules import RulesAt


class Title(StrEnum):
    """How a holder came by units."""

    ALLOCATED_FREE = "ALLOCATED_FREE"
    ISSUED = "ISSUED"
    CONVERTED = "CONVERTED"
    NON_TRADE = "NON_TRADE"
    OPENING = "OPENING"
    AUCTION = "AUCTION"
    MARKET = "MARKET"


# Accounts whose units have a holder with a title.
TITLED = frozenset({AccountType.HOLDING, AccountType.TRADING, AccountType.PROJECT, AccountType.PLEDGE_CUSTODY})

# The title a transfer gives. All others leave it as it was: the same holder's other account, collateral and its return,
# and a successor, who steps into the place of the one before (merger, division, inheritance).
GIVES: Mapping[TransferType, Title] = MappingProxyType(
    {
        TransferType.ALLOCATE: Title.ALLOCATED_FREE,
        TransferType.TRUE_UP: Title.ALLOCATED_FREE,
        TransferType.DELIVER_AUCTION: Title.AUCTION,
        TransferType.RELEASE_RESERVE: Title.AUCTION,
        TransferType.DELIVER_TRADE: Title.MARKET,
        TransferType.DELIVER_POOLED: Title.MARKET,
        TransferType.REPO_SELL: Title.MARKET,
        TransferType.REPO_BUY_BACK: Title.MARKET,
        TransferType.CARRY_OVER: Title.CONVERTED,
        TransferType.CONVERT: Title.CONVERTED,
        TransferType.ISSUE_CREDITS: Title.ISSUED,
        TransferType.OPENING_ENTRY: Title.OPENING,
        TransferType.TRANSFER: Title.NON_TRADE,
        TransferType.COURT_TRANSFER: Title.NON_TRADE,
        TransferType.ENFORCE_PLEDGE: Title.NON_TRADE,
        TransferType.LEND: Title.NON_TRADE,
        TransferType.RETURN_LOAN: Title.NON_TRADE,
    }
)


@dataclass(frozen=True, slots=True)
class Lot:
    """Units acquired with one title on one day.

    Attributes:
        title: how they were acquired.
        acquired_on: the day.
        price_fen_per_t: what a tonne cost, None where nothing was paid or nobody knows.
        quantity_t: tonnes, > 0.
    """

    title: Title
    acquired_on: date
    price_fen_per_t: int | None
    quantity_t: int

    @property
    def key(self) -> tuple[Title, date, int | None]:
        """What makes lots the same lot."""
        return self.title, self.acquired_on, self.price_fen_per_t


def order_of(rules: RulesAt) -> tuple[Title, ...]:
    """Read the published order in which a region's lots are used up.

    Args:
        rules: of the region and day.

    Returns:
        Titles, the first to be used up first.

    Source: design choice, no legal source (`region.lot_order`).
    """
    return tuple(Title(word) for word in rules.words("region.lot_order"))


def lot_place(order: Sequence[Title]) -> Callable[[Lot], tuple[int, date, int]]:
    """Give the key that sorts lots: by title in the published order, then the oldest, then the cheapest."""
    place = {title: index for index, title in enumerate(order)}
    return lambda lot: (place.get(lot.title, len(place)), lot.acquired_on, lot.price_fen_per_t or 0)


def take_lots(lots: Iterable[Lot], quantity_t: int, order: Sequence[Title]) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """Take tonnes out of lots, in the order of `lot_place`.

    Args:
        lots: of one account and asset.
        quantity_t: tonnes, > 0.
        order: titles, as `order_of` reads them.

    Returns:
        What is taken and what remains, both in that order.

    Raises:
        Fault: A1 when the lots hold less; balances are checked before, so the book would be broken.

    Source: design choice, no legal source.

    Example:
        >>> free = Lot(Title.ALLOCATED_FREE, date(2026, 3, 1), None, 5)
        >>> bought = Lot(Title.MARKET, date(2026, 2, 1), 7500, 5)
        >>> [lot.quantity_t for lot in take_lots([bought, free], 6, tuple(Title))[1]]
        [4]
    """
    taken: list[Lot] = []
    remaining: list[Lot] = []
    for lot in sorted(lots, key=lot_place(order)):
        part_t = min(lot.quantity_t, quantity_t)
        quantity_t -= part_t
        if part_t:
            taken.append(replace(lot, quantity_t=part_t))
        if lot.quantity_t > part_t:
            remaining.append(replace(lot, quantity_t=lot.quantity_t - part_t))
    if quantity_t:
        raise Fault("A1", missing_lots_t=quantity_t)
    return tuple(taken), tuple(remaining)


def add_lots(lots: Iterable[Lot], more: Iterable[Lot]) -> tuple[Lot, ...]:
    """Put lots together; those of one key become one."""
    sums: dict[tuple[Title, date, int | None], int] = {}
    for lot in (*lots, *more):
        sums[lot.key] = sums.get(lot.key, 0) + lot.quantity_t
    return tuple(Lot(*key, quantity_t) for key, quantity_t in sums.items())


def arriving(
    transfer: TransferType, taken: Sequence[Lot], *, quantity_t: int, on: date, price_fen_per_t: int | None
) -> tuple[Lot, ...]:
    """Give the lots that arrive with a leg.

    Args:
        transfer: why it is made.
        taken: what left the lots of the other side; empty when that has no titles.
        quantity_t: tonnes of the leg.
        on: the day.
        price_fen_per_t: what was paid per tonne, None for nothing.

    Returns:
        One new lot, or the same lots where the title stays; what comes without a title is not from a trade.
    """
    title = GIVES.get(transfer)
    if title is None and taken:
        return tuple(taken)
    return (Lot(title or Title.NON_TRADE, on, price_fen_per_t, quantity_t),)
