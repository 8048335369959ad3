"""Who may do what when: every refusal, its precedence, the deadline, and the tables of states."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import pytest

from tonnebook.core import reporting
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import (
    Filing,
    Reporting,
    ReportingRefusal,
    ReportState,
    Verdict,
)

FILING = Filing("F-1", 2026, 1, date(2026, 2, 10), date(2025, 1, 1), is_filed=False, reason="", monthly_days=40)
REPORT = Reporting("entity", 2026, date(2027, 2, 1), has_approved_plan=True, is_determined=False)


@dataclass(frozen=True)
class Assigned:
    """The arguments of `check_assignment`."""

    is_assigned: bool = False
    is_determined: bool = False


def assignment(facts: Assigned) -> None:
    reporting.check_assignment("entity", 2026, is_assigned=facts.is_assigned, is_determined=facts.is_determined)


@dataclass(frozen=True)
class Case:
    """The arguments of `check_case`."""

    is_assigned: bool = True
    is_latest: bool = True
    is_signed: bool = False


def case(facts: Case) -> None:
    reporting.check_case("ER-1", is_assigned=facts.is_assigned, is_latest=facts.is_latest, is_signed=facts.is_signed)


@dataclass(frozen=True)
class Concluded:
    """The arguments of `check_verdict`."""

    verdict: Verdict = Verdict.VERIFIED_AS_SATISFACTORY
    verified_t: int = 100
    findings: int = 0


def conclusion(facts: Concluded) -> None:
    reporting.check_verdict(facts.verdict, verified_t=facts.verified_t, total_t=100, findings=facts.findings)


@dataclass(frozen=True)
class Determined:
    """The arguments of `check_determination`."""

    verdict: Verdict | None = Verdict.VERIFIED_WITH_COMMENTS
    is_determined: bool = False


def determination(facts: Determined) -> None:
    reporting.check_determination("entity", 2026, verdict=facts.verdict, is_determined=facts.is_determined)


@dataclass(frozen=True)
class Checked:
    """The arguments of `check_first_check`."""

    is_latest: bool = True
    is_checked: bool = False
    is_complete: bool = False
    note: str = "no meter readings"


def first_check(facts: Checked) -> None:
    reporting.check_first_check(
        report="ER-1",
        is_latest=facts.is_latest,
        is_checked=facts.is_checked,
        is_complete=facts.is_complete,
        note=facts.note,
    )


# For each check: the facts that pass, and what breaks them, in the order in which reasons take precedence.
TABLE: list[tuple[Callable[..., object], object, list[tuple[ReportingRefusal, dict[str, object]]]]] = [
    (
        reporting.check_filing,
        FILING,
        [
            (ReportingRefusal.FACILITY_NOT_ACTIVE, {"active_from_on": date(2026, 2, 1)}),
            (ReportingRefusal.MONTH_NOT_OVER, {"filed_on": date(2026, 1, 31)}),
            (ReportingRefusal.MONTH_ALREADY_FILED, {"is_filed": True}),
            (ReportingRefusal.LATE_WITHOUT_REASON, {"filed_on": date(2026, 3, 13), "reason": "  "}),
        ],
    ),
    (
        reporting.check_report,
        REPORT,
        [
            (ReportingRefusal.FACILITY_OF_ANOTHER, {"foreign_facility": "F-9"}),
            (ReportingRefusal.YEAR_NOT_OVER, {"submitted_on": date(2026, 12, 31)}),
            (ReportingRefusal.ALREADY_DETERMINED, {"is_determined": True}),
            (ReportingRefusal.NO_APPROVED_PLAN, {"has_approved_plan": False}),
        ],
    ),
    (
        assignment,
        Assigned(),
        [
            (ReportingRefusal.ALREADY_DETERMINED, {"is_determined": True}),
            (ReportingRefusal.ALREADY_ASSIGNED, {"is_assigned": True}),
        ],
    ),
    (
        case,
        Case(),
        [
            (ReportingRefusal.NOT_ASSIGNED, {"is_assigned": False}),
            (ReportingRefusal.VERSION_SUPERSEDED, {"is_latest": False}),
            (ReportingRefusal.ALREADY_SIGNED, {"is_signed": True}),
        ],
    ),
    (
        conclusion,
        Concluded(),
        [(ReportingRefusal.FIGURE_DIFFERS, {"verified_t": 99})],
    ),
    (
        determination,
        Determined(),
        [
            (ReportingRefusal.ALREADY_DETERMINED, {"is_determined": True}),
            (ReportingRefusal.NO_POSITIVE_OPINION, {"verdict": None}),
        ],
    ),
    (
        first_check,
        Checked(),
        [
            (ReportingRefusal.VERSION_SUPERSEDED, {"is_latest": False}),
            (ReportingRefusal.CHECKED_ALREADY, {"is_checked": True}),
            (ReportingRefusal.CHECK_WITHOUT_NOTE, {"note": "  "}),
        ],
    ),
]
NAMES = ["filing", "report", "assignment", "case", "conclusion", "determination", "first check"]


def code_of(check: Callable[..., object], facts: object) -> ReportingRefusal | None:
    try:
        check(facts)
    except Refused as error:
        refused = error
    else:
        return None
    assert refused.zh
    assert refused.en
    assert isinstance(refused.code, ReportingRefusal)
    return refused.code


@pytest.mark.parametrize(("check", "facts", "breaks"), TABLE, ids=NAMES)
def test_check_passes_what_is_in_order_and_refuses_each_break_alone(
    check: Callable[..., object],
    facts: Filing | Reporting | Assigned | Case | Concluded | Determined | Checked,
    breaks: list[tuple[ReportingRefusal, dict[str, object]]],
) -> None:
    assert code_of(check, facts) is None
    for code, change in breaks:
        assert code_of(check, replace(facts, **change)) is code  # type: ignore[arg-type]


@pytest.mark.parametrize(("check", "facts", "breaks"), TABLE, ids=NAMES)
def test_earlier_refusal_of_the_enum_takes_precedence(
    check: Callable[..., object],
    facts: Filing | Reporting | Assigned | Case | Concluded | Determined | Checked,
    breaks: list[tuple[ReportingRefusal, dict[str, object]]],
) -> None:
    order = list(ReportingRefusal)
    for (first, change), (second, other) in pairwise(breaks):
        assert order.index(first) < order.index(second)
        assert code_of(check, replace(facts, **(other | change))) is first  # type: ignore[arg-type]


def test_last_day_of_filing_is_in_time_and_the_next_is_late() -> None:
    due_on = reporting.monthly_due_on(2026, 1, 40)
    assert due_on == date(2026, 3, 12)
    assert reporting.check_filing(replace(FILING, filed_on=due_on)) is False
    assert reporting.check_filing(replace(FILING, filed_on=date(2026, 3, 13), reason="flood")) is True


def test_facility_can_file_the_month_in_which_it_became_active() -> None:
    assert reporting.check_filing(replace(FILING, active_from_on=date(2026, 1, 31))) is False


@pytest.mark.parametrize("verdict", [Verdict.VERIFIED_WITH_COMMENTS, Verdict.NOT_VERIFIED])
def test_verdict_that_is_not_satisfactory_must_name_a_finding(verdict: Verdict) -> None:
    bare = Concluded(verdict=verdict, verified_t=90)
    assert code_of(conclusion, bare) is ReportingRefusal.FINDING_MISSING
    assert code_of(conclusion, replace(bare, findings=1)) is None


def test_negative_opinion_does_not_carry_a_determination() -> None:
    assert code_of(determination, Determined(Verdict.NOT_VERIFIED)) is ReportingRefusal.NO_POSITIVE_OPINION


@pytest.mark.parametrize(
    ("is_latest", "is_assigned", "verdict", "is_determined", "state"),
    [
        (True, False, None, False, ReportState.SUBMITTED),
        (True, True, None, False, ReportState.ASSIGNED),
        (True, True, Verdict.VERIFIED_WITH_COMMENTS, False, ReportState.VERIFIED),
        (True, True, Verdict.NOT_VERIFIED, False, ReportState.NOT_VERIFIED),
        (False, True, Verdict.VERIFIED_AS_SATISFACTORY, False, ReportState.SUPERSEDED),
        (True, True, Verdict.VERIFIED_AS_SATISFACTORY, True, ReportState.DETERMINED),
    ],
)
def test_state_of_a_report_is_read_off_what_happened(
    *, is_latest: bool, is_assigned: bool, verdict: Verdict | None, is_determined: bool, state: ReportState
) -> None:
    facts = {"is_latest": is_latest, "is_assigned": is_assigned, "is_determined": is_determined}
    assert reporting.report_state(verdict=verdict, **facts) is state


@pytest.mark.parametrize(("determined_t", "direct_t"), [(1000, 600), (1010, 610), (990, 590), (300, 0), (0, 0)])
def test_correction_of_a_verifier_is_laid_on_the_direct_part(determined_t: int, direct_t: int) -> None:
    found = reporting.determined_direct_t(reported_t=1000, direct_t=600, determined_t=determined_t)
    assert found == direct_t
    assert 0 <= found <= determined_t
