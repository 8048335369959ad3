"""From the data quality plan to the determined figure: states, deadlines, and who may do what when.

The order of a year is fixed: a plan is submitted and approved, every month is filed, the year is reported (each version
immutable, a new one supersedes the last), an independent verifier signs an opinion on exactly one version, and the
authority determines the figure, once. This module only decides; the room `emissions` stores.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tonnebook.core import periods
from tonnebook.core.errors import Refusal, Refused, Sentence


class PlanState(StrEnum):
    """Where a version of a data quality plan stands."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    SUPERSEDED = "SUPERSEDED"


class ReportState(StrEnum):
    """Where a version of an annual report stands; read off its opinion and determination, never stored."""

    SUBMITTED = "SUBMITTED"
    ASSIGNED = "ASSIGNED"
    VERIFIED = "VERIFIED"
    NOT_VERIFIED = "NOT_VERIFIED"
    SUPERSEDED = "SUPERSEDED"
    DETERMINED = "DETERMINED"


class Verdict(StrEnum):
    """What a verifier concludes."""

    VERIFIED_AS_SATISFACTORY = "VERIFIED_AS_SATISFACTORY"
    VERIFIED_WITH_COMMENTS = "VERIFIED_WITH_COMMENTS"
    NOT_VERIFIED = "NOT_VERIFIED"


class FindingKind(StrEnum):
    """What a finding of a verification is about."""

    MISSTATEMENT = "MISSTATEMENT"
    NONCONFORMITY = "NONCONFORMITY"
    NONCOMPLIANCE = "NONCOMPLIANCE"
    IMPROVEMENT = "IMPROVEMENT"
    PRIOR_YEAR = "PRIOR_YEAR"


class DeterminationSource(StrEnum):
    """Whether a determined figure came about here or was taken over from before."""

    SYSTEM = "SYSTEM"
    IMPORTED = "IMPORTED"


POSITIVE = frozenset({Verdict.VERIFIED_AS_SATISFACTORY, Verdict.VERIFIED_WITH_COMMENTS})


