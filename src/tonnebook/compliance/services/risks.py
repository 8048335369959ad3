"""Entities at risk of not surrendering: note one, keep back what it is issued, set it free when the risk is over."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tonnebook.compliance.models import RiskMark
from tonnebook.compliance.queries import enforcement as queries
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import enforcement, identity, periods, roles
from tonnebook.core.enforcement import RiskGround, RiskRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldOwner, HoldReason, Leg
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger
from tonnebook.registry.queries import HoldRow


@journal.command("compliance.mark_at_risk")
def mark_at_risk(
    actor: Actor,
    *,
    region: str,
    entity: str,
    ground: RiskGround,
    document: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Hold an entity to be at risk: from now on the authority keeps what it is issued, for its duty.

    What it has already stays free.

    Args:
        actor: officer of the region.
        region: region code.
        entity: unified social credit code.
        ground: why.
        document: paper it rests on.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"mark": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION; what `members.use_approval` refuses;
            NOT_KEPT_BACK; DOCUMENT_NEEDED; ALREADY_AT_RISK.

    Source: S07, S08 (draft): at-risk units; two people and the grounds: design choice.
    """
    del key
    roles.check(actor, Act.FORCE_SURRENDER, region=region)
    sectors_in(region, [entity])
    payload = {"region": region, "entity": entity, "ground": ground, "document": document}
    people = membership.use_approval(approval, kind="compliance.mark_at_risk", payload=payload, now=now)
    today = periods.day_of(now)
    if not enforcement.keeps_back(standing.rules(region, today.year, today)):
        raise Refused(RiskRefusal.NOT_KEPT_BACK, region=region, year=today.year)
    if not document.strip():
        raise Refused(RiskRefusal.DOCUMENT_NEEDED)
    if open_mark := RiskMark.objects.filter(entity__uscc=entity, ended_at=None).first():
        raise Refused(RiskRefusal.ALREADY_AT_RISK, entity=entity, mark=open_mark.number)
    row = RiskMark.objects.create(
        number=identity.numbered("RK", journal.next_counts("compliance_risk_number", 1)[0]),
        entity_id=entity,
        region=region,
        ground=ground,
        document=document.strip(),
        initiator=people.initiator,
        approver=people.approver,
        marked_at=now,
    )
    return {"mark": row.number, "receipt": _record("compliance.risk.marked", row, people, now)}


@journal.command("compliance.end_risk")
def end_risk(actor: Actor, *, region: str, entity: str, approval: str, key: str, now: datetime) -> Answer:
    """End the risk of an entity, and set free what was kept back and not taken.

    Args:
        actor: officer of the region.
        region: region code.
        entity: unified social credit code.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"mark": number, "freed_t": tonnes, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION; what `members.use_approval` refuses; NOT_AT_RISK.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.FORCE_SURRENDER, region=region)
    sectors_in(region, [entity])
    payload = {"region": region, "entity": entity}
    people = membership.use_approval(approval, kind="compliance.end_risk", payload=payload, now=now)
    row = RiskMark.objects.select_for_update().filter(entity__uscc=entity, ended_at=None).first()
    if row is None:
        raise Refused(RiskRefusal.NOT_AT_RISK, entity=entity)
    kept = [
        hold
        for account in registry.accounts_of([entity], AccountType.HOLDING).values()
        for hold in registry.standing_holds(account)
        if hold.subject == row.number
    ]
    ledger.release_holds([hold.number for hold in kept], by=HoldOwner.AUTHORITY, now=now)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    freed_t = sum(hold.remaining for hold in kept)
    return {"mark": row.number, "freed_t": freed_t, "receipt": _record("compliance.risk.ended", row, people, now)}


def keep_back(given: Mapping[str, int], rules: RulesAt, *, now: datetime) -> None:
    """Set aside for the authority what was just given to entities at risk, inside the caller's command.

    Args:
        given: tonnes of the year's allowances that each entity received, posted; below zero for a recall.
        rules: rules of the compliance year.
        now: when.

    Source: S07, S08 (draft): at-risk units; a hold in the entity's own account instead of another account: design
        choice.
    """
    if not enforcement.keeps_back(rules):
        return
    marks = queries.risk_marks([entity for entity, quantity_t in given.items() if quantity_t > 0])
    accounts, asset = registry.accounts_of(sorted(marks), AccountType.HOLDING), standing.allowance_asset(rules)
    drafts = [
        ledger.HoldDraft(accounts[uscc], asset.code, given[uscc], HoldReason.RECALL, number, owner=rules.region)
        for uscc, number in marks.items()
    ]
    if drafts:
        ledger.place_holds(drafts, now=now)


def legs_of_kept(quantity_t: int, end: str, kept: Iterable[HoldRow]) -> Iterator[Leg]:
    """Draw tonnes on what was kept back, oldest first; fewer when less is kept.

    Args:
        quantity_t: tonnes wanted, >= 0.
        end: account they go to.
        kept: holds of one account and asset.

    Yields:
        A leg per hold that is drawn on.
    """
    left_t = quantity_t
    for hold in kept:
        part_t = min(left_t, hold.remaining)
        left_t -= part_t
        if part_t:
            yield Leg(hold.account, end, hold.asset, part_t, hold.number)


def _record(kind: str, row: RiskMark, people: membership.ApprovedBy, now: datetime) -> str:
    facts = {"mark": row.number, "region": row.region, "initiator": people.initiator, "approver": people.approver}
    return journal.append(
        Entry(kind, facts, {"entity": row.entity_id, "ground": row.ground, "document": row.document}), now=now
    )
