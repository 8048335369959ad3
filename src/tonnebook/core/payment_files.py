"""Our orders to a settlement bank: message pain.001.001.09 of ISO 20022 (CustomerCreditTransferInitiation)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tonnebook.core.bank_files import CURRENCY, yuan

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

# What the schema lets a name and a free text have, in signs.
_NAME_MAX, _TEXT_MAX = 140, 140


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment the bank is asked to make; its number comes back as `EndToEndId` of the entry that did it.

    Attributes:
        number: ours, at most 35 signs.
        amount_fen: fen, > 0.
        payee: name of who is paid.
        payee_bank: name of the payee's bank.
        payee_account: number of the payee's account there.
        remittance: what the payee reads.
    """

    number: str
    amount_fen: int
    payee: str
    payee_bank: str
    payee_account: str
    remittance: str


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """Payments out of one settlement account, to be made on one day.

    Attributes:
        number: of the message, ours, at most 35 signs.
        made_at: when it was made.
        due_on: when the bank is to pay.
        payer: who settles: the name on the account.
        bank: name of the settlement bank.
        account: number of the settlement account.
        payments: at least one.
    """

    number: str
    made_at: datetime
    due_on: date
    payer: str
    bank: str
    account: str
    payments: Sequence[Payment]


def write(file: PaymentFile) -> bytes:
    """Write payments as the message the bank reads; the same payments give the same bytes.

    Every payment is booked by itself (`BtchBookg` false), so that the statement answers one by one.

    Args:
        file: what to pay.

    Returns:
        The XML file.

    Raises:
        ValueError: when there is nothing to pay.

    Source: ISO 20022, pain.001.001.09 (names, order and lengths of elements); one booking each: design choice.
    """
    if not file.payments:
        raise ValueError("a payment file needs at least one payment")
    root = Element("Document", xmlns=NAMESPACE)
    message = SubElement(root, "CstmrCdtTrfInitn")
    header = SubElement(message, "GrpHdr")
    sums = {
        "NbOfTxs": str(len(file.payments)),
        "CtrlSum": yuan(sum(payment.amount_fen for payment in file.payments)),
    }
    _put(header, {"MsgId": file.number, "CreDtTm": file.made_at.isoformat(timespec="seconds"), **sums})
    _put(header, {"InitgPty/Nm": file.payer[:_NAME_MAX]})
    order = SubElement(message, "PmtInf")
    _put(order, {"PmtInfId": file.number, "PmtMtd": "TRF", "BtchBookg": "false", **sums})
    _put(order, {"ReqdExctnDt/Dt": file.due_on.isoformat(), "Dbtr/Nm": file.payer[:_NAME_MAX]})
    _put(order, {"DbtrAcct/Id/Othr/Id": file.account, "DbtrAcct/Ccy": CURRENCY})
    _put(order, {"DbtrAgt/FinInstnId/Nm": file.bank[:_NAME_MAX]})
    for payment in file.payments:
        _put_payment(SubElement(order, "CdtTrfTxInf"), payment)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _put_payment(parent: Element, payment: Payment) -> None:
    _put(parent, {"PmtId/InstrId": payment.number, "PmtId/EndToEndId": payment.number})
    _put(parent, {"Amt/InstdAmt": yuan(payment.amount_fen)})
    parent.find("Amt/InstdAmt").set("Ccy", CURRENCY)  # type: ignore[union-attr]
    _put(parent, {"CdtrAgt/FinInstnId/Nm": payment.payee_bank[:_NAME_MAX], "Cdtr/Nm": payment.payee[:_NAME_MAX]})
    _put(parent, {"CdtrAcct/Id/Othr/Id": payment.payee_account, "RmtInf/Ustrd": payment.remittance[:_TEXT_MAX]})


# Puts each text at its path, in order; the schema is a sequence, so order is all that matters.
def _put(parent: Element, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        node = parent
        for name in path.split("/"):
            there = node.find(name)
            node = SubElement(node, name) if there is None else there
        node.text = text
