"""What companies and verifiers do for one year's emissions: plan, months, report, opinion; and the determination."""

import hashlib
from datetime import datetime
from decimal import Decimal

from tonnebook.core import periods, units
from tonnebook.core.mrv import OutputRow, SourceLine
from tonnebook.core.reporting import FindingKind, ReportState, Verdict
from tonnebook.core.roles import Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.verification import Duty, Settlement
from tonnebook.demo import cast
from tonnebook.demo.population import Company
from tonnebook.demo.world import World
from tonnebook.emissions import queries as reports
from tonnebook.emissions import services as emissions
from tonnebook.emissions.services import ConclusionDraft, Finding, MonthDraft, ParameterRow, ReportLine

VERIFIERS = ("verifier1", "verifier2", "verifier3", "verifier4")
# Places in the order of the companies; the first two of a sector may be the cast's, whom visitors play themselves.
_MANDATING = slice(3, 6)
# Heating and cooling make winter and summer heavier; twelve weights that add up to 1,200.
_SEASON = (108, 96, 98, 94, 96, 101, 108, 109, 99, 94, 95, 102)


def submit_plans(world: World, now: datetime) -> None:
    """Have every company that has none submit its data quality plan of the year, and the officer approve them all."""
    planned = reports.planned(world.region, world.year)
    for company in world.companies:
        if company.uscc in planned:
            continue
        emissions.submit_data_quality_plan(
            world.company_actor(company),
            entity=company.uscc,
            year=world.year,
            sections=_sections(company),
            key=world.key("plan", company.uscc),
            now=now,
        )
    emissions.approve_data_quality_plans(
        world.actor("zhou"),
        region=world.region,
        year=world.year,
        entities=[plan.entity for plan in reports.submitted_plans(world.region, world.year)],
        key=world.key("plans-approved"),
        now=now,
    )


def give_mandates(world: World, now: datetime) -> None:
    """Have a few companies mandate the report writer for the year and until the end of its surrender."""
    for company in world.companies[_MANDATING]:
        emissions.give_mandate(
            world.company_actor(company),
            writer=world.body("writer"),
            first_year=world.year,
            last_year=world.year,
            until_on=world.deadline("surrender"),
            key=world.key("mandate", company.uscc),
            now=now,
        )


def file_month(world: World, month: int, now: datetime) -> None:
    """Hand over one month's key parameters of every company, as the direct-reporting platform does; late ones are out.

    Companies that have filed the month themselves are passed over.
    """
    rules = world.rules(periods.day_of(now))
    filed = reports.filed_facilities(world.region, world.year, month)
    filings = [_month(world, company, month, rules) for company in world.companies if company.facility not in filed]
    emissions.file_months(
        world.actor("registrar"),
        year=world.year,
        month=month,
        filings=filings,
        key=world.key("month", month, len(filings)),
        now=now,
    )


def submit_reports(world: World, now: datetime) -> None:
    """Have every company that has not done so submit its annual report."""
    rules, reported = world.rules(periods.day_of(now)), reports.reported(world.region, world.year)
    for company in world.companies:
        if company.uscc in reported:
            continue
        lines = world.source_lines(company, rules)
        output = world.population.figures(company, world.year).output
        emissions.submit_report(
            world.company_actor(company),
            entity=company.uscc,
            year=world.year,
            lines=[ReportLine(company.facility, line) for line in lines],
            outputs=[OutputRow(company.sector.product, output, company.sector.product_unit)],
            key=world.key("report", company.uscc),
            now=now,
        )


def assign_verifiers(world: World, now: datetime) -> None:
    """Have the officer assign a verification body to every company that has none, in turn."""
    waiting = reports.unassigned(world.region, world.year)
    assignments = {uscc: world.body(VERIFIERS[index % len(VERIFIERS)]) for index, uscc in enumerate(waiting)}
    if not assignments:
        return
    emissions.assign_verifiers(
        world.actor("zhou"),
        region=world.region,
        year=world.year,
        assignments=assignments,
        key=world.key("assigned"),
        now=now,
    )


def plan_verifications(world: World, now: datetime) -> None:
    """Have each verification body plan what is on its board: its four people, on site, every source line."""
    for code in VERIFIERS:
        numbers = _open_reports(world, code)
        if not numbers:
            continue
        leader, member, reviewer, signatory = (one.person for one in _team(world, code))
        emissions.plan_verifications(
            world.actor(cast.verifier_name(code)),
            plans=[emissions.PlanDraft(number, leader, reviewer, signatory, (member,)) for number in numbers],
            key=world.key("verification-plans", code),
            now=now,
        )


