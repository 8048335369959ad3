"""What the authority and the companies do about allowances: cover, plan, allocate, surrender, settle, carry over."""

from datetime import datetime

from tonnebook.compliance import queries as standing
from tonnebook.compliance import services as compliance
from tonnebook.compliance.services import SurrenderLine
from tonnebook.core import periods
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.ledger import AccountType
from tonnebook.core.objections import ObjectionSubject
from tonnebook.demo.world import World
from tonnebook.portal import services as portal
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry


def cover(world: World, now: datetime) -> None:
    """Have the authority decide who is covered, and why, unless it has."""
    if not standing.year_state(world.region, world.year).listed:
        draft = standing.draft_list(world.region, world.year, periods.day_of(now))
        world.two_people("compliance.cover", {**_year(world), "digest": draft.digest}, now=now)


def hear_objection(world: World, now: datetime) -> None:
    """Have one company object to its line of the list, and two officers reject it, unless they have."""
    company, about = world.companies[-1], ObjectionSubject.COVERAGE
    if standing.objection_of(about, company.uscc, world.year) is not None:
        return
    answer = compliance.file_objection(
        world.company_actor(company),
        subject=about,
        entity=company.uscc,
        year=world.year,
        reason="一条生产线将于明年停产（模拟） One line stops next year (demo)",
        key=world.key("list_objection"),
        now=now,
    )
    line = standing.coverage_of(company.uscc, world.year)
    assert line is not None
    decision = {"objection": answer["objection"], "is_upheld": False, "stage": line.stage}
    decision["reason"] = "名单以已审定的排放量为准（模拟） The list goes by determined emissions (demo)"
    world.two_people("compliance.decide_list_objection", decision, now=now)


def adopt_plan(world: World, now: datetime) -> None:
    """Have the authority adopt the allocation plan of the year, unless it has."""
    if standing.plan_of(world.region, world.year) is None:
        world.two_people("compliance.adopt_plan", {**_year(world), "overlay": world.overlay}, now=now)


def issue_batch(world: World, batch: Batch, now: datetime) -> None:
    """Have the authority compute a batch and issue it, unless it has; the second one trues up (多退少补)."""
    sums = standing.year_state(world.region, world.year).batches.get(batch)
    if sums is not None and sums.issued:
        return
    compliance.compute_allocation(
        world.actor("zhou"),
        region=world.region,
        year=world.year,
        batch=batch,
        key=world.key("allocation", batch),
        now=now,
    )
    world.two_people("compliance.issue_batch", {**_year(world), "batch": batch}, now=now)


def record_grounds(world: World, now: datetime) -> None:
    """Have the officer note who has earned an incentive, where the region gives any: one in twelve for each ground."""
    names = world.rules(periods.day_of(now)).below("allocation.incentive")
    grounds = {
        company.uscc: {names[index % len(names)]: f"证明材料（模拟） evidence (demo) {world.year}"}
        for index, company in enumerate(world.companies)
        if names and index % 12 < len(names)
    }
    if grounds:
        key = world.key("grounds")
        compliance.record_grounds(world.actor("zhou"), year=world.year, grounds=grounds, key=key, now=now)


def submit_surrenders(world: World, now: datetime) -> None:
    """Have every company hand in what it holds, as far as its obligation goes."""
    proposals = standing.surrender_proposals(
        [company.uscc for company in world.companies],
        region=world.region,
        year=world.year,
        today=periods.day_of(now),
    )
    for company in world.companies:
        proposed = proposals.get(company.uscc, ())
        if not proposed:
            continue
        lines = [SurrenderLine(line.asset.code, line.quantity_t) for line in proposed]
        compliance.submit_surrender(
            world.company_actor(company),
            entity=company.uscc,
            year=world.year,
            lines=lines,
            shown_total_t=sum(line.quantity_t for line in lines),
            key=world.key("surrender", company.uscc),
            now=now,
        )


def confirm_surrenders(world: World, now: datetime) -> None:
    """Have the officer confirm what was submitted; from then on it is final."""
    numbers = [row.number for row in standing.open_surrenders(world.region, world.year)]
    if not numbers:
        return
    compliance.confirm_surrenders(
        world.actor("zhou"),
        region=world.region,
        year=world.year,
        surrenders=numbers,
        key=world.key("confirmed"),
        now=now,
    )


def settle_status(world: World, now: datetime) -> None:
    """Have the authority settle the year's compliance status, unless it has."""
    if standing.year_state(world.region, world.year).settled:
        return
    compliance.settle_status(
        world.actor("zhou"), region=world.region, year=world.year, key=world.key("status"), now=now
    )


def carry_over(world: World, now: datetime) -> None:
    """Have the authority carry over what is left, unless it has."""
    if not standing.year_state(world.region, world.year).carried:
        world.two_people("compliance.carry_over", _year(world), now=now)


def publish_tables(world: World, now: datetime) -> None:
    """Have the authority publish the tables of the year."""
    portal.publish_tables(
        world.actor("zhou"), region=world.region, year=world.year, key=world.key("published"), now=now
    )


def retire_voluntarily(world: World, now: datetime) -> None:
    """Have an investor move some tonnes from its trading to its registry account and retire them."""
    investor = world.actor("investor1")
    types = (AccountType.TRADING, AccountType.HOLDING)
    trading, holding = (accounts.account_of(investor.organisation, type_) for type_ in types)
    for held in accounts.holdings(trading):
        if held.free >= 1 and not held.asset.use_restriction:
            asset, quantity_t = held.asset.code, min(500, held.free)
            registry.move_from_trading(
                investor,
                debit=trading,
                credit=holding,
                asset=asset,
                quantity_t=quantity_t,
                key=world.key("move", asset),
                now=now,
            )
            registry.retire(
                investor,
                account=holding,
                asset=asset,
                quantity_t=quantity_t,
                beneficiary="东海碳资产（模拟） East Sea Carbon (demo)",
                purpose="公益注销 for the public good",
                key=world.key("retire", asset),
                now=now,
            )


def _year(world: World) -> dict[str, object]:
    return {"region": world.region, "year": world.year}
