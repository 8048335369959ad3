"""First check: a district authority looks whether a report of its district is complete, before anybody verifies it."""

from datetime import datetime

from tonnebook.core import reporting
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions.models import EmissionReport, FirstCheck
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members


@journal.command("emissions.first_check")
def first_check(actor: Actor, *, report: str, is_complete: bool, note: str = "", key: str, now: datetime) -> Answer:
    """Note whether the latest version of a report is complete; it neither stops nor replaces the verification.

    Args:
        actor: district officer of the entity's district.
        report: number of the version.
        is_complete: whether everything asked for is there.
        note: what is missing, or a remark; enters the log sealed.
        key: idempotency key.
        now: when.

    Returns:
        {"report": number, "is_complete", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_DISTRICT; NO_SUCH_REPORT; VERSION_SUPERSEDED, CHECKED_ALREADY
            or CHECK_WITHOUT_NOTE as `core.reporting.check_first_check`.

    Source: design choice, no legal source (districts help on site in both cities, without a step of their own by law).
    """
    del key
    row = EmissionReport.objects.filter(number=report).only("number", "entity", "region", "year", "version").first()
    if row is None:
        members.require(actor, Act.FIRST_CHECK)
        raise Refused(ReportingRefusal.NO_SUCH_REPORT, report=report)
    members.require(actor, Act.FIRST_CHECK, organisation=row.entity_id)
    lock_years(row.region, [row.year])
    newer = EmissionReport.objects.filter(entity__uscc=row.entity_id, year=row.year, version__gt=row.version)
    reporting.check_first_check(
        report=report,
        is_latest=not newer.exists(),
        is_checked=FirstCheck.objects.filter(report=row).exists(),
        is_complete=is_complete,
        note=note,
    )
    FirstCheck.objects.create(
        report=row,
        bureau_id=actor.organisation,
        is_complete=is_complete,
        note=note.strip(),
        checked_by=actor.person,
        checked_at=now,
    )
    facts = {"entity": row.entity_id, "year": row.year, "report": report, "bureau": actor.organisation}
    sealed = {"is_complete": is_complete, "note": note.strip(), "by": actor.person}
    receipt = journal.append(Entry("emissions.report.first_checked", facts, sealed), now=now)
    return {"report": report, "is_complete": is_complete, "receipt": receipt}
