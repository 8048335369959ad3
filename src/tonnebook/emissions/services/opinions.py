"""Conclude and sign: the leader concludes, reviewer and signatory sign the same digest; with the third it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import canonical, periods, reporting, roles, trace, verification
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import Verdict
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.core.verification import Duty, Evaluation, VerificationRefusal
from tonnebook.emissions import queries
from tonnebook.emissions.models import Conclusion, ConclusionSignature, EmissionReport, Verification
from tonnebook.emissions.queries import CaseRow, VerificationPlanRow
from tonnebook.emissions.services.planning import cases_of, require_independent_of
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership


@dataclass(frozen=True, slots=True)
class ConclusionDraft:
    """What a leader concludes about a report: the verdict, and the figure it shows, tonnes (0 for NOT_VERIFIED)."""

    report: str
    verdict: Verdict
    verified_t: int


@journal.command("emissions.conclude")
def conclude(actor: Actor, *, conclusions: Sequence[ConclusionDraft], key: str, now: datetime) -> Answer:
    """Conclude about reports as their leader, which is the first of the three signatures.

    Args:
        actor: the leader of every one of the plans.
        conclusions: one for each report.
        key: idempotency key.
        now: when.

    Returns:
        {"digests": digest of each conclusion by report, to be signed by the next}.

    Raises:
        Refused: NOT_PERMITTED; what `planning.cases_of` refuses; NOT_PLANNED; NOT_YOUR_DUTY; FIGURE_DIFFERS or
            FINDING_MISSING as `core.reporting.check_verdict`; what `core.verification.check_conclusion` and
            `services.require_independent` refuse; SECOND_FACTOR_NEEDED.

    Source: S65; S70 for the opinion model; invariants C2 and C4.
    """
    del key
    roles.check(actor, Act.SIGN_OPINION)
    reports = [one.report for one in conclusions]
    cases, plans, earlier = cases_of(actor, reports), queries.plans_of(reports), queries.conclusions_of(reports)
    findings = queries.verification_findings([case.entity for case in cases.values()])
    rows = []
    for one in conclusions:
        case = cases[one.report]
        plan = _plan(plans, one.report)
        if plan.team.leader != actor.person:
            duty = Duty.LEADER.value
            raise Refused(VerificationRefusal.NOT_YOUR_DUTY, report=one.report, duty=duty)
        told = [row for row in findings if (row.entity, row.year) == (case.entity, case.year)]
        rules = rulebook.at(case.region, on=periods.day_of(now), year=case.year)
        evaluation = verification.evaluate(case.total_t, [row.found for row in told], rules)
        verification.check_conclusion(one.report, one.verdict, one.verified_t, evaluation)
        reporting.check_verdict(
            one.verdict, verified_t=one.verified_t, total_t=case.total_t, findings=evaluation.remark_count
        )
        count = earlier[one.report].count + 1 if one.report in earlier else 1
        rows.append(_conclusion(one, case, plan, [row.told for row in told], evaluation, count, now))
    require_independent_of(actor, cases, {cases[one].entity: plans[one].team.people for one in reports}, now)
    digests: dict[str, Json] = {one.report: row.digest for one, row in zip(conclusions, rows, strict=True)}
    membership.require_signed(actor, Act.SIGN_OPINION, now=now, ask=Ask("emissions.conclude", {"conclusions": digests}))
    Conclusion.objects.bulk_create(rows)
    ConclusionSignature.objects.bulk_create(_signature(row, Duty.LEADER, actor, now) for row in rows)
    entries = [
        _entry("concluded", cases[one.report], Duty.LEADER, row.digest, actor)
        for one, row in zip(conclusions, rows, strict=True)
    ]
    journal.append_many(entries, now=now)
    return {"digests": digests}


@journal.command("emissions.sign_conclusions")
def sign_conclusions(actor: Actor, *, duty: Duty, digests: Mapping[str, str], key: str, now: datetime) -> Answer:
    """Sign conclusions as technical reviewer, or for the firm, with which the opinions stand.

    Args:
        actor: whom the plans name in that duty.
        duty: TECHNICAL_REVIEWER or SIGNATORY.
        digests: digest of the conclusion the person has seen, by report.
        key: idempotency key.
        now: when.

    Returns:
        {"signed": count, "opinions": how many stand with this signature}.

    Raises:
        Refused: NOT_PERMITTED; what `planning.cases_of` refuses; NOTHING_TO_SIGN, OTHER_CONCLUSION, NOT_YOUR_DUTY,
            SIGNED_ALREADY or OUT_OF_TURN as `core.verification.check_signature`; what `services.require_independent`
            refuses; SECOND_FACTOR_NEEDED.

    Source: S65 (leader, technical reviewer, firm); invariants C2 and C4.
    """
    del key
    roles.check(actor, Act.SIGN_OPINION)
    reports = sorted(digests)
    cases, plans, standing = cases_of(actor, reports), queries.plans_of(reports), queries.conclusions_of(reports)
    for report in reports:
        row = standing.get(report)
        verification.check_signature(
            report,
            person=actor.person,
            duty=duty,
            team=_plan(plans, report).team,
            digest=row.digest if row else "",
            signing=digests[report],
            signed=row.signed if row else {},
        )
    require_independent_of(actor, cases, {cases[one].entity: plans[one].team.people for one in reports}, now)
    asked = Ask("emissions.sign_conclusions", {"duty": duty.value, "digests": dict(digests)})
    membership.require_signed(actor, Act.SIGN_OPINION, now=now, ask=asked)
    rows = {row.report.number: row for row in queries.conclusion_rows(reports)}
    ConclusionSignature.objects.bulk_create(_signature(rows[one], duty, actor, now) for one in reports)
    entries = [_entry("signed", cases[one], duty, digests[one], actor) for one in reports]
    if duty is Duty.SIGNATORY:
        Verification.objects.bulk_create(_opinion(rows[one], cases[one], actor, now) for one in reports)
        entries += [_opened(rows[one], cases[one], actor) for one in reports]
    journal.append_many(entries, now=now)
    return {"signed": len(reports), "opinions": len(reports) if duty is Duty.SIGNATORY else 0}


def _plan(plans: Mapping[str, VerificationPlanRow], report: str) -> VerificationPlanRow:
    if report not in plans:
        raise Refused(VerificationRefusal.NOT_PLANNED, report=report)
    return plans[report]


def _conclusion(
    one: ConclusionDraft,
    case: CaseRow,
    plan: VerificationPlanRow,
    findings: list[Json],
    evaluation: Evaluation,
    count: int,
    now: datetime,
) -> Conclusion:
    content = {
        "report": one.report,
        "report_digest": case.digest,
        "plan": plan.digest,
        "verdict": one.verdict.value,
        "verified_t": one.verified_t,
        "findings": findings,
        "count": count,
    }
    return Conclusion(
        report=EmissionReport(pk=case.report_pk),
        count=count,
        plan_id=plan.pk,
        verdict=one.verdict.value,
        verified_t=one.verified_t,
        findings=findings,
        traces={"verified": trace.to_json(evaluation.verified), "threshold": trace.to_json(evaluation.threshold)},
        digest=canonical.digest(content),
        concluded_at=now,
    )


def _signature(row: Conclusion, duty: Duty, actor: Actor, now: datetime) -> ConclusionSignature:
    return ConclusionSignature(conclusion=row, duty=duty.value, person=actor.person, digest=row.digest, signed_at=now)


def _opinion(row: Conclusion, case: CaseRow, actor: Actor, now: datetime) -> Verification:
    return Verification(
        report=row.report,
        verifier_id=actor.organisation,
        verdict=row.verdict,
        verified_t=row.verified_t,
        findings=row.findings,
        report_digest=case.digest,
        conclusion=row,
        signed_by=actor.person,
        signed_at=now,
    )


def _entry(what: str, case: CaseRow, duty: Duty, digest: str, actor: Actor) -> Entry:
    facts = {"entity": case.entity, "year": case.year, "report": case.report, "verifier": case.verifier}
    told = {**facts, "duty": duty.value, "conclusion": digest}
    return Entry(f"emissions.verification.{what}", told, {"by": actor.person})


def _opened(row: Conclusion, case: CaseRow, actor: Actor) -> Entry:
    facts = {"entity": case.entity, "year": case.year, "report": case.report, "verifier": case.verifier}
    sealed = {"digest": case.digest, "verdict": row.verdict, "verified_t": row.verified_t, "findings": row.findings}
    return Entry("emissions.opinion.signed", {**facts, "conclusion": row.digest}, {**sealed, "by": actor.person})
