"""A settlement bank to try things with: it takes our orders and answers with its statement of the day.

The same orders and deposits give the same file. With a mischief it answers as a bank must not, so that tests and people
can see that such a file is refused as a whole.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from defusedxml import ElementTree

from tonnebook.core import payment_files, units
from tonnebook.core.bank_files import CURRENCY, yuan

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


class Mischief(StrEnum):
    """What a bank can do wrong with a file."""

    TRUNCATED = "TRUNCATED"
    ENTRY_DOUBLED = "ENTRY_DOUBLED"
    ENTRY_LOST = "ENTRY_LOST"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    WRONG_SIGN = "WRONG_SIGN"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    OTHER_ACCOUNT = "OTHER_ACCOUNT"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came (above zero) or went.

    Attributes:
        amount_fen: fen.
        about: what the payer wrote, or the number of our order.
        party: name on the other account.
        party_account: number of the other account.
        reference: the bank's own number; counted up within the day where it is empty.
    """

    amount_fen: int
    about: str
    party: str
    party_account: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class BankDay:
    """One day of a settlement account, as the bank writes it down.

    Attributes:
        account: number of the settlement account.
        day: of the closing balance.
        opening_fen: fen.
        movements: in the order in which they happened.
    """

    account: str
    day: date
    opening_fen: int
    movements: tuple[Movement, ...]

    @property
    def closing_fen(self) -> int:
        """What lies there at the end of the day, fen."""
        return self.opening_fen + sum(one.amount_fen for one in self.movements)


def paid(orders: bytes) -> tuple[Movement, ...]:
    """Pay every order of a file.

    Args:
        orders: a file of ours, pain.001.001.09.

    Returns:
        The money that goes, in the order of the file.
    """
    names = {"p": payment_files.NAMESPACE}
    return tuple(
        Movement(
            amount_fen=-units.fen_of_yuan(units.decimal_of(_text(one, "p:Amt/p:InstdAmt", names))),
            about=_text(one, "p:PmtId/p:EndToEndId", names),
            party=_text(one, "p:Cdtr/p:Nm", names),
            party_account=_text(one, "p:CdtrAcct/p:Id/p:Othr/p:Id", names),
        )
        for one in ElementTree.fromstring(orders).iter(f"{{{payment_files.NAMESPACE}}}CdtTrfTxInf")
    )


def statement(told: BankDay, *, mischief: Mischief | None = None) -> bytes:
    """Write the statement of a day, camt.053.001.08.

    Args:
        told: the day.
        mischief: what the bank does wrong; nothing when None. It changes the first entry, where it changes one.

    Returns:
        The XML file.
    """
    root = _document(told)
    if mischief is not None:
        _spoil(root, mischief)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written[: len(written) * 2 // 3] if mischief is Mischief.TRUNCATED else written


def _document(told: BankDay) -> Element:
    root = Element("Document", xmlns=NAMESPACE)
    message = SubElement(root, "BkToCstmrStmt")
    number = f"{told.account[-8:]}-{told.day:%Y%m%d}"
    header = SubElement(message, "GrpHdr")
    _put(header, "MsgId", number)
    _put(header, "CreDtTm", f"{told.day}T23:00:00+08:00")
    node = SubElement(message, "Stmt")
    _put(node, "Id", number)
    _put(node, "Acct/Id/Othr/Id", told.account)
    _put(node, "Acct/Ccy", CURRENCY)
    for code, amount_fen in (("OPBD", told.opening_fen), ("CLBD", told.closing_fen)):
        balance = SubElement(node, "Bal")
        _put(balance, "Tp/CdOrPrtry/Cd", code)
        _put_amount(balance, amount_fen)
        _put(balance, "Dt/Dt", told.day.isoformat())
    _put(node, "TxsSummry/TtlNtries/NbOfNtries", str(len(told.movements)))
    for index, movement in enumerate(told.movements, 1):
        _put_entry(SubElement(node, "Ntry"), movement, movement.reference or f"{number}-{index:04d}", told.day)
    return root


def _put_entry(node: Element, movement: Movement, reference: str, day: date) -> None:
    _put_amount(node, movement.amount_fen)
    _put(node, "Sts/Cd", "BOOK")
    _put(node, "BookgDt/Dt", day.isoformat())
    _put(node, "AcctSvcrRef", reference)
    _put(node, "BkTxCd/Prtry/Cd", "TRF")
    has_come = movement.amount_fen > 0
    details, who = "NtryDtls/TxDtls", "Dbtr" if has_come else "Cdtr"
    _put(node, f"{details}/Refs/EndToEndId", "NOTPROVIDED" if has_come else movement.about)
    _put(node, f"{details}/RltdPties/{who}/Pty/Nm", movement.party)
    _put(node, f"{details}/RltdPties/{who}Acct/Id/Othr/Id", movement.party_account)
    if has_come:
        _put(node, f"{details}/RmtInf/Ustrd", movement.about)


def _put_amount(node: Element, amount_fen: int) -> None:
    _put(node, "Amt", yuan(abs(amount_fen))).set("Ccy", CURRENCY)
    _put(node, "CdtDbtInd", "CRDT" if amount_fen >= 0 else "DBIT")


def _put(parent: Element, path: str, text: str) -> Element:
    node = parent
    for name in path.split("/"):
        there = node.find(name)
        node = SubElement(node, name) if there is None else there
    node.text = text
    return node


def _text(node: Element, path: str, names: Mapping[str, str]) -> str:
    return node.findtext(path, "", dict(names))


def _spoil(root: Element, mischief: Mischief) -> None:
    node = root[0][1]
    first = node.findall("Ntry")[0]
    match mischief:
        case Mischief.ENTRY_DOUBLED:
            node.append(deepcopy(first))
        case Mischief.ENTRY_LOST:
            node.remove(first)
        case Mischief.WRONG_AMOUNT:
            _put(first, "Amt", "0.01")
        case Mischief.WRONG_SIGN:
            _put(first, "CdtDbtInd", "DBIT" if first.findtext("CdtDbtInd") == "CRDT" else "CRDT")
        case Mischief.OTHER_CURRENCY:
            _put(first, "Amt", first.findtext("Amt", "")).set("Ccy", "USD")
        case Mischief.OTHER_ACCOUNT:
            _put(node, "Acct/Id/Othr/Id", "0000")
