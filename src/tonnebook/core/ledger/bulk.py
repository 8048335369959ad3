"""Many movements of one asset without serial numbers, such as the payments of a day, decided together.

The result is that of `Book.apply` movement by movement; a property test holds them equal. What makes it fast is that
movements come as columns, and that the matrix is asked once for each pair of kinds of accounts instead of once for
each movement.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import checks
from tonnebook.core.ledger.freezes import Freeze, FreezeScope
from tonnebook.core.ledger.kinds import Account, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.ledger.refusals import LedgerRefusal, with_units

# Debit account, credit account, quantity (fen, grams or points; > 0).
Movement: TypeAlias = tuple[str, str, int]
Numbers: TypeAlias = NDArray[np.int64]

# The kind of an account nobody knows, and the floor of one that may go below zero.
UNKNOWN_KIND = -1
NO_FLOOR = -(1 << 63)
# Totals up to here are exact in columns.
_TOTAL_MAX = (1 << 63) - 1


class MovementColumns(NamedTuple):
    """Movements as columns.

    Attributes:
        accounts: numbers of all accounts that occur, each once.
        debit: (n,) for each movement the place of its debit account among them.
        credit: (n,) the same of its credit account.
        quantity: (n,) fen, grams or points.
    """

    accounts: Sequence[str]
    debit: Numbers
    credit: Numbers
    quantity: Numbers


class Settled(NamedTuple):
    """What movements left behind.

    Attributes:
        debit_after: (n,) for each movement the total of its debit account right after it.
        credit_after: (n,) the same of its credit account.
        totals: of each account after all of them.
    """

    debit_after: Numbers
    credit_after: Numbers
    totals: Numbers


def in_columns(movements: Sequence[Movement]) -> MovementColumns:
    """Turn movements into columns.

    Args:
        movements: at least one.
    """
    debited, credited, quantities = zip(*movements, strict=True)
    places = {account: place for place, account in enumerate(dict.fromkeys(chain(debited, credited)))}
    debit, credit = (np.fromiter(map(places.__getitem__, side), np.int64, len(side)) for side in (debited, credited))
    return MovementColumns([*places], debit, credit, np.array(quantities, np.int64))


def check_movements(
    transfer: TransferType,
    columns: MovementColumns,
    *,
    kinds: Numbers,
    account_of: Callable[[int], Account],
    asset: AssetKey,
    freezes: Sequence[Freeze] = (),
) -> None:
    """Check what movements may do whatever the balances are.

    Args:
        transfer: why they are made.
        columns: the movements, all of the same asset.
        kinds: for each account a number >= 0, equal for accounts of equal type, state and region; or `UNKNOWN_KIND`.
        account_of: gives the account at a place; asked for a few of them only.
        asset: what moves; it must have no serial numbers.
        freezes: the switches in force.

    Raises:
        Refused: ACCOUNT_UNKNOWN, and what `check_leg` refuses.
        ValueError: when the asset has serial numbers, because blocks move one transfer at a time.

    Source: design choice, no legal source (invariants A2 and A11).
    """
    if asset.kind is not AssetKind.CASH:
        raise ValueError(f"{asset.code} has serial numbers")
    accounts, debit, credit, quantity = columns
    for unknown in np.flatnonzero(kinds == UNKNOWN_KIND)[:1]:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=accounts[unknown])
    _, first = np.unique(kinds[debit] * (kinds.max() + 1) + kinds[credit], return_index=True)
    circles = np.flatnonzero(debit == credit)
    # A region or a product stands still for all accounts of a kind; a single account only for those that touch it.
    alone = {freeze.subject for freeze in freezes if freeze.scope is FreezeScope.ACCOUNT}
    frozen = np.array([account in alone for account in accounts])
    touching = np.flatnonzero(frozen[debit] | frozen[credit])
    for place in (quantity.argmin(), *circles[:1], *np.sort(first), *touching[:1]):
        leg = Leg(accounts[debit[place]], accounts[credit[place]], asset.code, int(quantity[place]))
        sides = {"debit": account_of(int(debit[place])), "credit": account_of(int(credit[place]))}
        checks.check_leg(transfer, leg, **sides, asset=asset, freezes=freezes)


def settle(columns: MovementColumns, *, totals: Numbers, floors: Numbers, asset: str) -> Settled:
    """Move quantities in order.

    Args:
        columns: the movements, already checked by `check_movements`.
        totals: what each account has.
        floors: what must stay in it, because it is held; `NO_FLOOR` where it may go below zero.
        asset: code, for the sentence of a refusal.

    Returns:
        The totals after each movement and after all of them.

    Raises:
        Refused: INSUFFICIENT_FREE when a movement finds less than its quantity free.

    Source: design choice, no legal source (invariant A3).
    """
    _, debit, credit, quantity = columns
    if int(np.abs(totals).max()) + int(quantity.max()) * len(quantity) > _TOTAL_MAX:
        return _settle_one_by_one(columns, totals=totals, floors=floors, asset=asset)
    # Both sides of every movement in order, then account by account: within each, the sum of its changes up to there.
    places = np.column_stack((debit, credit)).ravel()
    by_account = np.argsort(places, kind="stable")
    sums = np.cumsum(np.column_stack((-quantity, quantity)).ravel()[by_account])
    begins = np.flatnonzero(np.diff(places[by_account], prepend=-1))
    before = np.repeat(np.append(0, sums[begins[1:] - 1]), np.diff(begins, append=len(places)))
    afters = np.empty_like(sums)
    afters[by_account] = totals[places[by_account]] + sums - before
    left, come = afters[0::2], afters[1::2]
    if (left < floors[debit]).any():
        return _settle_one_by_one(columns, totals=totals, floors=floors, asset=asset)
    ended = totals.copy()
    # Of several values for the same place the last one stays.
    ended[places] = afters
    return Settled(left, come, ended)


# As it reads: names the first movement that finds too little, and counts beyond 64 bits.
def _settle_one_by_one(columns: MovementColumns, *, totals: Numbers, floors: Numbers, asset: str) -> Settled:
    running, least = totals.tolist(), floors.tolist()
    lefts, comes = [], []
    for debit, credit, quantity in zip(*(column.tolist() for column in columns[1:]), strict=True):
        running[debit] = left = running[debit] - quantity
        if least[debit] != NO_FLOOR and left < least[debit]:
            facts = with_units(asset, free=left + quantity - least[debit], wanted=quantity)
            raise Refused(LedgerRefusal.INSUFFICIENT_FREE, account=columns.accounts[debit], asset=asset, **facts)
        running[credit] = come = running[credit] + quantity
        lefts.append(left)
        comes.append(come)
    return Settled(*(np.array(column, np.int64) for column in (lefts, comes, running)))
