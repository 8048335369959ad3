"""Coverage: thresholds, entry, exit, and the reason of every decision."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook import rulebook
from tonnebook.core import coverage, trace
from tonnebook.core.coverage import CoverageFacts, CoverageRefusal, Reason, Stage
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters

LIMIT_T, REPORTING_T = 20_000, 10_000
PARAMETERS = {
    "coverage.threshold_t.industry": str(LIMIT_T),
    "coverage.threshold_tce.industry": "10000",
    "coverage.threshold_t.university": "10000",
    "coverage.threshold_t.paper": "10000",
    "coverage.stage.university": "MANAGED",
    "coverage.stage.paper": "REPORTING",
    "coverage.reporting_threshold_t": str(REPORTING_T),
    "coverage.exit_years_below": "2",
    "coverage.exit.closed": "yes",
    "coverage.exit.moved_away": "yes",
    "coverage.exit.national": "yes",
}
UNITS = {
    "coverage.threshold_t.industry": "t",
    "coverage.threshold_tce.industry": "tce",
    "coverage.threshold_t.university": "t",
    "coverage.threshold_t.paper": "t",
    "coverage.reporting_threshold_t": "t",
    "coverage.exit_years_below": "year",
}
RULES = parameters.rules(PARAMETERS, units=UNITS)


@pytest.mark.parametrize(
    ("facts", "stage", "reason"),
    [
        (CoverageFacts("industry", {2025: 20000}), Stage.ALLOWANCES, Reason.ENTERED_BY_EMISSION),
        (CoverageFacts("industry", {2025: 19999}), Stage.REPORTING, Reason.REPORTS_ONLY),
        (CoverageFacts("industry", {2025: 9999}), Stage.OUT, Reason.BELOW_REPORTING),
        (CoverageFacts("industry", {2025: 1}, {2025: Decimal(10000)}), Stage.ALLOWANCES, Reason.ENTERED_BY_ENERGY),
        (CoverageFacts("industry", {2025: 1}, {2025: Decimal("9999.9")}), Stage.OUT, Reason.BELOW_REPORTING),
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
        (CoverageFacts("paper", {2025: 10000}), Stage.REPORTING, Reason.REPORTS_BY_SECTOR),
        (CoverageFacts("bakery", {2025: 10**9}), Stage.OUT, Reason.SECTOR_NOT_COVERED),
        (CoverageFacts("industry", {2025: 30000}, national_from=2026), Stage.OUT, Reason.MOVED_TO_NATIONAL),
        (CoverageFacts("industry", {2025: 30000}, national_from=2027), Stage.ALLOWANCES, Reason.ENTERED_BY_EMISSION),
        (CoverageFacts("industry", {2025: 30000}, is_closed=True), Stage.OUT, Reason.CLOSED),
        (CoverageFacts("industry", {2025: 30000}, is_moved_away=True), Stage.OUT, Reason.MOVED_AWAY),
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
    assert [origin.path for origin in decision.grounds] == ["coverage.threshold_t.industry"]


def test_exit_names_the_threshold_and_the_years_it_takes() -> None:
    decision = coverage.decide(CoverageFacts("industry", {2024: 1, 2025: 1}, was_covered=True), RULES)
    assert decision.years is not None
    assert trace.replay(decision.years) == 0
    assert decision.years.unit == "year"
    named = [origin.path for origin in decision.grounds]
    assert named == ["coverage.threshold_t.industry", "coverage.exit_years_below"]


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        (CoverageFacts("industry", {}, national_from=2026), "coverage.exit.national"),
        (CoverageFacts("industry", {}, is_closed=True), "coverage.exit.closed"),
        (CoverageFacts("industry", {}, is_moved_away=True), "coverage.exit.moved_away"),
        (CoverageFacts("university", {2025: 10000}), "coverage.stage.university"),
    ],
)
def test_whoever_is_out_or_only_managed_is_told_by_which_article(facts: CoverageFacts, path: str) -> None:
    assert coverage.decide(facts, RULES).grounds[-1].path == path


@pytest.mark.parametrize("ground", ["closed", "moved_away", "national"])
def test_a_region_may_say_that_somebody_gone_stays(ground: str) -> None:
    rules = parameters.rules({**PARAMETERS, f"coverage.exit.{ground}": "no"}, units=UNITS)
    facts = CoverageFacts(
        "industry",
        {2025: 30000},
        national_from=2026 if ground == "national" else None,
        is_closed=ground == "closed",
        is_moved_away=ground == "moved_away",
    )
    assert coverage.decide(facts, rules).stage is Stage.ALLOWANCES


def test_moving_to_the_national_market_goes_before_everything_else() -> None:
    facts = CoverageFacts("bakery", {}, national_from=2020, is_closed=True)
    assert coverage.decide(facts, RULES).reason is Reason.MOVED_TO_NATIONAL


def test_is_covered_means_more_than_reporting() -> None:
    assert coverage.decide(CoverageFacts("industry", {2025: 19999}), RULES).stage not in coverage.COVERED
    assert coverage.decide(CoverageFacts("university", {2025: 10000}), RULES).stage in coverage.COVERED


def test_figures_of_two_years_before_decide_until_last_year_is_determined() -> None:
    before, after = {2024: 30_000}, {2024: 30_000, 2025: 12_000}
    assert coverage.decide(CoverageFacts("industry", before), RULES).reason is Reason.ENTERED_BY_EMISSION
    assert coverage.decide(CoverageFacts("industry", after), RULES).stage is Stage.REPORTING
    assert coverage.decide(CoverageFacts("industry", {2023: 30_000}), RULES).reason is Reason.NO_FIGURE


@pytest.mark.parametrize("path", ["coverage.threshold_t.industry", "coverage.reporting_threshold_t"])
def test_a_threshold_in_another_unit_is_refused(path: str) -> None:
    rules = parameters.rules(PARAMETERS, units={**UNITS, path: "tce"})
    with pytest.raises(Refused) as refused:
        coverage.decide(CoverageFacts("industry", {2025: 1}), rules)
    assert refused.value.code is CoverageRefusal.UNIT_DIFFERS
    assert refused.value.facts == {"path": path, "unit": "tce", "expected": "t"}


def test_nobody_is_covered_below_what_must_be_reported() -> None:
    coverage.check_thresholds(RULES)
    high = parameters.rules({**PARAMETERS, "coverage.reporting_threshold_t": "10001"}, units=UNITS)
    with pytest.raises(Refused) as refused:
        coverage.check_thresholds(high)
    assert refused.value.code is CoverageRefusal.REPORTING_ABOVE_COVERAGE
    assert refused.value.facts["sector"] == "paper"


_FIGURES = st.dictionaries(st.integers(2021, 2025), st.integers(0, 2 * LIMIT_T), max_size=5)


@given(_FIGURES, st.booleans())
def test_more_emission_never_leads_further_out(emissions_t: dict[int, int], was_covered: bool) -> None:
    order = list(Stage)
    lower, higher = (
        coverage.decide(CoverageFacts("industry", figures, was_covered=was_covered), RULES)
        for figures in (emissions_t, {year: one + 1 for year, one in emissions_t.items()})
    )
    assert order.index(lower.stage) <= order.index(higher.stage)


@given(_FIGURES)
def test_whoever_was_covered_leaves_after_two_known_years_below_and_not_before(emissions_t: dict[int, int]) -> None:
    decision = coverage.decide(CoverageFacts("industry", emissions_t, was_covered=True), RULES)
    last = 2024 if 2025 not in emissions_t and 2024 in emissions_t else 2025
    two_below = all(emissions_t.get(year, LIMIT_T) < LIMIT_T for year in (last, last - 1))
    assert (decision.reason is Reason.LEFT_BELOW) == two_below
    assert (decision.stage is not Stage.ALLOWANCES) == two_below


@pytest.mark.parametrize(
    ("region", "sector", "on", "is_on_track"),
    [
        ("tianjin", "petrochemical", date(2025, 10, 16), True),
        ("tianjin", "aviation", date(2026, 6, 30), True),
        ("tianjin", "petrochemical", date(2025, 10, 15), False),
        ("tianjin", "machinery", date(2026, 6, 30), False),
        ("shanghai", "petrochemical", date(2026, 6, 30), False),
    ],
)
def test_sectors_named_report_as_in_the_national_market_from_the_day_of_the_plan(
    region: str, sector: str, on: date, is_on_track: bool
) -> None:
    assert coverage.is_on_national_track(sector, rulebook.at(region, on=on)) is is_on_track
