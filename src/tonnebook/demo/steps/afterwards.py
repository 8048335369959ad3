"""What is still said and done about a year after its batches: an objection, a re-check, a company that leaves."""

from datetime import datetime

from tonnebook.compliance import queries as standing
from tonnebook.compliance import services as compliance
from tonnebook.core.objections import ObjectionState, ObjectionSubject
from tonnebook.demo.population import Company
from tonnebook.demo.world import World
from tonnebook.emissions import queries as emissions

# Places in the order of the companies; the first two of a sector may be the cast's, whom visitors play themselves.
_OBJECTOR, _RECHECKED, _LEAVER = 8, 5, 6
# What the re-check finds beside the figure, tonnes.
_FOUND_T = 120


def object_to_allocation(world: World, now: datetime) -> None:
    """Have a company object to its allocation, unless it has."""
    company = world.companies[_OBJECTOR]
    if standing.objection_of(ObjectionSubject.ALLOCATION, company.uscc, world.year) is not None:
        return
    compliance.file_objection(
        world.company_actor(company),
        subject=ObjectionSubject.ALLOCATION,
        entity=company.uscc,
        year=world.year,
        reason="产量少计（模拟） Output was counted too low (demo)",
        key=world.key("objection"),
        now=now,
    )


def reject_objection(world: World, now: datetime) -> None:
    """Have the authority look at the objection and leave the allocation as it is, unless it has decided."""
    company = world.companies[_OBJECTOR]
    found = standing.objection_of(ObjectionSubject.ALLOCATION, company.uscc, world.year)
    if found is None or found.state is not ObjectionState.FILED:
        return
    issued_t = standing.issued_to([company.uscc], world.year).get(company.uscc, 0)
    reason = "产量经核查无误（模拟） The output was verified (demo)"
    payload = {"objection": found.number, "is_upheld": False, "due_t": issued_t, "reason": reason}
    world.two_people("compliance.decide_objection", payload, now=now)


def open_recheck(world: World, now: datetime) -> None:
    """Have the authority open a re-check of a determined emission, unless it has."""
    company = world.companies[_RECHECKED]
    if standing.objection_of(ObjectionSubject.DETERMINATION, company.uscc, world.year) is None:
        reason = "抽查发现燃料台账不一致（模拟） An inspection found a fuel ledger that differs (demo)"
        compliance.open_recheck(
            world.actor("zhou"), entity=company.uscc, year=world.year, reason=reason, key=world.key("recheck"), now=now
        )


def replace_figure(world: World, now: datetime) -> None:
    """Have the authority put a higher figure in the place of the one that was re-checked, unless it has decided."""
    company = world.companies[_RECHECKED]
    found = standing.objection_of(ObjectionSubject.DETERMINATION, company.uscc, world.year)
    if found is None or found.state is not ObjectionState.FILED:
        return
    figure = emissions.determined(world.region, world.year)[company.uscc]
    payload = {
        "objection": found.number,
        "is_upheld": True,
        "determined_t": figure.determined_t + _FOUND_T,
        "direct_t": figure.direct_t,
        "reason": "补充报告（模拟） Supplementary report (demo)",
    }
    world.two_people("compliance.decide_recheck", payload, now=now)


def note_departure(world: World, now: datetime) -> None:
    """Have the authority note which company belongs to the national market after its next year here, unless it has."""
    company = _leaver(world)
    if company.uscc not in {row.entity for row in standing.leaving(world.region)}:
        compliance.record_departures(
            world.actor("zhou"),
            region=world.region,
            national={company.uscc: world.year + 2},
            closed={},
            key=world.key("departure"),
            now=now,
        )


def hand_over(world: World, now: datetime) -> None:
    """Have the authority hand over whoever has met its last year here, unless it has."""
    for row in standing.leaving(world.region):
        if row.command == "compliance.hand_over" and row.from_year == world.year + 1:
            world.two_people("compliance.hand_over", {"region": world.region, "entity": row.entity}, now=now)


# Another one each year.
def _leaver(world: World) -> Company:
    return world.companies[_LEAVER + world.year % 2]
