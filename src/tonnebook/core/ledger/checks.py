"""What a leg and a hold may do whatever the balances are: matrix, states of accounts, freeze switches."""

from collections.abc import Sequence

from tonnebook.core import errors
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import matrix, states
from tonnebook.core.ledger.freezes import Freeze, check_freezes
from tonnebook.core.ledger.kinds import TERMINALS, Account, AssetKey, Hold, Leg, TransferType
from tonnebook.core.ledger.refusals import LedgerRefusal


def check_leg(
    transfer: TransferType,
    leg: Leg,
    *,
    debit: Account,
    credit: Account,
    asset: AssetKey,
    freezes: Sequence[Freeze] = (),
) -> None:
    """Check what a leg may do whatever the balances are.

    Raises:
        Refused: QUANTITY_NOT_POSITIVE, SAME_ACCOUNT, OTHER_REGION, what `states.refusal_of` gives, FREEZE_IN_FORCE,
            TERMINAL_ACCOUNT, TRANSFER_NOT_ALLOWED or RESTRICTED_USE, the first that applies.

    Source: design choice, no legal source; RESTRICTED_USE S24.
    """
    if leg.quantity <= 0:
        raise Refused(LedgerRefusal.QUANTITY_NOT_POSITIVE, quantity=leg.quantity)
    if leg.debit == leg.credit:
        raise Refused(LedgerRefusal.SAME_ACCOUNT, account=leg.debit)
    if debit.region != credit.region:
        raise Refused(LedgerRefusal.OTHER_REGION, debit=leg.debit, credit=leg.credit)
    sides = (states.refusal_of(debit, transfer, is_out=True), states.refusal_of(credit, transfer, is_out=False))
    if stopped := errors.first(refused for refused in sides if refused):
        raise stopped
    if freezes:
        check_freezes(freezes, transfer, accounts=(debit, credit), asset=asset)
    if debit.type in TERMINALS:
        raise Refused(LedgerRefusal.TERMINAL_ACCOUNT, account=debit.number)
    if not matrix.is_allowed(transfer, debit=debit.type, credit=credit.type, kind=asset.kind):
        kinds = {"type": transfer, "debit_type": debit.type, "credit_type": credit.type, "kind": asset.kind}
        raise Refused(LedgerRefusal.TRANSFER_NOT_ALLOWED, **{fact: str(value) for fact, value in kinds.items()})
    if asset.use_restriction and not matrix.MATRIX[transfer].takes_restricted:
        raise Refused(LedgerRefusal.RESTRICTED_USE, asset=asset.code)


def check_hold(hold: Hold, *, account: Account, asset: AssetKey, freezes: Sequence[Freeze] = ()) -> None:
    """Check whether a quantity may be set aside whatever the balance is.

    Raises:
        Refused: QUANTITY_NOT_POSITIVE, what `states.refusal_of` gives, FREEZE_IN_FORCE, TERMINAL_ACCOUNT,
            HOLD_NOT_ALLOWED or RESTRICTED_USE, the first that applies.

    Source: design choice, no legal source; RESTRICTED_USE S24.
    """
    row = matrix.PLACED_BY[hold.reason]
    if hold.remaining <= 0:
        raise Refused(LedgerRefusal.QUANTITY_NOT_POSITIVE, quantity=hold.remaining)
    if stopped := states.refusal_of(account, row.type, is_out=True):
        raise stopped
    if freezes:
        check_freezes(freezes, row.type, accounts=(account,), asset=asset)
    if account.type in TERMINALS:
        raise Refused(LedgerRefusal.TERMINAL_ACCOUNT, account=account.number)
    if not matrix.may_hold(hold.reason, account=account.type, kind=asset.kind):
        facts = {"type": str(row.type), "account_type": str(account.type), "kind": str(asset.kind)}
        raise Refused(LedgerRefusal.HOLD_NOT_ALLOWED, **facts)
    if asset.use_restriction and not row.takes_restricted:
        raise Refused(LedgerRefusal.RESTRICTED_USE, asset=asset.code)


def check_people(transfer: TransferType, *, initiator: str, approver: str) -> None:
    """Check that a transfer of two people has two.

    Args:
        transfer: what is to be posted.
        initiator: number of the first person.
        approver: number of the second; empty when there is none.

    Raises:
        Refused: SECOND_PERSON_NEEDED.

    Source: design choice, no legal source (invariant A13).
    """
    if matrix.MATRIX[transfer].approval_act and approver in ("", initiator):
        raise Refused(LedgerRefusal.SECOND_PERSON_NEEDED, type=str(transfer))
