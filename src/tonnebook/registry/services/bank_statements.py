"""Load what a settlement bank says of a day, once and as a whole, and work off what nobody could place."""

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from tonnebook.core import bank_entries, bank_files, roles, units
from tonnebook.core.bank_entries import (
    BankRefusal,
    Client,
    ContractState,
    EntryState,
    Known,
    Match,
    PaymentState,
    SuspenseReason,
)
from tonnebook.core.bank_files import BankFileRefusal, EntrySide, Statement
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import (
    Account,
    BankContract,
    BankEntry,
    BankStatement,
    PaymentOrder,
    Posting,
    SettlementBank,
    Transfer,
)
from tonnebook.registry.services import locks, numbers
from tonnebook.registry.services.accounts import CASH
from tonnebook.registry.services.payments import post_paid
from tonnebook.registry.services.settlement_banks import require_settlement_body
from tonnebook.registry.services.transfers import TransferDraft


def load_bank_statement(
    actor: Actor, *, settlement_bank: str, file: str, content: bytes, key: str, now: datetime
) -> Answer:
    """Load a bank's statement of a day: credit clients, note orders as paid, put everything else in suspense.

    All of the file or nothing of it: an entry books in the same transaction as the statement it stands in.

    Args:
        actor: clerk of the bank, or of the body that settles in the region.
        settlement_bank: our number of the bank.
        file: name of the file.
        content: the file as it came.
        key: idempotency key.
        now: when.

    Returns:
        `statement` (our number), `booked`, `paid` and `suspense` (counts), and `leaf`.

    Raises:
        Refused: NO_SETTLEMENT_BANK; NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION, NOT_THE_SETTLEMENT_BODY;
            BANK_FILE_LOADED for the same file, number or day again; what `bank_files.read_statement` refuses;
            BANK_FILE_OTHER_ACCOUNT; BANK_FILE_OUT_OF_ORDER; BANK_ENTRY_TWICE for a reference of an earlier statement;
            BANK_REFERENCE_USED when somebody credits the same payment by hand in this instant.

    Source: design choice, no legal source (invariant B16).
    """
    # For the key, the digest stands for the content.
    load = journal.command("registry.load_bank_statement")(functools.partial(_load, content))
    digest = hashlib.sha256(content).hexdigest()
    return load(actor, settlement_bank=settlement_bank, file=file, digest=digest, key=key, now=now)


