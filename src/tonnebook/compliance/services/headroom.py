"""Draw on the headroom: allowances for strategic emerging and future industries, beside what the methods give."""

from datetime import datetime

from tonnebook.compliance.models import HeadroomDraw
from tonnebook.compliance.queries import headrooms, penalties, standing
from tonnebook.compliance.services import issuing, risks
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import identity, periods, roles, trace
from tonnebook.core.allocation import annual, totals
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger


@journal.command("compliance.draw_headroom")
def draw_headroom(
    actor: Actor,
    *,
    region: str,
    year: int,
    entity: str,
    quantity_t: int,
    ground: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Give an entity allowances of the year out of the headroom; the true-up never takes them back.

    Given to an entity at risk, they are kept back as what a batch issues is.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        entity: unified social credit code.
        quantity_t: tonnes, > 0.
        ground: which industry and project it is for.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"draw": number, "left_t": tonnes left in the pot, "transfer": number}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION; what `members.use_approval` refuses; NO_PLAN;
            NO_GROUND; NO_HEADROOM when the plan names none; HEADROOM_SPENT; CUT_OUTSTANDING; CAP_EXCEEDED; what the
            registry refuses.

    Source: S01 (一) (room for strategic emerging and future industries); the pot: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.ISSUE_BATCH, region=region)
    sectors_in(region, [entity])
    payload = {"region": region, "year": year, "entity": entity, "quantity_t": quantity_t, "ground": ground}
    people = membership.use_approval(approval, kind="compliance.draw_headroom", payload=payload, now=now)
    issuing.lock_plan(region, year)
    rules = standing.rules(region, year, periods.day_of(now))
    if not ground.strip():
        raise Refused(AllocationRefusal.NO_GROUND)
    left = totals.check_headroom(wanted_t=quantity_t, drawn_t=headrooms.drawn(region).get(year, 0), rules=rules)
    annual.check_cut_taken(entity, year, **penalties.cut_of(entity, year))
    issuing.check_cap(quantity_t, rules)
    (count,) = journal.next_counts("compliance_headroom_number", 1)
    number, asset = identity.numbered("HD", count), standing.allowance_asset(rules)
    ledger.ensure_assets([asset], now=now)
    account = registry.accounts_of([entity], AccountType.HOLDING).get(entity, entity)
    leg = Leg(registry.system_account(region, AccountType.ISSUANCE), account, asset.code, quantity_t)
    draft = ledger.TransferDraft(TransferType.ALLOCATE, (leg,), people.initiator, people.approver, number)
    (posted,) = ledger.post([draft], now=now)
    risks.keep_back({entity: quantity_t}, rules, now=now)
    HeadroomDraw.objects.create(
        number=number,
        entity_id=entity,
        region=region,
        year=year,
        quantity_t=quantity_t,
        ground=ground,
        left=trace.to_json(left),
        transfer=posted.number,
        initiator=people.initiator,
        approver=people.approver,
        drawn_at=now,
    )
    facts = {"region": region, "year": year, "draw": number, "quantity_t": quantity_t, "left_t": left.whole}
    journal.append(Entry("compliance.headroom.drawn", facts, {"entity": entity, "ground": ground}), now=now)
    return {"draw": number, "left_t": left.whole, "transfer": posted.number}
