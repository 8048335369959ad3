"""What a settlement bank says of a day: its statement, message camt.053 of ISO 20022, read and proved.

We read what client money needs and check all of it: whoever cuts, doubles, turns round or alters a payment leaves sums
that no longer meet, and the file is refused as a whole. Names are those of the schemas 001.02 and 001.08: `Ntry` is an
entry, `CdtDbtInd` says whether money came (`CRDT`) or went (`DBIT`), `AcctSvcrRef` is the bank's own number of it.
Our orders to pay are in `payment_files`, what an entry does to the books is decided in `bank_entries`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException, ElementTree

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Refused, Sentence

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CURRENCY = "CNY"
# More is no statement of one day of one account (design choice, no legal source).
BYTES_MAX = 20 * 1024 * 1024

_NAMESPACE = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(?:02|08))\}Document")
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")


class EntrySide(StrEnum):
    """Whether a bank entry brought money to the settlement account or took it away."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"


class BankFileRefusal(Refusal):
    """Why a bank's statement is not loaded, in order of precedence; nothing of a refused file counts."""

    BANK_FILE_UNREADABLE = Sentence(
        zh="银行文件“{file}”不完整或已损坏（{found}），无法读取；请向银行重新索取。",
        en="The bank file “{file}” is cut off or damaged ({found}) and cannot be read; ask the bank for it again.",
        article="design choice",
        status=422,
    )
    BANK_FILE_WRONG_KIND = Sentence(
        zh="银行文件“{file}”不是 camt.053 账户对账单（{found}）；请选择 camt.053.001.02 或 001.08 文件。",
        en="The bank file “{file}” is no statement camt.053 ({found}); choose one of camt.053.001.02 or 001.08.",
        article="design choice, after ISO 20022 camt.053",
        status=422,
    )
    BANK_FILE_FIELD_MISSING = Sentence(
        zh="银行文件“{file}”的 {element} 缺失；请银行补齐后重新出具。",
        en="In the bank file “{file}” {element} is missing; ask the bank to issue it with that element.",
        article="design choice, after ISO 20022 camt.053",
        status=422,
    )
    BANK_FILE_FIELD_UNFIT = Sentence(
        zh="银行文件“{file}”的 {element} 为“{found}”，应为{wanted}；请银行更正后重新出具。",
        en="In the bank file “{file}” {element} is “{found}”, where {wanted} is expected; ask the bank to correct it.",
        article="design choice, after ISO 20022 camt.053",
        status=422,
    )
    BANK_FILE_COUNTS_DIFFER = Sentence(
        zh="银行文件“{file}”的 {element} 为“{found}”，而文件内的分录得出 {counted}；"
        "文件可能缺失或重复分录，请重新索取。",
        en="In the bank file “{file}” {element} says “{found}”, but its entries give {counted}; some may be lost or "
        "doubled: ask the bank for it again.",
        article="design choice",
        status=422,
    )
    BANK_FILE_BALANCE_DIFFERS = Sentence(
        zh="银行文件“{file}”：期初余额 {opening_yuan} 元加本日分录得 {reached_yuan} 元，"
        "与期末余额 {closing_yuan} 元不符；请向银行重新索取。",
        en="In the bank file “{file}” the opening balance of {opening_yuan} yuan and the entries come to "
        "{reached_yuan}, not to the closing balance of {closing_yuan}; ask the bank for it again.",
        article="design choice",
        status=422,
    )
    BANK_ENTRY_TWICE = Sentence(
        zh="银行文件“{file}”的 {element}：银行流水号“{found}”已出现过；同一笔款项只入账一次，请银行核对。",
        en="In the bank file “{file}” {element} has the bank reference “{found}” a second time; a payment counts once: "
        "ask the bank to compare.",
        article="design choice",
    )
    BANK_FILE_OTHER_ACCOUNT = Sentence(
        zh="银行文件“{file}”是账户 {found} 的对账单，不是结算账户 {wanted}；请选择正确的文件。",
        en="The bank file “{file}” is of account {found}, not of the settlement account {wanted}; choose the right "
        "file.",
        article="design choice",
        status=422,
    )
    BANK_FILE_LOADED = Sentence(
        zh="银行文件“{file}”已载入（{statement}，{day}）；每个文件、每个账户每日只载入一次。",
        en="The bank file “{file}” is loaded already ({statement}, {day}); a file, and a day of an account, is loaded "
        "once.",
        article="design choice",
    )
    BANK_FILE_OUT_OF_ORDER = Sentence(
        zh="银行文件“{file}”（{day}）的期初余额 {opening_yuan} 元"
        "与上一份对账单（{last_on}）的期末余额 {last_yuan} 元不衔接；请先载入其间的对账单。",
        en="The bank file “{file}” ({day}) opens with {opening_yuan} yuan, but the last statement ({last_on}) closed "
        "with {last_yuan}; load the statements in between first.",
        article="design choice",
        transient=True,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One booked entry of a statement.

    Attributes:
        place: where it stands in the file, such as "Ntry[3]".
        reference: the bank's own number of it (`AcctSvcrRef`).
        side: whether money came or went.
        amount_fen: fen, > 0.
        is_reversal: whether it takes back an earlier one.
        end_to_end: the number that whoever began the payment gave it; empty when the bank names none.
        remittance: what the payer wrote.
        party: name on the other account; empty when the bank names none.
        party_account: number of the other account; empty when the bank names none.
    """

    place: str
    reference: str
    side: EntrySide
    amount_fen: int
    is_reversal: bool
    end_to_end: str
    remittance: str
    party: str
    party_account: str

    @property
    def change_fen(self) -> int:
        """What it does to the balance, fen."""
        return self.amount_fen if self.side is EntrySide.CREDIT else -self.amount_fen


@dataclass(frozen=True, slots=True)
class Statement:
    """One day of a settlement account; opening + entries = closing.

    Attributes:
        file: name of the file.
        number: the bank's number of the statement (`Stmt/Id`).
        account: number of the settlement account at the bank.
        day: of the closing balance.
        opening_fen: fen.
        closing_fen: fen.
        entries: in the order of the file.
    """

    file: str
    number: str
    account: str
    day: date
    opening_fen: int
    closing_fen: int
    entries: tuple[Entry, ...]


def read_statement(file: str, content: bytes) -> Statement:
    """Read a bank's statement of a day and prove that it adds up.

    Args:
        file: name of the file, for the sentences.
        content: the file as it came.

    Returns:
        The statement.

    Raises:
        Refused: BANK_FILE_UNREADABLE for what is no whole XML document or declares entities; BANK_FILE_WRONG_KIND;
            BANK_FILE_FIELD_MISSING; BANK_FILE_FIELD_UNFIT, also for another currency, an amount with a sign, an entry
            that is not booked or several payments in one; BANK_ENTRY_TWICE; BANK_FILE_COUNTS_DIFFER;
            BANK_FILE_BALANCE_DIFFERS.

    Source: ISO 20022, camt.053.001.02 and 001.08 (names and places of elements); what is asked for: design choice.
    """
    node = _statement_node(file, content)
    entries = tuple(_entry(one) for one in node.each("Ntry"))
    statement = Statement(
        file=file,
        number=node.text("Id"),
        account=_account(node.one("Acct")),
        day=_closing_day(node),
        opening_fen=_balance_fen(node, "OPBD"),
        closing_fen=_balance_fen(node, "CLBD"),
        entries=entries,
    )
    _check_twins(statement)
    _check_summary(node, entries)
    reached_fen = statement.opening_fen + sum(entry.change_fen for entry in entries)
    if reached_fen != statement.closing_fen:
        amounts = units.with_yuan(opening=statement.opening_fen, reached=reached_fen, closing=statement.closing_fen)
        raise Refused(BankFileRefusal.BANK_FILE_BALANCE_DIFFERS, file=file, **amounts)
    return statement


@dataclass(frozen=True, slots=True)
class _Node:
    # An element that knows where it stands, so that every refusal can say so.
    file: str
    place: str
    namespace: str
    element: "Element"

    def each(self, name: str) -> Iterator["_Node"]:
        for index, found in enumerate(self.element.findall(self._path(name)), 1):
            yield _Node(self.file, f"{self.place}/{name}[{index}]", self.namespace, found)

    def maybe(self, path: str) -> "_Node | None":
        found = self.element.find(self._path(path))
        return None if found is None else _Node(self.file, f"{self.place}/{path}", self.namespace, found)

    def one(self, path: str) -> "_Node":
        found = self.maybe(path)
        if found is None:
            raise Refused(BankFileRefusal.BANK_FILE_FIELD_MISSING, file=self.file, element=f"{self.place}/{path}")
        return found

    def text(self, path: str) -> str:
        node = self.one(path)
        told = (node.element.text or "").strip()
        if not told:
            raise Refused(BankFileRefusal.BANK_FILE_FIELD_MISSING, file=self.file, element=node.place)
        return told

    # The first of several places where versions of the schema keep the same thing; empty when none is there.
    def first(self, *paths: str) -> str:
        nodes = (self.maybe(path) for path in paths)
        return next((text for node in nodes if node and (text := (node.element.text or "").strip())), "")

    def unfit(self, found: str, wanted: str) -> Refused:
        facts = {"file": self.file, "element": self.place, "found": found, "wanted": wanted}
        return Refused(BankFileRefusal.BANK_FILE_FIELD_UNFIT, **facts)

    def _path(self, path: str) -> str:
        return "/".join(f"{{{self.namespace}}}{name}" for name in path.split("/"))


def _statement_node(file: str, content: bytes) -> _Node:
    if len(content) > BYTES_MAX:
        raise Refused(BankFileRefusal.BANK_FILE_UNREADABLE, file=file, found=f"> {BYTES_MAX // 2**20} MiB")
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Refused(BankFileRefusal.BANK_FILE_UNREADABLE, file=file, found=str(error)) from None
    kind = _NAMESPACE.fullmatch(root.tag)
    if kind is None:
        raise Refused(BankFileRefusal.BANK_FILE_WRONG_KIND, file=file, found=root.tag)
    message = _Node(file, "Document", kind[1], root).one("BkToCstmrStmt")
    statements = list(message.each("Stmt"))
    if len(statements) != 1:
        raise message.unfit(str(len(statements)), "1 Stmt")
    return statements[0]


def _entry(node: _Node) -> Entry:
    # The schema of 2009 writes the status as text, that of 2019 as a code inside.
    if (status := node.first("Sts/Cd", "Sts")) != "BOOK":
        raise node.one("Sts").unfit(status, "BOOK")
    side = _side(node)
    payments = [one for details in node.each("NtryDtls") for one in details.each("TxDtls")]
    if len(payments) > 1:
        raise node.unfit(f"{len(payments)} TxDtls", "1 TxDtls")
    details = payments[0] if payments else node
    who = "Dbtr" if side is EntrySide.CREDIT else "Cdtr"
    return Entry(
        place=node.place.rpartition("/")[2],
        reference=node.text("AcctSvcrRef"),
        side=side,
        amount_fen=_positive_fen(node),
        is_reversal=node.first("RvslInd") in ("true", "1"),
        end_to_end=details.first("Refs/EndToEndId"),
        remittance=details.first("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Ustrd"),
        party=details.first(f"RltdPties/{who}/Pty/Nm", f"RltdPties/{who}/Nm"),
        party_account=details.first(f"RltdPties/{who}Acct/Id/Othr/Id", f"RltdPties/{who}Acct/Id/IBAN"),
    )


def _side(node: _Node) -> EntrySide:
    told = node.text("CdtDbtInd")
    if told not in ("CRDT", "DBIT"):
        raise node.one("CdtDbtInd").unfit(told, "CRDT | DBIT")
    return EntrySide.CREDIT if told == "CRDT" else EntrySide.DEBIT


def _amount_fen(node: _Node) -> int:
    amount, told = node.one("Amt"), node.text("Amt")
    if (currency := amount.element.get("Ccy", "")) != CURRENCY:
        raise amount.unfit(currency, CURRENCY)
    if _AMOUNT.fullmatch(told) is None:
        raise amount.unfit(told, "0.00")
    return units.fen_of_yuan(units.decimal_of(told))


def _positive_fen(node: _Node) -> int:
    amount_fen = _amount_fen(node)
    if amount_fen == 0:
        raise node.one("Amt").unfit("0", "> 0.00")
    return amount_fen


def _account(node: _Node) -> str:
    currency = node.first("Ccy")
    if currency not in ("", CURRENCY):
        raise node.one("Ccy").unfit(currency, CURRENCY)
    return node.first("Id/IBAN") or node.text("Id/Othr/Id")


def _balance(node: _Node, code: str) -> _Node:
    found = [one for one in node.each("Bal") if one.first("Tp/CdOrPrtry/Cd") == code]
    if len(found) != 1:
        if found:
            raise found[1].unfit(code, f"1 {code}")
        raise Refused(BankFileRefusal.BANK_FILE_FIELD_MISSING, file=node.file, element=f"{node.place}/Bal {code}")
    return found[0]


def _balance_fen(node: _Node, code: str) -> int:
    balance = _balance(node, code)
    amount_fen = _amount_fen(balance)
    return amount_fen if _side(balance) is EntrySide.CREDIT else -amount_fen


def _closing_day(node: _Node) -> date:
    balance = _balance(node, "CLBD")
    told = balance.first("Dt/Dt") or balance.text("Dt/DtTm")
    try:
        return date.fromisoformat(told[:10])
    except ValueError:
        raise balance.one("Dt").unfit(told, "YYYY-MM-DD") from None


def _check_twins(statement: Statement) -> None:
    counted = Counter(entry.reference for entry in statement.entries)
    for entry in reversed(statement.entries):
        if counted[entry.reference] > 1:
            facts = {"file": statement.file, "element": entry.place, "found": entry.reference}
            raise Refused(BankFileRefusal.BANK_ENTRY_TWICE, **facts)


# A bank may add the numbers of its entries and their sums up; what it says must be so.
def _check_summary(node: _Node, entries: Sequence[Entry]) -> None:
    sides = {
        "TtlNtries": entries,
        "TtlCdtNtries": [entry for entry in entries if entry.side is EntrySide.CREDIT],
        "TtlDbtNtries": [entry for entry in entries if entry.side is EntrySide.DEBIT],
    }
    for name, counted in sides.items():
        total = node.maybe(f"TxsSummry/{name}")
        if total is None:
            continue
        sums = {"NbOfNtries": str(len(counted)), "Sum": yuan(sum(entry.amount_fen for entry in counted))}
        for field, reached in sums.items():
            told = total.first(field)
            if told and units.decimal_of(told) != units.decimal_of(reached):
                facts = {"file": node.file, "element": f"{total.place}/{field}", "found": told, "counted": reached}
                raise Refused(BankFileRefusal.BANK_FILE_COUNTS_DIFFER, **facts)


def yuan(amount_fen: int) -> str:
    """Write an amount as the messages have it.

    Args:
        amount_fen: fen, >= 0.

    Example:
        >>> yuan(123405)
        '1234.05'
    """
    return f"{amount_fen // units.FEN_PER_YUAN}.{amount_fen % units.FEN_PER_YUAN:02d}"
