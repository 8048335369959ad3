"""The words of the account book: types of accounts, assets and transfers, and the values a transfer is made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tonnebook.core.ledger.titles import Lot

# An account number and an asset code.
Place: TypeAlias = tuple[str, str]


class AccountType(StrEnum):
    """What an account is for."""

    ISSUANCE = "ISSUANCE"
    RESERVE = "RESERVE"
    AUCTION = "AUCTION"
    HOLDING = "HOLDING"
    TRADING = "TRADING"
    PROJECT = "PROJECT"
    INCLUSION_POOL = "INCLUSION_POOL"
    PLEDGE_CUSTODY = "PLEDGE_CUSTODY"
    CLIENT_CASH = "CLIENT_CASH"
    CLEARING = "CLEARING"
    GUARANTEE = "GUARANTEE"
    BANK = "BANK"
    TREASURY = "TREASURY"
    FEES = "FEES"
    SURRENDER = "SURRENDER"
    RETIREMENT = "RETIREMENT"
    CANCELLATION = "CANCELLATION"
    HANDOVER = "HANDOVER"


# Units and money enter the book here: what is outside shows as a balance below zero.
SOURCES = frozenset({AccountType.ISSUANCE, AccountType.BANK})
# What arrives here stays here for ever.
TERMINALS = frozenset({AccountType.SURRENDER, AccountType.RETIREMENT, AccountType.CANCELLATION, AccountType.HANDOVER})


class AccountState(StrEnum):
    """How far an account is in use; what each state lets in and out is decided in `states`."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    SOME_RESTRICTED = "SOME_RESTRICTED"
    ALL_RESTRICTED = "ALL_RESTRICTED"
    FROZEN = "FROZEN"
    SUSPENDED = "SUSPENDED"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class AssetKind(StrEnum):
    """What a quantity counts: tonnes with serial numbers, or fen."""

    ALLOWANCE = "ALLOWANCE"
    CREDIT = "CREDIT"
    CASH = "CASH"


class TransferType(StrEnum):
    """Why a transfer is made: the transactions that move units or money."""

    ALLOCATE = "ALLOCATE"
    TRUE_UP = "TRUE_UP"
    RECALL = "RECALL"
    FILL_RESERVE = "FILL_RESERVE"
    RELEASE_RESERVE = "RELEASE_RESERVE"
    BUY_BACK = "BUY_BACK"
    ISSUE_TO_AUCTION = "ISSUE_TO_AUCTION"
    DELIVER_AUCTION = "DELIVER_AUCTION"
    RETURN_UNSOLD = "RETURN_UNSOLD"
    DELIVER_TRADE = "DELIVER_TRADE"
    BUST_TRADE = "BUST_TRADE"
    CASH_IN = "CASH_IN"
    CASH_OUT = "CASH_OUT"
    SURRENDER = "SURRENDER"
    FORCE_SURRENDER = "FORCE_SURRENDER"
    RETIRE = "RETIRE"
    CANCEL = "CANCEL"
    CARRY_OVER = "CARRY_OVER"
    ISSUE_CREDITS = "ISSUE_CREDITS"
    OPENING_ENTRY = "OPENING_ENTRY"
    CORRECTION = "CORRECTION"
    MOVE_TO_TRADING = "MOVE_TO_TRADING"
    MOVE_FROM_TRADING = "MOVE_FROM_TRADING"
    TRANSFER = "TRANSFER"
    MERGE = "MERGE"
    DIVIDE = "DIVIDE"
    INHERIT = "INHERIT"
    COURT_TRANSFER = "COURT_TRANSFER"
    HAND_OVER = "HAND_OVER"
    CONVERT = "CONVERT"
    EXPIRE = "EXPIRE"
    ENFORCE_PLEDGE = "ENFORCE_PLEDGE"
    GIVE_COLLATERAL = "GIVE_COLLATERAL"
    RETURN_COLLATERAL = "RETURN_COLLATERAL"
    REPO_SELL = "REPO_SELL"
    REPO_BUY_BACK = "REPO_BUY_BACK"
    LEND = "LEND"
    RETURN_LOAN = "RETURN_LOAN"
    ISSUE_POOLED = "ISSUE_POOLED"
    DELIVER_POOLED = "DELIVER_POOLED"
    CHARGE_FEE = "CHARGE_FEE"
    COLLECT_NET = "COLLECT_NET"
    PAY_NET = "PAY_NET"
    PAY_GUARANTEE = "PAY_GUARANTEE"
    RETURN_GUARANTEE = "RETURN_GUARANTEE"
    USE_GUARANTEE = "USE_GUARANTEE"


