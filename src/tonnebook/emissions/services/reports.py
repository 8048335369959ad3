"""Report: an entity submits what it emitted in a year; core computes it, the room keeps every version."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection

from tonnebook.core import canonical, mrv, periods, reporting, trace
from tonnebook.core.checks.subjects import Line
from tonnebook.core.errors import Refused
from tonnebook.core.mandates import MandateRefusal
from tonnebook.core.mrv import EmissionResult, OutputRow
from tonnebook.core.register import RegisterRefusal
from tonnebook.core.reporting import PlanState
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.emissions import queries
from tonnebook.emissions.models import EmissionReport, ReportDraft
from tonnebook.emissions.queries import Draft, recomputation
from tonnebook.emissions.services.checks import keep_run
from tonnebook.emissions.services.drafts import ReportLine
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members


@journal.command("emissions.submit_report")
def submit_report(
    actor: Actor,
    *,
    entity: str,
    year: int,
    lines: Sequence[ReportLine],
    outputs: Sequence[OutputRow],
    prepared_by: str = "",
    draft: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Submit the annual emission report, or a new version that supersedes the last.

    Args:
        actor: representative of the entity.
        entity: unified social credit code.
        year: compliance year.
        lines: activity data per facility.
        outputs: what was made, per product.
        prepared_by: code of a consultant who wrote it; the entity itself when empty. Such a one cannot verify it.
        draft: number of the draft it follows, whose writer counts as the one who wrote it; empty when there is none.
        key: idempotency key.
        now: when.

    Returns:
        {"report": number, "version", "total_t", "direct_t", "digest": hex, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_ORGANISATION; NO_SUCH_ORGANISATION; FACILITY_OF_ANOTHER, YEAR_NOT_OVER,
            ALREADY_DETERMINED or NO_APPROVED_PLAN as `core.reporting.check_report`; NO_SUCH_PLACE when a line names a
            source stream that its facility does not have; NO_SUCH_DRAFT; what
            `core.mrv.emissions` and `core.mrv.outputs_by_product` refuse; CHECKS_FAILED when the catalogue of checks
            finds an error that nobody waived.

    Source: S57 as `core.mrv.emissions` computes it; the order of plan, report and determination as `core.reporting`.
    """
    del key
    region = members.require(actor, Act.SUBMIT_REPORT, organisation=entity)
    lock_years(region, [year])
    facts, version = facts_of(entity, year, lines, periods.day_of(now))
    reporting.check_report(facts)
    _refuse_unregistered(entity, lines)
    rules = queries.rules_of(region, year)
    result = mrv.emissions([line.source for line in lines], rules)
    made = list(mrv.outputs_by_product(outputs).values())
    writer = _writer_of(draft, entity, year) if draft else prepared_by or entity
    findings = queries.findings_of_draft(
        Draft(
            entity=entity,
            region=region,
            year=year,
            lines=[Line(line.facility, line.source, line.stream) for line in lines],
            outputs=made,
            submitted_on=facts.submitted_on,
            is_prepared_by_other=writer != entity,
        ),
        result,
    )
    report = EmissionReport(
        number=f"ER-{year}-{entity}-{version}",
        entity_id=entity,
        region=region,
        year=year,
        version=version,
        prepared_by=writer,
        lines=canonical.plain(lines),
        outputs=canonical.plain(made),
        electricity=_electricity(result),
        total_t=result.total.whole,
        direct_t=result.direct.whole,
        traces={"total": trace.to_json(result.total), "direct": trace.to_json(result.direct)},
        rules_digest=rules.digest,
        is_late=_is_late(rules, periods.day_of(now)),
        submitted_at=now,
    )
    report.digest = recomputation.digest_of(report)
    report.save(force_insert=True)
    checked = keep_run(report, findings, now=now)
    return {**_answer(report), "receipt": journal.append(_entry(report, actor, checked), now=now)}


def facts_of(
    entity: str, year: int, lines: Sequence[ReportLine], submitted_on: date, *, is_draft: bool = False
) -> tuple[reporting.Reporting, int]:
    """Give what the check of a report or of its draft looks at, and the version the report will be.

    Args:
        entity: unified social credit code.
        year: compliance year.
        lines: activity data per facility.
        submitted_on: day in the region's zone.
        is_draft: whether it is a draft only.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"entity": entity, "year": year, "approved": PlanState.APPROVED.value})
        own, has_approved_plan, is_determined, version = cursor.fetchone()
    facts = reporting.Reporting(
        entity=entity,
        year=year,
        submitted_on=submitted_on,
        has_approved_plan=has_approved_plan,
        is_determined=is_determined,
        foreign_facility=next((line.facility for line in lines if line.facility not in own), ""),
        is_draft=is_draft,
    )
    return facts, version


_FACTS = """
SELECT ARRAY(SELECT number::text FROM emissions_facility WHERE entity_id = %(entity)s),
       EXISTS (SELECT FROM emissions_dataqualityplan
               WHERE entity_id = %(entity)s AND year = %(year)s AND state = %(approved)s),
       EXISTS (SELECT FROM emissions_determination WHERE entity_id = %(entity)s AND year = %(year)s),
       (SELECT count(*) + 1 FROM emissions_emissionreport WHERE entity_id = %(entity)s AND year = %(year)s)
"""


def _writer_of(draft: str, entity: str, year: int) -> str:
    row = ReportDraft.objects.filter(number=draft, entity__uscc=entity, year=year).select_related("mandate").first()
    if row is None:
        raise Refused(MandateRefusal.NO_SUCH_DRAFT, draft=draft)
    return row.mandate.writer_id


def _refuse_unregistered(entity: str, lines: Sequence[ReportLine]) -> None:
    named = {(line.facility, line.stream) for line in lines if line.stream}
    known = queries.streams_of(entity) if named else set()
    for _, stream in sorted(named - known):
        raise Refused(RegisterRefusal.NO_SUCH_PLACE, subject=stream)


def _electricity(result: EmissionResult) -> dict[str, str]:
    return {
        "purchased_mwh": format(result.purchased_mwh.value, "f"),
        "green_mwh": format(result.green_mwh.value, "f"),
        "non_fossil_mwh": format(result.non_fossil_mwh.value, "f"),
    }


def _is_late(rules: RulesAt, submitted_on: date) -> bool:
    return rules.has("deadline.report_on") and submitted_on > rules.day("deadline.report_on")


def _answer(report: EmissionReport) -> Answer:
    return {
        "report": report.number,
        "version": report.version,
        "total_t": report.total_t,
        "direct_t": report.direct_t,
        "digest": report.digest,
    }


def _entry(report: EmissionReport, actor: Actor, checked: str) -> Entry:
    facts = {"entity": report.entity_id, "year": report.year, "version": report.version, "report": report.number}
    sealed = {"digest": report.digest, "total_t": report.total_t, "direct_t": report.direct_t, "by": actor.person}
    sealed["findings"] = checked
    return Entry("emissions.report.submitted", {**facts, "rules": report.rules_digest}, sealed)
