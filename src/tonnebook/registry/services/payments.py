"""Book money that reached the settlement bank."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal, Leg, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services.accounts import CASH
from tonnebook.registry.services.transfers import Posted, TransferDraft, post


@journal.command("registry.cash_in")
def cash_in(actor: Actor, *, account: str, amount_fen: int, bank_reference: str, key: str, now: datetime) -> Answer:
    """Credit a client with money that the bank reports.

    Args:
        actor: exchange staff of the region.
        account: number of the CLIENT_CASH account.
        amount_fen: fen, > 0.
        bank_reference: the bank's number of the payment; books once, for good.
        key: idempotency key.
        now: when.

    Returns:
        `transfer` and `leaf`.

    Raises:
        Refused: NOT_PERMITTED …; ACCOUNT_UNKNOWN; BANK_REFERENCE_USED when the payment has been booked;
            QUANTITY_NOT_POSITIVE; TRANSFER_NOT_ALLOWED when the account holds no client's cash.

    Source: design choice, no legal source.
    """
    del key
    row = queries.account(account)
    members.require(actor, Act.CASH_IN, organisation=row.organisation or None)
    bank = queries.system_account(row.region, AccountType.BANK)
    legs = (Leg(bank, account, CASH.code, amount_fen),)
    posted = _post_once(TransferDraft(TransferType.CASH_IN, legs, actor.person, subject=bank_reference), now=now)
    return {"transfer": posted.number, "leaf": posted.leaf}


def _post_once(draft: TransferDraft, *, now: datetime) -> Posted:
    # The unique constraint decides, so two clerks with the same bank file cannot both book the payment.
    try:
        with transaction.atomic():
            return post([draft], now=now)[0]
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint == "registry_transfer_paid_once":
            raise Refused(LedgerRefusal.BANK_REFERENCE_USED, reference=draft.subject) from None
        raise
