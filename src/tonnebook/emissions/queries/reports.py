"""Reports with their traces, plans and filings, and who waits for what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q

from tonnebook import rulebook
from tonnebook.core import periods, reporting, trace
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import PlanState, ReportingRefusal, ReportState, Verdict
from tonnebook.emissions.models import (
    DataQualityPlan,
    Determination,
    EmissionReport,
    Facility,
    FirstCheck,
    MonthlyFiling,
    Verification,
    VerifierAssignment,
)

_MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A facility of an entity."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    sector: str
    from_on: date


@dataclass(frozen=True, slots=True)
class PlanRow:
    """The latest version of an entity's data quality plan of a year."""

    entity: str
    year: int
    version: int
    state: PlanState
    sections: Mapping[str, str]
    digest: str
    submitted_at: datetime
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A month of a facility: when it is due and, once filed, when that was and with which receipt."""

    facility: str
    year: int
    month: int
    due_on: date
    filed_at: datetime | None
    is_late: bool
    reason: str
    receipt: str


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """A signed opinion; findings as they were stored (kind, text, reference, is_material)."""

    verifier: str
    verdict: Verdict
    verified_t: int
    findings: tuple[Mapping[str, object], ...]
    report_digest: str
    signed_by: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A version of an annual report with everything a page explains: lines, outputs, tonnes, traces, opinion."""

    number: str
    entity: str
    year: int
    version: int
    state: ReportState
    prepared_by: str
    lines: tuple[Mapping[str, object], ...]
    outputs: tuple[Mapping[str, str], ...]
    electricity: Mapping[str, Decimal]
    total_t: int
    direct_t: int
    total: trace.Traced
    direct: trace.Traced
    rules_digest: str
    digest: str
    is_late: bool
    submitted_at: datetime
    opinion: OpinionRow | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One entity on a verifier's board; `report` is empty and tonnes are None until something is submitted."""

    entity: str
    year: int
    report: str
    version: int
    state: ReportState | None
    total_t: int | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What a district authority found when it first looked at a report."""

    bureau: str
    is_complete: bool
    note: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """An entity as its district sees it: its latest report, if any, and the first check of it, if any."""

    entity: str
    report: str
    total_t: int | None
    submitted_at: datetime | None
    check: CheckRow | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a region's year has come, in counts of entities (filings: of facility-months).

    Attributes:
        filings_due: months whose last day for filing has come, filed or not.
        filings_missing: of these, not filed.
        filings_late: filed after their last day.
    """

    facilities: int
    plans_submitted: int
    plans_approved: int
    filings_made: int
    filings_due: int
    filings_missing: int
    filings_late: int
    reports: int
    assigned: int
    verified: int
    not_verified: int
    determined: int


@dataclass(frozen=True, slots=True)
class LateRow:
    """What an entity has not handed in for a year: overdue months (of all its facilities), plan, report."""

    entity: str
    months: int
    lacks_plan: bool
    lacks_report: bool


def report_of(entity: str, year: int) -> ReportRow | None:
    """Give the latest version of an entity's report of a year, or None."""
    latest = EmissionReport.objects.filter(entity__uscc=entity, year=year).order_by("-version").first()
    return _report_row(latest, is_latest=True) if latest else None


def report(number: str) -> ReportRow:
    """Give one version of a report.

    Raises:
        Refused: NO_SUCH_REPORT when there is none.
    """
    row = EmissionReport.objects.filter(number=number).first()
    if row is None:
        raise Refused(ReportingRefusal.NO_SUCH_REPORT, report=number)
    newer = EmissionReport.objects.filter(entity__uscc=row.entity_id, year=row.year, version__gt=row.version)
    return _report_row(row, is_latest=not newer.exists())