class ReportingRefusal(Refusal):
    """What monitoring, reporting, verification and determination can refuse."""

    NO_SUCH_FACILITY = Sentence(
        zh="没有编号为 {facility} 的设施；请核对编号或先登记该设施。",
        en="There is no facility {facility}; check the number or register the facility first.",
        article="design choice",
        status=404,
    )
    FACILITY_EXISTS = Sentence(
        zh="设施编号 {facility} 已经登记。",
        en="Facility {facility} is registered already.",
        article="design choice",
    )
    FACILITY_OF_ANOTHER = Sentence(
        zh="设施 {facility} 不属于 {entity}；请只填报本单位的设施。",
        en="Facility {facility} does not belong to {entity}; report your own facilities only.",
        article="design choice",
    )
    FACILITY_NOT_ACTIVE = Sentence(
        zh="设施 {facility} 自 {from_on} 起纳入监测，不能填报更早的月份（{year}年{month}月）。",
        en="Facility {facility} is monitored from {from_on} on; it has no filing for {year}-{month:02d}.",
        article="design choice",
    )
    MONTH_NOT_OVER = Sentence(
        zh="{year}年{month}月尚未结束，请在月底之后存证。",
        en="{year}-{month:02d} is not over; file it after the end of the month.",
        article="S10, monthly evidence",
    )
    MONTH_ALREADY_FILED = Sentence(
        zh="设施 {facility} 的{year}年{month}月已经存证，存证不可更改；更正请写入年度报告。",
        en="{year}-{month:02d} of facility {facility} is filed and cannot be changed; correct it in the annual report.",
        article="S10, monthly evidence",
    )
    LATE_WITHOUT_REASON = Sentence(
        zh="{year}年{month}月的存证应在 {due_on} 前完成；逾期存证请说明理由。",
        en="The filing of {year}-{month:02d} was due on {due_on}; a late filing needs a reason.",
        article="S10, monthly evidence",
    )
    NO_SUBMITTED_PLAN = Sentence(
        zh="{entity} 没有待批准的{year}年度监测计划（数据质量控制方案）。",
        en="{entity} has no plan of monitoring and data quality of {year} that waits for approval.",
        article="S02 item 11",
    )
    YEAR_NOT_OVER = Sentence(
        zh="{year}年度尚未结束，请在年末之后提交年度排放报告。",
        en="The year {year} is not over; submit the annual report after its end.",
        article="design choice",
    )
    ALREADY_DETERMINED = Sentence(
        zh="{entity} 的{year}年度排放量已经审定，不能再改动；如有异议请申请复核。",
        en="The emissions of {entity} in {year} are determined and final; ask for a re-check if you object.",
        article="design choice",
    )
    NO_APPROVED_PLAN = Sentence(
        zh="{entity} 的{year}年度监测计划（数据质量控制方案）尚未获批准，请先提交并等待批准。",
        en="The plan of monitoring and data quality of {entity} for {year} is not approved; submit it and wait.",
        article="S02 item 11",
    )
    NO_SUCH_REPORT = Sentence(
        zh="没有找到排放报告 {report}。",
        en="There is no emission report {report}.",
        article="design choice",
        status=404,
    )
    ALREADY_ASSIGNED = Sentence(
        zh="{entity} 的{year}年度报告已经指定核查机构。",
        en="The report of {entity} for {year} has a verifier already.",
        article="design choice",
    )
    NOT_ASSIGNED = Sentence(
        zh="贵机构未被指定核查报告 {report}。",
        en="Your organisation is not assigned to verify report {report}.",
        article="S65",
        status=403,
    )
    VERSION_SUPERSEDED = Sentence(
        zh="报告 {report} 已被更新的版本取代，请核查最新版本。",
        en="Report {report} is superseded by a newer version; verify the latest one.",
        article="design choice",
    )
    ALREADY_SIGNED = Sentence(
        zh="报告 {report} 的核查意见已经签署，不可更改。",
        en="The opinion on report {report} is signed and cannot be changed.",
        article="design choice",
    )
    FIGURE_DIFFERS = Sentence(
        zh="结论为“核查无误”时，核查排放量（{verified_t} 吨）必须等于报告排放量（{total_t} 吨）；否则请附意见。",
        en="A satisfactory opinion must confirm the reported {total_t} t, not {verified_t} t; otherwise add comments.",
        article="S65",
        status=422,
    )
    FINDING_MISSING = Sentence(
        zh="结论“{verdict}”须至少列出一项核查发现。",
        en="The verdict {verdict} must name at least one finding.",
        article="S65",
        status=422,
    )
    NO_POSITIVE_OPINION = Sentence(
        zh="{entity} 的{year}年度报告最新版本没有通过核查的意见，不能审定。",
        en="The latest report of {entity} for {year} has no positive opinion; it cannot be determined.",
        article="design choice",
    )
    CHECKED_ALREADY = Sentence(
        zh="报告 {report} 已经初审。",
        en="Report {report} has been first-checked already.",
        article="design choice",
    )
    CHECK_WITHOUT_NOTE = Sentence(
        zh="初审认为报告不完整的，须写明缺少什么。",
        en="A first check that finds a report incomplete must say what is missing.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Filing:
    """A monthly filing about to be made: which month, when, and what is known about its facility."""

    facility: str
    year: int
    month: int
    filed_on: date
    active_from_on: date
    is_filed: bool
    reason: str
    monthly_days: int


@dataclass(frozen=True, slots=True)
class Reporting:
    """An annual report about to be submitted, or a draft of one, for which year and plan may still be open."""

    entity: str
    year: int
    submitted_on: date
    has_approved_plan: bool
    is_determined: bool
    foreign_facility: str = ""
    is_draft: bool = False


def monthly_due_on(year: int, month: int, monthly_days: int) -> date:
    """Give the last day on which a month can be filed in time.

    Args:
        year: calendar year.
        month: 1 to 12.
        monthly_days: natural days after the end of the month.

    Source: S10, monthly evidence (40 natural days after the month).

    Example:
        >>> monthly_due_on(2026, 1, 40)
        datetime.date(2026, 3, 12)
    """
    return periods.month(year, month).to_on - timedelta(days=1) + timedelta(days=monthly_days)


def check_filing(filing: Filing) -> bool:
    """Decide whether a month may be filed.

    Args:
        filing: the facts.

    Returns:
        Whether it is late.

    Raises:
        Refused: FACILITY_NOT_ACTIVE, MONTH_NOT_OVER, MONTH_ALREADY_FILED or LATE_WITHOUT_REASON.

    Source: S10, monthly evidence; invariant C3 (no silent back-dating).
    """
    period = periods.month(filing.year, filing.month)
    due_on = monthly_due_on(filing.year, filing.month, filing.monthly_days)
    is_late = filing.filed_on > due_on
    _refuse_first(
        [
            (filing.active_from_on >= period.to_on, ReportingRefusal.FACILITY_NOT_ACTIVE),
            (filing.filed_on < period.to_on, ReportingRefusal.MONTH_NOT_OVER),
            (filing.is_filed, ReportingRefusal.MONTH_ALREADY_FILED),
            (is_late and not filing.reason.strip(), ReportingRefusal.LATE_WITHOUT_REASON),
        ],
        facility=filing.facility,
        from_on=filing.active_from_on,
        year=filing.year,
        month=filing.month,
        due_on=due_on,
    )
    return is_late


def check_report(reporting: Reporting) -> None:
    """Decide whether an annual report may be submitted, or a draft of it filed.

    Args:
        reporting: the facts.

    Raises:
        Refused: FACILITY_OF_ANOTHER, YEAR_NOT_OVER, ALREADY_DETERMINED or NO_APPROVED_PLAN.

    Source: S02 item 11 (yearly plan); design choice for the rest.
    """
    is_early = reporting.submitted_on < periods.compliance_year(reporting.year).to_on
    _refuse_first(
        [
            (bool(reporting.foreign_facility), ReportingRefusal.FACILITY_OF_ANOTHER),
            (is_early and not reporting.is_draft, ReportingRefusal.YEAR_NOT_OVER),
            (reporting.is_determined, ReportingRefusal.ALREADY_DETERMINED),
            (not (reporting.has_approved_plan or reporting.is_draft), ReportingRefusal.NO_APPROVED_PLAN),
        ],
        facility=reporting.foreign_facility,
        entity=reporting.entity,
        year=reporting.year,
    )


def in_turn(entities: Sequence[str], verifiers: Sequence[str]) -> dict[str, str]:
    """Share entities out among verification bodies, one after the other, so that no body gets two more than another.

    Args:
        entities: unified social credit codes, in the order they are served.
        verifiers: codes of the bodies, in turn.

    Returns:
        Verifier by entity; nothing when there is no verifier.

    Source: design choice, no legal source.

    Example:
        >>> in_turn(["A", "B", "C"], ["X", "Y"])
        {'A': 'X', 'B': 'Y', 'C': 'X'}
    """
    return dict(zip(entities, itertools.cycle(verifiers), strict=False))


def check_assignment(entity: str, year: int, *, is_assigned: bool, is_determined: bool) -> None:
    """Decide whether an entity's report of a year still waits for a verifier.

    Args:
        entity: unified social credit code.
        year: compliance year.
        is_assigned: a body is assigned and its assignment has not ended.
        is_determined: the figure is determined.

    Raises:
        Refused: ALREADY_DETERMINED or ALREADY_ASSIGNED.

    Source: S65; who may verify is asked by `core.independence`.
    """
    _refuse_first(
        [
            (is_determined, ReportingRefusal.ALREADY_DETERMINED),
            (is_assigned, ReportingRefusal.ALREADY_ASSIGNED),
        ],
        entity=entity,
        year=year,
    )


def check_case(report: str, *, is_assigned: bool, is_latest: bool, is_signed: bool) -> None:
    """Decide whether a verification body may work on a version of a report.

    Args:
        report: number of the version.
        is_assigned: the body is assigned to it.
        is_latest: no newer version was submitted.
        is_signed: the version has its opinion.

    Raises:
        Refused: NOT_ASSIGNED, VERSION_SUPERSEDED or ALREADY_SIGNED.

    Source: S65; invariant C2.
    """
    _refuse_first(
        [
            (not is_assigned, ReportingRefusal.NOT_ASSIGNED),
            (not is_latest, ReportingRefusal.VERSION_SUPERSEDED),
            (is_signed, ReportingRefusal.ALREADY_SIGNED),
        ],
        report=report,
    )


def check_verdict(verdict: Verdict, *, verified_t: int, total_t: int, findings: int) -> None:
    """Decide whether a verdict agrees with its figure and with what was found.

    Args:
        verdict: what is concluded.
        verified_t: the verified figure, tonnes.
        total_t: the reported figure, tonnes.
        findings: how many the opinion has to tell.

    Raises:
        Refused: FIGURE_DIFFERS or FINDING_MISSING.

    Source: S65; S70 for the opinion model.
    """
    is_satisfactory = verdict is Verdict.VERIFIED_AS_SATISFACTORY
    _refuse_first(
        [
            (is_satisfactory and verified_t != total_t, ReportingRefusal.FIGURE_DIFFERS),
            (not is_satisfactory and not findings, ReportingRefusal.FINDING_MISSING),
        ],
        verdict=verdict.value,
        verified_t=verified_t,
        total_t=total_t,
    )


def check_determination(entity: str, year: int, *, verdict: Verdict | None, is_determined: bool) -> None:
    """Decide whether the authority may determine an entity's emissions of a year.

    Args:
        entity: unified social credit code.
        year: compliance year.
        verdict: opinion on the latest version of the report; None when there is none.
        is_determined: whether it happened before.

    Raises:
        Refused: ALREADY_DETERMINED or NO_POSITIVE_OPINION.

    Source: design choice, after the order of the Shanghai and Tianjin calendars.
    """
    _refuse_first(
        [
            (is_determined, ReportingRefusal.ALREADY_DETERMINED),
            (verdict not in POSITIVE, ReportingRefusal.NO_POSITIVE_OPINION),
        ],
        entity=entity,
        year=year,
    )


def check_first_check(*, report: str, is_latest: bool, is_checked: bool, is_complete: bool, note: str) -> None:
    """Refuse a first check that says nothing new: a district looks once at each version, the latest only.

    Args:
        report: number of the version.
        is_latest: no newer version was submitted.
        is_checked: the version has a first check.
        is_complete: whether everything asked for is there.
        note: what is missing, or a remark.

    Raises:
        Refused: VERSION_SUPERSEDED; CHECKED_ALREADY; CHECK_WITHOUT_NOTE when it is incomplete and nothing says why.

    Source: design choice, no legal source.
    """
    _refuse_first(
        [
            (not is_latest, ReportingRefusal.VERSION_SUPERSEDED),
            (is_checked, ReportingRefusal.CHECKED_ALREADY),
            (not is_complete and not note.strip(), ReportingRefusal.CHECK_WITHOUT_NOTE),
        ],
        report=report,
    )


def report_state(*, is_latest: bool, is_assigned: bool, verdict: Verdict | None, is_determined: bool) -> ReportState:
    """Read the state of a report's version off what happened to it.

    Args:
        is_latest: no newer version was submitted.
        is_assigned: a verifier is assigned to the entity and year.
        verdict: signed opinion on this version, if any.
        is_determined: the figure was determined from this version.

    Returns:
        The state: what was determined stays so, and a newer version supersedes whatever else an older one was.

    Source: design choice, no legal source.
    """
    if is_determined:
        return ReportState.DETERMINED
    if not is_latest:
        return ReportState.SUPERSEDED
    if verdict is not None:
        return ReportState.VERIFIED if verdict in POSITIVE else ReportState.NOT_VERIFIED
    return ReportState.ASSIGNED if is_assigned else ReportState.SUBMITTED


def determined_direct_t(*, reported_t: int, direct_t: int, determined_t: int) -> int:
    """Carry the direct part of a report over to the determined figure.

    A verifier who corrects the total does not always say where; the difference is then laid on the direct part, because
    fuel is where corrections are made, and never takes it below zero.

    Args:
        reported_t: total of the report, t.
        direct_t: its direct part, t.
        determined_t: determined total, t.

    Returns:
        Direct tonnes, between 0 and `determined_t`.

    Source: design choice, no legal source.
    """
    return max(0, min(determined_t, direct_t + determined_t - reported_t))


def _refuse_first(reasons: Iterable[tuple[bool, ReportingRefusal]], **facts: object) -> None:
    # Reasons are written in the order of the enum, which is the order of precedence; a test holds the two equal.
    for applies, code in reasons:
        if applies:
            raise Refused(code, **facts)
