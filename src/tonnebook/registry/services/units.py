"""Bring credits into being and take units out of use."""

from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import periods, roles
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, LedgerRefusal, Leg, TransferType
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services.accounts import ensure_assets
from tonnebook.registry.services.rights import require_right
from tonnebook.registry.services.transfers import TransferDraft, post


@journal.command("registry.retire")
def retire(
    actor: Actor,
    *,
    account: str,
    asset: str,
    quantity_t: int,
    beneficiary: str,
    purpose: str,
    key: str,
    now: datetime,
) -> Answer:
    """Retire units for good, for a beneficiary and a purpose that everybody may read.

    Args:
        actor: representative of the holder, who has just proved a second factor.
        account: HOLDING or PROJECT account.
        asset: code of an allowance or credit.
        quantity_t: tonnes, > 0.
        beneficiary: in whose name.
        purpose: what for.
        key: idempotency key.
        now: when.

    Returns:
        `transfer`, `leaf` of the public retirement and `serials`, `[from, to)` each.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING; SECOND_FACTOR_NEEDED; ACCOUNT_UNKNOWN;
            ASSET_UNKNOWN; QUANTITY_NOT_POSITIVE; TRANSFER_NOT_ALLOWED; RESTRICTED_USE; INSUFFICIENT_FREE.

    Source: S06 Art. 19 (voluntary cancellation); public facts are a design choice.
    """
    del key
    row = require_right(actor, Act.RETIRE, account=account, right=Right.INITIATE)
    told = {
        "account": account,
        "asset": asset,
        "quantity_t": quantity_t,
        "beneficiary": beneficiary,
        "purpose": purpose,
    }
    members.require_signed(actor, Act.RETIRE, now=now, ask=Ask("registry.retire", told))
    retirement = queries.system_account(row.region, AccountType.RETIREMENT)
    legs = (Leg(account, retirement, asset, quantity_t),)
    draft = TransferDraft(TransferType.RETIRE, legs, actor.person, subject=beneficiary, note=purpose)
    posted = post([draft], now=now)[0]
    serials = _serials_of(posted.number)
    facts = {"transfer": posted.number, "asset": asset, "quantity_t": quantity_t, "serials": serials}
    public = {**facts, "beneficiary": beneficiary, "purpose": purpose}
    leaf = journal.append(journal.Entry("registry.units.retired", public), now=now)
    return {"transfer": posted.number, "leaf": leaf, "serials": serials}


@journal.command("registry.issue_credits")
def issue_credits(
    actor: Actor,
    *,
    region: str,
    account: str,
    asset: str,
    quantity_t: int,
    project: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Issue confirmed reductions as credits, approved by two people.

    Args:
        actor: officer or registrar of the region.
        region: where.
        account: PROJECT or HOLDING account that receives them.
        asset: code of a credit.
        quantity_t: tonnes, > 0.
        project: what reduced them.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `transfer`, `leaf` and `serials`, `[from, to)` each.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; ACCOUNT_UNKNOWN; ASSET_UNKNOWN
            when the asset is no vintage of the region's own credits (others live in another registry, S15);
            QUANTITY_NOT_POSITIVE; OTHER_REGION.

    Source: S29 Art. 26 to 29 (confirmation of reductions); two people are a design choice.
    """
    del key
    roles.check(actor, Act.ISSUE_CREDITS, region=region)
    payload = {"region": region, "account": account, "asset": asset, "quantity_t": quantity_t, "project": project}
    approved = members.use_approval(approval, kind="registry.issue_credits", payload=payload, now=now)
    ensure_assets([_credit_of(region, asset, on=periods.day_of(now))], now=now)
    issuance = queries.system_account(region, AccountType.ISSUANCE)
    legs = (Leg(issuance, account, asset, quantity_t),)
    draft = TransferDraft(TransferType.ISSUE_CREDITS, legs, approved.initiator, approved.approver, subject=project)
    posted = post([draft], now=now)[0]
    return {"transfer": posted.number, "leaf": posted.leaf, "serials": _serials_of(posted.number)}


def _serials_of(transfer: str) -> list[Json]:
    return [[block.serial_from, block.serial_to] for block in queries.serials_of(transfer)]


def _credit_of(region: str, code: str, *, on: date) -> AssetKey:
    # Only the region's own reductions are issued here; what another registry issued comes with its proof.
    scheme, _, vintage = code.rpartition("-")
    if scheme != rulebook.at(region, on=on).text("region.credit_scheme") or not vintage.isdecimal():
        raise Refused(LedgerRefusal.ASSET_UNKNOWN, asset=code)
    return AssetKey(code, AssetKind.CREDIT, scheme, int(vintage))
