"""Plan the verification of assigned reports: who, how the place is looked at, what is sampled, how exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import canonical, periods, reporting, roles, verification
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.verification import Duty, Planned, Team, VisitMode
from tonnebook.emissions import queries
from tonnebook.emissions.models import VerificationPlan
from tonnebook.emissions.queries import CaseRow
from tonnebook.emissions.services.locks import lock_years
from tonnebook.emissions.services.verification import require_independent
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """How one report is to be verified.

    Attributes:
        report: number of the version.
        leader: number of the person who leads.
        reviewer: number of the technical reviewer.
        signatory: number of whoever signs for the firm.
        members: numbers of the others of the team.
        mode: how the place is looked at.
        reason: why it is not visited.
        samples: places of the sampled source lines in the report, from 0; None for all of them.
    """

    report: str
    leader: str
    reviewer: str
    signatory: str
    members: tuple[str, ...] = ()
    mode: VisitMode = VisitMode.ON_SITE
    reason: str = ""
    samples: tuple[int, ...] | None = None

    @property
    def team(self) -> Team:
        """Who takes part."""
        return Team(self.leader, self.reviewer, self.signatory, self.members)


@journal.command("emissions.plan_verifications")
def plan_verifications(actor: Actor, *, plans: Sequence[PlanDraft], key: str, now: datetime) -> Answer:
    """Plan the verification of reports that are assigned to one's firm; a later plan stands for an earlier one.

    Args:
        actor: of the verification body.
        plans: one for each report.
        key: idempotency key.
        now: when.

    Returns:
        {"planned": count}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_REPORT or NOT_ASSIGNED; VERSION_SUPERSEDED or ALREADY_SIGNED; what
            `core.verification.check_plan` and `services.require_independent` refuse, for the first report named.

    Source: S65 (plan, team, site visit); S02 item 17 for the simpler way.
    """
    del key
    roles.check(actor, Act.SIGN_OPINION)
    cases = cases_of(actor, [plan.report for plan in plans])
    duties = queries.duties_of(actor.organisation)
    rules = {(case.region, case.year): _rules(case, now) for case in cases.values()}
    clean = queries.verdicts_before([case.entity for case in cases.values()])
    rows = []
    for plan in plans:
        case = cases[plan.report]
        of_year = rules[case.region, case.year]
        is_simple = verification.is_simplifiable(case.year, clean.get(case.entity, {}), of_year)
        verification.check_plan(_planned(actor, plan, case, duties, is_simple), of_year)
        rows.append(_row(actor, plan, case, of_year, now))
    require_independent_of(actor, cases, {cases[plan.report].entity: plan.team.people for plan in plans}, now)
    VerificationPlan.objects.bulk_create(rows)
    entries = [_entry(plan, cases[plan.report], row) for plan, row in zip(plans, rows, strict=True)]
    journal.append_many(entries, now=now)
    return {"planned": len(rows)}


def cases_of(actor: Actor, reports: Sequence[str]) -> dict[str, CaseRow]:
    """Take the locks of the years of reports and give what is to be verified, refusing what cannot be worked on.

    Args:
        actor: of the verification body.
        reports: numbers of versions.

    Raises:
        Refused: NO_SUCH_REPORT, NOT_ASSIGNED, VERSION_SUPERSEDED or ALREADY_SIGNED, for the first named.
    """
    found = queries.cases(reports)
    for region in sorted({case.region for case in found.values()}):
        lock_years(region, {case.year for case in found.values() if case.region == region})
    # Again, under the locks: what was read before may have changed while waiting for them.
    found = queries.cases(reports)
    for report in reports:
        case = found.get(report)
        if case is None:
            raise Refused(ReportingRefusal.NO_SUCH_REPORT, report=report)
        reporting.check_case(
            report,
            is_assigned=case.verifier == actor.organisation,
            is_latest=case.is_latest,
            is_signed=case.is_signed,
        )
    return found


def require_independent_of(
    actor: Actor, cases: dict[str, CaseRow], people: dict[str, frozenset[str]], now: datetime
) -> None:
    """Ask of many cases at once what `services.require_independent` asks of those of one year.

    Args:
        actor: of the verification body.
        cases: by report.
        people: numbers of those who take part, by company.
        now: when.

    Raises:
        Refused: as `services.require_independent`.

    Source: S65; invariant C4.
    """
    for region, year in sorted({(case.region, case.year) for case in cases.values()}):
        entities = sorted({case.entity for case in cases.values() if (case.region, case.year) == (region, year)})
        today = periods.day_of(now)
        require_independent(entities, year, actor.organisation, people, region=region, today=today)


def _rules(case: CaseRow, now: datetime) -> RulesAt:
    return rulebook.at(case.region, on=periods.day_of(now), year=case.year)


def _planned(
    actor: Actor, plan: PlanDraft, case: CaseRow, duties: dict[str, frozenset[Duty]], is_simplifiable: bool
) -> Planned:
    return Planned(
        body=actor.organisation,
        entity=case.entity,
        team=plan.team,
        duties=duties,
        mode=plan.mode,
        reason=plan.reason,
        is_simplifiable=is_simplifiable,
        sampled=len(_samples(plan, case)),
        lines=case.lines,
    )


def _samples(plan: PlanDraft, case: CaseRow) -> list[int]:
    every = range(case.lines)
    return list(every) if plan.samples is None else sorted(set(plan.samples) & set(every))


def _row(actor: Actor, plan: PlanDraft, case: CaseRow, rules: RulesAt, now: datetime) -> VerificationPlan:
    samples, threshold = _samples(plan, case), verification.materiality(case.total_t, rules)
    content = {"plan": canonical.plain(plan), "samples": samples, "threshold_t": threshold.whole, "rules": rules.digest}
    return VerificationPlan(
        assignment_id=case.assignment,
        version=case.plans + 1,
        mode=plan.mode.value,
        reason=plan.reason.strip(),
        leader=plan.leader,
        reviewer=plan.reviewer,
        signatory=plan.signatory,
        members=list(plan.members),
        samples=samples,
        threshold_t=threshold.whole,
        digest=canonical.digest(content),
        planned_by=actor.person,
        planned_at=now,
    )


def _entry(plan: PlanDraft, case: CaseRow, row: VerificationPlan) -> Entry:
    facts = {"entity": case.entity, "year": case.year, "report": plan.report, "verifier": case.verifier}
    sealed = {"digest": row.digest, "team": sorted(plan.team.people), "threshold_t": row.threshold_t}
    return Entry("emissions.verification.planned", {**facts, "mode": plan.mode.value}, sealed)
