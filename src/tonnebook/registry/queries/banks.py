"""What the registry knows of settlement banks: contracts, statements, the suspense list, what is to be paid."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from tonnebook.core.bank_entries import BankRefusal, ContractState, EntryState, PaymentState, SuspenseReason
from tonnebook.core.bank_files import EntrySide
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import TransferType
from tonnebook.core.moves import PendingState
from tonnebook.registry.models import (
    BankContract,
    BankEntry,
    BankStatement,
    PaymentFile,
    PaymentOrder,
    PendingTransfer,
    SettlementBank,
)


@dataclass(frozen=True, slots=True)
class SettlementBankRow:
    """A settlement bank of a region; `account_number` is where clients pay in."""

    number: str
    region: str
    organisation: str
    account_number: str


@dataclass(frozen=True, slots=True)
class BankBalance:
    """What a settlement bank says lies on its account, and what of it the books have not seen or not yet let go.

    Attributes:
        bank: our number.
        organisation: the bank (unified social credit code).
        statement_on: day of the last statement loaded up to the day asked for; None before the first.
        closing_fen: its closing balance, fen; before the first statement what lay there when we began.
        suspense_fen: fen that came (or, below zero, went) and are nobody's in the books.
        unpaid_fen: fen that have left the books and still lie at the bank: withdrawals it has not paid.
    """

    bank: str
    organisation: str
    statement_on: date | None
    closing_fen: int
    suspense_fen: int
    unpaid_fen: int

    @property
    def booked_fen(self) -> int:
        """What of it the books must show as clients', fees' and treasury's money, fen."""
        return self.closing_fen - self.suspense_fen - self.unpaid_fen


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A client's contract with a settlement bank; of the bank account only the last four signs are shown."""

    number: str
    account: str
    organisation: str
    bank: str
    bank_account: str
    ending: str
    state: ContractState
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class StatementOfBank:
    """A statement as it was loaded."""

    number: str
    bank: str
    day: date
    opening_fen: int
    closing_fen: int
    file: str
    loaded_at: datetime
    leaf: str


@dataclass(frozen=True, slots=True)
class BankEntryRow:
    """An entry of a statement; `offsets` is the entry it cancels out with, and `reason` why it was nobody's."""

    number: str
    bank: str
    day: date
    reference: str
    side: EntrySide
    amount_fen: int
    remittance: str
    party: str
    state: EntryState
    reason: SuspenseReason | None
    account: str
    transfer: str
    offsets: str


@dataclass(frozen=True, slots=True)
class Payable:
    """Something a settlement bank has to pay, by ids of the withdrawal or of the entry to be returned."""

    withdrawal: int | None
    entry: int | None
    about: str
    amount_fen: int
    organisation: str
    payee: str
    payee_bank: str
    payee_account: str


@dataclass(frozen=True, slots=True)
class PaymentFileRow:
    """A file of orders; open are those that no statement has shown as paid yet."""

    number: str
    bank: str
    made_at: datetime
    orders: int
    open_orders: int
    amount_fen: int
    leaf: str


def settlement_banks(region: str) -> tuple[SettlementBankRow, ...]:
    """List the settlement banks of a region, in order of entry."""
    rows = SettlementBank.objects.filter(region=region).order_by("id")
    return tuple(SettlementBankRow(row.number, row.region, row.organisation_id, row.account_number) for row in rows)


def settlement_bank(number: str) -> SettlementBankRow:
    """Find a settlement bank.

    Raises:
        Refused: NO_SETTLEMENT_BANK.
    """
    row = SettlementBank.objects.filter(number=number).first()
    if row is None:
        raise Refused(BankRefusal.NO_SETTLEMENT_BANK, settlement_bank=number)
    return SettlementBankRow(row.number, row.region, row.organisation_id, row.account_number)


