"""Settle a year: how it ended for every entity."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tonnebook.compliance.models import ComplianceStatus, Coverage
from tonnebook.compliance.queries import books, standing
from tonnebook.compliance.services.rows import copy_in, lock_list
from tonnebook.core import periods, roles, surrender, trace
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, StatusDecision, StatusRule, SurrenderRefusal
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry


@journal.command("compliance.settle_status")
def settle_status(actor: Actor, *, region: str, year: int, key: str, now: datetime) -> Answer:
    """Settle how a year ended for every covered entity, by the yearly or the cumulative rule; once and for good.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        key: idempotency key.
        now: when.

    Returns:
        {"entities": count, "obligation_t", "surrendered_t", "credits_t", "shortfall_t", "surplus_t"} and, under
        "codes", the number of entities by code.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; YEAR_SETTLED; DEADLINE_NOT_OVER until the day after the deadline.

    Source: S29 ch. 2; the cumulative rule as `core.surrender.settle_cumulative`.
    """
    del key
    roles.check(actor, Act.SETTLE_STATUS, region=region)
    lock_list(region, year)
    if ComplianceStatus.objects.filter(region=region, year=year).exists():
        raise Refused(SurrenderRefusal.YEAR_SETTLED, year=year)
    rules = standing.rules(region, year, periods.day_of(now))
    deadline = rules.day("deadline.surrender_on")
    if periods.day_of(now) <= deadline:
        raise Refused(SurrenderRefusal.DEADLINE_NOT_OVER, year=year, deadline=deadline)
    usccs = books.covered_codes(region, year)
    cumulative = rules.text("surrender.status_rule") == StatusRule.CUMULATIVE
    rows = (_cumulative if cumulative else _yearly)(usccs, rules, now)
    copy_in(rows)
    codes = Counter(row.code for row in rows)
    names = ("obligation_t", "surrendered_t", "credits_t", "shortfall_t", "surplus_t")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    facts = {"region": region, "year": year, "codes": dict(codes), "by": actor.person, **sums}
    listed = [[row.entity_id, row.code, row.obligation_t, row.surrendered_t] for row in rows]
    journal.append(Entry("compliance.status.settled", facts, {"entities": listed}), now=now)
    return {"entities": len(rows), "codes": dict(codes), **sums}


def _yearly(usccs: Sequence[str], rules: RulesAt, now: datetime) -> list[ComplianceStatus]:
    duties = standing.duties(usccs, rules.year or 0, states=standing.CONFIRMED)
    held = standing.held_totals(usccs)
    rows = []
    for uscc in usccs:
        duty = duties.get(uscc)
        found = surrender.settle(duty, held_t=_eligible_t(held.get(uscc, ()), rules))
        rows.append(_status(uscc, rules, StatusRule.YEARLY, duty, found, now))
    return rows


def _status(
    uscc: str, rules: RulesAt, rule: StatusRule, duty: Duty | None, found: StatusDecision, now: datetime
) -> ComplianceStatus:
    amounts = {"obligation": found.obligation, "shortfall": found.shortfall, "surplus": found.surplus}
    if duty:
        amounts["credit_limit"] = surrender.credit_limit(duty, rules)
    return ComplianceStatus(
        entity_id=uscc,
        region=rules.region,
        year=rules.year or 0,
        rule=rule,
        code=found.code,
        determined_t=duty.determined_t if duty else None,
        obligation_t=found.obligation.whole,
        surrendered_t=duty.surrendered_t if duty else 0,
        credits_t=duty.credits_t if duty else 0,
        shortfall_t=found.shortfall.whole,
        surplus_t=found.surplus.whole,
        traces={name: trace.to_json(one) for name, one in amounts.items()},
        settled_at=now,
    )


# All years with a list so far count; a year without a figure is "C".
def _cumulative(usccs: Sequence[str], rules: RulesAt, now: datetime) -> list[ComplianceStatus]:
    year = rules.year or 0
    listed = Coverage.objects.filter(region=rules.region, year__lte=year).order_by("year")
    years = tuple(listed.values_list("year", flat=True).distinct())
    history = emissions.history(usccs, years)
    done, issued = standing.surrendered(usccs, years, standing.CONFIRMED), standing.issued(usccs, year)
    rows = []
    for uscc in usccs:
        figures = history.get(uscc, {})
        verified = {one: figures[one].determined_t if one in figures else None for one in years}
        surrendered: dict[int, int | None] = {one: done.get((uscc, one), (0, 0))[0] for one in years}
        found = surrender.settle_cumulative(verified, surrendered, year=year)
        duty = Duty(verified[year] or 0, *issued.get(uscc, (0, 0)), *done.get((uscc, year), (0, 0)))
        row = _status(uscc, rules, StatusRule.CUMULATIVE, duty, found, now)
        row.determined_t = verified[year]
        rows.append(row)
    return rows


def _eligible_t(held: Sequence[tuple[AssetKey, int]], rules: RulesAt) -> int:
    return sum(
        total_t
        for asset, total_t in held
        if asset.kind is AssetKind.ALLOWANCE and surrender.ineligible(asset, rules) is None
    )