class HoldType(StrEnum):
    """The transactions that set a quantity aside or free again; nothing leaves the account."""

    PLACE_ORDER = "PLACE_ORDER"
    WITHDRAW_ORDER = "WITHDRAW_ORDER"
    PLACE_BID = "PLACE_BID"
    WITHDRAW_BID = "WITHDRAW_BID"
    SUBMIT_SURRENDER = "SUBMIT_SURRENDER"
    WITHDRAW_SURRENDER = "WITHDRAW_SURRENDER"
    ASK_TRANSFER = "ASK_TRANSFER"
    TAKE_BACK_TRANSFER = "TAKE_BACK_TRANSFER"
    PLEDGE = "PLEDGE"
    RELEASE_PLEDGE = "RELEASE_PLEDGE"
    BRIDGE = "BRIDGE"
    RELEASE_BRIDGE = "RELEASE_BRIDGE"
    CLAIM_RECALL = "CLAIM_RECALL"
    DROP_RECALL = "DROP_RECALL"
    COURT_FREEZE = "COURT_FREEZE"
    LIFT_COURT_FREEZE = "LIFT_COURT_FREEZE"


class StateType(StrEnum):
    """The transactions that change what an account, a product or a region may do, and no quantity."""

    OPEN_ACCOUNT = "OPEN_ACCOUNT"
    RESTRICT_ACCOUNT = "RESTRICT_ACCOUNT"
    REOPEN_ACCOUNT = "REOPEN_ACCOUNT"
    CLOSE_ACCOUNT = "CLOSE_ACCOUNT"
    SET_FREEZE = "SET_FREEZE"
    LIFT_FREEZE = "LIFT_FREEZE"


TransactionType: TypeAlias = TransferType | HoldType | StateType


# What takes units away from their holder for a time, and what brings them back.
LENDING = frozenset({TransferType.LEND, TransferType.GIVE_COLLATERAL})
RETURNING = frozenset({TransferType.RETURN_LOAN, TransferType.RETURN_COLLATERAL})


class HoldReason(StrEnum):
    """Why a quantity is set aside."""

    ORDER = "ORDER"
    BID = "BID"
    SURRENDER = "SURRENDER"
    COURT = "COURT"
    PLEDGE = "PLEDGE"
    BRIDGE = "BRIDGE"
    DELIVERY = "DELIVERY"
    RECALL = "RECALL"


class HoldState(StrEnum):
    """Where a hold stands: active ones can be drawn on; waiting ones have nothing yet; the others are over."""

    ACTIVE = "ACTIVE"
    WAITING = "WAITING"
    USED = "USED"
    RELEASED = "RELEASED"
    OVERRIDDEN = "OVERRIDDEN"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the ledger sees it.

    Attributes:
        number: such as "SH-HOLDING-000001-42".
        type: what it is for.
        state: how far it is in use.
        region: whose book it stands in.
        barred: what it takes no part in while its state is SOME_RESTRICTED; else empty.
    """

    number: str
    type: AccountType
    state: AccountState = AccountState.OPEN
    region: str = ""
    barred: frozenset[TransactionType] = frozenset()


@dataclass(frozen=True, slots=True)
class AssetKey:
    """Something that can be held.

    Attributes:
        code: such as "SHEA-2026", "SHEA-2026-OWN", "SHCER-2025", "CNY".
        kind: allowance, credit (tonnes) or cash (fen).
        scheme: "SHEA", "TJEA", "SHCER", "EUA", "CNY", …
        vintage_year: compliance year or year of the reduction; None for cash.
        origin: "FREE", "PAID" or "" where it does not matter.
        use_restriction: "OWN_SURRENDER" when only its holder may surrender it, else "".
    """

    code: str
    kind: AssetKind
    scheme: str
    vintage_year: int | None = None
    origin: str = ""
    use_restriction: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One movement: quantity of an asset (tonnes or fen, > 0) from debit to credit, drawing on a hold if named.

    `price_fen_per_t` is what the one who receives units paid for a tonne, None where nothing was paid. A leg that takes
    back what was bought today `restores` lots: the one bought at its price leaves, and these come back.
    """

    debit: str
    credit: str
    asset: str
    quantity: int
    hold: str = ""
    price_fen_per_t: int | None = None
    restores: "tuple[Lot, ...]" = ()


@dataclass(frozen=True, slots=True)
class Position:
    """How much of an asset an account has, how much of that is set aside, and how much more is waited for.

    In tonnes or fen. While anything is waited for, nothing is free.
    """

    total: int = 0
    held: int = 0
    waiting: int = 0

    @property
    def free(self) -> int:
        """What may be moved or held without a hold."""
        return self.total - self.held


@dataclass(frozen=True, slots=True)
class Hold:
    """A quantity set aside for a reason.

    Attributes:
        number: such as "H-000001-17".
        account: number.
        asset: code.
        remaining: what has been neither drawn nor released, tonnes or fen.
        reason: why.
        state: where it stands.
        waiting: what it is still to get when others let it go.
        rank: place in the queue of its account and asset; 0 for reasons that never wait.
        is_reserve: whether it is for many orders at once, so that it grows and shrinks with them and gives way in part.
        given_way: what a claim that comes first has taken out of a reserve since the market last looked.
    """

    number: str
    account: str
    asset: str
    remaining: int
    reason: HoldReason
    state: HoldState = HoldState.ACTIVE
    waiting: int = 0
    rank: int = 0
    is_reserve: bool = False
    given_way: int = 0
