"""The account book: positions, holds, transfers and serial blocks, of tonnes and of fen alike.

Every transfer consists of legs; a leg debits one account and credits another with the same quantity of one asset, so
the sum over all accounts never changes. What each transaction may touch is a table, `MATRIX`. Units carry
serial numbers on one global line: at any time the blocks of an account are exactly its balance.

`Book` is the same account book in memory: rooms fill one with the rows a transfer touches and write back what changed;
stories and simulations fill one from nothing.
"""

from tonnebook.core.ledger.blocks import Block, merge_blocks, take_blocks
from tonnebook.core.ledger.book import After, Book, Move, Outcome, draw, post
from tonnebook.core.ledger.bulk import Movement, check_movements, settle
from tonnebook.core.ledger.checks import check_hold, check_leg, check_people
from tonnebook.core.ledger.deliveries import (
    BlockMove,
    Delivered,
    DeliveredLeg,
    Delivery,
    deliver,
    legs_back,
    legs_of,
    net_blocks,
)
from tonnebook.core.ledger.freezes import Freeze, FreezeScope
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
    LENDING,
    RETURNING,
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
from tonnebook.core.ledger.matrix import MATRIX, STAYS_OPEN, Delay, Effect, Lane, Row, is_allowed, may_draw, may_hold
from tonnebook.core.ledger.refusals import LedgerRefusal
from tonnebook.core.ledger.reserves import Wanted, set_aside
from tonnebook.core.ledger.reversals import check_reversal, opposite, reversal_ends_on
from tonnebook.core.ledger.states import barrable, check_transition, loosens, settable, transactions_named, ways
from tonnebook.core.ledger.titles import GIVES, TITLED, Lot, Title, arriving, lot_place, order_of, take_lots

__all__ = [
    "CONFLICTS",
    "GIVES",
    "LENDING",
    "MATRIX",
    "RETURNING",
    "SOURCES",
    "STANDING",
    "STAYS_OPEN",
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
    "BlockMove",
    "Book",
    "Claim",
    "Conflict",
    "Delay",
    "Delivered",
    "DeliveredLeg",
    "Delivery",
    "Effect",
    "Freeze",
    "FreezeScope",
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
    "Row",
    "StateType",
    "Title",
    "TransactionType",
    "TransferType",
    "Wanted",
    "arriving",
    "barrable",
    "check_hold",
    "check_leg",
    "check_movements",
    "check_people",
    "check_reversal",
    "check_transition",
    "deliver",
    "draw",
    "is_allowed",
    "is_ranked",
    "legs_back",
    "legs_of",
    "loosens",
    "lot_place",
    "may_draw",
    "may_hold",
    "meets",
    "merge_blocks",
    "net_blocks",
    "opposite",
    "order_of",
    "post",
    "reversal_ends_on",
    "set_aside",
    "settable",
    "settle",
    "take_blocks",
    "take_lots",
    "transactions_named",
    "ways",
]
