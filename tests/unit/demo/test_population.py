"""The synthetic population: right counts, plain names, figures that repeat and add up."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import identity, mrv
from tonnebook.core.mrv import LineKind
from tonnebook.demo.population import Population
from tonnebook.demo.sectors import SECTORS

# Source S18, official annual report for 2024; industry there is one class, here it is split by kind.
OFFICIAL_2024 = {
    "industry": 297,
    "air_carrier": 6,
    "hazardous_waste": 9,
    "shipping": 17,
    "data_centre": 27,
    "building": 21,
    "station": 9,
    "road_freight": 17,
}
INDUSTRY = {"petrochemical", "energy_intensive", "industry"}


def test_shanghai_has_the_official_composition_of_2024() -> None:
    counts: dict[str, int] = {}
    for company in Population("shanghai", 1).covered:
        code = "industry" if company.sector.code in INDUSTRY else company.sector.code
        counts[code] = counts.get(code, 0) + 1
    assert counts == OFFICIAL_2024
    assert sum(counts.values()) == 403


def test_tianjin_has_160_entities() -> None:
    assert len(Population("tianjin", 1).covered) == 160


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
def test_names_and_codes_are_single_well_formed_and_plainly_synthetic(region: str) -> None:
    companies = Population(region, 1).covered + Population(region, 1).small
    assert len({company.uscc for company in companies}) == len(companies)
    assert len({company.zh for company in companies}) == len(companies)
    for company in companies:
        assert identity.is_uscc(company.uscc)
        assert "XXXX" in company.uscc
        assert company.zh.endswith("（模拟）")
        assert company.en.endswith("(demo)")


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
def test_every_covered_company_is_above_its_threshold_and_every_small_one_below(region: str) -> None:
    population = Population(region, 1)
    for year in (2025, 2026):
        rules = rulebook.at(region, on=date(year, 1, 1), year=year)
        for company in population.covered:
            threshold_t = rules.integer(f"coverage.threshold_t.{company.sector.code}")
            assert population.figures(company, year - 1).target_t >= threshold_t, company.en
        for company in population.small:
            threshold_t = rules.integer(f"coverage.threshold_t.{company.sector.code}")
            assert population.figures(company, year - 1).target_t < threshold_t, company.en


def test_the_cap_of_the_scenario_plan_is_plausible_for_the_population() -> None:
    population = Population("shanghai", 1)
    for year in (2025, 2026):
        plan = rulebook.overlay("shanghai", year)
        cap_t = rulebook.at("shanghai", on=date(year, 1, 1), year=year, overlays=(plan,)).integer("allocation.cap_t")
        emitted_t = sum(population.figures(company, year).target_t for company in population.covered)
        assert emitted_t * 95 // 100 < cap_t < emitted_t * 125 // 100


@pytest.mark.parametrize(
    ("region", "netted"), [("shanghai", LineKind.GREEN_POWER), ("tianjin", LineKind.NON_FOSSIL_POWER)]
)
def test_source_lines_come_to_the_target_but_for_rounding_and_netted_power(region: str, netted: LineKind) -> None:
    population = Population(region, 1)
    rules = rulebook.at(region, on=date(2026, 1, 1), year=2026)
    with_netted = 0
    for company in population.covered[::7]:
        lines = population.source_lines(company, 2026, rules)
        gross = [line for line in lines if line.kind is not netted]
        with_netted += len(gross) < len(lines)
        emitted_t = mrv.emissions(gross, rules).total.whole
        assert abs(emitted_t - population.figures(company, 2026).target_t) < 2
        assert mrv.emissions(lines, rules).total.whole <= emitted_t
    assert with_netted > 0


def test_same_seed_same_figures_other_seed_others() -> None:
    first, again, other = (Population("tianjin", seed) for seed in (1, 1, 2))
    assert first.covered == again.covered
    assert first.covered != other.covered
    company = first.covered[0]
    assert first.figures(company, 2026) == again.figures(company, 2026) != first.figures(company, 2025)


def test_sizes_of_a_sector_add_up_to_its_total() -> None:
    for sector in SECTORS["shanghai"]:
        of_sector = [one for one in Population("shanghai", 1).covered if one.sector.code == sector.code]
        assert sum(one.base_t for one in of_sector) == sector.total_t
        assert min(one.base_t for one in of_sector) >= sector.least_t
