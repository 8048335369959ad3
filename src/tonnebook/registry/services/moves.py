"""Move units between own accounts, and hand them on without a trade where papers say so."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import roles
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import LedgerRefusal, Leg, TransferType
from tonnebook.core.moves import NON_TRADE, MoveRefusal
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services.rights import require_right
from tonnebook.registry.services.transfers import TransferDraft, post


@journal.command("registry.move_to_trading")
def move_to_trading(
    actor: Actor, *, debit: str, credit: str, asset: str, quantity_t: int, key: str, now: datetime
) -> Answer:
    """Move units from an own registry account to the own trading account, at once.

    Args:
        actor: representative or trader of the holder.
        debit: number of the HOLDING or PROJECT account.
        credit: number of the TRADING account.
        asset: code of an allowance or credit.
        quantity_t: tonnes, > 0.
        key: idempotency key.
        now: when.

    Returns:
        `transfer` and `leaf`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING;
            ACCOUNT_UNKNOWN; NOT_OWN_ACCOUNTS when the two have different
            holders; ASSET_UNKNOWN; QUANTITY_NOT_POSITIVE; TRANSFER_NOT_ALLOWED; RESTRICTED_USE for units that can
            only be surrendered; INSUFFICIENT_FREE.

    Source: S39 (registry and trading accounts); that moves are at once is a design choice.
    """
    del key
    return _move(actor, TransferType.MOVE_TO_TRADING, Leg(debit, credit, asset, quantity_t), now)


@journal.command("registry.move_from_trading")
def move_from_trading(
    actor: Actor, *, debit: str, credit: str, asset: str, quantity_t: int, key: str, now: datetime
) -> Answer:
    """Move units from the own trading account back to an own registry account, at once.

    Args:
        actor: representative or trader of the holder.
        debit: number of the TRADING account.
        credit: number of the HOLDING or PROJECT account.
        asset: code of an allowance or credit.
        quantity_t: tonnes, > 0.
        key: idempotency key.
        now: when.

    Returns:
        `transfer` and `leaf`.

    Raises:
        Refused: as `move_to_trading`, but for RESTRICTED_USE.

    Source: S39 (registry and trading accounts); that moves are at once is a design choice.
    """
    del key
    return _move(actor, TransferType.MOVE_FROM_TRADING, Leg(debit, credit, asset, quantity_t), now)


@journal.command("registry.transfer_non_trade")
def transfer_non_trade(
    actor: Actor,
    *,
    region: str,
    type: TransferType,
    debit: str,
    credit: str,
    asset: str,
    quantity: int,
    documents: Sequence[str],
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Hand units or money on to another holder on documents: merger, division, inheritance or a court's judgment.

    Args:
        actor: officer or registrar of the region.
        region: region code of both accounts.
        type: MERGE, DIVIDE, INHERIT or COURT_TRANSFER.
        debit: number of the account that gives.
        credit: number of the account that receives.
        asset: code.
        quantity: tonnes or fen, > 0.
        documents: numbers of the papers that show it, kept for the holder that gives.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `transfer` and `leaf`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOT_NON_TRADE when the type is another; what `members.use_approval`
            refuses; ACCOUNT_UNKNOWN; OTHER_REGION; SAME_HOLDER when one holder has both accounts; what
            `members.require_documents` refuses; INSUFFICIENT_FREE and what else the account book refuses.

    Source: S39 (non-trade transfers are the registry's business); two people and papers are a design choice.
    """
    del key
    roles.check(actor, Act.TRANSFER_NON_TRADE, region=region)
    if type not in NON_TRADE:
        raise Refused(MoveRefusal.NOT_NON_TRADE, type=str(type))
    payload = {
        "region": region,
        "type": type,
        "debit": debit,
        "credit": credit,
        "asset": asset,
        "quantity": quantity,
        "documents": list(documents),
    }
    people = members.use_approval(approval, kind="registry.transfer_non_trade", payload=payload, now=now)
    giver, receiver = queries.account(debit), queries.account(credit)
    if {giver.region, receiver.region} != {region}:
        raise Refused(LedgerRefusal.OTHER_REGION, debit=debit, credit=credit)
    if giver.organisation == receiver.organisation:
        raise Refused(MoveRefusal.SAME_HOLDER, debit=debit, credit=credit)
    members.require_documents(giver.organisation, documents)
    legs, papers = (Leg(debit, credit, asset, quantity),), ", ".join(documents)
    draft = TransferDraft(type, legs, people.initiator, people.approver, subject=approval, note=papers)
    posted = post([draft], now=now)[0]
    return {"transfer": posted.number, "leaf": posted.leaf}


def _move(actor: Actor, type_: TransferType, leg: Leg, now: datetime) -> Answer:
    giver, receiver = queries.account(leg.debit), queries.named_account(leg.credit)
    require_right(actor, Act.MOVE, account=giver.number, right=Right.INITIATE)
    if giver.organisation != receiver.organisation:
        raise Refused(MoveRefusal.NOT_OWN_ACCOUNTS, debit=leg.debit, credit=leg.credit)
    posted = post([TransferDraft(type_, (leg,), actor.person)], now=now)[0]
    return {"transfer": posted.number, "leaf": posted.leaf}
