"""Keep what the checks found, refuse what they forbid, and let single findings pass when two officers say so."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from tonnebook.core import canonical, checks, identity, periods
from tonnebook.core.checks import Finding, Severity
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions.models import CheckRun, CheckWaiver, EmissionReport
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members
from tonnebook.rulebook import catalogue

NUMBER = "emissions_waiver_number"


@journal.command("emissions.waive_check")
def waive_check(
    actor: Actor,
    *,
    entity: str,
    year: int,
    check: str,
    place: str,
    reason: str,
    until_on: date,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Let a finding of a check pass for an entity and year; two officers approve.

    Args:
        actor: officer of the entity's region.
        entity: unified social credit code.
        year: compliance year.
        check: number of the check.
        place: as the finding names it; every place when empty.
        reason: why; sealed in the log.
        until_on: last day of the waiver.
        approval: number of the approval of exactly this.
        key: idempotency key.
        now: when.

    Returns:
        {"waiver": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_CHECK, WAIVER_WITHOUT_REASON or WAIVER_OVER as
            `core.checks.check_waiver`; what `members.use_approval` refuses.

    Source: design choice, no legal source.
    """
    del key
    region = members.require(actor, Act.WAIVE_CHECK, organisation=entity)
    today = periods.day_of(now)
    checks.check_waiver(check=check, known=catalogue.checks(), reason=reason, until_on=until_on, today=today)
    payload = {
        "entity": entity,
        "year": year,
        "check": check,
        "place": place,
        "reason": reason,
        "until_on": until_on.isoformat(),
    }
    approved = members.use_approval(approval, kind="emissions.waive_check", payload=payload, now=now)
    (count,) = journal.next_counts(NUMBER, 1)
    row = CheckWaiver.objects.create(
        number=identity.numbered("CW", count),
        entity_id=entity,
        region=region,
        year=year,
        check_number=check,
        place=place,
        reason=reason.strip(),
        until_on=until_on,
        initiator=approved.initiator,
        approver=approved.approver,
        given_at=now,
    )
    facts = {"entity": entity, "year": year, "check": check, "waiver": row.number, "until_on": until_on}
    people = {"initiator": approved.initiator, "approver": approved.approver}
    sealed = {"place": place, "reason": reason.strip(), **people}
    return {"waiver": row.number, "receipt": journal.append(Entry("emissions.check.waived", facts, sealed), now=now)}


def keep_run(report: EmissionReport, findings: Sequence[Finding], *, now: datetime) -> str:
    """Keep what the checks found in a report, inside the command that submits it; its digest goes to the same leaf.

    Args:
        report: just stored.
        findings: of the whole catalogue, after the waivers of the day.
        now: when.

    Returns:
        Digest of the findings, hexadecimal.

    Raises:
        Refused: CHECKS_FAILED as `core.checks.refuse_errors`.
    """
    checks.refuse_errors(findings)
    found = [{name: str(value) for name, value in asdict(one).items() if name != "is_waived"} for one in findings]
    CheckRun.objects.create(
        report=report,
        entity_id=report.entity_id,
        region=report.region,
        year=report.year,
        catalogue_digest=catalogue.digest(),
        findings=found,
        warnings=sum(one.severity is Severity.WARNING for one in findings),
        run_at=now,
    )
    return canonical.digest(found)
