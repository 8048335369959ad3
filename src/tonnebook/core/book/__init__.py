"""The order book of one instrument: what may enter it, how orders meet, and how it opens.

`tickets` says whether an order may enter at all, by the terms of the rule book and today's band. `matching` is the
book: listed continuous trading (挂牌交易), where orders meet automatically by price and time, and listed agreement
(挂牌协议), where the taker picks among the best five levels. `call` is the call auction at the opening. The close of a
day, a mean weighted by volume, is `core.clearing`; the same matching, compiled, is `core.kernel`.

The book knows no names, balances, holds or fees: whoever fills it numbers the ownership groups, and has reserved
everything before an order comes here.
"""

from tonnebook.core.book.call import Opening, open_market
from tonnebook.core.book.instructions import INSTRUCTIONS_MAX, Instruction
from tonnebook.core.book.matching import Book, Head, packed, restored, unpacked
from tonnebook.core.book.orders import (
    LEVELS,
    QUANTITY_T_MAX,
    SIDES,
    Band,
    Command,
    CommandKind,
    Fill,
    Level,
    Mode,
    Order,
    OrderState,
    OrderType,
    Outcome,
    Result,
    SelfTrade,
    Side,
    View,
)
from tonnebook.core.book.refusals import MarketRefusal
from tonnebook.core.book.tickets import (
    Conditions,
    Frame,
    Terms,
    Ticket,
    band,
    check_ticket,
    confirmed_fen,
    frame,
    terms,
    total_fen,
)

__all__ = [
    "INSTRUCTIONS_MAX",
    "LEVELS",
    "QUANTITY_T_MAX",
    "SIDES",
    "Band",
    "Book",
    "Command",
    "CommandKind",
    "Conditions",
    "Fill",
    "Frame",
    "Head",
    "Instruction",
    "Level",
    "MarketRefusal",
    "Mode",
    "Opening",
    "Order",
    "OrderState",
    "OrderType",
    "Outcome",
    "Result",
    "SelfTrade",
    "Side",
    "Terms",
    "Ticket",
    "View",
    "band",
    "check_ticket",
    "confirmed_fen",
    "frame",
    "open_market",
    "packed",
    "restored",
    "terms",
    "total_fen",
    "unpacked",
]
