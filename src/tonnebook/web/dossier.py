"""One file per entity (一企一档): everything that happened to it in a compliance year on one time line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.utils.translation import gettext, gettext_noop

from tonnebook.compliance import queries as compliance
from tonnebook.core import periods
from tonnebook.core.canonical import Json
from tonnebook.core.objections import ObjectionSubject
from tonnebook.emissions import queries as emissions
from tonnebook.faces import formats, labels
from tonnebook.faces.templatetags.tonnebook import language, name, region_name, word_of
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow
from tonnebook.registry import queries as registry

# What the time line can be narrowed to, in the order of a year.
TOPICS = {
    "coverage": gettext_noop("Coverage"),
    "monitoring": gettext_noop("Monitoring"),
    "report": gettext_noop("Report and verification"),
    "allocation": gettext_noop("Allocation"),
    "surrender": gettext_noop("Surrender"),
    "objection": gettext_noop("Objections and re-checks"),
    "penalty": gettext_noop("Breach and penalty"),
    "account": gettext_noop("Accounts"),
    "paper": gettext_noop("Official papers"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what it belongs to, what, and how much or with which outcome."""

    at: datetime
    topic: str
    what: str
    told: str

    @property
    def topic_label(self) -> str:
        """The topic in words."""
        return gettext(TOPICS[self.topic])


def time_line(entity: OrganisationRow, year: int, topic: str = "") -> tuple[Event, ...]:
    """Tell what happened to an entity, oldest first.

    Args:
        entity: whose file it is.
        year: compliance year; applications about accounts and papers are those of its calendar year.
        topic: one of `TOPICS`, or empty for all.

    Returns:
        The events.
    """
    kinds = (_coverage, _monitoring, _report, _allocation, _surrender, _objection, _penalty, _account, _paper)
    found = [event for kind in kinds for event in kind(entity, year)]
    return tuple(sorted((one for one in found if topic in ("", one.topic)), key=lambda one: one.at))


def sheet(entity: OrganisationRow, year: int, *, now: datetime) -> dict[str, Json]:
    """Give the whole file of an entity and year to its document.

    Args:
        entity: whose file it is.
        year: compliance year.
        now: when it is made.

    Returns:
        What `web/documents/dossier.typ` shows, in the current language.
    """
    facts = [
        (gettext("Organisation"), f"{name(entity)} · {entity.uscc}"),
        (gettext("Compliance year"), str(year)),
        (gettext("Made"), formats.moment(now).text),
    ]
    rows = [[formats.moment(one.at).text, one.topic_label, one.what, one.told] for one in time_line(entity, year)]
    return {
        "title": gettext("File of the entity"),
        "issuer": gettext("Carbon registry of %(region)s") % {"region": region_name(entity.region)},
        "number": entity.uscc,
        "language": "zh" if formats.is_chinese(language()) else "en",
        "facts": [list(pair) for pair in facts],
        "columns": [gettext("When"), gettext("Topic"), gettext("What"), gettext("Outcome")],
        "rows": cast(list[Json], rows),
        "empty": gettext("Nothing happened here"),
    }


def _coverage(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for row in compliance.covered(entity.region, year):
        if row.entity == entity.uscc:
            reason = row.reason_zh if formats.is_chinese(language()) else row.reason_en
            yield Event(row.decided_at, "coverage", labels.label(row.stage), reason)


def _monitoring(entity: OrganisationRow, year: int) -> Iterator[Event]:
    plan, words = emissions.plan_of(entity.uscc, year), {"plan": word_of("data_quality_plan", entity.region)}
    if plan is not None:
        yield Event(plan.submitted_at, "monitoring", gettext("%(plan)s submitted") % words, str(plan.version))
        if plan.approved_at is not None:
            yield Event(plan.approved_at, "monitoring", gettext("%(plan)s approved") % words, str(plan.version))
    for row in emissions.filings(entity.uscc, year):
        if row.filed_at is not None:
            late = gettext("late") if row.is_late else ""
            told = " · ".join(filter(None, (row.facility, f"{row.year}-{row.month:02d}", late)))
            yield Event(row.filed_at, "monitoring", gettext("Month filed"), told)


def _report(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for at, determined_t in emissions.figures([entity.uscc], year).get(entity.uscc, ()):
        yield Event(at, "report", gettext("Emission determined"), _tonnes(determined_t))
    report = emissions.report_of(entity.uscc, year)
    if report is None:
        return
    late = gettext("late") if report.is_late else ""
    told = " · ".join(filter(None, (report.number, _tonnes(report.total_t), late)))
    yield Event(report.submitted_at, "report", gettext("Annual report submitted"), told)
    if (opinion := report.opinion) is not None:
        told = f"{labels.label(opinion.verdict)} · {_tonnes(opinion.verified_t)}"
        yield Event(opinion.signed_at, "report", gettext("Opinion signed"), told)


def _allocation(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for row in compliance.allocation_of(entity.uscc, year):
        told = f"{labels.label(row.batch)} · {_tonnes(row.issue_t)} · {labels.label(row.state)}"
        yield Event(row.computed_at, "allocation", gettext("Allocation computed"), told)


def _surrender(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for row in compliance.surrenders(entity.uscc, year):
        told = f"{row.number} · {_tonnes(row.total_t)}"
        yield Event(row.submitted_at, "surrender", gettext("Surrender submitted"), told)
        if row.decided_at is not None:
            yield Event(row.decided_at, "surrender", labels.label(row.state), told)
    for status in compliance.compliance_table(entity.region, year):
        if status.entity == entity.uscc:
            short = gettext("short by %(t)s") % {"t": _tonnes(status.shortfall_t)} if status.shortfall_t else ""
            told = " · ".join(filter(None, (labels.label(status.code, "StatusCode"), short)))
            yield Event(status.settled_at, "surrender", gettext("Year settled"), told)


def _objection(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for subject in ObjectionSubject:
        row = compliance.objection_of(subject, entity.uscc, year)
        if row is None:
            continue
        told = f"{row.number} · {labels.label(subject)}"
        yield Event(row.filed_at, "objection", gettext("Objection filed"), told)
        if row.decided_at is not None:
            yield Event(row.decided_at, "objection", labels.label(row.state), told)


def _penalty(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for file in compliance.penalty_files_of(entity.uscc):
        for step in file.steps if file.year == year else ():
            fine = "" if step.fine_fen is None else formats.yuan(step.fine_fen, language()).text
            told = " · ".join(filter(None, (file.number, step.ground, fine)))
            yield Event(step.at, "penalty", labels.label(step.step), told)


def _account(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for row in registry.applications_of(entity.uscc):
        steps = [(row.asked_at, gettext("Asked of the registry")), (row.decided_at, labels.label(row.state))]
        for at, what in steps:
            if at is not None and periods.day_of(at).year == year:
                yield Event(at, "account", what, f"{labels.label(row.kind)} · {row.account}")


def _paper(entity: OrganisationRow, year: int) -> Iterator[Event]:
    for copy in members.papers_of(entity.uscc):
        steps = [(copy.row.issued_at, labels.label(copy.row.kind)), (copy.served_at, gettext("Served"))]
        for at, what in steps:
            if at is not None and periods.day_of(at).year == year:
                yield Event(at, "paper", what, copy.row.number)


def _tonnes(quantity_t: int) -> str:
    return formats.tonnes(quantity_t, language()).text
