"""Freeze what a court orders to be frozen, and lift it again."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import HoldOwner, HoldReason, LedgerRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services.holds import HoldDraft, place_holds, release_holds


@journal.command("registry.freeze_by_court")
def freeze_by_court(
    actor: Actor,
    *,
    account: str,
    asset: str,
    quantity: int,
    court: str,
    notice: str,
    documents: Sequence[str],
    expires_on: date,
    key: str,
    now: datetime,
) -> Answer:
    """Freeze units or money as a court's execution notice orders; what is not there yet waits (轮候冻结).

    Args:
        actor: registrar of the region.
        account: of an organisation.
        asset: code.
        quantity: tonnes or fen; it may exceed what is free.
        court: its name.
        notice: number of the execution notice.
        documents: numbers of the papers, kept under the organisation.
        expires_on: the last day of the freeze.
        key: idempotency key.
        now: when.

    Returns:
        `hold`, `frozen` and `waiting` (tonnes or fen) and `rank`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; ACCOUNT_UNKNOWN; DOCUMENTS_MISSING, NO_SUCH_DOCUMENT; EXPIRY_PAST; what
            `place_holds` refuses.

    Source: S76 Art. 24, 26; that one registrar suffices to freeze is a design choice.
    """
    del key
    row = queries.account(account)
    members.require(actor, Act.HOLD_FOR_COURT, organisation=row.organisation)
    members.require_documents(row.organisation, documents)
    if expires_on < periods.day_of(now):
        raise Refused(LedgerRefusal.EXPIRY_PAST, expires_on=expires_on)
    expires_at = periods.instant(expires_on + timedelta(days=1), time())
    papers = tuple(documents)
    draft = HoldDraft(account, asset, quantity, HoldReason.COURT, notice, expires_at, court, papers)
    (number,) = place_holds([draft], now=now)
    facts = {"hold": number, "by": actor.person}
    journal.append(journal.Entry("registry.court_freeze.entered", facts, {"court": court, "notice": notice}), now=now)
    placed = queries.hold(number)
    return {"hold": number, "frozen": placed.remaining, "waiting": placed.waiting, "rank": placed.rank}


@journal.command("registry.lift_court_freeze")
def lift_court_freeze(actor: Actor, *, hold: str, notice: str, approval: str, key: str, now: datetime) -> Answer:
    """Lift a court's freeze, approved by two people; whoever waits behind it comes next.

    Args:
        actor: registrar of the region.
        hold: number.
        notice: number of the notice by which the court lifts it.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `hold` and `lifted` (tonnes or fen that were frozen).

    Raises:
        Refused: HOLD_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; HOLD_NOT_ACTIVE;
            HOLD_OF_ANOTHER when it is no court's.

    Source: S76 Art. 26; two people are a design choice.
    """
    del key
    row = queries.hold(hold)
    members.require(actor, Act.HOLD_FOR_COURT, organisation=queries.account(row.account).organisation)
    payload = {"hold": hold, "notice": notice}
    approved = members.use_approval(approval, kind="registry.lift_court_freeze", payload=payload, now=now)
    release_holds([hold], by=HoldOwner.COURT, now=now)
    facts = {"hold": hold, "by": approved.initiator, "approved_by": approved.approver}
    journal.append(journal.Entry("registry.court_freeze.lifted", facts, {"notice": notice}), now=now)
    return {"hold": hold, "lifted": row.remaining}
