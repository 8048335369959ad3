"""The matrix of the account book: which transfer may move what from which type of account to which."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnebook.core.errors import Refused
from tonnebook.core.ledger.kinds import (
    TERMINALS,
    Account,
    AccountState,
    AccountType,
    AssetKey,
    AssetKind,
    HoldReason,
    Leg,
    TransferType,
)
from tonnebook.core.ledger.refusals import LedgerRefusal


@dataclass(frozen=True, slots=True)
class Lane:
    """One permitted way: any of these assets from any of these account types to any of those."""

    debits: frozenset[AccountType]
    credits: frozenset[AccountType]
    kinds: frozenset[AssetKind]


def _lane(debits: str, credits: str, kinds: str) -> Lane:
    # The table below is read by people: names separated by spaces.
    return Lane(
        frozenset(AccountType(name) for name in debits.split()),
        frozenset(AccountType(name) for name in credits.split()),
        frozenset(AssetKind(name) for name in kinds.split()),
    )


_OWNED = "HOLDING TRADING PROJECT"
_HELD = f"RESERVE AUCTION INCLUSION_POOL PLEDGE_CUSTODY {_OWNED}"
_MONEY = "CLIENT_CASH TREASURY FEES CLEARING GUARANTEE"
_UNITS = "ALLOWANCE CREDIT"

LANES: Mapping[TransferType, tuple[Lane, ...]] = {
    TransferType.ALLOCATE: (_lane("ISSUANCE RESERVE", "HOLDING", "ALLOWANCE"),),
    TransferType.TRUE_UP: (_lane("ISSUANCE RESERVE", "HOLDING", "ALLOWANCE"),),
    TransferType.RECALL: (_lane("HOLDING", "RESERVE CANCELLATION", "ALLOWANCE"),),
    TransferType.FILL_RESERVE: (_lane("ISSUANCE", "RESERVE", "ALLOWANCE"),),
    TransferType.ISSUE_TO_AUCTION: (_lane("ISSUANCE RESERVE", "AUCTION", "ALLOWANCE"),),
    TransferType.DELIVER_AUCTION: (
        _lane("AUCTION", "HOLDING TRADING", "ALLOWANCE"),
        _lane("CLIENT_CASH", "TREASURY FEES", "CASH"),
    ),
    TransferType.RETURN_UNSOLD: (_lane("AUCTION", "RESERVE CANCELLATION", "ALLOWANCE"),),
    TransferType.DELIVER_TRADE: (
        _lane(_OWNED, "HOLDING TRADING", "ALLOWANCE CREDIT"),
        _lane("CLIENT_CASH", "CLIENT_CASH FEES", "CASH"),
    ),
    TransferType.CASH_IN: (_lane("BANK", "CLIENT_CASH", "CASH"),),
    TransferType.CASH_OUT: (_lane(_MONEY, "BANK", "CASH"),),
    TransferType.SURRENDER: (_lane("HOLDING", "SURRENDER", "ALLOWANCE CREDIT"),),
    TransferType.RETIRE: (_lane("HOLDING PROJECT", "RETIREMENT", "ALLOWANCE CREDIT"),),
    TransferType.CANCEL: (_lane(_HELD, "CANCELLATION", "ALLOWANCE CREDIT"),),
    TransferType.CARRY_OVER: (
        _lane("HOLDING", "CANCELLATION", "ALLOWANCE"),
        _lane("ISSUANCE", "HOLDING", "ALLOWANCE"),
    ),
    TransferType.ISSUE_CREDITS: (_lane("ISSUANCE", "PROJECT HOLDING", "CREDIT"),),
    TransferType.OPENING_ENTRY: (
        _lane("ISSUANCE", _HELD, "ALLOWANCE CREDIT"),
        _lane("BANK", _MONEY, "CASH"),
    ),
    TransferType.CORRECTION: (_lane(_HELD, _HELD, "ALLOWANCE CREDIT"), _lane(_MONEY, _MONEY, "CASH")),
    TransferType.MOVE_TO_TRADING: (_lane("HOLDING PROJECT", "TRADING", _UNITS),),
    TransferType.MOVE_FROM_TRADING: (_lane("TRADING", "HOLDING PROJECT", _UNITS),),
    TransferType.TRANSFER: (_lane("HOLDING TRADING", "HOLDING TRADING", _UNITS),),
    TransferType.MERGE: (_lane(_OWNED, _OWNED, _UNITS), _lane("CLIENT_CASH", "CLIENT_CASH", "CASH")),
    TransferType.DIVIDE: (_lane(_OWNED, _OWNED, _UNITS), _lane("CLIENT_CASH", "CLIENT_CASH", "CASH")),
    TransferType.INHERIT: (_lane(_OWNED, _OWNED, _UNITS), _lane("CLIENT_CASH", "CLIENT_CASH", "CASH")),
    TransferType.COURT_TRANSFER: (
        _lane(f"{_OWNED} PLEDGE_CUSTODY", _OWNED, _UNITS),
        _lane("CLIENT_CASH", "CLIENT_CASH TREASURY", "CASH"),
    ),
    TransferType.HAND_OVER: (_lane("HOLDING", "HANDOVER", "ALLOWANCE"),),
    TransferType.CONVERT: (
        _lane("HOLDING TRADING", "CANCELLATION", "ALLOWANCE"),
        _lane("ISSUANCE", "HOLDING TRADING", "ALLOWANCE"),
    ),
    TransferType.EXPIRE: (_lane(_HELD, "CANCELLATION", _UNITS),),
    TransferType.ENFORCE_PLEDGE: (_lane(f"{_OWNED} PLEDGE_CUSTODY", "HOLDING TRADING", _UNITS),),
    TransferType.GIVE_COLLATERAL: (_lane("HOLDING TRADING", "PLEDGE_CUSTODY", _UNITS),),
    TransferType.RETURN_COLLATERAL: (_lane("PLEDGE_CUSTODY", "HOLDING TRADING", _UNITS),),
    TransferType.REPO_SELL: (
        _lane("HOLDING TRADING", "HOLDING TRADING", _UNITS),
        _lane("CLIENT_CASH", "CLIENT_CASH FEES", "CASH"),
    ),
    TransferType.REPO_BUY_BACK: (
        _lane("HOLDING TRADING", "HOLDING TRADING", _UNITS),
        _lane("CLIENT_CASH", "CLIENT_CASH FEES", "CASH"),
    ),
    TransferType.LEND: (_lane("HOLDING TRADING", "HOLDING TRADING", _UNITS),),
    TransferType.RETURN_LOAN: (
        _lane("HOLDING TRADING", "HOLDING TRADING", _UNITS),
        _lane("CLIENT_CASH", "CLIENT_CASH", "CASH"),
    ),
    TransferType.ISSUE_POOLED: (_lane("ISSUANCE", "INCLUSION_POOL", "CREDIT"),),
    TransferType.DELIVER_POOLED: (
        _lane("INCLUSION_POOL", "HOLDING TRADING", "CREDIT"),
        _lane("CLIENT_CASH", "CLIENT_CASH TREASURY", "CASH"),
    ),
    TransferType.CHARGE_FEE: (_lane("CLIENT_CASH", "FEES", "CASH"),),
    TransferType.COLLECT_NET: (_lane("CLIENT_CASH", "CLEARING", "CASH"),),
    TransferType.PAY_NET: (_lane("CLEARING", "CLIENT_CASH", "CASH"),),
    TransferType.PAY_GUARANTEE: (_lane("CLIENT_CASH", "GUARANTEE", "CASH"),),
    TransferType.RETURN_GUARANTEE: (_lane("GUARANTEE", "CLIENT_CASH", "CASH"),),
    TransferType.USE_GUARANTEE: (_lane("GUARANTEE", "CLEARING", "CASH"),),
}

# The transfers that a hold is kept for; anything else can only be released.
DRAWN_BY: Mapping[HoldReason, frozenset[TransferType]] = {
    HoldReason.ORDER: frozenset({TransferType.DELIVER_TRADE}),
    HoldReason.BID: frozenset({TransferType.DELIVER_AUCTION}),
    HoldReason.SURRENDER: frozenset({TransferType.SURRENDER}),
    HoldReason.COURT: frozenset({TransferType.COURT_TRANSFER}),
    HoldReason.PLEDGE: frozenset({TransferType.ENFORCE_PLEDGE}),
    HoldReason.DELIVERY: frozenset({TransferType.TRANSFER, TransferType.CASH_OUT}),
    HoldReason.RECALL: frozenset({TransferType.RECALL}),
}

# A unit restricted to its holder's own surrender may be given by the authority and handed back, but not passed on.
TRANSFERS_CLOSED_TO_RESTRICTED = frozenset(
    {
        TransferType.DELIVER_TRADE,
        TransferType.RETIRE,
        TransferType.MOVE_TO_TRADING,
        TransferType.TRANSFER,
        TransferType.GIVE_COLLATERAL,
        TransferType.REPO_SELL,
        TransferType.LEND,
    }
)
REASONS_CLOSED_TO_RESTRICTED = frozenset({HoldReason.ORDER, HoldReason.PLEDGE, HoldReason.DELIVERY})


def is_allowed(transfer: TransferType, *, debit: AccountType, credit: AccountType, kind: AssetKind) -> bool:
    """Say whether the matrix has a lane for such a movement."""
    return any(debit in lane.debits and credit in lane.credits and kind in lane.kinds for lane in LANES[transfer])


def check_leg(transfer: TransferType, leg: Leg, *, debit: Account, credit: Account, asset: AssetKey) -> None:
    """Check what a leg may do whatever the balances are.

    Raises:
        Refused: QUANTITY_NOT_POSITIVE, SAME_ACCOUNT, OTHER_REGION, ACCOUNT_CLOSED, ACCOUNT_FROZEN, TERMINAL_ACCOUNT,
            TRANSFER_NOT_ALLOWED or RESTRICTED_USE, the first that applies.

    Source: design choice, no legal source; RESTRICTED_USE S24.
    """
    if leg.quantity <= 0:
        raise Refused(LedgerRefusal.QUANTITY_NOT_POSITIVE, quantity=leg.quantity)
    if leg.debit == leg.credit:
        raise Refused(LedgerRefusal.SAME_ACCOUNT, account=leg.debit)
    if debit.region != credit.region:
        raise Refused(LedgerRefusal.OTHER_REGION, debit=leg.debit, credit=leg.credit)
    for account in (debit, credit):
        if account.state is AccountState.CLOSED:
            raise Refused(LedgerRefusal.ACCOUNT_CLOSED, account=account.number)
    if debit.state is AccountState.FROZEN:
        raise Refused(LedgerRefusal.ACCOUNT_FROZEN, account=debit.number)
    if debit.type in TERMINALS:
        raise Refused(LedgerRefusal.TERMINAL_ACCOUNT, account=debit.number)
    if not is_allowed(transfer, debit=debit.type, credit=credit.type, kind=asset.kind):
        kinds = {"type": transfer, "debit_type": debit.type, "credit_type": credit.type, "kind": asset.kind}
        raise Refused(LedgerRefusal.TRANSFER_NOT_ALLOWED, **{fact: str(value) for fact, value in kinds.items()})
    if asset.use_restriction and transfer in TRANSFERS_CLOSED_TO_RESTRICTED:
        raise Refused(LedgerRefusal.RESTRICTED_USE, asset=asset.code)
