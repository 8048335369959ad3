"""Settle a year: how it ended for every entity, and what becomes of what is left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from tonnebook.compliance.models import CarryOver, ComplianceStatus, Coverage
from tonnebook.compliance.queries import books, standing
from tonnebook.compliance.services.rows import copy_in
from tonnebook.core import carry_over as carrying
from tonnebook.core import periods, roles, surrender, trace
from tonnebook.core.carry_over import CarryOverRefusal, Fate, LotFate
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, StatusDecision, StatusRule, SurrenderRefusal
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger


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
    _lock_list(region, year)
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


@journal.command("compliance.carry_over")
def carry_over(actor: Actor, *, region: str, year: int, approval: str, key: str, now: datetime) -> Answer:
    """Carry over what entities still hold after a settled year, in registry and trading accounts.

    Units for own surrender only go back or fall away; they never leave the registry account, so those are its.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "kept_t", "returned_t", "cancelled_t"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses; NOT_SETTLED; ALREADY_CARRIED.

    Source: S34, S35; S24 for units of own surrender only, as `core.carry_over.fates`.
    """
    del key
    roles.check(actor, Act.CARRY_OVER, region=region)
    people = membership.use_approval(
        approval, kind="compliance.carry_over", payload={"region": region, "year": year}, now=now
    )
    _lock_list(region, year)
    if not ComplianceStatus.objects.filter(region=region, year=year).exists():
        raise Refused(CarryOverRefusal.NOT_SETTLED, region=region, year=year)
    if CarryOver.objects.filter(region=region, year=year).exists():
        raise Refused(CarryOverRefusal.ALREADY_CARRIED, region=region, year=year)
    rules = standing.rules(region, year, periods.day_of(now))
    held = standing.held_totals(books.covered_codes(region, year))
    fates = {uscc: carrying.fates(lots, rules) for uscc, lots in held.items()}
    transfers = _move_leftovers(fates, region=region, year=year, people=people, now=now)
    rows = [_carried(uscc, one, region, year, transfers.get(uscc, ""), now) for uscc, one in fates.items()]
    copy_in(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in ("kept_t", "returned_t", "cancelled_t")}
    facts = {"region": region, "year": year, "entities": len(rows), "by": actor.person, **sums}
    journal.append(Entry("compliance.year.carried_over", facts), now=now)
    return {"entities": len(rows), **sums}


# The list of the year: a surrender in flight is either counted or refused.
def _lock_list(region: str, year: int) -> None:
    list(Coverage.objects.select_for_update().filter(region=region, year=year).order_by("id").values_list("id"))


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


def _move_leftovers(
    fates: Mapping[str, Sequence[LotFate]],
    *,
    region: str,
    year: int,
    people: membership.ApprovedBy,
    now: datetime,
) -> dict[str, str]:
    accounts = registry.accounts_of(sorted(fates), AccountType.HOLDING)
    ways = {
        Fate.RETURNED: (TransferType.RECALL, registry.system_account(region, AccountType.RESERVE)),
        Fate.CANCELLED: (TransferType.CANCEL, registry.system_account(region, AccountType.CANCELLATION)),
    }
    owners, drafts = [], []
    for uscc, lots in fates.items():
        for fate, (type_, account) in ways.items():
            legs = tuple(
                Leg(accounts[uscc], account, lot.asset.code, lot.quantity_t) for lot in lots if lot.fate is fate
            )
            if legs:
                subject = f"{region}-{year}-CARRY_OVER"
                owners.append(uscc)
                drafts.append(ledger.TransferDraft(type_, legs, people.initiator, people.approver, subject))
    return dict(zip(owners, (posted.number for posted in ledger.post(drafts, now=now)), strict=True))


def _carried(uscc: str, fates: Sequence[LotFate], region: str, year: int, transfer: str, now: datetime) -> CarryOver:
    sums = {fate: sum(one.quantity_t for one in fates if one.fate is fate) for fate in Fate}
    return CarryOver(
        entity_id=uscc,
        region=region,
        year=year,
        kept_t=sums[Fate.KEPT],
        returned_t=sums[Fate.RETURNED],
        cancelled_t=sums[Fate.CANCELLED],
        transfer=transfer,
        carried_at=now,
    )
