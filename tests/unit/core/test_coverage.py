"""Coverage: thresholds, entry, exit, and the reason of every decision."""

from decimal import Decimal

import pytest

from tonnebook.core import coverage, trace
from tonnebook.core.coverage import CoverageFacts, Reason, Stage
from tonnebook.core.examples import parameters

RULES = parameters.rules(
    {
        "coverage.threshold_t.industry": "20000",
        "coverage.threshold_tce.industry": "10000",
        "coverage.threshold_t.university": "10000",
        "coverage.stage.university": "MANAGED",
        "coverage.reporting_threshold_t": "10000",
        "coverage.exit_years_below": "2",
    }
)


@pytest.mark.parametrize(
    ("facts", "stage", "reason"),
    [
        (CoverageFacts("industry", {2025: 20000}), Stage.ALLOWANCES, Reason.ENTERED_BY_EMISSION),
        (CoverageFacts("industry", {2025: 19999}), Stage.REPORTING, Reason.REPORTS_ONLY),
        (CoverageFacts("industry", {2025: 9999}), Stage.OUT, Reason.BELOW_REPORTING),
        (CoverageFacts("industry", {2025: 1}, {2025: Decimal(10000)}), Stage.ALLOWANCES, Reason.ENTERED_BY_ENERGY),
        (CoverageFacts("industry", {2025: 30000}, was_covered=True), Stage.ALLOWANCES, Reason.STAYS_ABOVE),
        (
            CoverageFacts("industry", {2024: 30000, 2025: 1}, was_covered=True),
            Stage.ALLOWANCES,
            Reason.STAYS_UNTIL_EXIT,
        ),
        (CoverageFacts("industry", {2024: 1, 2025: 12000}, was_covered=True), Stage.REPORTING, Reason.LEFT_BELOW),
        (CoverageFacts("industry", {}), Stage.OUT, Reason.NO_FIGURE),
        (CoverageFacts("industry", {}, was_covered=True), Stage.ALLOWANCES, Reason.NO_FIGURE),
        (CoverageFacts("university", {2025: 10000}), Stage.MANAGED, Reason.ENTERED_BY_EMISSION),
        (CoverageFacts("bakery", {2025: 10**9}), Stage.OUT, Reason.SECTOR_NOT_COVERED),
        (CoverageFacts("industry", {2025: 30000}, national_from=2026), Stage.OUT, Reason.MOVED_TO_NATIONAL),
        (CoverageFacts("industry", {2025: 30000}, national_from=2027), Stage.ALLOWANCES, Reason.ENTERED_BY_EMISSION),
        (CoverageFacts("industry", {2025: 30000}, is_closed=True), Stage.OUT, Reason.CLOSED),
    ],
)
def test_decision_has_stage_and_reason(facts: CoverageFacts, stage: Stage, reason: Reason) -> None:
    decision = coverage.decide(facts, RULES)
    assert (decision.stage, decision.reason) == (stage, reason)
    assert "{" not in decision.zh + decision.en


def test_margin_replays_and_names_its_threshold() -> None:
    decision = coverage.decide(CoverageFacts("industry", {2025: 25000}), RULES)
    assert decision.margin is not None
    assert trace.replay(decision.margin) == 5000
    assert [origin.path for origin in trace.origins(decision.margin)] == ["coverage.threshold_t.industry"]


def test_moving_to_the_national_market_goes_before_everything_else() -> None:
    facts = CoverageFacts("bakery", {}, national_from=2020, is_closed=True)
    assert coverage.decide(facts, RULES).reason is Reason.MOVED_TO_NATIONAL


def test_is_covered_means_more_than_reporting() -> None:
    assert not coverage.decide(CoverageFacts("industry", {2025: 19999}), RULES).is_covered
    assert coverage.decide(CoverageFacts("university", {2025: 10000}), RULES).is_covered


def test_figures_of_two_years_before_decide_until_last_year_is_determined() -> None:
    before, after = {2024: 30_000}, {2024: 30_000, 2025: 12_000}
    assert coverage.decide(CoverageFacts("industry", before), RULES).reason is Reason.ENTERED_BY_EMISSION
    assert coverage.decide(CoverageFacts("industry", after), RULES).stage is Stage.REPORTING
    assert coverage.decide(CoverageFacts("industry", {2023: 30_000}), RULES).reason is Reason.NO_FIGURE
