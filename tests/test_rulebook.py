"""The rule book as it ships: complete on every leaf, sourced, without overlap, and enough for a whole year."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import yaml

from tonnebook import refusals, rulebook
from tonnebook.core import coverage, periods
from tonnebook.core.rules import Dated, Leaf, RulesAt, Status
from tonnebook.rulebook import check, loader, reading
from tonnebook.web import messages

SOURCES = Path(__file__).resolve().parent.parent / "docs" / "sources.md"
RESEARCHED = Path(__file__).parent / "unit" / "rulebook" / "parameters.yaml"
# The catalogue of checks has a form of its own, tested in unit/rulebook/test_catalogue.py.
FILES = sorted(file for file in loader.ROOT.glob("*/*.yaml") if file.parent.name != "checks")
MARKETS = [(region, year) for region in ("shanghai", "tianjin") for year in (2025, 2026)]

SECTORS = {
    "shanghai": "industry petrochemical energy_intensive air_carrier hazardous_waste shipping data_centre building "
    "station road_freight",
    "tianjin": "heat_power chemical petrochemical oil_gas building_materials paper aviation nonferrous mining "
    "food_drink pharma farm_processing machinery electronics",
}
CHAIN = """
    coverage.reporting_threshold_t coverage.exit_years_below coverage.objection_working_days
    coverage.decision_working_days coverage.exit.closed coverage.exit.moved_away coverage.exit.national
    allocation.history_years allocation.trend_trigger_share allocation.first_batch_share allocation.first_batch_base
    allocation.paid_share_max allocation.reserve_share allocation.cap_t allocation.order
    surrender.credit_limit_share surrender.credit_limit_base surrender.credit_schemes surrender.order
    surrender.status_rule surrender.equivalence
    deadline.coverage_list_on deadline.data_quality_plan_on deadline.plan_on deadline.first_batch_on
    deadline.early_auction_on deadline.report_on deadline.verification_on deadline.determination_on
    deadline.second_batch_on deadline.last_resort_auction_on deadline.surrender_on deadline.carry_over_on
    deadline.public_tables_on filing.monthly_days
    auction.early.floor_multiplier auction.early.window_months auction.early.investors
    auction.early.own_surrender_only auction.early.unsold auction.early.shortage auction.early.quantity_t
    auction.last_resort.floor_multiplier auction.last_resort.window_months auction.last_resort.investors
    auction.last_resort.own_surrender_only auction.last_resort.unsold auction.last_resort.quantity_t
    auction.window_open auction.window_close auction.pricing
    trading.price_limit_share trading.tick_fen trading.lot_t trading.listed_max_t trading.fee_share trading.sessions
    trading.same_day_resale trading.block_min_t trading.block_limit_share trading.holding_limit_t.small
    trading.holding_limit_t.investor trading.reference_price_fen_per_t
    carry_over.rule carry_over.own_use_leftover retention.years
    region.scheme region.credit_scheme region.name region.cash region.timezone
    mrv.electricity.factor mrv.heat.factor mrv.green_power.factor mrv.total.rounding
    mrv.carbon_to_co2.numerator mrv.carbon_to_co2.denominator
    mrv.fuel.natural_gas.ncv mrv.fuel.natural_gas.carbon_content mrv.fuel.natural_gas.oxidation
    mrv.fuel.bituminous.ncv mrv.fuel.bituminous.carbon_content mrv.fuel.bituminous.oxidation
    mrv.process.caco3.factor
    disclosure.covered_list disclosure.plan disclosure.totals disclosure.compliance_result
    disclosure.entity_emissions disclosure.entity_allocation disclosure.entity_holdings disclosure.quotes
    words.covered_entity words.data_quality_plan words.authority words.exchange words.surrender
"""
TIANJIN = """
    allocation.gap_band_share mrv.non_fossil_power.factor
    allocation.incentive.emission_and_intensity_down.share
    allocation.incentive.emission_and_intensity_down.cap_t
    allocation.incentive.product_efficiency.share allocation.incentive.product_efficiency.cap_t
    allocation.incentive.ministry_pilot.share allocation.incentive.ministry_pilot.cap_t
