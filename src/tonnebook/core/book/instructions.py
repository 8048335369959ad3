"""What a member asks of the market in one go: place, amend or cancel; how it is written down and read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tonnebook.core import canonical
from tonnebook.core.book.orders import CommandKind, OrderType, Side
from tonnebook.core.book.tickets import Ticket, check_wanted
from tonnebook.core.errors import Refused
from tonnebook.core.keys import name_of

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


def written(instruction: Instruction) -> dict[str, Any]:
    """Write an instruction down as plain JSON."""
    return {name: getattr(instruction, name) for name in Instruction.__slots__}


def refused(why: Refused) -> dict[str, Any]:
    """Write down as plain JSON that an instruction was refused."""
    return {"refused": {"code": name_of(why.code), "facts": canonical.plain(why.facts)}}


def read(body: Mapping[str, Any]) -> Instruction:
    """Read an instruction that `written` wrote.

    Raises:
        ValueError: when it is none.
    """
    return Instruction(
        CommandKind(body["kind"]),
        body["instrument"],
        Side(body["side"]),
        OrderType(body["order_type"]),
        body["price_fen_per_t"],
        body["quantity_t"],
        body["shown_total_fen"],
        body["asset"],
        body["order"],
    )
