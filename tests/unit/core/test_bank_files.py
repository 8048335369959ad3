"""A bank's statement is read as a whole or refused with the place and the remedy, in both languages."""

from datetime import UTC, date, datetime

import pytest

from tonnebook.core import bank_files, payment_files
from tonnebook.core.bank_files import EntrySide
from tonnebook.core.errors import Refused
from tonnebook.core.payment_files import Payment, PaymentFile
from tonnebook.demo import bank
from tonnebook.demo.bank import BankDay, Mischief, Movement

MONDAY = date(2026, 3, 2)
RED = Movement(1_000_00, "A-000001-11", "Red River Steel", "62220001")
NORTH = Movement(2_000_50, "A-000002-22", "North Power", "62220002")
PAID = Movement(-300_00, "PO-000001-33", "Red River Steel", "62220001")
DAY = BankDay("310066661234", MONDAY, 500_00, (RED, NORTH, PAID))


def read(content: bytes) -> bank_files.Statement:
    return bank_files.read_statement("march.xml", content)


def altered(old: str, new: str, count: int = 1) -> bytes:
    text = bank.statement(DAY).decode()
    assert old in text
    return text.replace(old, new, count).encode()


def test_a_statement_is_read_with_every_entry_and_both_balances() -> None:
    told = read(bank.statement(DAY))
    assert (told.account, told.day, told.opening_fen, told.closing_fen) == ("310066661234", MONDAY, 500_00, 3_200_50)
    assert [entry.change_fen for entry in told.entries] == [1_000_00, 2_000_50, -300_00]
    first, last = told.entries[0], told.entries[-1]
    assert (first.remittance, first.party, first.party_account) == ("A-000001-11", "Red River Steel", "62220001")
    assert (last.side, last.end_to_end) == (EntrySide.DEBIT, "PO-000001-33")


def test_the_older_schema_is_read_as_well() -> None:
    text = bank.statement(DAY).decode().replace("camt.053.001.08", "camt.053.001.02")
    for new, old in (
        ("<Sts>\n          <Cd>BOOK</Cd>\n        </Sts>", "<Sts>BOOK</Sts>"),
        ("<Pty>", ""),
        ("</Pty>", ""),
    ):
        assert new in text
        text = text.replace(new, old)
    assert read(text.encode()).entries == read(bank.statement(DAY)).entries


@pytest.mark.parametrize(
    ("mischief", "code"),
    [
        (Mischief.TRUNCATED, "BANK_FILE_UNREADABLE"),
        (Mischief.ENTRY_DOUBLED, "BANK_ENTRY_TWICE"),
        (Mischief.ENTRY_LOST, "BANK_FILE_COUNTS_DIFFER"),
        (Mischief.WRONG_AMOUNT, "BANK_FILE_BALANCE_DIFFERS"),
        (Mischief.WRONG_SIGN, "BANK_FILE_BALANCE_DIFFERS"),
        (Mischief.OTHER_CURRENCY, "BANK_FILE_FIELD_UNFIT"),
    ],
)
def test_a_spoilt_file_is_refused_by_name(mischief: Mischief, code: str) -> None:
    with pytest.raises(Refused, match=code) as refused:
        read(bank.statement(DAY, mischief=mischief))
    assert "march.xml" in refused.value.zh
    assert "march.xml" in refused.value.en


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("camt.053.001.08", "pain.001.001.09", "BANK_FILE_WRONG_KIND", "pain.001"),
        ('<Document xmlns="', '<!DOCTYPE a [<!ENTITY b "c">]><Document xmlns="', "BANK_FILE_UNREADABLE", "b"),
        ("<AcctSvcrRef>", "<NtryRef>0</NtryRef><!-- ", "BANK_FILE_UNREADABLE", "march.xml"),
        (">BOOK<", ">PDNG<", "BANK_FILE_FIELD_UNFIT", "Ntry[1]/Sts"),
        (">CRDT</CdtDbtInd>\n        <Sts>", ">UP</CdtDbtInd>\n        <Sts>", "BANK_FILE_FIELD_UNFIT", "CdtDbtInd"),
        (">1000.00<", ">-1000.00<", "BANK_FILE_FIELD_UNFIT", "Ntry[1]/Amt"),
        (">1000.00<", ">1000.001<", "BANK_FILE_FIELD_UNFIT", "Ntry[1]/Amt"),
        (">1000.00<", ">0.00<", "BANK_FILE_FIELD_UNFIT", "Ntry[1]/Amt"),
        (">1000.00<", "><", "BANK_FILE_FIELD_MISSING", "Ntry[1]/Amt"),
        ("<Ccy>CNY</Ccy>", "<Ccy>USD</Ccy>", "BANK_FILE_FIELD_UNFIT", "Acct/Ccy"),
        (">OPBD<", ">CLAV<", "BANK_FILE_FIELD_MISSING", "OPBD"),
        (">OPBD<", ">CLBD<", "BANK_FILE_FIELD_UNFIT", "CLBD"),
        ("<Dt>2026-03-02</Dt>", "<Dt>Monday</Dt>", "BANK_FILE_FIELD_UNFIT", "Dt"),
        ("</TxDtls>", "</TxDtls><TxDtls/>", "BANK_FILE_FIELD_UNFIT", "2 TxDtls"),
        ("</Stmt>", "</Stmt><Stmt/>", "BANK_FILE_FIELD_UNFIT", "BkToCstmrStmt"),
    ],
)
def test_a_refusal_names_the_element_it_is_about(old: str, new: str, code: str, place: str) -> None:
    content = altered(old, new, 2 if old.startswith("<Dt>") else 1)
    with pytest.raises(Refused, match=code) as refused:
        read(content)
    assert place in refused.value.en


def test_a_file_of_another_size_than_a_day_has_is_not_read() -> None:
    with pytest.raises(Refused, match="BANK_FILE_UNREADABLE"):
        read(b" " * (bank_files.BYTES_MAX + 1))


def test_a_negative_balance_is_read_with_its_sign() -> None:
    told = read(bank.statement(BankDay("31", MONDAY, 100, (Movement(-300, "", "", ""),))))
    assert (told.opening_fen, told.closing_fen) == (100, -200)


def test_sums_that_the_bank_adds_up_itself_must_be_so() -> None:
    content = altered("<NbOfNtries>3", "<Sum>3300.51</Sum><NbOfNtries>3")
    with pytest.raises(Refused, match="BANK_FILE_COUNTS_DIFFER"):
        read(content)
    assert read(altered("<NbOfNtries>3", "<Sum>3300.50</Sum><NbOfNtries>3")).closing_fen == 3_200_50


def orders(*payments: Payment) -> PaymentFile:
    made_at = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    return PaymentFile("PF-000001-10", made_at, MONDAY, "Exchange", "Settlement Bank", "310066661234", payments)


def test_what_we_order_the_bank_pays_under_our_number_to_the_fen() -> None:
    payment = Payment("PO-000001-33", 300_05, "红河钢铁 & Co <1>", "ICBC", "62220001", "PT-000001-42")
    content = payment_files.write(orders(payment))
    assert content == payment_files.write(orders(payment))
    assert b"<CtrlSum>300.05</CtrlSum>" in content
    assert bank.paid(content) == (Movement(-300_05, "PO-000001-33", "红河钢铁 & Co <1>", "62220001"),)


def test_a_file_that_orders_nothing_is_not_written() -> None:
    with pytest.raises(ValueError, match="at least one"):
        payment_files.write(orders())
