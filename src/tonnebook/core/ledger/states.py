"""The eight states of an account: what each lets out and in, and which state may follow which.

What stays open under a freeze switch (`matrix.STAYS_OPEN`: allocation, surrender, recall, corrections) is also what a
restricted or suspended account still does: the duty to surrender does not end because an account is under inquiry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tonnebook.core.errors import Refused
from tonnebook.core.ledger.kinds import Account, AccountState, AccountType, HoldType, TransactionType, TransferType
from tonnebook.core.ledger.matrix import MATRIX, STAYS_OPEN, Effect
from tonnebook.core.ledger.refusals import LedgerRefusal

Set = frozenset[TransactionType]


@dataclass(frozen=True, slots=True)
class Ways:
    """The transactions that may take something out of an account, or set it aside there, and those that may put in."""

    out: Set
    into: Set


_NONE: Set = frozenset()
_INTO: Set = frozenset(type_ for type_, row in MATRIX.items() if row.effect is Effect.TRANSFER)
_OUT: Set = _INTO | {type_ for type_, row in MATRIX.items() if row.effect is Effect.HOLD}
# A court reaches what it has frozen, and the authority may queue behind it.
_OF_COURTS: Set = frozenset({TransferType.COURT_TRANSFER, HoldType.COURT_FREEZE, HoldType.CLAIM_RECALL})
# Whoever leaves empties the account and begins nothing new.
_BEGINNINGS: Set = frozenset(
    {HoldType.PLACE_ORDER, HoldType.PLACE_BID, HoldType.ASK_TRANSFER, HoldType.PLEDGE, HoldType.BRIDGE}
)

_WAYS: Mapping[AccountState, Ways] = MappingProxyType(
    {
        AccountState.PENDING: Ways(_NONE, _NONE),
        AccountState.OPEN: Ways(_OUT, _INTO),
        # Less what is barred for the account itself.
        AccountState.SOME_RESTRICTED: Ways(_OUT, _INTO),
        AccountState.ALL_RESTRICTED: Ways(_OUT & STAYS_OPEN, _INTO),
        AccountState.FROZEN: Ways(_OF_COURTS, _INTO),
        AccountState.SUSPENDED: Ways(_OUT & STAYS_OPEN, _INTO & STAYS_OPEN),
        AccountState.CLOSING: Ways(_OUT - _BEGINNINGS, frozenset({TransferType.CORRECTION})),
        AccountState.CLOSED: Ways(_NONE, _NONE),
    }
)

# What an account may be put into, and taken out of again, while it goes on.
_LIMITED = frozenset(
    {AccountState.SOME_RESTRICTED, AccountState.ALL_RESTRICTED, AccountState.FROZEN, AccountState.SUSPENDED}
)

# Which state may follow which; a list of barred transactions may also change into another list. Nobody leaves a
# restriction by asking for the end of the account: it is reopened first.
TRANSITIONS: Mapping[AccountState, frozenset[AccountState]] = MappingProxyType(
    {
        AccountState.PENDING: frozenset({AccountState.OPEN, AccountState.CLOSED}),
        AccountState.OPEN: _LIMITED | {AccountState.CLOSING},
        AccountState.SOME_RESTRICTED: _LIMITED | {AccountState.OPEN},
        AccountState.ALL_RESTRICTED: _LIMITED - {AccountState.ALL_RESTRICTED} | {AccountState.OPEN},
        AccountState.FROZEN: _LIMITED - {AccountState.FROZEN} | {AccountState.OPEN},
        AccountState.SUSPENDED: _LIMITED - {AccountState.SUSPENDED} | {AccountState.OPEN},
        AccountState.CLOSING: frozenset({AccountState.OPEN, AccountState.FROZEN, AccountState.CLOSED}),
        AccountState.CLOSED: frozenset(),
    }
)

# What can be barred for an account; whatever goes on under a freeze switch cannot.
_BARRABLE: Set = _OUT - STAYS_OPEN
_BY_WORD: Mapping[str, TransactionType] = MappingProxyType({str(type_): type_ for type_ in MATRIX})

_REFUSALS: Mapping[AccountState, LedgerRefusal] = MappingProxyType(
    {
        AccountState.PENDING: LedgerRefusal.ACCOUNT_PENDING,
        AccountState.SOME_RESTRICTED: LedgerRefusal.ACCOUNT_RESTRICTED,
        AccountState.ALL_RESTRICTED: LedgerRefusal.ACCOUNT_RESTRICTED,
        AccountState.FROZEN: LedgerRefusal.ACCOUNT_FROZEN,
        AccountState.SUSPENDED: LedgerRefusal.ACCOUNT_SUSPENDED,
        AccountState.CLOSING: LedgerRefusal.ACCOUNT_CLOSING,
        AccountState.CLOSED: LedgerRefusal.ACCOUNT_CLOSED,
    }
)


def barrable(type: AccountType) -> tuple[TransactionType, ...]:
    """List what can be barred for accounts of a type, in the order of the matrix.

    Args:
        type: of the account.

    Returns:
        The transactions that such an account takes part in and that no freeze switch lets go on.

    Source: design choice, no legal source (invariant A11).
    """
    return tuple(
        name
        for name, row in MATRIX.items()
        if name in _BARRABLE and any(type in lane.debits | lane.credits for lane in row.lanes)
    )


def transactions_named(words: Iterable[str]) -> Set:
    """Give the transactions that words name, as rows and requests carry them.

    Raises:
        KeyError: for a word that is no transaction.
    """
    return frozenset(_BY_WORD[word] for word in words)


def ways(state: AccountState, barred: Set = _NONE) -> Ways:
    """Say what a state lets out and in.

    Args:
        state: of an account.
        barred: transactions an account of state SOME_RESTRICTED takes no part in; ignored in every other state.

    Source: design choice, no legal source (invariant A11).
    """
    open_ways = _WAYS[state]
    if state is AccountState.SOME_RESTRICTED:
        return Ways(open_ways.out - barred, open_ways.into - barred)
    return open_ways


def refusal_of(account: Account, transaction: TransactionType, *, is_out: bool) -> Refused | None:
    """Say why an account takes no part in a transaction in its present state.

    Args:
        account: on one side of it.
        transaction: a transfer, or a hold (which is a way out).
        is_out: whether the account gives or sets aside; else it receives.

    Returns:
        ACCOUNT_PENDING, ACCOUNT_RESTRICTED, ACCOUNT_FROZEN, ACCOUNT_SUSPENDED, ACCOUNT_CLOSING or ACCOUNT_CLOSED; None
        when the state lets it through.
    """
    if account.state is AccountState.OPEN:
        return None
    found = ways(account.state, account.barred)
    if transaction in (found.out if is_out else found.into):
        return None
    return Refused(_REFUSALS[account.state], account=account.number, type=str(transaction))


def settable(state: AccountState) -> tuple[AccountState, ...]:
    """List the states into which the registry body may bring an account of its own accord.

    Whether an account is opened or closed is for its holder to ask.

    Args:
        state: of the account now.

    Source: design choice, no legal source.
    """
    return tuple(
        after for after in AccountState if after in TRANSITIONS[state] and (after in _LIMITED or state in _LIMITED)
    )


def loosens(account: Account, *, state: AccountState, barred: Set = _NONE) -> bool:
    """Say whether a change of state lets through what was stopped; two people decide on that, one may stop it.

    Args:
        account: as it is.
        state: the next.
        barred: the next list, for SOME_RESTRICTED.

    Source: design choice, no legal source.
    """
    before, after = ways(account.state, account.barred), ways(state, barred)
    return bool(after.out - before.out or after.into - before.into)


def check_transition(account: Account, *, state: AccountState, barred: Set = _NONE) -> None:
    """Refuse a change of state that is not in `TRANSITIONS`.

    Raises:
        Refused: ACCOUNT_CLOSED when it is closed for good; STATE_CHANGE_NOT_ALLOWED; BARRED_MISSING when some
            transactions are to be restricted and none is named, when some are named for another state, or one that
            cannot be barred for such an account.

    Source: design choice, no legal source.
    """
    if account.state is AccountState.CLOSED:
        raise Refused(LedgerRefusal.ACCOUNT_CLOSED, account=account.number)
    if state not in TRANSITIONS[account.state]:
        facts = {"account": account.number, "before": str(account.state), "after": str(state)}
        raise Refused(LedgerRefusal.STATE_CHANGE_NOT_ALLOWED, **facts)
    if bool(barred) is not (state is AccountState.SOME_RESTRICTED) or not barred <= set(barrable(account.type)):
        raise Refused(LedgerRefusal.BARRED_MISSING, account=account.number)
