"""The formulas meet the rule book: every parameter they ask for stands there, in every region."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import trace
from tonnebook.core.allocation import benchmark, incentives, industry, issue, national_power
from tonnebook.core.allocation.annual import annual
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.rules import RulesAt


def _rules(region: str, year: int) -> RulesAt:
    try:
        overlays = [rulebook.overlay(region, year)]
    except LookupError:
        overlays = []
    return rulebook.at(region, on=date(year, 12, 31), year=year, overlays=overlays)


@pytest.mark.parametrize(
    ("year", "load_share", "factor"),
    [(2023, "0.60", "1.061364"), (2024, "0.50", "1.093443"), (2026, "0.40", "1.160254")],
)
def test_the_national_rule_book_gives_the_peak_factor_of_its_year(year: int, load_share: str, factor: str) -> None:
    found = national_power.peak_factor(Decimal(load_share), _rules("national", year))
    assert found.value == Decimal(factor)


def test_the_national_rule_book_gives_the_published_unit() -> None:
    unit = national_power.Unit("class_1", Decimal(3_000_000), Decimal(500_000), Decimal("0.6"))
    assert national_power.allowance(unit, _rules("national", 2024)).whole == 2_570_266


def test_the_national_rule_book_caps_the_gap() -> None:
    rules = _rules("national", 2024)
    unit = national_power.allowance(national_power.Unit("class_4", Decimal(1000)), rules)
    assert national_power.cap_gap(unit, emission_t=1000, is_gas=True, rules=rules).whole == 1000
    assert national_power.cap_gap(unit, emission_t=1000, is_gas=False, rules=rules).whole == 800


def test_the_national_rule_book_gives_the_industry_coefficient() -> None:
    rules = _rules("national", 2026)
    assert industry.coefficient(
        balance=trace.given("1.6", "", zh="平衡值", en="balance value"), intensity=Decimal("1.5"), rules=rules
    ).value == Decimal("0.009375")


def test_the_shanghai_rule_book_gives_the_gas_plant_of_2019() -> None:
    plant = benchmark.Plant("gas_f", "gas", Decimal(100_000), Decimal(10**12))
    assert round(benchmark.power_plant(plant, _rules("shanghai", 2019)).value, 2) == Decimal("445730.77")


@pytest.mark.parametrize(
    ("direct_share", "share"), [("0.75", "0.93"), ("0.74", "0.95"), ("0.25", "0.97"), ("0", "0.99")]
)
def test_the_shanghai_rule_book_gives_the_direct_issue_table_of_2019(direct_share: str, share: str) -> None:
    rules = _rules("shanghai", 2019)
    band = issue.band_of(Decimal(direct_share), issue.bands("industry", rules))
    assert rules.decimal(band.share_path(is_improving=False)) == Decimal(share)


@pytest.mark.parametrize(
    ("region", "year"), [("shanghai", 2025), ("shanghai", 2026), ("tianjin", 2025), ("tianjin", 2026)]
)
def test_every_sector_of_a_plan_can_be_computed(region: str, year: int) -> None:
    rules, past = _rules(region, year), range(year - 3, year)
    sectors = rules.below("allocation.method")
    assert sectors
    for sector in sectors:
        is_benchmark = rules.text(f"allocation.method.{sector}") == "BENCHMARK"
        output = {name: Decimal(1000) for name in rules.below("allocation.benchmark")} if is_benchmark else {}
        goods = output or {"goods": Decimal(1000)}
        facts = EntityFacts(
            "E1",
            sector,
            dict.fromkeys(past, 1000),
            dict.fromkeys(past, goods),
            goods,
            determined_t=950,
            grounds=frozenset(rules.below("allocation.incentive")),
        )
        found = annual(facts, rules)
        assert found.free.whole + found.paid.whole == found.base.whole > 0
        assert found.paid.whole <= rules.decimal("allocation.paid_share_max") * found.base.whole


def test_tianjin_rewards_all_three_grounds() -> None:
    rules = _rules("tianjin", 2026)
    assert incentives.REDUCTION_AND_RATING in rules.below("allocation.incentive")
    facts = EntityFacts(
        "E1",
        "machinery",
        dict.fromkeys((2023, 2024, 2025), 100_000),
        {2025: {"pumps": Decimal(100)}},
        {"pumps": Decimal(100)},
        determined_t=99_000,
        grounds=frozenset(rules.below("allocation.incentive")),
    )
    # 97,500 t under the control coefficient, and 1 % + 0.5 % + 1 % of them, rounded down each.
    assert annual(facts, rules).base.whole == 97_500 + 975 + 487 + 975


def test_tianjin_2021_takes_the_larger_of_two_years() -> None:
    rules = _rules("tianjin", 2021)
    facts = EntityFacts("E1", "chemical", {2019: 100_000, 2020: 90_000})
    assert annual(facts, rules).base.whole == 98_000
    made = {"board": Decimal(1000)}
    paper = EntityFacts("E1", "paper", {2019: 2_000, 2020: 1_900}, {2019: made, 2020: made}, made)
    assert annual(paper, rules).base.whole == 1_960