def board(verifier: str, year: int) -> tuple[BoardRow, ...]:
    """List what a verifier has been assigned for a year, by entity, with the latest version of each report."""
    assigned = VerifierAssignment.objects.filter(verifier__uscc=verifier, year=year, ended_at=None).order_by(
        "entity_id"
    )
    entities = list(assigned.values_list("entity__uscc", flat=True))
    reports = EmissionReport.objects.filter(year=year, entity__uscc__in=entities).order_by("version").defer("traces")
    latest = {row.entity_id: row for row in reports}
    verdicts = dict(Verification.objects.filter(report__in=latest.values()).values_list("report_id", "verdict"))
    final = set(Determination.objects.filter(report__in=latest.values()).values_list("report_id", flat=True))
    return tuple(_board_row(entity, year, latest.get(entity), verdicts, final) for entity in entities)


def district_reports(usccs: Sequence[str], year: int) -> tuple[DistrictRow, ...]:
    """List entities by code, each with the latest version of its report of a year and what the first check found."""
    reports = EmissionReport.objects.filter(year=year, entity__uscc__in=usccs).order_by("version")
    latest = {row.entity_id: row for row in reports.only("number", "entity", "total_t", "submitted_at")}
    checks = {row.report_id: row for row in FirstCheck.objects.filter(report__in=latest.values())}
    return tuple(_district_row(uscc, latest.get(uscc), checks) for uscc in sorted(usccs))


def first_check_of(report: str) -> CheckRow | None:
    """Give the first check of one version of a report, or None."""
    row = FirstCheck.objects.filter(report__number=report).first()
    return _check_row(row) if row else None


def facilities_of(entity: str) -> tuple[FacilityRow, ...]:
    """List an entity's facilities, by number."""
    rows = Facility.objects.filter(entity__uscc=entity).order_by("number")
    return tuple(FacilityRow(row.number, entity, row.name_zh, row.name_en, row.sector, row.from_on) for row in rows)


def planned(region: str, year: int) -> frozenset[str]:
    """List the entities of a region that have submitted a data quality plan for a year, by code."""
    found = DataQualityPlan.objects.filter(region=region, year=year)
    return frozenset(found.values_list("entity__uscc", flat=True))


def reported(region: str, year: int) -> frozenset[str]:
    """List the entities of a region that have submitted their report of a year, by code."""
    found = EmissionReport.objects.filter(region=region, year=year)
    return frozenset(found.values_list("entity__uscc", flat=True))


def plan_of(entity: str, year: int) -> PlanRow | None:
    """Give the latest version of an entity's data quality plan of a year, or None."""
    row = DataQualityPlan.objects.filter(entity__uscc=entity, year=year).order_by("-version").first()
    return plan_row(row) if row else None


def filings(entity: str, year: int) -> tuple[FilingRow, ...]:
    """List every month of every facility of an entity in a year, filed or still to file, by facility and month."""
    places = list(Facility.objects.filter(entity__uscc=entity).order_by("number"))
    filed = MonthlyFiling.objects.filter(facility__in=places, year=year)
    by_month = {(row.facility_id, row.month): row for row in filed}
    return tuple(
        _filing_row(place, year, month, by_month.get((place.pk, month)))
        for place in places
        for month in _MONTHS
        if place.from_on < periods.month(year, month).to_on
    )


def filed_facilities(region: str, year: int, month: int) -> frozenset[str]:
    """List the facilities of a region that have filed a month."""
    found = MonthlyFiling.objects.filter(facility__region=region, year=year, month=month)
    return frozenset(found.values_list("facility__number", flat=True))