def raise_findings(world: World, now: datetime) -> None:
    """Have each body leave a remark on every seventh report it verifies; none changes a figure."""
    for code in VERIFIERS:
        leader = world.actor(cast.verifier_name(code))
        for number in list(_open_reports(world, code))[3::7]:
            key = world.key("finding", number)
            answer = emissions.raise_finding(leader, report=number, finding=_COMMENT, key=key, now=now)
            emissions.settle_finding(
                leader,
                finding=str(answer["finding"]),
                settlement=Settlement.LEFT_STANDING,
                key=world.key("settled", number),
                now=now,
            )


def sign_opinions(world: World, now: datetime) -> None:
    """Have leader, technical reviewer and signatory of each body sign the opinions on what is on its board."""
    for code in VERIFIERS:
        numbers = _open_reports(world, code)
        if not numbers:
            continue
        leader, _, reviewer, signatory = _team(world, code)
        remarked = {row.report for row in reports.verification_findings(_entities(world, code))}
        drafts = [_conclusion(number, total_t, number in remarked) for number, total_t in numbers.items()]
        concluded = emissions.conclude(leader, conclusions=drafts, key=world.key("concluded", code), now=now)
        digests = concluded["digests"]
        assert isinstance(digests, dict)
        for actor, duty in ((reviewer, Duty.TECHNICAL_REVIEWER), (signatory, Duty.SIGNATORY)):
            told = {str(number): str(digest) for number, digest in digests.items()}
            key = world.key("signed", code, duty.value)
            emissions.sign_conclusions(actor, duty=duty, digests=told, key=key, now=now)


def determine(world: World, now: datetime) -> None:
    """Have the authority determine the year's emissions of all companies whose reports were found right."""
    entities = list(reports.determinable(world.region, world.year))
    payload = {"region": world.region, "year": world.year, "entities": entities}
    if entities:
        world.two_people("emissions.determine", payload, now=now)


def _team(world: World, code: str) -> list[Actor]:
    return [world.actor(f"{cast.verifier_name(code)}{ending}") for ending in ("", "-member", "-review", "-sign")]


def _entities(world: World, code: str) -> list[str]:
    return [row.entity for row in reports.board(world.body(code), world.year)]


def _conclusion(number: str, total_t: int, has_remark: bool) -> ConclusionDraft:
    verdict = Verdict.VERIFIED_WITH_COMMENTS if has_remark else Verdict.VERIFIED_AS_SATISFACTORY
    return ConclusionDraft(number, verdict, total_t)


def _open_reports(world: World, code: str) -> dict[str, int]:
    board = reports.board(world.body(code), world.year)
    return {row.report: row.total_t or 0 for row in board if row.state is ReportState.ASSIGNED}


def _month(world: World, company: Company, month: int, rules: RulesAt) -> MonthDraft:
    lines = world.source_lines(company, rules)
    evidence = hashlib.sha256(f"demo {company.uscc} {world.year}-{month:02d}".encode()).hexdigest()
    parameters = [ParameterRow(line.name, str(line.kind), _part(line, month), line.unit) for line in lines]
    return MonthDraft(company.facility, parameters, evidence)


_COMMENT = Finding(FindingKind.IMPROVEMENT, "建议缩短燃气表的校准周期。 Calibrate the gas meter more often.")


def _sections(company: Company) -> dict[str, str]:
    sources = ", ".join(energy.name for energy in company.sector.energies)
    return {
        "boundary": f"{company.zh}：主厂区，法人边界 / main site, legal boundary",
        "sources": sources,
        "data": "连续计量，月度结算凭证核对 / metered, checked against monthly settlement",
        "missing_data": "取前后两期较高值 / the higher of the periods before and after",
    }


def _part(line: SourceLine, month: int) -> Decimal:
    # Eleven months by season, the last one what is left: twelve months are the year to the last place.
    if month < len(_SEASON):
        return units.half_up(line.quantity * _SEASON[month - 1] / sum(_SEASON), 2)
    return line.quantity - sum((_part(line, one) for one in range(1, month)), Decimal(0))
