"""Through which states an account went, and why."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.core import ledger
from tonnebook.core.ledger import AccountState, TransactionType
from tonnebook.registry.models import StateChange


@dataclass(frozen=True, slots=True)
class StateRow:
    """A change of an account's state; `approver` is empty where one person decided."""

    at: datetime
    state: AccountState
    barred: tuple[TransactionType, ...]
    reason: str
    initiator: str
    approver: str
    leaf: str


def state_changes(
    account: str, *, from_at: datetime | None = None, to_at: datetime | None = None
) -> tuple[StateRow, ...]:
    """List the changes of an account's state, the latest first.

    Args:
        account: number.
        from_at: only those from this instant on.
        to_at: only those before this instant.
    """
    bounds = {"at__gte": from_at, "at__lt": to_at}
    rows = StateChange.objects.filter(account__number=account, **{name: at for name, at in bounds.items() if at})
    return tuple(_state_row(row) for row in rows.order_by("-id"))


def _state_row(row: StateChange) -> StateRow:
    named = ledger.transactions_named(row.barred)
    barred = tuple(type_ for type_ in ledger.MATRIX if type_ in named)
    return StateRow(row.at, AccountState(row.state), barred, row.reason, row.initiator, row.approver, row.leaf_hash)
