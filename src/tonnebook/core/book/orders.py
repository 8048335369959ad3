"""What the book is told and what it answers: orders, commands, outcomes, fills and levels.

Numbers of the enumerations are what the kernel's arrays hold, so they are never changed.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

# An order's quantity fits the 32 bits the kernel gives it.
QUANTITY_T_MAX = 2**31 - 1
LEVELS = 5


class Side(StrEnum):
    """Which side of the book an order stands on."""

    BUY = "BUY"
    SELL = "SELL"


# The number of a side in commands and snapshots is its place here.
SIDES = (Side.SELL, Side.BUY)


class OrderState(StrEnum):
    """Where an order stands; everything but OPEN is final."""

    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class CommandKind(IntEnum):
    """What a command asks for; TAKE is the click on a resting order in listed agreement (挂牌协议)."""

    PLACE = 0
    AMEND = 1
    CANCEL = 2
    TAKE = 3


class OrderType(IntEnum):
    """How far an order goes and what becomes of the rest.

    MARKET_TO_LIMIT takes the best price of the other side as its limit; IMMEDIATE_OR_CANCEL never rests; FILL_OR_KILL
    trades whole or not at all.
    """

    LIMIT = 0
    MARKET_TO_LIMIT = 1
    IMMEDIATE_OR_CANCEL = 2
    FILL_OR_KILL = 3


class SelfTrade(IntEnum):
    """What happens where an order meets one of the same ownership group: no trade in any case.

    CANCEL_NEWEST cancels what is left of the incoming order, CANCEL_OLDEST the resting one, DECREMENT takes the smaller
    of the two off both. The first is the default: it never takes away what somebody else already sees in the book, and
    nobody can use an incoming order of their own to make a resting one vanish. Source: design choice.
    """

    CANCEL_NEWEST = 0
    CANCEL_OLDEST = 1
    DECREMENT = 2


class Mode(IntEnum):
    """How orders meet: automatically by price and time, by the taker's click, or all at once at the end of the call."""

    AUTOMATIC = 0
    LISTED_AGREEMENT = 1
    CALL = 2


class Outcome(IntEnum):
    """What became of a command.

    RESTS, FILLED, ENDED (an immediate order's rest is cancelled), KILLED, SELF_TRADE (the rest is cancelled, or in the
    call nothing is taken in), CANCELLED and REDUCED (amended in its place) are what happens; the others say why nothing
    did: NO_OPPOSITE (no best price to take), OFF_LADDER (not a price of today), NO_QUANTITY (none, too much, or more
    than the order taken has), NOT_RESTING, BEYOND_FIVE_LEVELS and NOT_IN_MODE.
    """

    RESTS = 1
    FILLED = 2
    ENDED = 3
    KILLED = 4
    SELF_TRADE = 5
    NO_OPPOSITE = 6
    OFF_LADDER = 7
    NO_QUANTITY = 8
    NOT_RESTING = 9
    CANCELLED = 10
    REDUCED = 11
    BEYOND_FIVE_LEVELS = 12
    NOT_IN_MODE = 13


@dataclass(frozen=True, slots=True)
class Band:
    """The prices allowed today, fen per tonne, both ends included."""

    low_fen_per_t: int
    high_fen_per_t: int


class Command(NamedTuple):
    """One command; the book numbers it at pick-up, and that number is its time priority.

    Attributes:
        kind: what it asks for.
        side: of the order placed.
        order_type: of the order placed.
        group: ownership group of who places or takes; no two orders of one group trade with each other.
        order: number of the order amended, cancelled or taken.
        price_fen_per_t: limit price, fen per tonne.
        quantity_t: tonnes; of an amended order all of it, with what has been traded.
    """

    kind: CommandKind
    side: Side = Side.SELL
    order_type: OrderType = OrderType.LIMIT
    group: int = 0
    order: int = 0
    price_fen_per_t: int = 0
    quantity_t: int = 0


class Fill(NamedTuple):
    """A trade at the price of the order that was there first, or one that was prevented.

    Attributes:
        taker: number of the incoming order.
        maker: number of the resting order.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes traded; of a prevented one, tonnes taken off the resting order, and off both by DECREMENT.
        is_prevented: both are of one ownership group, so nothing was traded.
    """

    taker: int
    maker: int
    price_fen_per_t: int
    quantity_t: int
    is_prevented: bool = False


@dataclass(slots=True)
class Result:
    """What became of a command.

    Attributes:
        number: the command's, and so that of the order it placed.
        outcome: what became of it.
        left_t: tonnes that rest (RESTS, REDUCED, or when an amendment was not taken), or that were cancelled.
        fills: trades in the order in which they were made.
    """

    number: int
    outcome: Outcome
    left_t: int = 0
    fills: tuple[Fill, ...] | list[Fill] = ()


@dataclass(slots=True)
class Order:
    """An order as the book sees it.

    Attributes:
        seq: its number.
        side: which side it stands on.
        group: ownership group.
        price_fen_per_t: limit price, fen per tonne.
        total_t: tonnes asked for, with what has been traded.
        left_t: tonnes still open; 0 when it has left the book.
    """

    seq: int
    side: Side
    group: int
    price_fen_per_t: int
    total_t: int
    left_t: int


class Level(NamedTuple):
    """A price and what rests at it, fen per tonne and tonnes."""

    price_fen_per_t: int
    quantity_t: int


class View(NamedTuple):
    """The best five levels of both sides, best first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