"""
DEADLINES = (
    "coverage_list data_quality_plan plan first_batch early_auction report verification determination second_batch "
    "last_resort_auction surrender carry_over public_tables"
)


def _read(file: Path) -> reading.Reading:
    below = "" if file.parent.name == loader.OVERLAYS else file.stem
    return reading.read(file.read_text(encoding="utf-8"), file=file.name, below=below)


def _leaves() -> list[tuple[str, Leaf]]:
    return [(str(file.relative_to(loader.ROOT)), leaf) for file in FILES for leaf in _read(file).leaves.values()]


def _values() -> list[tuple[str, Leaf, Dated]]:
    return [(file, leaf, value) for file, leaf in _leaves() for value in leaf.values]


def _rules(region: str, year: int) -> RulesAt:
    on = date(year + 1, 6, 30)
    return rulebook.at(region, on=on, year=year, overlays=[rulebook.overlay(region, year)])


def test_check_finds_no_problem_in_any_region() -> None:
    assert [str(problem) for report in check.reports() for problem in report.problems] == []


def test_every_leaf_is_described_in_both_languages_with_a_unit() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert len(_leaves()) > 500
    bad = [(file, leaf.path) for file, leaf in _leaves() if not chinese.search(leaf.zh) or chinese.search(leaf.en)]
    assert bad == []
    assert [leaf.path for _, leaf in _leaves() if not leaf.en or not leaf.unit or not leaf.values] == []


def test_every_value_has_source_article_status_and_day_of_check() -> None:
    bad = [
        (file, leaf.path)
        for file, leaf, value in _values()
        if not (value.source and value.article and value.last_checked_on >= date(2026, 11, 20))
    ]
    assert bad == []


def test_every_source_is_listed_in_sources() -> None:
    listed = set(re.findall(r"^\| ([A-Z]\d\d) \|", SOURCES.read_text(encoding="utf-8"), re.MULTILINE))
    assert {value.source for _, _, value in _values()} <= listed


def test_whoever_is_covered_would_have_to_report_as_well() -> None:
    for region in SECTORS:
        for year in range(2021, 2031):
            coverage.check_thresholds(rulebook.at(region, on=date(year, 12, 31), year=year))


def test_sources_name_documents_and_no_address() -> None:
    assert re.findall(r"https?:|www\.|\.(?:com|cn|org|net)\b", SOURCES.read_text(encoding="utf-8")) == []


def test_our_own_choices_are_marked_scenario_and_nothing_else_is_silent() -> None:
    wrong = [
        (file, leaf.path)
        for file, leaf, value in _values()
        if (value.source == "D00") != (value.status is Status.SCENARIO)
    ]
    assert wrong == []
    silent = [leaf.path for _, leaf, value in _values() if value.status is Status.CONFLICT and not value.notes]
    assert silent == []


def test_only_what_was_read_in_the_document_itself_counts_as_enacted() -> None:
    rows = re.findall(r"^\| ([A-Z]\d\d) \|.*\| ([^|]+) \|$", SOURCES.read_text(encoding="utf-8"), re.MULTILINE)
    unread = {source for source, read in rows if not read.startswith(("full", "part", "days copied"))}
    assert {"D00", "S13", "S36", "S56", "S60"} <= unread
    wrong = [
        (file, leaf.path) for file, leaf, value in _values() if value.source in unread and value.status == "enacted"
    ]
    assert wrong == []


def test_every_parameter_of_the_research_stands_in_the_rule_book_as_it_was_read() -> None:
    researched = yaml.safe_load(RESEARCHED.read_text(encoding="utf-8"))
    assert sum(map(len, researched.values())) > 100
    differing = [
        f"{region}.{name}: {where} is {found}, not {told}"
        for region, names in researched.items()
        for name, places in names.items()
        for where, told in places.items()
        if (found := _stands(loader.own(region), where)) != told
    ]
    assert differing == []
    assert _stands(loader.own("shanghai"), "allocation.cap_t@CY2024") is None


# The value that stands there and how sure it is; None where there is none.
def _stands(leaves: Mapping[str, Leaf], where: str) -> str | None:
    path, _, key = where.partition("@")
    values = [value for value in leaves[path].values if value.value] if path in leaves else []
    found = [value for value in values if key in ("", f"CY{value.year}", str(value.from_on))]
    return f"{found[0].value} {found[0].status}" if found else None


def test_no_day_or_year_of_a_parameter_stands_twice() -> None:
    for file, leaf in _leaves():
        keys = [(value.year, value.from_on) for value in leaf.values]
        assert len(keys) == len(set(keys)), (file, leaf.path)


@pytest.mark.parametrize(("region", "year"), MARKETS)
def test_market_resolves_every_path_of_the_chain(region: str, year: int) -> None:
    rules = _rules(region, year)
    wanted = CHAIN.split() + (TIANJIN.split() if region == "tianjin" else [])
    for sector in SECTORS[region].split():
        wanted.append(f"coverage.threshold_t.{sector}")
        wanted += [f"allocation.{name}.{sector}" for name in ("method", "control_coefficient", "paid_share")]
    assert [path for path in wanted if not rules.has(path)] == []


@pytest.mark.parametrize(("region", "year"), MARKETS)
def test_every_number_day_and_flag_of_a_market_is_read_by_its_kind(region: str, year: int) -> None:
    rules = _rules(region, year)
    for path, leaf in rules.leaves.items():
        if rules.has(path):
            if leaf.unit in reading.NUMBERS:
                assert rules.number(path).origin is not None
            elif leaf.unit == "date":
                rules.day(path)
            elif leaf.unit == "flag":
                rules.flag(path)
            else:
                assert rules.words(path)


@pytest.mark.parametrize(("region", "year"), MARKETS)
def test_deadlines_of_a_year_follow_each_other_on_working_days(region: str, year: int) -> None:
    rules, calendar = _rules(region, year), rulebook.calendar(region)
    days = [rules.day(f"deadline.{name}_on") for name in DEADLINES.split()]
    assert days == sorted(set(days))
    assert [day for day in days if not calendar.is_working_day(day)] == []


@pytest.mark.parametrize(("region", "year"), MARKETS)
def test_plan_stays_under_the_ceiling_of_paid_allocation_and_carries_its_badge(region: str, year: int) -> None:
    rules = _rules(region, year)
    most = rules.decimal("allocation.paid_share_max")
    shares = [rules.decimal(f"allocation.paid_share.{sector}") for sector in rules.below("allocation.paid_share")]
    assert shares
    assert max(shares) <= most
    assert rules.status("allocation.cap_t") is Status.SCENARIO


def test_shanghai_thresholds_fall_in_2026_and_reach_public_institutions_in_2028() -> None:
    old, new = _rules("shanghai", 2025), _rules("shanghai", 2026)
    assert (old.integer("coverage.threshold_t.shipping"), new.integer("coverage.threshold_t.shipping")) == (
        100_000,
        80_000,
    )
    assert not new.has("coverage.threshold_t.university")
    later = rulebook.at("shanghai", on=date(2027, 11, 30), year=2028)
    assert later.integer("coverage.threshold_t.university") == 10_000


def test_shanghai_electricity_factor_changes_on_the_day_of_the_notice() -> None:
    factors = [
        str(rulebook.at("shanghai", on=day).decimal("mrv.electricity.factor"))
        for day in (date(2022, 2, 10), date(2022, 2, 11))
    ]
    assert factors == ["0.788", "0.42"]


def test_failing_to_surrender_nationally_has_three_regimes_by_day() -> None:
    path = "penalty.surrender.next_year_cut_share"
    days = (date(2024, 4, 30), date(2024, 5, 1), date(2026, 8, 15))
    national = [rulebook.at("national", on=day) for day in days]
    assert [str(rules.decimal(path)) for rules in national] == ["1", "1", "0"]
    assert [rules.has("penalty.surrender.fine_max_yuan") for rules in national] == [True, False, False]
    assert [rules.has("penalty.surrender.price_multiple_max") for rules in national] == [False, True, False]


def test_national_mechanisms_do_not_slip_into_shanghai() -> None:
    rules = _rules("shanghai", 2026)
    for path in ("allocation.gap_band_share", "carry_over.base_t", "penalty.fraud.fine_max_yuan"):
        assert not rules.has(path)
        assert path in rulebook.at("national", on=date(2025, 1, 1)).leaves


def test_eu_decides_compliance_cumulatively_by_30_april() -> None:
    rules = rulebook.at("eu", on=date(2006, 4, 30), year=2005)
    assert rules.text("surrender.status_rule") == "CUMULATIVE"
    assert rules.day("deadline.surrender_on") == date(2006, 4, 30)
    assert rules.text("region.scheme") == "EUA"


def test_conflicting_sources_keep_their_badge() -> None:
    rules = _rules("shanghai", 2026)
    for path in ("trading.sessions", "mrv.fuel.bituminous.carbon_content"):
        assert rules.status(path) is Status.CONFLICT


def test_words_follow_region_and_language() -> None:
    assert rulebook.word("shanghai", "covered_entity", "zh") == "纳管单位"
    assert rulebook.word("tianjin", "covered_entity", "zh") == "重点排放单位"
    assert rulebook.word("national", "covered_entity", "en") == "key emitting entity"
    assert rulebook.word("shanghai", "data_quality_plan", "zh") == "监测计划"


def test_no_text_of_all_regions_takes_the_word_of_one() -> None:
    texts = [str(message.string) for message in messages.read()]
    texts += [code.sentence.zh for family in refusals.enums() for code in family]
    for name in ("covered_entity", "data_quality_plan"):
        words = {rulebook.word(region, name, "zh") for region in ("shanghai", "tianjin", "national")}
        said = {text: {word for word in words if word in text} for text in texts}
        assert {text for text, found in said.items() if found and found != words} == set()


def test_every_word_has_both_languages() -> None:
    for region in rulebook.regions():
        rules = rulebook.at(region, on=date.max)
        for path in rules.leaves:
            if path.startswith("words."):
                assert len(rules.words(path)) == 2, path


def test_calendar_knows_holidays_make_up_days_and_years_without_a_notice() -> None:
    calendar = rulebook.calendar("shanghai")
    assert not calendar.is_working_day(date(2026, 2, 23))
    assert calendar.is_working_day(date(2026, 2, 14))
    assert not calendar.is_trading_day(date(2026, 2, 14))
    assert calendar == rulebook.calendar("national")
    assert rulebook.calendar("eu") == periods.Calendar()
    assert rulebook.at("national", on=date(2027, 1, 1), year=2027).status("calendar.holidays") is Status.SCENARIO