def bank_balances(region: str, *, day: date) -> tuple[BankBalance, ...]:
    """Give what every settlement bank of a region says it keeps, by its last statement up to a day.

    Args:
        region: region code.
        day: statements of later days are passed over; what is in suspense or unpaid counts as it stands now.

    Returns:
        One per bank, in order of entry; four statements to the database.
    """
    last = BankStatement.objects.filter(settlement_bank=OuterRef("pk"), day__lte=day).order_by("-day")
    banks = SettlementBank.objects.filter(region=region).annotate(
        statement_on=Subquery(last.values("day")[:1]), closing_fen=Subquery(last.values("closing_fen")[:1])
    )
    suspense, unpaid = _suspense_fen(region), _unpaid_fen(region)
    return tuple(
        BankBalance(
            bank=row.number,
            organisation=row.organisation_id,
            statement_on=row.statement_on,
            closing_fen=row.opening_fen if row.closing_fen is None else row.closing_fen,
            suspense_fen=suspense.get(row.pk, 0),
            unpaid_fen=unpaid.get(row.pk, 0),
        )
        for row in banks.order_by("id")
    )


def contract_of(account: str) -> ContractRow | None:
    """Find the contract that serves a cash account, signed or waiting for the bank; None where there is none."""
    row = _contracts().filter(account__number=account).exclude(state=ContractState.ENDED).first()
    return None if row is None else _contract_row(row)


def contracts_of_bank(number: str) -> tuple[ContractRow, ...]:
    """List the contracts of a settlement bank that stand or wait, those to be confirmed first."""
    rows = _contracts().filter(settlement_bank__number=number).exclude(state=ContractState.ENDED)
    return tuple(_contract_row(row) for row in rows.order_by("state", "id"))


def needs_contract(region: str, *, account: str, bank_account: str) -> bool:
    """Say whether a region has settlement banks and this bank account no contract for this cash account."""
    signed = BankContract.objects.filter(
        account__number=account, bank_account__number=bank_account, state=ContractState.SIGNED
    )
    return SettlementBank.objects.filter(region=region).exists() and not signed.exists()


def bank_statements(number: str, *, limit: int) -> tuple[StatementOfBank, ...]:
    """List the last statements of a settlement bank, the latest first."""
    rows = BankStatement.objects.filter(settlement_bank__number=number).select_related("settlement_bank")
    return tuple(
        StatementOfBank(
            number=row.number,
            bank=row.settlement_bank.number,
            day=row.day,
            opening_fen=row.opening_fen,
            closing_fen=row.closing_fen,
            file=row.file,
            loaded_at=row.loaded_at,
            leaf=row.leaf_hash,
        )
        for row in rows.order_by("-day")[:limit]
    )


def bank_entries(statement: str) -> tuple[BankEntryRow, ...]:
    """List the entries of a statement, in order of the bank's references."""
    return tuple(_entry_row(row) for row in _entries().filter(statement__number=statement).order_by("reference"))


def suspense(region: str) -> tuple[BankEntryRow, ...]:
    """List what banks reported and nobody could place, the oldest first."""
    return tuple(_entry_row(row) for row in _entries().filter(region=region, state=EntryState.SUSPENSE).order_by("id"))


def bank_entry(number: str) -> BankEntryRow:
    """Find an entry of a statement.

    Raises:
        Refused: ENTRY_UNKNOWN.
    """
    row = _entries().filter(number=number).first()
    if row is None:
        raise Refused(BankRefusal.ENTRY_UNKNOWN, entry=number)
    return _entry_row(row)


def payables(number: str) -> tuple[Payable, ...]:
    """List what a settlement bank has to pay and has not been ordered to: withdrawals first, then returns."""
    bank = settlement_bank(number)
    withdrawals = [
        Payable(
            withdrawal=row.pk,
            entry=None,
            about=row.number,
            amount_fen=row.quantity,
            organisation=contract.bank_account.organisation_id,
            payee="",
            payee_bank=contract.bank_account.bank,
            payee_account=contract.bank_account.account_number,
        )
        for row, contract in _unordered(bank.region)
        if contract.settlement_bank.number == number
    ]
    entries = BankEntry.objects.filter(settlement_bank__number=number, state=EntryState.RETURNED)
    returns = entries.exclude(Exists(PaymentOrder.objects.filter(returned=OuterRef("pk")))).order_by("id")
    return (
        *withdrawals,
        *(Payable(None, row.pk, row.number, row.amount_fen, "", row.party, "", row.party_account) for row in returns),
    )


