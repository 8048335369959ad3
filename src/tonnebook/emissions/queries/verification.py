"""Verifications at work: what is assigned and where it stands, plans, findings and conclusions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from tonnebook.core.canonical import Json
from tonnebook.core.reporting import FindingKind, Verdict
from tonnebook.core.verification import Duty, Found, Settlement, Team, VisitMode
from tonnebook.emissions.models import (
    Conclusion,
    EmissionReport,
    FindingAnswer,
    FindingSettlement,
    Verification,
    VerificationFinding,
    VerificationPlan,
    VerifierAssignment,
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One version of a report as a verification body works on it.

    Attributes:
        assignment: key of the assignment, 0 when there is none.
        lines: count of its source lines.
        plans: versions of the verification plan so far.
    """

    report: str
    report_pk: int
    entity: str
    region: str
    year: int
    digest: str
    total_t: int
    lines: int
    verifier: str
    assignment: int
    plans: int
    is_latest: bool
    is_signed: bool


@dataclass(frozen=True, slots=True)
class VerificationPlanRow:
    """The plan that counts for a report."""

    pk: int
    version: int
    mode: VisitMode
    reason: str
    team: Team
    samples: tuple[int, ...]
    threshold_t: int
    digest: str
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with its answer and how it ended, if it did."""

    number: str
    report: str
    entity: str
    year: int
    kind: FindingKind
    text: str
    reference: str
    effect_t: int
    is_material: bool
    due_on: date
    raised_at: datetime
    answer: str
    answered_at: datetime | None
    settlement: Settlement | None
    added_t: int
    note: str

    @property
    def found(self) -> Found:
        """What a conclusion needs of it."""
        return Found(self.number, self.kind, self.effect_t, self.settlement, self.added_t)

    @property
    def told(self) -> Json:
        """What an opinion tells of it."""
        ended = self.settlement.value if self.settlement else ""
        return {
            "number": self.number,
            "kind": self.kind.value,
            "text": self.text,
            "reference": self.reference,
            "is_material": self.is_material,
            "settlement": ended,
            "added_t": self.added_t,
        }


@dataclass(frozen=True, slots=True)
class ConclusionRow:
    """The latest conclusion about a report and who signed it so far."""

    report: str
    count: int
    verdict: Verdict
    verified_t: int
    digest: str
    concluded_at: datetime
    signed: Mapping[Duty, str]


def cases(reports: Sequence[str]) -> dict[str, CaseRow]:
    """Give versions of reports as a verification body works on them, by number; what is not seen is left out."""
    rows = list(EmissionReport.objects.filter(number__in=reports).defer("traces", "outputs", "electricity"))
    entities, years = {row.entity_id for row in rows}, {row.year for row in rows}
    of_years = {"entity__uscc__in": entities, "year__in": years}
    live = VerifierAssignment.objects.filter(**of_years, ended_at=None)
    assigned = {(row.entity_id, row.year): row for row in live}
    latest: dict[tuple[str, int], int] = {}
    for entity, year, version in EmissionReport.objects.filter(**of_years).values_list(
        "entity__uscc", "year", "version"
    ):
        latest[entity, year] = max(version, latest.get((entity, year), 0))
    plans: dict[int, int] = defaultdict(int)
    for assignment in VerificationPlan.objects.filter(assignment__in=live).values_list("assignment_id", flat=True):
        plans[assignment] += 1
    signed = set(Verification.objects.filter(report__in=rows).values_list("report_id", flat=True))
    return {row.number: _case(row, assigned.get((row.entity_id, row.year)), plans, latest, signed) for row in rows}


def latest_number(entity: str, year: int) -> str:
    """Give the number of the latest version of a company's report of a year; empty when there is none."""
    rows = EmissionReport.objects.filter(entity__uscc=entity, year=year).order_by("-version")
    return rows.values_list("number", flat=True).first() or ""


def plans_of(reports: Sequence[str]) -> dict[str, VerificationPlanRow]:
    """Give the plan that counts for each report, by its number; who has none is left out."""
    found = EmissionReport.objects.filter(number__in=reports).values_list("number", "entity__uscc", "year")
    wanted = {(entity, year): number for number, entity, year in found}
    rows = VerificationPlan.objects.filter(
        assignment__ended_at=None,
        assignment__entity__uscc__in={entity for entity, _ in wanted},
        assignment__year__in={year for _, year in wanted},
    )
    latest: dict[str, VerificationPlanRow] = {}
    for row in rows.select_related("assignment").order_by("version"):
        number = wanted.get((row.assignment.entity_id, row.assignment.year))
        if number is not None:
            latest[number] = _plan_row(row)
    return latest


