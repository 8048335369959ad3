"""Take a wrong transfer back: a new transfer with opposite legs that names it; nothing is ever deleted."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import ledger, periods, roles
from tonnebook.core.ledger import TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services import locks
from tonnebook.registry.services.transfers import TransferDraft, post


@journal.command("registry.reverse")
def reverse(actor: Actor, *, transfer: str, reason: str, approval: str, key: str, now: datetime) -> Answer:
    """Take a transfer back, approved by two people.

    Units of one asset are alike: as many go back as came, if they are free there; the receiver's lowest serial numbers
    go, as in every transfer.

    Args:
        actor: officer or registrar of the region.
        transfer: number of the transfer that was wrong.
        reason: why.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `transfer`, the number of the correction, and `leaf`.

    Raises:
        Refused: TRANSFER_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NOT_REVERSIBLE,
            ALREADY_REVERSED, REVERSAL_TOO_LATE; TERMINAL_ACCOUNT when what was moved is out of use for good;
            INSUFFICIENT_FREE when the receiver has used or set aside some of it; what else the account book refuses.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    roles.check(actor, Act.CORRECT, region=queries.transfer(transfer).region)
    payload = {"transfer": transfer, "reason": reason}
    people = members.use_approval(approval, kind="registry.reverse", payload=payload, now=now)
    locks.lock_reversal(transfer)
    wrong = queries.transfer(transfer)
    require_reversible(wrong, now=now)
    draft = TransferDraft(
        TransferType.CORRECTION,
        ledger.opposite(wrong.legs),
        people.initiator,
        people.approver,
        subject=approval,
        note=reason,
        corrects=transfer,
    )
    posted = post([draft], now=now)[0]
    return {"transfer": posted.number, "leaf": posted.leaf}


def require_reversible(wrong: queries.TransferRow, *, now: datetime) -> None:
    """Refuse a transfer that stands; a proposal to take it back would come to nothing.

    Args:
        wrong: the transfer.
        now: when.

    Raises:
        Refused: NOT_REVERSIBLE, ALREADY_REVERSED, REVERSAL_TOO_LATE.

    Source: design choice, no legal source.
    """
    ledger.check_reversal(
        wrong.number,
        wrong.type,
        posted_on=periods.day_of(wrong.at),
        today=periods.day_of(now),
        calendar=rulebook.calendar(wrong.region),
        corrected_by=wrong.corrected_by,
    )