def payment_files(number: str, *, limit: int) -> tuple[PaymentFileRow, ...]:
    """List the last files of orders to a settlement bank, the latest first."""
    orders = PaymentOrder.objects.filter(file=OuterRef("pk")).order_by().values("file")
    rows = PaymentFile.objects.filter(settlement_bank__number=number).annotate(
        orders=Subquery(orders.annotate(count=Count("pk")).values("count")),
        open_orders=Subquery(orders.annotate(count=Count("pk", filter=Q(state=PaymentState.ORDERED))).values("count")),
        amount_fen=Subquery(orders.annotate(sum=Sum("amount_fen")).values("sum")),
    )
    return tuple(
        PaymentFileRow(row.number, number, row.made_at, row.orders, row.open_orders, row.amount_fen, row.leaf_hash)
        for row in rows.order_by("-id")[:limit]
    )


def payment_file(number: str) -> tuple[str, bytes]:
    """Give the bank that a file of orders is for, and the file itself.

    Raises:
        Refused: PAYMENT_FILE_UNKNOWN.
    """
    row = PaymentFile.objects.filter(number=number).select_related("settlement_bank").first()
    if row is None:
        raise Refused(BankRefusal.PAYMENT_FILE_UNKNOWN, payment_file=number)
    return row.settlement_bank.number, bytes(row.content)


# Withdrawals that have left the books without an order to any bank, each with the contract that says which bank pays.
def _unordered(region: str) -> list[tuple[PendingTransfer, BankContract]]:
    served = BankContract.objects.filter(settlement_bank__region=region).exclude(state=ContractState.ASKED)
    contracts = {
        (one.account_id, one.bank_account.number): one
        for one in served.select_related("bank_account", "settlement_bank").order_by("id")
    }
    done = PendingTransfer.objects.filter(region=region, type=TransferType.CASH_OUT, state=PendingState.DONE)
    rows = done.exclude(Exists(PaymentOrder.objects.filter(withdrawal=OuterRef("pk")))).order_by("id")
    places = ((row, (row.account_id, str(row.payload["bank_account"]))) for row in rows)
    return [(row, contracts[place]) for row, place in places if place in contracts]


def _unpaid_fen(region: str) -> Mapping[int, int]:
    ordered = PaymentOrder.objects.filter(region=region, state=PaymentState.ORDERED, withdrawal__isnull=False)
    sums = Counter(dict(ordered.order_by().values_list("settlement_bank").annotate(Sum("amount_fen"))))
    for row, contract in _unordered(region):
        sums[contract.settlement_bank_id] += row.quantity
    return sums


# What two people decided to return is nobody's until the bank has paid it.
def _suspense_fen(region: str) -> Mapping[int, int]:
    is_returned = PaymentOrder.objects.filter(returned=OuterRef("pk"), state=PaymentState.PAID)
    waits = Q(state=EntryState.SUSPENSE) | Q(state=EntryState.RETURNED) & ~Exists(is_returned)
    rows = BankEntry.objects.filter(waits, region=region).order_by().values_list("settlement_bank", "side")
    sums: Counter[int] = Counter()
    for bank, side, amount_fen in rows.annotate(Sum("amount_fen")):
        sums[bank] += amount_fen if side == EntrySide.CREDIT else -amount_fen
    return sums


def _contracts() -> QuerySet[BankContract]:
    return BankContract.objects.select_related("account", "bank_account", "settlement_bank")


def _contract_row(row: BankContract) -> ContractRow:
    return ContractRow(
        number=row.number,
        account=row.account.number,
        organisation=row.account.organisation_id or "",
        bank=row.settlement_bank.number,
        bank_account=row.bank_account.number,
        ending=row.bank_account.ending,
        state=ContractState(row.state),
        asked_at=row.asked_at,
    )


def _entries() -> QuerySet[BankEntry]:
    return BankEntry.objects.select_related("settlement_bank", "statement", "account")


def _entry_row(row: BankEntry) -> BankEntryRow:
    return BankEntryRow(
        number=row.number,
        bank=row.settlement_bank.number,
        day=row.statement.day,
        reference=row.reference,
        side=EntrySide(row.side),
        amount_fen=row.amount_fen,
        remittance=row.remittance,
        party=row.party,
        state=EntryState(row.state),
        reason=SuspenseReason(row.reason) if row.reason else None,
        account=row.account.number if row.account else "",
        transfer=row.transfer,
        offsets=row.offsets,
    )
