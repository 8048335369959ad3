"""The account book: positions, holds, transfers and serial blocks, of tonnes and of fen alike.

Every transfer consists of legs; a leg debits one account and credits another with the same quantity of one asset, so
the sum over all accounts never changes. Which account types a transfer may touch is a table, `LANES`. Units carry
serial numbers on one global line: at any time the blocks of an account are exactly its balance.

`Book` is the same account book in memory: rooms fill one with the rows a transfer touches and write back what changed;
stories and simulations fill one from nothing.
"""

from tonnebook.core.ledger.blocks import Block, merge_blocks, take_blocks
from tonnebook.core.ledger.book import After, Book, Move, Outcome, draw, post
from tonnebook.core.ledger.bulk import Movement, check_movements, settle
from tonnebook.core.ledger.holds import (
    CONFLICTS,
    STANDING,
    TERMS,
    Claim,
    Conflict,
    HoldOwner,
    Meeting,
    is_ranked,
    meets,
)
from tonnebook.core.ledger.kinds import (
    SOURCES,
    TERMINALS,
    Account,
    AccountState,
    AccountType,
    AssetKey,
    AssetKind,
    Hold,
    HoldReason,
    HoldState,
    HoldType,
    Leg,
    Place,
    Position,
    StateType,
    TransactionType,
    TransferType,
)
from tonnebook.core.ledger.lanes import DRAWN_BY, LANES, Lane, check_leg, is_allowed
from tonnebook.core.ledger.refusals import LedgerRefusal
from tonnebook.core.ledger.titles import GIVES, TITLED, Lot, Title, arriving, lot_place, order_of, take_lots

__all__ = [
    "CONFLICTS",
    "DRAWN_BY",
    "GIVES",
    "LANES",
    "SOURCES",
    "STANDING",
    "TERMINALS",
    "TERMS",
    "TITLED",
    "Account",
    "AccountState",
    "AccountType",
    "After",
    "AssetKey",
    "AssetKind",
    "Block",
    "Book",
    "Claim",
    "Conflict",
    "Hold",
    "HoldOwner",
    "HoldReason",
    "HoldState",
    "HoldType",
    "Lane",
    "LedgerRefusal",
    "Leg",
    "Lot",
    "Meeting",
    "Move",
    "Movement",
    "Outcome",
    "Place",
    "Position",
    "StateType",
    "Title",
    "TransactionType",
    "TransferType",
    "arriving",
    "check_leg",
    "check_movements",
    "draw",
    "is_allowed",
    "is_ranked",
    "lot_place",
    "meets",
    "merge_blocks",
    "order_of",
    "post",
    "settle",
    "take_blocks",
    "take_lots",
]