def progress(region: str, year: int, today: date, *, usccs: Sequence[str] = ()) -> Progress:
    """Count how far a region's year has come, for the regulator's cockpit.

    Args:
        region: region code.
        year: compliance year.
        today: day in the region's zone.
        usccs: whose facilities must file, usually the covered entities; all of the region when there are none.
    """
    of_year = {"region": region, "year": year}
    plans = DataQualityPlan.objects.filter(**of_year).aggregate(
        submitted=Count("entity", distinct=True),
        approved=Count("entity", filter=Q(state=PlanState.APPROVED.value), distinct=True),
    )
    sites = Facility.objects.filter(region=region, **({"entity__uscc__in": usccs} if usccs else {}))
    filed = MonthlyFiling.objects.filter(facility__in=sites, year=year).aggregate(
        made=Count("pk"), late=Count("pk", filter=Q(is_late=True)), due=Count("pk", filter=Q(due_on__lt=today))
    )
    places = list(sites.values_list("from_on", flat=True))
    due_months = [month for month in _MONTHS if _due_on(region, year, month) < today]
    due = sum(from_on < periods.month(year, month).to_on for from_on in places for month in due_months)
    latest = EmissionReport.objects.filter(**of_year).order_by("entity_id", "-version").distinct("entity_id")
    verdicts = Verification.objects.filter(report_id__in=latest.values("pk")).values_list("verdict", flat=True)
    positive = sum(Verdict(verdict) in reporting.POSITIVE for verdict in verdicts)
    return Progress(
        facilities=len(places),
        plans_submitted=plans["submitted"],
        plans_approved=plans["approved"],
        filings_made=filed["made"],
        filings_due=due,
        filings_missing=due - filed["due"],
        filings_late=filed["late"],
        reports=latest.count(),
        assigned=VerifierAssignment.objects.filter(**of_year, ended_at=None).count(),
        verified=positive,
        not_verified=len(verdicts) - positive,
        determined=Determination.objects.filter(**of_year).count(),
    )


def submitted_plans(region: str, year: int) -> tuple[PlanRow, ...]:
    """List the data quality plans of a year that wait for approval, by entity."""
    rows = DataQualityPlan.objects.filter(region=region, year=year, state=PlanState.SUBMITTED.value)
    return tuple(plan_row(row) for row in rows.order_by("entity_id"))


def unassigned(region: str, year: int) -> tuple[str, ...]:
    """List the entities that have reported a year and have no verification body yet, by code."""
    of_year = {"region": region, "year": year}
    assigned = VerifierAssignment.objects.filter(**of_year, ended_at=None).values("entity__uscc")
    reported = EmissionReport.objects.filter(**of_year).exclude(entity__uscc__in=assigned)
    return tuple(reported.order_by("entity_id").values_list("entity__uscc", flat=True).distinct())


def waiting_opinions(region: str, year: int) -> Counter[str]:
    """Count, by verifier, the entities assigned to it whose latest report it has not signed an opinion on."""
    latest = EmissionReport.objects.filter(region=region, year=year).order_by("entity_id", "-version")
    signed = Verification.objects.filter(report_id__in=latest.distinct("entity_id").values("pk"))
    open_ones = VerifierAssignment.objects.filter(region=region, year=year, ended_at=None)
    open_ones = open_ones.exclude(entity__uscc__in=signed.values("report__entity__uscc"))
    return Counter(open_ones.values_list("verifier__uscc", flat=True))


def determinable(region: str, year: int) -> tuple[str, ...]:
    """List the entities whose latest report has a positive opinion and no determined figure yet, by code."""
    of_year = {"region": region, "year": year}
    latest = EmissionReport.objects.filter(**of_year).order_by("entity_id", "-version").distinct("entity_id")
    opinions = Verification.objects.filter(
        report_id__in=latest.values("pk"), verdict__in=[verdict.value for verdict in reporting.POSITIVE]
    )
    determined = Determination.objects.filter(**of_year).values("entity__uscc")
    found = opinions.exclude(report__entity__uscc__in=determined).order_by("report__entity_id")
    return tuple(found.values_list("report__entity__uscc", flat=True))


def late(region: str, year: int, usccs: Sequence[str], *, today: date) -> tuple[LateRow, ...]:
    """List the entities that have something overdue or not handed in, most overdue months first, then by code.

    Args:
        region: region code.
        year: compliance year.
        usccs: whom to look at, usually the covered entities.
        today: day in the region's zone; a month is overdue after its last day for filing.
    """
    of_year = {"year": year, "entity__uscc__in": usccs}
    planned = set(DataQualityPlan.objects.filter(**of_year).values_list("entity__uscc", flat=True))
    reported = set(EmissionReport.objects.filter(**of_year).values_list("entity__uscc", flat=True))
    ends = [periods.month(year, month).to_on for month in _MONTHS if _due_on(region, year, month) < today]
    filed = MonthlyFiling.objects.filter(facility__entity__uscc__in=usccs, year=year, month__lte=len(ends))
    counts = dict(filed.values_list("facility__entity__uscc").annotate(Count("pk")))
    owed: Counter[str] = Counter()
    for entity, from_on in Facility.objects.filter(entity__uscc__in=usccs).values_list("entity__uscc", "from_on"):
        owed[entity] += sum(from_on < end for end in ends)
    rows = (
        LateRow(uscc, owed[uscc] - counts.get(uscc, 0), uscc not in planned, uscc not in reported)
        for uscc in sorted(usccs)
    )
    lacking = [row for row in rows if row.months > 0 or row.lacks_plan or row.lacks_report]
    return tuple(sorted(lacking, key=lambda row: (-row.months, row.entity)))


