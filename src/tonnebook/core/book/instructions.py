"""What a member asks of the market in one go: place, amend or cancel; how it is written down and read again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from tonnebook.core import canonical, runs
from tonnebook.core.book.orders import CommandKind, OrderType, Side
from tonnebook.core.book.tickets import Ticket, check_wanted
from tonnebook.core.errors import Refused
from tonnebook.core.keys import name_of
from tonnebook.core.runs import Row, Run

# A member may send this many instructions under one key.
INSTRUCTIONS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing that a member asks for, before it has a number.

    Attributes:
        kind: PLACE, AMEND or CANCEL.
        instrument: of the order placed.
        side: of the order placed.
        order_type: of the order placed.
        price_fen_per_t: limit price of an order placed or amended, fen per tonne.
        quantity_t: of an order placed or amended, all of it, tonnes.
        shown_total_fen: the total that was confirmed, fen.
        asset: what a seller delivers; empty for a buyer.
        order: number of the order amended or cancelled.
    """

    kind: CommandKind
    instrument: str = ""
    side: Side = Side.BUY
    order_type: OrderType = OrderType.LIMIT
    price_fen_per_t: int = 0
    quantity_t: int = 0
    shown_total_fen: int = 0
    asset: str = ""
    order: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no instruction at all with a `ValueError`."""
        if self.kind is CommandKind.PLACE:
            check_wanted(self.side, self.price_fen_per_t, self.quantity_t, self.asset)
        elif not self.order:
            raise ValueError("an amendment and a cancellation name an order")
        elif self.kind is CommandKind.AMEND and min(self.price_fen_per_t, self.quantity_t) <= 0:
            raise ValueError("price and quantity of an order must be positive")

    @property
    def ticket(self) -> Ticket:
        """The ticket of the order placed."""
        terms = (self.price_fen_per_t, self.quantity_t, self.asset, self.shown_total_fen)
        return Ticket(self.instrument, self.side, *terms)


def packed(told: Sequence[Instruction]) -> list[Row | Run]:
    """Write instructions down as plain JSON, packed as by `core.runs`.

    Args:
        told: at least one, in order.
    """
    columns = zip(*map(attrgetter(*_FIELDS), told), strict=True)
    return [runs.run(len(told), dict(zip(_FIELDS, columns, strict=True)))]


def unpacked(found: Iterable[Row | Run]) -> list[Instruction]:
    """Read the instructions that `packed` wrote, or those of older versions, each for itself.

    Raises:
        ValueError: when one is none.
    """
    told: list[Instruction] = []
    for part in found:
        size, columns = (1, part) if isinstance(part, dict) else part
        told += [
            Instruction(_KINDS[kind], instrument, _SIDES[side], _TYPES[order_type], *others)
            for kind, instrument, side, order_type, *others in runs.columns(size, columns, _FIELDS)
        ]
    return told


_FIELDS = Instruction.__slots__
_KINDS = {one.value: one for one in CommandKind}
_SIDES = {one.value: one for one in Side}
_TYPES = {one.value: one for one in OrderType}


def refused(why: Refused) -> dict[str, Any]:
    """Write down as plain JSON that an instruction was refused."""
    return {"refused": {"code": name_of(why.code), "facts": canonical.plain(why.facts)}}
