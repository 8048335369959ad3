"""What the numbered checks look at and find: of a draft, of a submitted report, and over a whole region."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tonnebook.core import checks, mrv
from tonnebook.core.checks import Finding, Scope, Severity, Waiver, subjects
from tonnebook.core.checks.subjects import Book, Line, Month, Place, Yearly
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import EmissionResult, OutputRow
from tonnebook.core.rules import RulesAt
from tonnebook.emissions.models import CheckRun, CheckWaiver, EmissionReport, Facility, MonthlyFiling
from tonnebook.emissions.queries.factors import rules_of
from tonnebook.emissions.queries.register import PlaceRow, register_of
from tonnebook.rulebook import catalogue

_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that may still change: whose, of which year, its lines and outputs, and what is known of its plan."""

    entity: str
    region: str
    year: int
    lines: Sequence[Line]
    outputs: Sequence[OutputRow]
    submitted_on: date
    has_approved_plan: bool = True
    is_prepared_by_other: bool = False


@dataclass(frozen=True, slots=True)
class AnomalyRow:
    """A finding of a region's year, with whose report it stands in."""

    entity: str
    report: str
    finding: Finding


def findings_of_draft(draft: Draft, result: EmissionResult | None) -> tuple[Finding, ...]:
    """Check a draft with the whole catalogue; findings that a waiver lets pass are marked.

    Args:
        draft: what somebody wrote.
        result: computed from its lines; None when that was refused.
    """
    book = _book(draft, result)
    found = checks.run(catalogue.checks().values(), subjects.of_report(book))
    return checks.waived(_sorted(found), waivers(draft.entity, draft.year), draft.submitted_on)


def findings_of(report: str, today: date) -> tuple[Finding, ...]:
    """Give what the checks found in a submitted report, with the waivers that hold today; nothing of one not checked.

    Args:
        report: number of the version.
        today: day in the region's zone.
    """
    run = CheckRun.objects.filter(report__number=report).first()
    if run is None:
        return ()
    return checks.waived(_read(run.findings), waivers(run.entity_id, run.year), today)


def waivers(entity: str, year: int) -> tuple[Waiver, ...]:
    """List the waivers of an entity and year, those that are over too."""
    rows = CheckWaiver.objects.filter(entity__uscc=entity, year=year).order_by("pk")
    return tuple(Waiver(row.check_number, row.place, row.until_on) for row in rows)


def anomalies(region: str, year: int, today: date) -> tuple[AnomalyRow, ...]:
    """List what the checks found in the latest reports of a region's year, errors and warnings first.

    Args:
        region: region code.
        year: compliance year.
        today: day in the region's zone, for the waivers.
    """
    latest = EmissionReport.objects.filter(region=region, year=year).order_by("entity_id", "-version")
    runs = CheckRun.objects.filter(report_id__in=latest.distinct("entity_id").values("pk")).order_by("entity_id")
    given: dict[str, list[Waiver]] = defaultdict(list)
    for row in CheckWaiver.objects.filter(region=region, year=year):
        given[row.entity_id].append(Waiver(row.check_number, row.place, row.until_on))
    rows = [
        AnomalyRow(run.entity_id, number, finding)
        for run, number in ((one, one.report.number) for one in runs.select_related("report"))
        for finding in checks.waived(_read(run.findings), given[run.entity_id], today)
    ]
    return tuple(sorted(rows, key=lambda row: (row.finding.is_waived, _SEVERITIES.index(row.finding.severity))))


def counted(findings: Iterable[Finding]) -> Mapping[Severity, int]:
    """Count findings that are not waived by severity."""
    return Counter(one.severity for one in findings if not one.is_waived)


def _sorted(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda one: _SEVERITIES.index(one.severity)))


def _read(stored: Sequence[Mapping[str, str]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(one["check"], Severity(one["severity"]), Scope(one["scope"]), one["place"], one["zh"], one["en"])
        for one in stored
    )


def _book(draft: Draft, result: EmissionResult | None) -> Book:
    reports = EmissionReport.objects.filter(entity__uscc=draft.entity, year__in=(draft.year - 1, draft.year))
    rows = list(reports.defer("traces").order_by("year", "version"))
    earlier = [row for row in rows if row.year < draft.year]
    before = [row for row in rows if row.year == draft.year]
    filed = _filed(draft.entity, draft.year)
    return Book(
        year=draft.year,
        this=Yearly(draft.lines, draft.outputs, result),
        last=_yearly(earlier[-1]) if earlier else None,
        rules=rules_of(draft.region, draft.year),
        submitted_on=draft.submitted_on,
        before=before[-1].total_t if before else None,
        versions=len(before) + 1,
        places=_places(draft.entity, filed),
        months=tuple(_months(filed)),
        has_approved_plan=draft.has_approved_plan,
        is_prepared_by_other=draft.is_prepared_by_other,
    )


def _yearly(row: EmissionReport) -> Yearly:
    lines = [Line(one["facility"], mrv.line_of(one["source"])) for one in row.lines]
    outputs = [OutputRow(one["product"], Decimal(one["quantity"]), one["unit"]) for one in row.outputs]
    return Yearly(lines, outputs, _result(lines, rules_of(row.region, row.year)))


def _result(lines: Sequence[Line], rules: RulesAt) -> EmissionResult | None:
    try:
        return mrv.emissions([line.source for line in lines], rules)
    except Refused:
        return None


def _filed(entity: str, year: int) -> list[MonthlyFiling]:
    filed = MonthlyFiling.objects.filter(facility__entity__uscc=entity, year=year).select_related("facility")
    return list(filed.order_by("facility__number", "month"))


def filed_months(entity: str, year: int) -> tuple[Month, ...]:
    """List every parameter that was filed for an entity's facilities in a year, by facility and month."""
    return tuple(_months(_filed(entity, year)))


def _months(filed: Iterable[MonthlyFiling]) -> Iterable[Month]:
    for row in filed:
        for one in row.parameters:
            value = Decimal(one["value"])
            yield Month(row.facility.number, row.month, one["kind"], one["name"], value, one["unit"])


# The last day in use of a facility that stands still; None while it is in use.
def _end_of(number: str, registered: Mapping[str, PlaceRow]) -> date | None:
    spans = registered[number].spans
    to_on = spans[-1].to_on if spans else None
    return to_on - timedelta(days=1) if to_on else None


def _streams_of(number: str, registered: Mapping[str, PlaceRow]) -> tuple[str, ...]:
    return tuple(one.name for one in registered[number].streams if one.spans and one.spans[-1].to_on is None)


def _places(entity: str, filed: Sequence[MonthlyFiling]) -> tuple[Place, ...]:
    registered = {row.number: row for row in register_of(entity)}
    return tuple(
        Place(
            place.number,
            place.sector,
            place.from_on,
            until_on=_end_of(place.number, registered),
            streams=_streams_of(place.number, registered),
            months_filed=tuple(row.month for row in filed if row.facility_id == place.pk),
            months_late=tuple(row.month for row in filed if row.facility_id == place.pk and row.is_late),
        )
        for place in Facility.objects.filter(entity__uscc=entity).order_by("number")
    )
