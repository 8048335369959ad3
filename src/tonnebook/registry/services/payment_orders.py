"""Order a settlement bank to pay what has left the books: withdrawals carried out, and money to be returned."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import payment_files, periods
from tonnebook.core.bank_entries import BankRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.payment_files import Payment, PaymentFile
from tonnebook.core.roles import Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members
from tonnebook.registry import models, queries
from tonnebook.registry.models import PaymentOrder, SettlementBank
from tonnebook.registry.queries import Payable
from tonnebook.registry.services import locks, numbers
from tonnebook.registry.services.settlement_banks import require_settlement_body


@journal.command("registry.order_payments")
def order_payments(actor: Actor, *, settlement_bank: str, key: str, now: datetime) -> Answer:
    """Put everything a settlement bank has to pay into one file for it, each payment once.

    Args:
        actor: of the body that settles in the region.
        settlement_bank: our number of the bank.
        key: idempotency key.
        now: when; its day is the day on which the bank is to pay.

    Returns:
        `payment_file` (our number), `orders` (count), `amount_fen` and `leaf`.

    Raises:
        Refused: NO_SETTLEMENT_BANK; NOT_PERMITTED, NOT_YOUR_REGION, NOT_THE_SETTLEMENT_BODY; NOTHING_TO_PAY.

    Source: design choice, no legal source.
    """
    del key
    bank = SettlementBank.objects.filter(number=settlement_bank).first()
    if bank is None:
        raise Refused(BankRefusal.NO_SETTLEMENT_BANK, settlement_bank=settlement_bank)
    require_settlement_body(actor, bank.region, now=now)
    locks.lock_settlement_bank(bank.number)
    due = queries.payables(bank.number)
    if not due:
        raise Refused(BankRefusal.NOTHING_TO_PAY, settlement_bank=settlement_bank)
    number = numbers.take_numbers(numbers.PAYMENT_FILE, "PF", 1)[0]
    taken = numbers.take_numbers(numbers.PAYMENT_ORDER, "PO", len(due))
    content = payment_files.write(_file(actor, bank, number, taken, due, now))
    leaf = _keep(actor, bank, number, taken, due, content, now)
    amount_fen = sum(one.amount_fen for one in due)
    return {"payment_file": number, "orders": len(due), "amount_fen": amount_fen, "leaf": leaf}


def _file(
    actor: Actor, bank: SettlementBank, number: str, taken: Sequence[str], due: Sequence[Payable], now: datetime
) -> PaymentFile:
    names = members.organisations_named([actor.organisation, bank.organisation_id, *(one.organisation for one in due)])
    payments = [
        Payment(
            number=order,
            amount_fen=one.amount_fen,
            payee=names[one.organisation].name_zh if one.organisation else one.payee,
            payee_bank=one.payee_bank,
            payee_account=one.payee_account,
            remittance=one.about,
        )
        for order, one in zip(taken, due, strict=True)
    ]
    return PaymentFile(
        number=number,
        made_at=now,
        due_on=periods.day_of(now),
        payer=names[actor.organisation].name_zh,
        bank=names[bank.organisation_id].name_zh,
        account=bank.account_number,
        payments=payments,
    )


def _keep(
    actor: Actor,
    bank: SettlementBank,
    number: str,
    taken: Sequence[str],
    due: Sequence[Payable],
    content: bytes,
    now: datetime,
) -> str:
    digest = hashlib.sha256(content).hexdigest()
    facts = {"payment_file": number, "settlement_bank": bank.number, "digest": digest}
    orders = [[order, one.about, one.amount_fen] for order, one in zip(taken, due, strict=True)]
    leaf = journal.append(journal.Entry("registry.payments.ordered", facts, {"orders": orders}), now=now)
    file = models.PaymentFile.objects.create(
        number=number,
        region=bank.region,
        settlement_bank=bank,
        content=content,
        digest=digest,
        made_by=actor.person,
        made_at=now,
        leaf_hash=leaf,
    )
    PaymentOrder.objects.bulk_create(
        PaymentOrder(
            number=order,
            region=bank.region,
            settlement_bank=bank,
            file=file,
            withdrawal_id=one.withdrawal,
            returned_id=one.entry,
            amount_fen=one.amount_fen,
        )
        for order, one in zip(taken, due, strict=True)
    )
    return leaf
