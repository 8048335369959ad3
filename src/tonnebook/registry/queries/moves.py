"""What the registry knows of transfers that wait, trusted accounts and bank accounts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import TransferType
from tonnebook.core.moves import BankAccountState, MoveRefusal, PendingState
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import BankAccount, PendingTransfer, TrustedAccount


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A transfer or withdrawal that was asked for; the quantity is in tonnes or fen.

    Attributes:
        number: such as "PT-000001-42".
        type: TRANSFER or CASH_OUT.
        organisation: whose it is (unified social credit code).
        debit: number of the account it leaves.
        credit: number of the account it goes to.
        asset: code.
        quantity: tonnes or fen.
        bank_account: our number; empty for a transfer between holders.
        asked_at: when it was asked for.
        ready_at: the instant before which it is not done.
        state: where it stands.
        digest: of exactly what is to be done.
        transfer: number of the transfer that did it; empty before.
        refusal_zh: why it was refused when its time came, in Chinese; empty unless it was.
        refusal_en: the same in English.
        asked_by: number of the person who asked for it.
        lacks_approval: whether another representative of the holder must still approve it.
    """

    number: str
    type: TransferType
    organisation: str
    debit: str
    credit: str
    asset: str
    quantity: int
    bank_account: str
    asked_at: datetime
    ready_at: datetime
    state: PendingState
    digest: str
    transfer: str
    refusal_zh: str
    refusal_en: str
    asked_by: str
    lacks_approval: bool

    def awaits_approval_of(self, person: str) -> bool:
        """Say whether somebody else than who asked could still approve it."""
        return self.state is PendingState.WAITING and self.lacks_approval and self.asked_by != person


@dataclass(frozen=True, slots=True)
class TrustedRow:
    """An account of another holder on a trusted list; it counts from `ready_at` on."""

    trusted: str
    organisation: str
    asked_at: datetime
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class BankAccountRow:
    """A bank account of an organisation; of its number only the last four signs are shown."""

    number: str
    region: str
    organisation: str
    bank: str
    ending: str
    state: BankAccountState
    asked_at: datetime
    ready_at: datetime | None


def pending(number: str) -> PendingRow:
    """Find a transfer that was asked for.

    Raises:
        Refused: PENDING_UNKNOWN.
    """
    row = _pending().filter(number=number).first()
    if row is None:
        raise Refused(MoveRefusal.PENDING_UNKNOWN, pending=number)
    return _pending_row(row)


def pending_of(organisation: str, *, region: str) -> tuple[PendingRow, ...]:
    """List what an organisation asked for in a region, the latest first."""
    rows = _pending().filter(account__organisation__uscc=organisation, region=region)
    return tuple(_pending_row(row) for row in rows.order_by("-id"))


def pending_in(region: str, *, types: tuple[TransferType, ...]) -> tuple[PendingRow, ...]:
    """List what waits in a region, in order of its time.

    Args:
        region: such as "shanghai".
        types: only these.
    """
    rows = _pending().filter(region=region, type__in=types, state=PendingState.WAITING)
    return tuple(_pending_row(row) for row in rows.order_by("ready_at", "id"))


@tenancy.everywhere(Why.BOOKS)
def is_listed(account: str, other: str) -> bool:
    """Say whether an account is on another's trusted list, waiting or not."""
    return TrustedAccount.objects.filter(account__number=account, trusted__number=other, removed_at=None).exists()


@tenancy.everywhere(Why.BOOKS)
def is_trusted(account: str, other: str, *, now: datetime) -> bool:
    """Say whether an account is on another's trusted list and its wait is over."""
    standing = TrustedAccount.objects.filter(account__number=account, trusted__number=other, removed_at=None)
    return standing.filter(ready_at__lte=now).exists()


@tenancy.everywhere(Why.BOOKS)
def trusted_accounts(account: str) -> tuple[TrustedRow, ...]:
    """List the trusted accounts of an account, waiting ones too, in order of adding."""
    rows = TrustedAccount.objects.filter(account__number=account, removed_at=None).select_related("trusted")
    return tuple(
        TrustedRow(row.trusted.number, row.trusted.organisation_id or "", row.asked_at, row.ready_at)
        for row in rows.order_by("id")
    )


def bank_account(number: str) -> BankAccountRow:
    """Find a bank account.

    Raises:
        Refused: BANK_ACCOUNT_UNKNOWN.
    """
    row = BankAccount.objects.filter(number=number).first()
    if row is None:
        raise Refused(MoveRefusal.BANK_ACCOUNT_UNKNOWN, bank_account=number)
    return _bank_row(row)


def bank_accounts(organisation: str, *, region: str) -> tuple[BankAccountRow, ...]:
    """List an organisation's bank accounts that are in use or asked for, in order of registration."""
    rows = BankAccount.objects.filter(organisation_id=organisation, region=region)
    return tuple(_bank_row(row) for row in rows.exclude(state=BankAccountState.REMOVED).order_by("id"))


def bank_accounts_in(region: str) -> tuple[BankAccountRow, ...]:
    """List the bank accounts of a region that are in use or asked for, those to be confirmed first."""
    rows = BankAccount.objects.filter(region=region).exclude(state=BankAccountState.REMOVED)
    return tuple(_bank_row(row) for row in rows.order_by("state", "id"))


def _pending() -> QuerySet[PendingTransfer]:
    return PendingTransfer.objects.select_related("account")


def _pending_row(row: PendingTransfer) -> PendingRow:
    told, refusal = row.payload, row.refusal or {}
    return PendingRow(
        number=row.number,
        type=TransferType(row.type),
        organisation=row.account.organisation_id or "",
        debit=str(told["debit"]),
        credit=str(told["credit"]),
        asset=str(told["asset"]),
        quantity=row.quantity,
        bank_account=str(told["bank_account"]),
        asked_at=row.asked_at,
        ready_at=row.ready_at,
        state=PendingState(row.state),
        digest=row.digest,
        transfer=row.transfer,
        refusal_zh=str(refusal.get("zh", "")),
        refusal_en=str(refusal.get("en", "")),
        asked_by=row.asked_by,
        lacks_approval=row.needs_approval and not row.approved_by,
    )


def _bank_row(row: BankAccount) -> BankAccountRow:
    return BankAccountRow(
        number=row.number,
        region=row.region,
        organisation=row.organisation_id,
        bank=row.bank,
        ending=row.ending,
        state=BankAccountState(row.state),
        asked_at=row.asked_at,
        ready_at=row.ready_at,
    )
