"""Checks speak only where they have their facts; a waiver lets one finding pass, at one place, until its day."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook.core import checks
from tonnebook.core.checks import Check, ChecksRefusal, Finding, Scope, Severity, Subject, Waiver
from tonnebook.core.errors import Refused
from tonnebook.core.rules import Status

JUMP = Check(
    number="M9",
    kind="NEAR",
    severity=Severity.ERROR,
    scope=Scope.MONTH,
    zh="{name}：{value} 与 {other} 相差超过 {share}",
    en="{name}: {value} is more than {share} off {other}",
    when={"kind": ("COMBUSTION", "PROCESS")},
    settings={"field": "value", "to": "previous", "share": Decimal("0.5")},
    source="D00",
    article="x",
    status=Status.SCENARIO,
)


def month(value: str, **facts: checks.Value) -> Subject:
    """A month's parameter of a facility."""
    known: dict[str, checks.Value] = {"kind": "COMBUSTION", "name": "gas", "previous": Decimal(100), **facts}
    return Subject(Scope.MONTH, "RR-1", {**known, "value": Decimal(value)})


def found(*subjects: Subject) -> tuple[Finding, ...]:
    """What the check finds."""
    return checks.run([JUMP], subjects)


def test_the_bound_itself_passes_and_one_step_beyond_does_not() -> None:
    assert found(month("150"), month("50")) == ()
    (one,) = found(month("150.01"))
    assert one == Finding(
        "M9",
        Severity.ERROR,
        Scope.MONTH,
        "RR-1",
        "gas：150.01 与 100 相差超过 50 %",
        "gas: 150.01 is more than 50 % off 100",
    )


def test_a_check_says_nothing_where_it_lacks_a_fact_or_does_not_apply() -> None:
    assert found(month("900", kind="HEAT")) == ()
    assert found(Subject(Scope.MONTH, "RR-1", {"kind": "COMBUSTION", "value": Decimal(900)})) == ()
    assert found(Subject(Scope.LINE, "RR-1", month("900").facts)) == ()


def test_a_fact_of_the_wrong_form_is_a_fault_and_no_answer() -> None:
    with pytest.raises(TypeError, match="previous is no number"):
        found(month("900", previous="hundred"))


@pytest.mark.parametrize(
    ("waiver", "passes"),
    [
        (Waiver("M9", "RR-1", date(2027, 3, 1)), True),
        (Waiver("M9", "", date(2027, 3, 1)), True),
        (Waiver("M9", "RR-1", date(2027, 2, 28)), False),
        (Waiver("M9", "RR-2", date(2027, 3, 1)), False),
        (Waiver("M8", "", date(2027, 3, 1)), False),
    ],
)
def test_a_waiver_holds_for_its_check_its_place_and_its_days(waiver: Waiver, passes: bool) -> None:
    (one,) = checks.waived(found(month("900")), [waiver], date(2027, 3, 1))
    assert one.is_waived is passes
    if passes:
        checks.refuse_errors([one])
        return
    with pytest.raises(Refused) as refused:
        checks.refuse_errors([one])
    assert refused.value.code is ChecksRefusal.CHECKS_FAILED
    assert "gas: 900 is more than 50 % off 100" in refused.value.en


@pytest.mark.parametrize(
    ("check", "reason", "until_on", "code"),
    [
        ("X1", "", date(2026, 1, 1), ChecksRefusal.NO_SUCH_CHECK),
        ("M9", " ", date(2026, 1, 1), ChecksRefusal.WAIVER_WITHOUT_REASON),
        ("M9", "new furnace", date(2027, 2, 28), ChecksRefusal.WAIVER_OVER),
    ],
)
def test_a_waiver_needs_a_check_a_reason_and_days_to_come(
    check: str, reason: str, until_on: date, code: ChecksRefusal
) -> None:
    with pytest.raises(Refused) as refused:
        checks.check_waiver(check=check, known=["M9"], reason=reason, until_on=until_on, today=date(2027, 3, 1))
    assert refused.value.code is code
    checks.check_waiver(check="M9", known=["M9"], reason="x", until_on=date(2027, 3, 1), today=date(2027, 3, 1))
