"""Findings of a verification: the body raises them, the company answers within its days, the body settles them."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import periods, roles, verification
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.verification import Settlement, VerificationRefusal
from tonnebook.emissions import queries
from tonnebook.emissions.models import EmissionReport, FindingAnswer, FindingSettlement, VerificationFinding
from tonnebook.emissions.queries import CaseRow
from tonnebook.emissions.services.drafts import Finding
from tonnebook.emissions.services.locks import lock_years
from tonnebook.emissions.services.planning import cases_of
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry


@journal.command("emissions.raise_finding")
def raise_finding(actor: Actor, *, report: str, finding: Finding, key: str, now: datetime) -> Answer:
    """Raise a finding about a report; the company has the rule book's working days to answer.

    Args:
        actor: of the verification body.
        report: number of the version.
        finding: what was found.
        key: idempotency key.
        now: when.

    Returns:
        {"finding": number, "due_on", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; what `planning.cases_of` refuses; NOT_PLANNED.

    Source: S65 (non-conformities); rule book `verification.answer_working_days`.
    """
    del key
    roles.check(actor, Act.SIGN_OPINION)
    case = cases_of(actor, [report])[report]
    if not case.plans:
        raise Refused(VerificationRefusal.NOT_PLANNED, report=report)
    today = periods.day_of(now)
    days = rulebook.at(case.region, on=today, year=case.year).integer("verification.answer_working_days")
    due_on = rulebook.calendar(case.region).working_day_after(today, days)
    count = VerificationFinding.objects.filter(report__entity__uscc=case.entity, report__year=case.year).count() + 1
    row = VerificationFinding.objects.create(
        number=f"VF-{case.year}-{case.entity}-{count}",
        report=EmissionReport.objects.only("pk").get(number=report),
        kind=finding.kind.value,
        text=finding.text,
        reference=finding.reference,
        effect_t=finding.effect_t,
        is_material=finding.is_material,
        due_on=due_on,
        raised_by=actor.person,
        raised_at=now,
    )
    facts = {**_facts(case), "finding": row.number, "due_on": due_on.isoformat()}
    sealed = {"kind": finding.kind, "text": finding.text, "effect_t": finding.effect_t, "by": actor.person}
    receipt = journal.append(Entry("emissions.finding.raised", facts, sealed), now=now)
    return {"finding": row.number, "due_on": due_on.isoformat(), "receipt": receipt}


@journal.command("emissions.answer_finding")
def answer_finding(
    actor: Actor, *, finding: str, text: str, evidence_digest: str = "", key: str, now: datetime
) -> Answer:
    """Answer a finding about one's own report, once; a correction is a new version of the report beside it.

    Args:
        actor: representative of the company.
        finding: number.
        text: what the company says.
        evidence_digest: SHA-256 (hex) of what it shows, or nothing.
        key: idempotency key.
        now: when.

    Returns:
        {"finding": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_FINDING; FINDING_SETTLED; ANSWERED_ALREADY.

    Source: S65.
    """
    del key
    roles.check(actor, Act.SUBMIT_REPORT)
    row = VerificationFinding.objects.filter(number=finding, report__entity__uscc=actor.organisation)
    found = row.select_related("report").first()
    if found is None:
        raise Refused(VerificationRefusal.NO_SUCH_FINDING, finding=finding)
    lock_years(found.report.region, [found.report.year])
    if FindingSettlement.objects.filter(finding=found).exists():
        raise Refused(VerificationRefusal.FINDING_SETTLED, finding=finding)
    if FindingAnswer.objects.filter(finding=found).exists():
        raise Refused(VerificationRefusal.ANSWERED_ALREADY, finding=finding)
    FindingAnswer.objects.create(
        finding=found, text=text.strip(), evidence_digest=evidence_digest, answered_by=actor.person, answered_at=now
    )
    facts = {"entity": actor.organisation, "year": found.report.year, "finding": finding}
    sealed = {"text": text.strip(), "evidence": evidence_digest, "by": actor.person}
    receipt = journal.append(Entry("emissions.finding.answered", facts, sealed), now=now)
    return {"finding": finding, "receipt": receipt}


@journal.command("emissions.settle_finding")
def settle_finding(
    actor: Actor,
    *,
    finding: str,
    settlement: Settlement,
    added_t: int = 0,
    note: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Settle a finding: corrected, estimated on the safe side, explained, or left standing as a remark.

    Args:
        actor: of the verification body.
        finding: number.
        settlement: how it ends.
        added_t: tonnes that a conservative estimate adds, > 0; 0 for every other way.
        note: why.
        key: idempotency key.
        now: when.

    Returns:
        {"finding": number, "settlement": code, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_FINDING; what `planning.cases_of` refuses of the latest version; what
            `core.verification.check_settlement` refuses.

    Source: S65 (correction, else a conservative estimate).
    """
    del key
    roles.check(actor, Act.SIGN_OPINION)
    row = VerificationFinding.objects.filter(number=finding).select_related("report").first()
    if row is None:
        raise Refused(VerificationRefusal.NO_SUCH_FINDING, finding=finding)
    latest = queries.latest_number(row.report.entity_id, row.report.year)
    case = cases_of(actor, [latest])[latest]
    verification.check_settlement(
        finding,
        settlement,
        is_settled=FindingSettlement.objects.filter(finding=row).exists(),
        is_answered=FindingAnswer.objects.filter(finding=row).exists(),
        due_on=row.due_on,
        today=periods.day_of(now),
        is_corrected=latest != row.report.number,
        added_t=added_t,
    )
    FindingSettlement.objects.create(
        finding=row,
        settlement=settlement.value,
        added_t=added_t,
        note=note.strip(),
        settled_by=actor.person,
        settled_at=now,
    )
    facts = {**_facts(case), "finding": finding}
    sealed = {"settlement": settlement, "added_t": added_t, "note": note.strip(), "by": actor.person}
    receipt = journal.append(Entry("emissions.finding.settled", facts, sealed), now=now)
    return {"finding": finding, "settlement": settlement.value, "receipt": receipt}


def _facts(case: CaseRow) -> dict[str, object]:
    return {"entity": case.entity, "year": case.year, "report": case.report, "verifier": case.verifier}
