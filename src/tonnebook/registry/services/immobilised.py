"""Immobilise units on papers, for a pledgee or another registry, and release them: kept from use, never retired."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import HoldReason, LedgerRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services.holds import HoldDraft, place_holds, release_holds


@journal.command("registry.immobilise")
def immobilise(
    actor: Actor,
    *,
    account: str,
    asset: str,
    quantity_t: int,
    ground: HoldReason,
    keeper: str,
    contract: str,
    documents: Sequence[str],
    key: str,
    now: datetime,
) -> Answer:
    """Keep units from every use while a pledge secures a debt or another registry has something stand for them.

    Args:
        actor: registrar of the region.
        account: of an organisation.
        asset: code of an allowance or credit.
        quantity_t: tonnes, > 0.
        ground: PLEDGE or BRIDGE.
        keeper: for whom: the pledgee's unified social credit code, or the name of the other registry.
        contract: number of the pledge contract, or of the other registry's entry.
        documents: numbers of the papers, kept under the organisation.
        key: idempotency key.
        now: when.

    Returns:
        `hold`, `immobilised_t`, `waiting_t` (behind an earlier pledge) and `rank`.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION; DOCUMENTS_MISSING, NO_SUCH_DOCUMENT; HOLD_NOT_ALLOWED
            for another ground; NO_SUCH_ORGANISATION when no such pledgee is registered; what `place_holds` refuses,
            RESTRICTED_USE and INSUFFICIENT_FREE above all.

    Source: S75 Art. 414, 443 (pledge); the bridge is a design choice.
    """
    del key
    row = queries.account(account)
    members.require(actor, Act.PLEDGE, organisation=row.organisation)
    members.require_documents(row.organisation, documents)
    if ground not in ledger.IMMOBILISING:
        facts = {"type": ground.value, "account_type": row.type.value, "kind": asset}
        raise Refused(LedgerRefusal.HOLD_NOT_ALLOWED, **facts)
    if ground is HoldReason.PLEDGE:
        keeper = members_queries.organisation(keeper).uscc
    draft = HoldDraft(account, asset, quantity_t, ground, contract, owner=keeper, documents=tuple(documents))
    (number,) = place_holds([draft], now=now)
    facts = {"hold": number, "ground": ground, "by": actor.person}
    sealed = {"keeper": keeper, "contract": contract}
    journal.append(journal.Entry("registry.units.immobilised", facts, sealed), now=now)
    placed = queries.hold(number)
    return {"hold": number, "immobilised_t": placed.remaining, "waiting_t": placed.waiting, "rank": placed.rank}


@journal.command("registry.release_immobilised")
def release_immobilised(actor: Actor, *, hold: str, notice: str, approval: str, key: str, now: datetime) -> Answer:
    """Set immobilised units free on the keeper's notice, approved by two people; whoever waits behind comes next.

    Args:
        actor: registrar of the region.
        hold: number.
        notice: number of the notice by which the pledgee, or the other registry, lets them go.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `hold` and `released_t`.

    Raises:
        Refused: HOLD_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; HOLD_OF_ANOTHER
            when it is set aside for something else; HOLD_NOT_ACTIVE.

    Source: S75 Art. 443; two people are a design choice.
    """
    del key
    row = queries.hold(hold)
    members.require(actor, Act.PLEDGE, organisation=queries.account(row.account).organisation)
    payload = {"hold": hold, "notice": notice}
    approved = members.use_approval(approval, kind="registry.release_immobilised", payload=payload, now=now)
    if row.reason not in ledger.IMMOBILISING:
        raise Refused(LedgerRefusal.HOLD_OF_ANOTHER, hold=hold, owner=row.owner or row.reason)
    release_holds([hold], by=ledger.TERMS[row.reason].owner, now=now)
    facts = {"hold": hold, "by": approved.initiator, "approved_by": approved.approver}
    journal.append(journal.Entry("registry.units.mobilised", facts, {"notice": notice}), now=now)
    return {"hold": hold, "released_t": row.remaining}
