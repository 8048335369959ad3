"""Positions of entities and the authority's cockpit: who is short, by how much, and how many days are left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tonnebook import rulebook
from tonnebook.compliance.models import ComplianceStatus, Coverage, Surrender
from tonnebook.compliance.queries import standing
from tonnebook.core import early_warning, surrender
from tonnebook.core.coverage import Stage
from tonnebook.core.early_warning import Basis, Driver, Means, Outlook
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Line, SurrenderState
from tonnebook.core.trace import Traced
from tonnebook.emissions import queries as emissions
from tonnebook.members import queries as members


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day of the compliance year; `working_days_left` counts from today and is negative when it is over.

    `was_on` is the day it was before a notice moved it, None where none did.
    """

    code: str
    zh: str
    en: str
    on: date
    working_days_left: int
    was_on: date | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where one entity stands for a year, tonnes.

    Attributes:
        entity: unified social credit code.
        year: compliance year.
        stage: how far inside the scheme, OUT when it was never looked at.
        reason_zh: why, in Chinese.
        reason_en: why, in English.
        determined_t: determined emission, None before determination.
        expected_t: determined emission, else the best figure there is.
        issued_t: allowances issued for the year, net of recalls.
        recall_outstanding_t: allowances still to be handed back.
        obligation: what is due, with its trace; None before determination.
        submitted_t: submitted and not yet confirmed.
        confirmed_t: surrendered for good.
        due_t: obligation less submitted and confirmed, >= 0.
        allowances_t: eligible allowances held free.
        credits_t: eligible credits held free.
        credit_limit: how many credits may be used, with its trace; None before determination.
        to_come_t: what the second batch is expected to bring, going by last year; 0 once it is issued.
        outlook: how the year is expected to end, with its drivers.
        code: status code once settled, else "".
    """

    entity: str
    year: int
    stage: Stage
    reason_zh: str
    reason_en: str
    determined_t: int | None
    expected_t: int
    issued_t: int
    recall_outstanding_t: int
    obligation: Traced | None
    submitted_t: int
    confirmed_t: int
    due_t: int
    allowances_t: int
    credits_t: int
    credit_limit: Traced | None
    to_come_t: int
    outlook: Outlook
    code: str

    @property
    def gap_t(self) -> int:
        """Tonnes that would be missing if nothing more is bought, >= 0."""
        return self.outlook.shortfall.whole


@dataclass(frozen=True, slots=True)
class Short:
    """An entity that is, or will be, short: expected emission, what it has, and what is missing (tonnes)."""

    entity: str
    name_zh: str
    name_en: str
    sector: str
    expected_t: int
    held_t: int
    surrendered_t: int
    shortfall_t: int


@dataclass(frozen=True, slots=True)
class Cockpit:
    """What the authority sees first.

    Attributes:
        region: region code.
        year: compliance year.
        stages: number of entities by stage.
        codes: number of entities by status code; "" counts those not settled.
        short: entities with a shortfall, the largest first.
        shortfall_t: sum of their shortfalls, tonnes.
        to_confirm: surrenders that wait for confirmation.
        deadlines: days of the year in order.
        next_deadline: the first that is not over, or None.
    """

    region: str
    year: int
    stages: Mapping[str, int]
    codes: Mapping[str, int]
    short: tuple[Short, ...]
    shortfall_t: int
    to_confirm: int
    deadlines: tuple[Deadline, ...]
    next_deadline: Deadline | None


def deadlines(region: str, year: int, today: date) -> tuple[Deadline, ...]:
    """List the deadlines of a compliance year in order of day, with working days left.

    Args:
        region: region code.
        year: compliance year.
        today: the day to count from.
    """
    rules, calendar = standing.rules(region, year, today), rulebook.calendar(region)
    was_on = standing.moved_from(region, year)
    found = []
    for name in rules.below("deadline"):
        path = f"deadline.{name}"
        leaf, on = rules.leaves[path], rules.day(path)
        left = calendar.working_days_between(today, on)
        found.append(Deadline(name.removesuffix("_on"), leaf.zh, leaf.en, on, left, was_on.get(name)))
    return tuple(sorted(found, key=lambda one: (one.on, one.code)))


def position(entity: str, year: int, today: date) -> Position:
    """Give where an entity stands for a year.

    Args:
        entity: unified social credit code.
        year: compliance year.
        today: the day whose rules apply.

    Raises:
        Refused: NO_SUCH_ORGANISATION.
    """
    region = members.organisation(entity).region
    return positions([entity], region=region, year=year, today=today)[entity]


def positions(usccs: Sequence[str], *, region: str, year: int, today: date) -> dict[str, Position]:
    """Give where many entities stand for a year, with a number of queries that does not grow with them."""
    rules = standing.rules(region, year, today)
    coverage = {row.entity_id: row for row in Coverage.objects.filter(entity__uscc__in=usccs, year=year)}
    codes = dict(ComplianceStatus.objects.filter(entity__uscc__in=usccs, year=year).values_list("entity__uscc", "code"))
    known = emissions.known(usccs, region=region, year=year)
    issued, lots = standing.issued(usccs, year), standing.lots(usccs)
    trading = standing.lots(usccs, type_=AccountType.TRADING)
    submitted = standing.surrendered(usccs, (year,), (SurrenderState.SUBMITTED,))
    confirmed = standing.surrendered(usccs, (year,), standing.CONFIRMED)
    to_come = standing.to_come(usccs, year, issued)
    found = {}
    for uscc in usccs:
        open_t, open_credits_t = submitted.get((uscc, year), (0, 0))
        done_t, done_credits_t = confirmed.get((uscc, year), (0, 0))
        duty = Duty(0, *issued.get(uscc, (0, 0)), open_t + done_t, open_credits_t + done_credits_t)
        means = Means(lots[uscc], trading[uscc], to_come.get(uscc, 0))
        outlook = early_warning.outlook(known[uscc], duty, means, rules)
        found[uscc] = _position(
            uscc,
            rules,
            coverage.get(uscc),
            replace(duty, determined_t=outlook.expected.emission.whole),
            outlook,
            _eligible(lots[uscc], rules),
            (open_t, done_t),
            codes.get(uscc, ""),
        )
    return found


def surrender_proposal(entity: str, year: int, today: date) -> tuple[Line, ...]:
    """Propose what an entity should surrender for what is still due; empty before determination.

    Args:
        entity: unified social credit code.
        year: compliance year.
        today: the day whose rules apply.

    Raises:
        Refused: NO_SUCH_ORGANISATION.
    """
    region = members.organisation(entity).region
    return surrender_proposals([entity], region=region, year=year, today=today).get(entity, ())


def surrender_proposals(usccs: Sequence[str], *, region: str, year: int, today: date) -> dict[str, tuple[Line, ...]]:
    """Propose for many entities at once; those without a determined figure are missing.

    Args:
        usccs: unified social credit codes.
        region: region code of them all.
        year: compliance year.
        today: the day whose rules apply.
    """
    due = standing.duties(usccs, year)
    lots, rules = standing.lots(list(due)), standing.rules(region, year, today)
    return {uscc: surrender.propose(duty, lots[uscc], rules) for uscc, duty in due.items()}


def cockpit(region: str, year: int, today: date) -> Cockpit:
    """Give the authority's overview of a year: counts, who is short, deadlines with days left.

    Args:
        region: region code.
        year: compliance year.
        today: the day to count from.
    """
    rows = {row.entity_id: row for row in Coverage.objects.filter(region=region, year=year).select_related("entity")}
    inside = sorted(code for code, row in rows.items() if row.stage == Stage.ALLOWANCES)
    places = positions(inside, region=region, year=year, today=today)
    short = [
        Short(
            code,
            rows[code].entity.name_zh,
            rows[code].entity.name_en,
            rows[code].sector,
            place.expected_t + place.recall_outstanding_t,
            place.allowances_t + place.credits_t,
            place.submitted_t + place.confirmed_t,
            place.gap_t,
        )
        for code, place in places.items()
        if place.gap_t > 0
    ]
    days = deadlines(region, year, today)
    return Cockpit(
        region,
        year,
        dict(Counter(row.stage for row in rows.values())),
        dict(Counter(place.code for place in places.values())),
        tuple(sorted(short, key=lambda one: (-one.shortfall_t, one.entity))),
        sum(one.shortfall_t for one in short),
        Surrender.objects.filter(region=region, year=year, state=SurrenderState.SUBMITTED).count(),
        days,
        next((day for day in days if day.on >= today), None),
    )


def _position(
    uscc: str,
    rules: RulesAt,
    row: Coverage | None,
    duty: Duty,
    outlook: Outlook,
    held_t: tuple[int, int],
    surrendered_t: tuple[int, int],
    code: str,
) -> Position:
    obligation, limit = surrender.obligation(duty), surrender.credit_limit(duty, rules)
    is_determined = outlook.expected.basis is Basis.DETERMINED
    return Position(
        uscc,
        rules.year or 0,
        Stage(row.stage) if row else Stage.OUT,
        row.reason_zh if row else "",
        row.reason_en if row else "",
        duty.determined_t if is_determined else None,
        duty.determined_t,
        duty.issued_t,
        duty.recall_outstanding_t,
        obligation if is_determined else None,
        *surrendered_t,
        max(0, obligation.whole - duty.surrendered_t) if is_determined else 0,
        *held_t,
        limit if is_determined else None,
        dict(outlook.drivers)[Driver.TO_COME].whole,
        outlook,
        code,
    )


# What counts towards the year of the rules: allowances and credits apart, tonnes held free.
def _eligible(lots: Sequence[surrender.Lot], rules: RulesAt) -> tuple[int, int]:
    allowances_t = credits_t = 0
    for lot in lots:
        if surrender.ineligible(lot.asset, rules) is None:
            if lot.asset.kind is AssetKind.CREDIT:
                credits_t += lot.free_t
            else:
                allowances_t += lot.free_t
    return allowances_t, credits_t