def plan_row(row: DataQualityPlan) -> PlanRow:
    """Give a version of a plan as it is shown."""
    state = PlanState(row.state)
    return PlanRow(
        row.entity_id, row.year, row.version, state, row.sections, row.digest, row.submitted_at, row.approved_at
    )


def _report_row(row: EmissionReport, *, is_latest: bool) -> ReportRow:
    opinion = Verification.objects.filter(report=row).first()
    assigned = VerifierAssignment.objects.filter(entity__uscc=row.entity_id, year=row.year, ended_at=None)
    state = reporting.report_state(
        is_latest=is_latest,
        is_assigned=assigned.exists(),
        verdict=Verdict(opinion.verdict) if opinion else None,
        is_determined=Determination.objects.filter(report=row).exists(),
    )
    return ReportRow(
        number=row.number,
        entity=row.entity_id,
        year=row.year,
        version=row.version,
        state=state,
        prepared_by=row.prepared_by,
        lines=tuple(row.lines),
        outputs=tuple(row.outputs),
        electricity={name: Decimal(text) for name, text in row.electricity.items()},
        total_t=row.total_t,
        direct_t=row.direct_t,
        total=trace.from_json(row.traces["total"]),
        direct=trace.from_json(row.traces["direct"]),
        rules_digest=row.rules_digest,
        digest=row.digest,
        is_late=row.is_late,
        submitted_at=row.submitted_at,
        opinion=_opinion_row(opinion) if opinion else None,
    )


def _opinion_row(row: Verification) -> OpinionRow:
    verdict, findings = Verdict(row.verdict), tuple(row.findings)
    return OpinionRow(
        row.verifier_id, verdict, row.verified_t, findings, row.report_digest, row.signed_by, row.signed_at
    )


def _district_row(entity: str, row: EmissionReport | None, checks: Mapping[int, FirstCheck]) -> DistrictRow:
    if row is None:
        return DistrictRow(entity, "", None, None, None)
    check = _check_row(checks[row.pk]) if row.pk in checks else None
    return DistrictRow(entity, row.number, row.total_t, row.submitted_at, check)


def _check_row(row: FirstCheck) -> CheckRow:
    return CheckRow(row.bureau_id, row.is_complete, row.note, row.checked_at)


def _board_row(
    entity: str, year: int, row: EmissionReport | None, verdicts: Mapping[int, str], final: set[int]
) -> BoardRow:
    if row is None:
        return BoardRow(entity, year, "", 0, None, None, None)
    verdict = Verdict(verdicts[row.pk]) if row.pk in verdicts else None
    state = reporting.report_state(is_latest=True, is_assigned=True, verdict=verdict, is_determined=row.pk in final)
    return BoardRow(entity, year, row.number, row.version, state, row.total_t, row.submitted_at)


def _filing_row(place: Facility, year: int, month: int, row: MonthlyFiling | None) -> FilingRow:
    if row is None:
        return FilingRow(place.number, year, month, _due_on(place.region, year, month), None, False, "", "")
    return FilingRow(place.number, year, month, row.due_on, row.filed_at, row.is_late, row.reason, row.receipt)


def _due_on(region: str, year: int, month: int) -> date:
    days = rulebook.at(region, on=date(year, month, 1), year=year).integer("filing.monthly_days")
    return reporting.monthly_due_on(year, month, days)