def verification_findings(entities: Sequence[str]) -> tuple[FindingRow, ...]:
    """List the findings about companies, in the order in which they were raised."""
    rows = VerificationFinding.objects.filter(report__entity__uscc__in=entities).select_related("report").order_by("id")
    answers = {row.finding_id: row for row in FindingAnswer.objects.filter(finding__in=rows)}
    settled = {row.finding_id: row for row in FindingSettlement.objects.filter(finding__in=rows)}
    return tuple(_finding_row(row, answers.get(row.pk), settled.get(row.pk)) for row in rows)


def conclusions_of(reports: Sequence[str]) -> dict[str, ConclusionRow]:
    """Give the latest conclusion about each report, by its number; who has none is left out."""
    return {
        row.report.number: ConclusionRow(
            report=row.report.number,
            count=row.count,
            verdict=Verdict(row.verdict),
            verified_t=row.verified_t,
            digest=row.digest,
            concluded_at=row.concluded_at,
            signed={Duty(one.duty): one.person for one in row.signatures.all()},
        )
        for row in conclusion_rows(reports).prefetch_related("signatures")
    }


def conclusion_rows(reports: Sequence[str]) -> QuerySet[Conclusion]:
    """Give the rows of the latest conclusions about reports, for the services of this room."""
    newer = Conclusion.objects.filter(report=OuterRef("report"), count__gt=OuterRef("count"))
    rows = Conclusion.objects.filter(~Exists(newer), report__number__in=reports)
    return rows.select_related("report").order_by("report__number")


def verdicts_before(entities: Sequence[str]) -> dict[str, dict[int, tuple[Verdict, bool]]]:
    """Give the opinions on companies by year, and whether any finding of them was material."""
    found: dict[str, dict[int, tuple[Verdict, bool]]] = defaultdict(dict)
    rows = Verification.objects.filter(report__entity__uscc__in=entities).order_by("report__version")
    for entity, year, verdict, findings in rows.values_list(
        "report__entity__uscc", "report__year", "verdict", "findings"
    ):
        found[entity][year] = Verdict(verdict), any(one.get("is_material") for one in findings)
    return found


def unsigned_assignments(live: QuerySet[VerifierAssignment]) -> list[int]:
    """Give the keys of those assignments whose latest report has no opinion yet."""
    signed = Verification.objects.filter(report__entity=OuterRef("entity"), report__year=OuterRef("year"))
    newer = EmissionReport.objects.filter(
        entity=OuterRef("report__entity"), year=OuterRef("report__year"), version__gt=OuterRef("report__version")
    )
    return list(live.filter(~Exists(signed.filter(~Exists(newer)))).values_list("pk", flat=True))


def open_findings(rows: Iterable[FindingRow]) -> tuple[FindingRow, ...]:
    """Give those findings that are not settled."""
    return tuple(row for row in rows if row.settlement is None)


def _case(
    row: EmissionReport,
    assigned: VerifierAssignment | None,
    plans: Mapping[int, int],
    latest: Mapping[tuple[str, int], int],
    signed: set[int],
) -> CaseRow:
    return CaseRow(
        report=row.number,
        report_pk=row.pk,
        entity=row.entity_id,
        region=row.region,
        year=row.year,
        digest=row.digest,
        total_t=row.total_t,
        lines=len(row.lines),
        verifier=assigned.verifier_id if assigned else "",
        assignment=assigned.pk if assigned else 0,
        plans=plans[assigned.pk] if assigned and assigned.pk in plans else 0,
        is_latest=row.version == latest[row.entity_id, row.year],
        is_signed=row.pk in signed,
    )


def _plan_row(row: VerificationPlan) -> VerificationPlanRow:
    return VerificationPlanRow(
        pk=row.pk,
        version=row.version,
        mode=VisitMode(row.mode),
        reason=row.reason,
        team=Team(row.leader, row.reviewer, row.signatory, tuple(row.members)),
        samples=tuple(row.samples),
        threshold_t=row.threshold_t,
        digest=row.digest,
        planned_at=row.planned_at,
    )


def _finding_row(
    row: VerificationFinding, answer: FindingAnswer | None, settled: FindingSettlement | None
) -> FindingRow:
    return FindingRow(
        number=row.number,
        report=row.report.number,
        entity=row.report.entity_id,
        year=row.report.year,
        kind=FindingKind(row.kind),
        text=row.text,
        reference=row.reference,
        effect_t=row.effect_t,
        is_material=row.is_material,
        due_on=row.due_on,
        raised_at=row.raised_at,
        answer=answer.text if answer else "",
        answered_at=answer.answered_at if answer else None,
        settlement=Settlement(settled.settlement) if settled else None,
        added_t=settled.added_t if settled else 0,
        note=settled.note if settled else "",
    )
