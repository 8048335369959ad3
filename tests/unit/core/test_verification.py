"""A verification by its rules alone: plan, clocks, what findings do to the figure, and the order of signatures."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tonnebook import rulebook
from tonnebook.core import verification
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import FindingKind, Verdict
from tonnebook.core.verification import Duty, Found, Planned, Settlement, Team, VerificationRefusal, VisitMode

RULES = rulebook.at("tianjin", on=date(2027, 3, 1), year=2026)
SHANGHAI = rulebook.at("shanghai", on=date(2027, 3, 1), year=2026)
TEAM = Team("P1", "P2", "P3", ("P4",))
DUTIES = {
    "P1": frozenset({Duty.LEADER}),
    "P2": frozenset({Duty.TECHNICAL_REVIEWER, Duty.LEADER}),
    "P3": frozenset({Duty.SIGNATORY}),
    "P4": frozenset({Duty.MEMBER}),
}
PLANNED = Planned("BODY", "MILL", TEAM, DUTIES, VisitMode.ON_SITE, "", False, 8, 10)
DUE = date(2027, 3, 12)
CLEAN = (Verdict.VERIFIED_AS_SATISFACTORY, False)


def refusal(action: Any) -> object:
    with pytest.raises(Refused) as refused:
        action()
    assert refused.value.zh
    assert refused.value.en
    return refused.value.code


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (VerificationRefusal.TEAM_UNFIT, {"duties": {**DUTIES, "P3": frozenset({Duty.MEMBER})}}),
        (VerificationRefusal.TEAM_UNFIT, {"team": replace(TEAM, members=("P1",))}),
        (VerificationRefusal.TEAM_TOO_SMALL, {"team": replace(TEAM, members=())}),
        (VerificationRefusal.TEAM_TOO_SMALL, {"team": replace(TEAM, leader="P2")}),
        (VerificationRefusal.VISIT_WITHOUT_REASON, {"mode": VisitMode.OFF_SITE, "reason": " "}),
        (VerificationRefusal.NOT_SIMPLIFIABLE, {"mode": VisitMode.SIMPLIFIED, "reason": "lasting quality"}),
        (VerificationRefusal.SAMPLE_TOO_SMALL, {"sampled": 7}),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(code: VerificationRefusal, changes: dict[str, Any]) -> None:
    verification.check_plan(PLANNED, RULES)
    assert refusal(lambda: verification.check_plan(replace(PLANNED, **changes), RULES)) is code


def test_the_simpler_way_needs_no_samples_but_clean_years_and_a_rule() -> None:
    simple = replace(PLANNED, mode=VisitMode.SIMPLIFIED, reason="clean", is_simplifiable=True, sampled=0)
    verification.check_plan(simple, RULES)
    assert verification.is_simplifiable(2026, {2024: CLEAN, 2025: CLEAN}, RULES)
    assert not verification.is_simplifiable(2026, {2024: CLEAN, 2025: CLEAN}, SHANGHAI)
    assert not verification.is_simplifiable(2026, {2023: CLEAN, 2025: CLEAN}, RULES)
    assert not verification.is_simplifiable(2026, {2024: CLEAN, 2025: (CLEAN[0], True)}, RULES)
    assert not verification.is_simplifiable(2026, {2024: CLEAN, 2025: (Verdict.VERIFIED_WITH_COMMENTS, False)}, RULES)


@pytest.mark.parametrize(("total_t", "threshold_t"), [(0, 0), (19, 0), (20, 1), (500_000, 25_000), (500_001, 10_000)])
def test_materiality_is_a_share_that_is_stricter_for_the_large(total_t: int, threshold_t: int) -> None:
    threshold = verification.materiality(total_t, RULES)
    assert threshold.whole == threshold_t
    assert threshold.value == threshold_t


SETTLING: dict[str, Any] = {
    "is_settled": False,
    "is_answered": True,
    "due_on": DUE,
    "today": DUE,
    "is_corrected": False,
    "added_t": 0,
}


@pytest.mark.parametrize(
    ("code", "settlement", "changes"),
    [
        (VerificationRefusal.FINDING_SETTLED, Settlement.EXPLAINED, {"is_settled": True}),
        (VerificationRefusal.NO_ANSWER_YET, Settlement.EXPLAINED, {"is_answered": False}),
        (VerificationRefusal.NO_ANSWER_YET, Settlement.ESTIMATED, {"is_answered": False, "added_t": 5}),
        (VerificationRefusal.NOT_CORRECTED, Settlement.CORRECTED, {}),
        (VerificationRefusal.ESTIMATE_UNFIT, Settlement.ESTIMATED, {}),
        (VerificationRefusal.ESTIMATE_UNFIT, Settlement.ESTIMATED, {"added_t": -1}),
        (VerificationRefusal.ESTIMATE_UNFIT, Settlement.EXPLAINED, {"added_t": 5}),
    ],
)
def test_a_finding_is_settled_only_as_it_may_be(
    code: VerificationRefusal, settlement: Settlement, changes: dict[str, Any]
) -> None:
    told = {**SETTLING, **changes}
    assert refusal(lambda: verification.check_settlement("VF-1", settlement, **told)) is code


def test_after_its_day_a_finding_is_estimated_without_an_answer() -> None:
    late = {**SETTLING, "is_answered": False, "today": DUE + timedelta(days=1), "added_t": 5}
    verification.check_settlement("VF-1", Settlement.ESTIMATED, **late)
    verification.check_settlement("VF-1", Settlement.LEFT_STANDING, **{**SETTLING, "is_answered": False})
    corrected = {**SETTLING, "is_answered": False, "is_corrected": True}
    verification.check_settlement("VF-1", Settlement.CORRECTED, **corrected)


def found(settlement: Settlement | None, effect_t: int = 0, added_t: int = 0) -> Found:
    return Found("VF-1", FindingKind.MISSTATEMENT, effect_t, settlement, added_t)


def test_estimates_enter_the_figure_and_what_stands_is_weighed() -> None:
    findings = [
        found(Settlement.ESTIMATED, 30, 40),
        found(Settlement.LEFT_STANDING, -30),
        found(Settlement.LEFT_STANDING, 20),
        found(Settlement.CORRECTED, 900),
        found(Settlement.EXPLAINED, 900),
        found(None, 5),
    ]
    evaluation = verification.evaluate(1000, findings, RULES)
    assert evaluation.verified.value == Decimal(1040)
    assert (evaluation.misstated_t, evaluation.threshold.whole, evaluation.is_material) == (50, 50, False)
    assert (evaluation.open_count, evaluation.remark_count) == (1, 3)
    assert verification.evaluate(1000, [found(Settlement.LEFT_STANDING, 51)], RULES).is_material


@pytest.mark.parametrize(
    ("code", "findings", "verified_t"),
    [
        (VerificationRefusal.FINDINGS_OPEN, [found(None)], 1000),
        (VerificationRefusal.FIGURE_NOT_DERIVED, [], 999),
        (VerificationRefusal.FIGURE_NOT_DERIVED, [found(Settlement.ESTIMATED, 0, 1)], 1000),
        (VerificationRefusal.MISSTATED_MATERIALLY, [found(Settlement.LEFT_STANDING, -51)], 1000),
    ],
)
def test_a_conclusion_agrees_with_what_was_found(
    code: VerificationRefusal, findings: list[Found], verified_t: int
) -> None:
    evaluation = verification.evaluate(1000, findings, RULES)
    comments = Verdict.VERIFIED_WITH_COMMENTS
    assert refusal(lambda: verification.check_conclusion("ER-1", comments, verified_t, evaluation)) is code


def test_a_negative_opinion_needs_no_figure() -> None:
    evaluation = verification.evaluate(1000, [found(Settlement.LEFT_STANDING, 400)], RULES)
    verification.check_conclusion("ER-1", Verdict.NOT_VERIFIED, 0, evaluation)


SIGNING: dict[str, Any] = {
    "person": "P2",
    "duty": Duty.TECHNICAL_REVIEWER,
    "team": TEAM,
    "digest": "aa",
    "signing": "aa",
    "signed": {Duty.LEADER: "P1"},
}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (VerificationRefusal.NOTHING_TO_SIGN, {"digest": ""}),
        (VerificationRefusal.OTHER_CONCLUSION, {"signing": "bb"}),
        (VerificationRefusal.NOT_YOUR_DUTY, {"person": "P1"}),
        (VerificationRefusal.NOT_YOUR_DUTY, {"duty": Duty.SIGNATORY}),
        (VerificationRefusal.SIGNED_ALREADY, {"signed": {Duty.LEADER: "P1", Duty.TECHNICAL_REVIEWER: "P2"}}),
        (VerificationRefusal.OUT_OF_TURN, {"person": "P3", "duty": Duty.SIGNATORY}),
    ],
)
def test_a_signature_out_of_place_is_refused(code: VerificationRefusal, changes: dict[str, Any]) -> None:
    verification.check_signature("ER-1", **SIGNING)
    assert refusal(lambda: verification.check_signature("ER-1", **{**SIGNING, **changes})) is code


def test_the_three_sign_in_their_order() -> None:
    assert verification.next_duty([]) is Duty.LEADER
    assert verification.next_duty([Duty.LEADER]) is Duty.TECHNICAL_REVIEWER
    assert verification.next_duty([Duty.LEADER, Duty.TECHNICAL_REVIEWER]) is Duty.SIGNATORY
    assert verification.next_duty(verification.SIGNING) is None
