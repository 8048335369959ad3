"""Many movements of one asset without serial numbers, such as the payments of a day, decided together.

The result is that of `Book.apply` movement by movement; a property test holds them equal. What makes it fast is that
the matrix is asked once for each pair of kinds of accounts instead of once for each movement.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import checks
from tonnebook.core.ledger.freezes import Freeze, FreezeScope
from tonnebook.core.ledger.kinds import Account, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.ledger.refusals import LedgerRefusal, with_units

# Debit account, credit account, quantity (fen, grams or points; > 0).
Movement: TypeAlias = tuple[str, str, int]


def check_movements(
    transfer: TransferType,
    movements: Sequence[Movement],
    *,
    kinds: Mapping[str, str],
    account_of: Callable[[str], Account],
    asset: AssetKey,
    freezes: Sequence[Freeze] = (),
) -> None:
    """Check what movements may do whatever the balances are.

    Args:
        transfer: why they are made.
        movements: at least one, all of the same asset.
        kinds: by account number a word that is equal for accounts of equal type, state and region.
        account_of: gives an account by its number; asked for a few of them only.
        asset: what moves; it must have no serial numbers.
        freezes: the switches in force.

    Raises:
        Refused: ACCOUNT_UNKNOWN, and what `check_leg` refuses.
        ValueError: when the asset has serial numbers, because blocks move one transfer at a time.

    Source: design choice, no legal source (invariants A2 and A11).
    """
    if asset.kind is not AssetKind.CASH:
        raise ValueError(f"{asset.code} has serial numbers")
    first: dict[tuple[str, str], Movement] = {}
    try:
        for movement in movements:
            first.setdefault((kinds[movement[0]], kinds[movement[1]]), movement)
    except KeyError as unknown:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=unknown.args[0]) from None
    circles = [movement for movement in movements if movement[0] == movement[1]]
    least = min(movements, key=itemgetter(2))
    # A region or a product stands still for all accounts of a kind; a single account only for those that touch it.
    alone = {freeze.subject for freeze in freezes if freeze.scope is FreezeScope.ACCOUNT}
    touching = [movement for movement in movements if alone & {movement[0], movement[1]}] if alone else []
    for debit, credit, quantity in (least, *circles[:1], *first.values(), *touching[:1]):
        leg = Leg(debit, credit, asset.code, quantity)
        sides = {"debit": account_of(debit), "credit": account_of(credit)}
        checks.check_leg(transfer, leg, **sides, asset=asset, freezes=freezes)


def settle(
    movements: Sequence[Movement], *, totals: dict[str, int], floors: Mapping[str, int | None], asset: str
) -> list[tuple[int, int]]:
    """Move quantities in order.

    Args:
        movements: already checked by `check_movements`.
        totals: what every account of a movement has; changed to what it has afterwards.
        floors: what must stay in it, because it is held; None where it may go below zero.
        asset: code, for the sentence of a refusal.

    Returns:
        For each movement the totals of debit and credit right after it.

    Raises:
        Refused: INSUFFICIENT_FREE when a movement finds less than its quantity free; `totals` are of no use then.

    Source: design choice, no legal source (invariant A3).
    """
    afters: list[tuple[int, int]] = []
    for debit, credit, quantity in movements:
        totals[debit] = left = totals[debit] - quantity
        floor = floors[debit]
        if floor is not None and left < floor:
            facts = with_units(asset, free=left + quantity - floor, wanted=quantity)
            raise Refused(LedgerRefusal.INSUFFICIENT_FREE, account=debit, asset=asset, **facts)
        totals[credit] = come = totals[credit] + quantity
        afters.append((left, come))
    return afters
