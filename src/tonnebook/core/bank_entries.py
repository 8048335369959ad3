"""What an entry of a bank's statement does to the books: which client's money it is, which order it carried out.

Money that comes is the client's whose cash account the payer named, if it came from the bank account the client has
contracted with that bank, or if staff have credited it by hand before; money that goes must answer an order of ours to
the fen. Everything else is nobody's yet: it waits on the suspense list until two people have found out whose it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tonnebook.core.bank_files import Entry, EntrySide, Statement
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt

BODY = "settlement.body"
_NUMBERS = re.compile(r"[A-Z0-9_-]+")


class EntryState(StrEnum):
    """Where a bank entry stands."""

    BOOKED = "BOOKED"
    PAID = "PAID"
    SUSPENSE = "SUSPENSE"
    ASSIGNED = "ASSIGNED"
    RETURNED = "RETURNED"
    OFFSET = "OFFSET"


class SuspenseReason(StrEnum):
    """Why nobody is credited or charged with a bank entry yet."""

    ACCOUNT_NOT_NAMED = "ACCOUNT_NOT_NAMED"
    PAYER_DIFFERS = "PAYER_DIFFERS"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    REFERENCE_USED = "REFERENCE_USED"
    IS_REVERSAL = "IS_REVERSAL"
    NOT_ORDERED = "NOT_ORDERED"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"


class ContractState(StrEnum):
    """Where the contract of a client with a settlement bank stands."""

    ASKED = "ASKED"
    SIGNED = "SIGNED"
    ENDED = "ENDED"


class PaymentState(StrEnum):
    """Where an order to a settlement bank stands."""

    ORDERED = "ORDERED"
    PAID = "PAID"


class BankRefusal(Refusal):
    """Why something is not done with a settlement bank, in order of precedence."""

    NOT_THE_SETTLEMENT_BODY = Sentence(
        zh="本地区由{body}办理结算（规则库 settlement.body，{status}）；请由其工作人员办理。",
        en="In this region {body} settles (rule book settlement.body, {status}); its staff can do this.",
        article="design choice; who settles is settlement.body",
        status=403,
    )
    NOT_A_SETTLEMENT_BANK = Sentence(
        zh="{uscc} 不是结算银行，请先登记为结算银行单位。",
        en="{uscc} is no settlement bank; register it as one first.",
        article="design choice",
    )
    SETTLEMENT_ACCOUNT_EXISTS = Sentence(
        zh="尾号 {ending} 的结算账户已经登记。",
        en="The settlement account ending in {ending} is registered already.",
        article="design choice",
    )
    NO_SETTLEMENT_BANK = Sentence(
        zh="没有编号为 {settlement_bank} 的结算银行。",
        en="There is no settlement bank with number {settlement_bank}.",
        article="design choice",
        status=404,
    )
    NO_BANK_CONTRACT = Sentence(
        zh="银行账户 {bank_account} 尚未与结算银行签约；请先在“出入金”页签约，并由银行确认。",
        en="Bank account {bank_account} has no contract with a settlement bank; sign one on the page of cash in and "
        "out and let the bank confirm it.",
        article="design choice",
    )
    CONTRACT_EXISTS = Sentence(
        zh="账户 {account} 已有签约或待银行确认的结算银行；请先解约。",
        en="Account {account} has a contract with a settlement bank, or one that waits for it; end that first.",
        article="design choice",
    )
    CONTRACT_UNKNOWN = Sentence(
        zh="没有编号为 {contract} 的银行签约。",
        en="There is no contract with number {contract}.",
        article="design choice",
        status=404,
    )
    CONTRACT_NOT_OPEN = Sentence(
        zh="银行签约 {contract} 的状态为 {state}，不能办理此事。",
        en="Contract {contract} is {state}; this cannot be done with it.",
        article="design choice",
    )
    NOTHING_TO_PAY = Sentence(
        zh="没有应由 {settlement_bank} 支付的款项。",
        en="There is nothing for {settlement_bank} to pay.",
        article="design choice",
    )
    PAYMENT_FILE_UNKNOWN = Sentence(
        zh="没有编号为 {payment_file} 的付款指令文件。",
        en="There is no payment file with number {payment_file}.",
        article="design choice",
        status=404,
    )
    ENTRY_UNKNOWN = Sentence(
        zh="没有编号为 {entry} 的银行分录。",
        en="There is no bank entry with number {entry}.",
        article="design choice",
        status=404,
    )
    ENTRY_NOT_IN_SUSPENSE = Sentence(
        zh="银行分录 {entry} 的状态为 {state}，不在待查清单上。",
        en="Bank entry {entry} is {state}; it is not on the suspense list.",
        article="design choice",
    )
    ENTRY_IS_NO_INCOME = Sentence(
        zh="银行分录 {entry} 不是收款，不能入账或退回；请与相抵的分录核销。",
        en="Bank entry {entry} is no money that came, so it is neither credited nor returned; offset it with another.",
        article="design choice",
    )
    PAYER_NOT_NAMED = Sentence(
        zh="银行分录 {entry} 没有付款账户，无法退回；请先向银行查询。",
        en="Bank entry {entry} names no account of the payer, so it cannot be returned; ask the bank first.",
        article="design choice",
    )
    ENTRIES_DO_NOT_OFFSET = Sentence(
        zh="银行分录 {entry} 与 {other} 不能相抵：须为同一结算账户、金额相同、方向相反且均在待查清单上。",
        en="Bank entries {entry} and {other} do not offset: they must be of one settlement account, equal, opposite "
        "and both on the suspense list.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the settlement bank: the cash account, the contracted bank account, and whether it takes money."""

    account: str
    bank_account: str
    takes_money: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the books know when a statement is matched.

    Attributes:
        clients: by number of the cash account; those with a signed contract at this bank.
        orders: amounts in fen of our orders that wait for their payment, by number.
        booked: what staff have credited by hand under a bank reference before: account and fen.
    """

    clients: Mapping[str, Client] = field(default_factory=dict)
    orders: Mapping[str, int] = field(default_factory=dict)
    booked: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """What one entry does.

    Attributes:
        entry: of the statement.
        state: BOOKED, PAID or SUSPENSE.
        account: whose money came; empty otherwise.
        order: which order was carried out; empty otherwise.
        is_new: whether the account is still to be credited; what was credited by hand is not credited again.
        reason: why it is nobody's; None unless in suspense.
    """

    entry: Entry
    state: EntryState
    account: str = ""
    order: str = ""
    is_new: bool = False
    reason: SuspenseReason | None = None


def match(statement: Statement, known: Known) -> tuple[Match, ...]:
    """Decide for every entry of a statement what it does; an order is carried out once, a reference books once.

    Args:
        statement: proved by `bank_files.read_statement`.
        known: what the books know.

    Returns:
        One match per entry, in order of their references, so that the order in the file decides nothing.

    Source: design choice, no legal source (invariant B16).
    """
    open_orders = dict(known.orders)
    matches = []
    for entry in sorted(statement.entries, key=lambda one: one.reference):
        if entry.side is EntrySide.CREDIT:
            matches.append(_credit(entry, known))
        else:
            matches.append(_debit(entry, open_orders))
    return tuple(matches)


def check_settles(rules: RulesAt, kind: str) -> None:
    """Refuse whoever is not of the body that settles in a region.

    Args:
        rules: of the region, on the day.
        kind: of the organisation that asks, as `OrganisationKind` says it.

    Raises:
        Refused: NOT_THE_SETTLEMENT_BODY.

    Source: `settlement.body` of the region.
    """
    body = rules.text(BODY)
    if body != kind:
        raise Refused(BankRefusal.NOT_THE_SETTLEMENT_BODY, body=body, status=rules.origin(BODY).status)


def _credit(entry: Entry, known: Known) -> Match:
    if entry.is_reversal:
        return _suspended(entry, SuspenseReason.IS_REVERSAL)
    numbers = set(_NUMBERS.findall(entry.remittance.upper()))
    if entry.reference in known.booked:
        account, amount_fen = known.booked[entry.reference]
        if amount_fen != entry.amount_fen or account not in numbers:
            return _suspended(entry, SuspenseReason.REFERENCE_USED)
        return Match(entry, EntryState.BOOKED, account=account)
    named = numbers & known.clients.keys()
    if len(named) != 1:
        return _suspended(entry, SuspenseReason.ACCOUNT_NOT_NAMED)
    client = known.clients[named.pop()]
    if "".join(entry.party_account.split()) != client.bank_account:
        return _suspended(entry, SuspenseReason.PAYER_DIFFERS)
    if not client.takes_money:
        return _suspended(entry, SuspenseReason.ACCOUNT_CLOSED)
    return Match(entry, EntryState.BOOKED, account=client.account, is_new=True)


def _debit(entry: Entry, open_orders: dict[str, int]) -> Match:
    if entry.is_reversal:
        return _suspended(entry, SuspenseReason.IS_REVERSAL)
    if entry.end_to_end not in open_orders:
        return _suspended(entry, SuspenseReason.NOT_ORDERED)
    if open_orders[entry.end_to_end] != entry.amount_fen:
        return _suspended(entry, SuspenseReason.AMOUNT_DIFFERS)
    del open_orders[entry.end_to_end]
    return Match(entry, EntryState.PAID, order=entry.end_to_end)


def _suspended(entry: Entry, reason: SuspenseReason) -> Match:
    return Match(entry, EntryState.SUSPENSE, reason=reason)