@journal.command("registry.work_off_bank_entry")
def work_off_bank_entry(
    actor: Actor,
    *,
    region: str,
    entry: str,
    how: EntryState,
    target: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Take an entry off the suspense list by two people: credit it, return it, or offset it with its opposite.

    Args:
        actor: of the body that settles in the region.
        region: region code.
        entry: our number of the entry.
        how: ASSIGNED, RETURNED or OFFSET.
        target: number of the cash account to credit, or of the other entry; empty for a return.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `entry` and `state`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NOT_THE_SETTLEMENT_BODY; what `members.use_approval` refuses;
            ENTRY_UNKNOWN; ENTRY_NOT_IN_SUSPENSE; ENTRY_IS_NO_INCOME; PAYER_NOT_NAMED; ENTRIES_DO_NOT_OFFSET;
            ACCOUNT_UNKNOWN, BANK_REFERENCE_USED and what else the account book refuses.

    Source: design choice, no legal source (invariants A13 and B16).
    """
    del key
    require_settlement_body(actor, region, now=now)
    payload = {"region": region, "entry": entry, "how": how, "target": target}
    people = members.use_approval(approval, kind="registry.work_off_bank_entry", payload=payload, now=now)
    row = _suspended(entry, region)
    if how is EntryState.OFFSET:
        rows = _offset(row, _suspended(target, region))
    elif row.side != EntrySide.CREDIT:
        raise Refused(BankRefusal.ENTRY_IS_NO_INCOME, entry=entry)
    elif how is EntryState.ASSIGNED:
        rows = [_assign(row, target, people, now=now)]
    else:
        rows = [_return(row)]
    for one in rows:
        one.state, one.initiator, one.approver = how.value, people.initiator, people.approver
    BankEntry.objects.bulk_update(rows, ["state", "initiator", "approver", "account", "transfer", "offsets"])
    facts = {"entry": entry, "region": region, "how": how}
    journal.append(journal.Entry("registry.bank_entry.worked_off", facts, {"target": target}), now=now)
    return {"entry": entry, "state": how.value}


def _load(
    content: bytes, actor: Actor, *, settlement_bank: str, file: str, digest: str, key: str, now: datetime
) -> Answer:
    del key
    bank = SettlementBank.objects.filter(number=settlement_bank).first()
    if bank is None:
        raise Refused(BankRefusal.NO_SETTLEMENT_BANK, settlement_bank=settlement_bank)
    roles.check(actor, Act.LOAD_BANK_STATEMENT, organisation=bank.organisation_id, region=bank.region)
    if actor.kind is not OrganisationKind.SETTLEMENT_BANK:
        require_settlement_body(actor, bank.region, now=now)
    locks.lock_settlement_bank(bank.number)
    _check_new(BankStatement.objects.filter(digest=digest).first(), file)
    statement = bank_files.read_statement(file, content)
    _check_place(bank, statement)
    matches = bank_entries.match(statement, _known(bank, statement))
    transfers = _credit(bank, matches, actor, now=now)
    return _keep(bank, statement, matches, transfers, actor=actor, digest=digest, now=now)


def _check_new(there: BankStatement | None, file: str) -> None:
    if there is not None:
        raise Refused(BankFileRefusal.BANK_FILE_LOADED, file=file, statement=there.number, day=there.day)


# Whether the statement is of this account, new, and the next one; and none of its payments has been seen.
def _check_place(bank: SettlementBank, statement: Statement) -> None:
    if statement.account != bank.account_number:
        facts = {"found": statement.account, "wanted": bank.account_number}
        raise Refused(BankFileRefusal.BANK_FILE_OTHER_ACCOUNT, file=statement.file, **facts)
    loaded = BankStatement.objects.filter(settlement_bank=bank)
    _check_new(loaded.filter(message=statement.number).first(), statement.file)
    _check_new(loaded.filter(day=statement.day).first(), statement.file)
    last = loaded.order_by("-day").first()
    last_on, last_fen = (last.day, last.closing_fen) if last else (None, bank.opening_fen)
    if (last_on and statement.day < last_on) or statement.opening_fen != last_fen:
        amounts = units.with_yuan(opening=statement.opening_fen, last=last_fen)
        days = {"day": statement.day.isoformat(), "last_on": last_on.isoformat() if last_on else "–"}
        raise Refused(BankFileRefusal.BANK_FILE_OUT_OF_ORDER, file=statement.file, **days, **amounts)
    places = {entry.reference: entry.place for entry in statement.entries}
    seen = BankEntry.objects.filter(settlement_bank=bank, reference__in=places).order_by("id").first()
    if seen is not None:
        facts = {"element": places[seen.reference], "found": seen.reference}
        raise Refused(BankFileRefusal.BANK_ENTRY_TWICE, file=statement.file, **facts)


@tenancy.everywhere(Why.BOOKS)
def _known(bank: SettlementBank, statement: Statement) -> Known:
    signed = BankContract.objects.filter(settlement_bank=bank, state=ContractState.SIGNED)
    clients = [
        Client(
            one.account.number,
            one.bank_account.account_number,
            queries.account_row(one.account).takes(TransferType.CASH_IN),
        )
        for one in signed.select_related("account", "bank_account")
    ]
    ordered = PaymentOrder.objects.filter(settlement_bank=bank, state=PaymentState.ORDERED)
    return Known(
        clients={one.account: one for one in clients},
        orders=dict(ordered.values_list("number", "amount_fen")),
        booked=_booked(entry.reference for entry in statement.entries),
    )


# What was credited by hand under these references; what was taken back again is no account's.
def _booked(references: Iterable[str]) -> Mapping[str, tuple[str, int]]:
    legs = Posting.objects.filter(transfer__type=TransferType.CASH_IN, transfer__subject__in=list(references))
    taken_back = Exists(Transfer.objects.filter(corrects=OuterRef("transfer__number")))
    told = legs.annotate(taken_back=taken_back).values_list(
        "transfer__subject", "credit_account__number", "quantity", "taken_back"
    )
    return {reference: ("", 0) if is_void else (account, fen) for reference, account, fen, is_void in told}


def _credit(bank: SettlementBank, matches: Sequence[Match], actor: Actor, *, now: datetime) -> dict[str, str]:
    new = [one for one in matches if one.is_new]
    source = queries.system_account(bank.region, AccountType.BANK)
    drafts = [_cash_in(source, one.account, one.entry.amount_fen, one.entry.reference, actor.person) for one in new]
    posted = {one.entry.reference: made.number for one, made in zip(new, post_paid(drafts, now=now), strict=True)}
    by_hand = [one.entry.reference for one in matches if one.state is EntryState.BOOKED and not one.is_new]
    there = Transfer.objects.filter(type=TransferType.CASH_IN, subject__in=by_hand)
    return posted | dict(there.values_list("subject", "number"))


def _keep(
    bank: SettlementBank,
    statement: Statement,
    matches: Sequence[Match],
    transfers: Mapping[str, str],
    *,
    actor: Actor,
    digest: str,
    now: datetime,
) -> Answer:
    number = numbers.take_numbers(numbers.BANK_STATEMENT, "BS", 1)[0]
    counts = {name: sum(one.state is state for one in matches) for name, state in _COUNTED.items()}
    facts = {"statement": number, "settlement_bank": bank.number, "day": statement.day, "digest": digest}
    entries = [[one.entry.reference, one.entry.change_fen, one.state, one.account or one.order] for one in matches]
    sealed = {"closing_fen": statement.closing_fen, "entries": entries}
    leaf = journal.append(journal.Entry("registry.bank_statement.loaded", facts, sealed), now=now)
    row = BankStatement.objects.create(
        number=number,
        region=bank.region,
        settlement_bank=bank,
        message=statement.number,
        day=statement.day,
        opening_fen=statement.opening_fen,
        closing_fen=statement.closing_fen,
        file=statement.file,
        digest=digest,
        loaded_by=actor.person,
        loaded_at=now,
        leaf_hash=leaf,
    )
    kept = _keep_entries(row, matches, transfers)
    _note_paid(bank, matches, kept)
    return {"statement": number, **counts, "leaf": leaf}


_COUNTED = {"booked": EntryState.BOOKED, "paid": EntryState.PAID, "suspense": EntryState.SUSPENSE}


def _keep_entries(
    statement: BankStatement, matches: Sequence[Match], transfers: Mapping[str, str]
) -> Mapping[str, BankEntry]:
    named = {one.account for one in matches if one.account}
    accounts = {row.number: row for row in Account.objects.filter(number__in=named)}
    taken = numbers.take_numbers(numbers.BANK_ENTRY, "BE", len(matches)) if matches else []
    rows = [
        BankEntry(
            number=number,
            region=statement.region,
            settlement_bank=statement.settlement_bank,
            statement=statement,
            reference=one.entry.reference,
            side=one.entry.side.value,
            amount_fen=one.entry.amount_fen,
            remittance=one.entry.remittance,
            party=one.entry.party,
            party_account=one.entry.party_account,
            state=one.state.value,
            reason=one.reason.value if one.reason else "",
            account=accounts.get(one.account),
            transfer=transfers.get(one.entry.reference, "") if one.account else "",
        )
        for number, one in zip(taken, matches, strict=True)
    ]
    return {row.reference: row for row in BankEntry.objects.bulk_create(rows)}


def _note_paid(bank: SettlementBank, matches: Sequence[Match], kept: Mapping[str, BankEntry]) -> None:
    paid = {one.order: kept[one.entry.reference] for one in matches if one.order}
    orders = list(PaymentOrder.objects.filter(settlement_bank=bank, number__in=paid).order_by("id"))
    for order in orders:
        order.state, order.paid_by = PaymentState.PAID.value, paid[order.number]
    PaymentOrder.objects.bulk_update(orders, ["state", "paid_by"])


def _suspended(number: str, region: str) -> BankEntry:
    rows = BankEntry.objects.select_for_update(of=("self",)).select_related("settlement_bank", "account")
    row = rows.filter(number=number, region=region).first()
    if row is None:
        raise Refused(BankRefusal.ENTRY_UNKNOWN, entry=number)
    if row.state != EntryState.SUSPENSE:
        raise Refused(BankRefusal.ENTRY_NOT_IN_SUSPENSE, entry=number, state=row.state)
    return row


def _assign(row: BankEntry, account: str, people: members.ApprovedBy, *, now: datetime) -> BankEntry:
    # Another bank's payment may have the same number; two people have seen that this is one of its own.
    is_taken = row.reason == SuspenseReason.REFERENCE_USED
    reference = f"{row.settlement_bank.number}/{row.reference}" if is_taken else row.reference
    source = queries.system_account(row.region, AccountType.BANK)
    draft = _cash_in(source, account, row.amount_fen, reference, people.initiator, people.approver)
    row.transfer = post_paid([draft], now=now)[0].number
    row.account = Account.objects.get(number=account)
    return row


def _return(row: BankEntry) -> BankEntry:
    if not row.party_account:
        raise Refused(BankRefusal.PAYER_NOT_NAMED, entry=row.number)
    return row


def _offset(row: BankEntry, other: BankEntry) -> list[BankEntry]:
    is_same = (row.settlement_bank_id, row.amount_fen) == (other.settlement_bank_id, other.amount_fen)
    if not is_same or row.side == other.side:
        raise Refused(BankRefusal.ENTRIES_DO_NOT_OFFSET, entry=row.number, other=other.number)
    row.offsets, other.offsets = other.number, row.number
    return [row, other]


def _cash_in(
    source: str, account: str, amount_fen: int, reference: str, initiator: str, approver: str = ""
) -> TransferDraft:
    legs = (Leg(source, account, CASH.code, amount_fen),)
    return TransferDraft(TransferType.CASH_IN, legs, initiator, approver, subject=reference)
