"""Book money that reached the settlement bank."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal, Leg, TransferType
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import BankEntry
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
        Refused: NOT_PERMITTED …; SECOND_FACTOR_NEEDED; ACCOUNT_UNKNOWN; BANK_REFERENCE_USED when the payment has been
            booked, or a statement of the bank has brought it; QUANTITY_NOT_POSITIVE; TRANSFER_NOT_ALLOWED when the
            account holds no client's cash.

    Source: design choice, no legal source.
    """
    del key
    row = queries.account(account)
    members.require(actor, Act.CASH_IN, organisation=row.organisation or None)
    told = {"account": account, "amount_fen": amount_fen, "bank_reference": bank_reference}
    members.require_signed(actor, Act.CASH_IN, now=now, ask=Ask("registry.cash_in", told))
    bank = queries.system_account(row.region, AccountType.BANK)
    legs = (Leg(bank, account, CASH.code, amount_fen),)
    # What a statement of the bank has brought is credited by it, or waits on the suspense list.
    if BankEntry.objects.filter(region=row.region, reference=bank_reference).exists():
        raise Refused(LedgerRefusal.BANK_REFERENCE_USED, reference=bank_reference)
    posted = post_paid([TransferDraft(TransferType.CASH_IN, legs, actor.person, subject=bank_reference)], now=now)[0]
    return {"transfer": posted.number, "leaf": posted.leaf}


def post_paid(drafts: Sequence[TransferDraft], *, now: datetime) -> list[Posted]:
    """Post payments of a bank, each under its reference once for good; inside the caller's command.

    The unique constraint decides, so two clerks with the same bank file cannot both book a payment.

    Args:
        drafts: transfers CASH_IN whose subject is the bank's reference.
        now: when.

    Returns:
        What was posted, in order.

    Raises:
        Refused: BANK_REFERENCE_USED when one of them has been booked; what `post` refuses.

    Source: design choice, no legal source (invariant B16).
    """
    try:
        with transaction.atomic():
            return post(drafts, now=now)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint == "registry_transfer_paid_once":
            references = ", ".join(draft.subject for draft in drafts)
            raise Refused(LedgerRefusal.BANK_REFERENCE_USED, reference=references) from None
        raise
