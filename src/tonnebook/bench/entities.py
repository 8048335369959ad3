"""Invented entities of every sector and method, year after year, and scenario rules under which all can be computed."""

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal

from tonnebook.core.allocation import incentives
from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.national_power import Unit
from tonnebook.core.examples import parameters
from tonnebook.core.rules import RulesAt

BASE_YEARS = 3

RULES: Mapping[str, str] = {
    "allocation.order": "BASE | CONTROL_COEFFICIENT | NON_FOSSIL | INCENTIVE | PAID_SHARE | BAND | ROUND_DOWN",
    "allocation.history_years": str(BASE_YEARS),
    "allocation.trend_trigger_share": "0.30",
    "allocation.gap_band_share": "0.20",
    "allocation.paid_share_max": "0.08",
    "mrv.electricity.factor": "0.42",
    # Historical emissions and intensity.
    "allocation.method.building": "HISTORICAL_EMISSIONS",
    "allocation.method.chemical": "HISTORICAL_INTENSITY",
    "allocation.method.industry": "HISTORICAL_INTENSITY",
    "allocation.control_coefficient.building": "0.99",
    "allocation.control_coefficient.chemical": "0.98",
    "allocation.control_coefficient.industry": "0.985",
    "allocation.paid_share.building": "0.02",
    "allocation.paid_share.chemical": "0.05",
    "allocation.paid_share.industry": "0.04",
    f"allocation.incentive.{incentives.REDUCTION_AND_RATING}.share": "0.01",
    f"allocation.incentive.{incentives.REDUCTION_AND_RATING}.cap_t": "5000",
    "allocation.incentive.product_efficiency.share": "0.005",
    "allocation.incentive.product_efficiency.cap_t": "1000",
    "allocation.incentive.ministry_pilot.share": "0.01",
    "allocation.incentive.ministry_pilot.cap_t": "5000",
    # Benchmarks: data centres, plants of the Shanghai plans, units of the national market.
    "allocation.method.data_centre": "BENCHMARK",
    "allocation.benchmark.it_electricity": "0.9441",
    "allocation.paid_share.data_centre": "0.03",
    "allocation.method.power_local": "BENCHMARK",
    "allocation.power.benchmark.coal_usc_600": "7.918",
    "allocation.power.benchmark.gas_f": "3.863",
    "allocation.power.heat_per_power.coal": "73500000",
    "allocation.power.heat_per_power.gas": "65000000",
    "allocation.power.cooling_closed_coal": "1.01",
    "allocation.power.env_db31_963_coal": "1.01",
    "allocation.method.power": "BENCHMARK",
    "allocation.power.benchmark.class_1": "0.7910",
    "allocation.power.benchmark.class_2": "0.8049",
    "allocation.power.benchmark.class_4": "0.3288",
    "allocation.power.heat_benchmark.coal": "0.1033",
    "allocation.power.heat_benchmark.gas": "0.0533",
    "allocation.power.load_factor.places": "6",
    "allocation.power.load_factor.below_share": "0.65",
    "allocation.power.load_factor.growth": "1.015",
    "allocation.power.load_factor.offset": "16",
    "allocation.power.load_factor.slope": "20",
    "allocation.power.gas_top_up": "yes",
    # Around a balance value, and as verified.
    "allocation.method.steel": "INDUSTRY_COEFFICIENT",
    "allocation.industry.balance.steel": "1.6",
    "allocation.industry.slope": "0.15",
    "allocation.industry.band_share": "0.20",
    "allocation.industry.cap_share": "0.03",
    "allocation.method.cement": "VERIFIED_EMISSION",
}

_SECTORS = (
    *("building",) * 3,
    *("chemical",) * 3,
    *("industry",) * 6,
    *("data_centre",) * 2,
    *("power_local", "power", "power", "steel", "steel", "cement"),
)
_GROUNDS = (incentives.REDUCTION_AND_RATING, "product_efficiency", "ministry_pilot")


def rules(year: int) -> RulesAt:
    """Give the scenario rules of a compliance year."""
    return parameters.rules(RULES, year=year)


def entities(count: int, year: int) -> Iterator[EntityFacts]:
    """Invent entities before a compliance year; the same arguments give the same entities.

    Args:
        count: how many.
        year: compliance year.
    """
    chance = random.Random(year)  # noqa: S311
    for number in range(count):
        yield _entity(chance, f"91310000{number:010d}", _SECTORS[number % len(_SECTORS)], year)


def _entity(chance: random.Random, uscc: str, sector: str, year: int) -> EntityFacts:
    emission_t, years = chance.randrange(10_000, 2_000_000), range(year - BASE_YEARS, year)
    products = ["it_electricity"] if sector == "data_centre" else ["first", "second"][: chance.randrange(1, 3)]
    return EntityFacts(
        entity=uscc,
        sector=sector,
        emissions_t={one: emission_t * chance.randrange(80, 121) // 100 for one in years},
        outputs={one: {name: _quantity(chance) for name in products} for one in years},
        output={name: _quantity(chance) for name in products},
        determined_t=emission_t * chance.randrange(80, 121) // 100,
        market_mwh=_quantity(chance) if chance.random() < 0.1 else Decimal(0),
        grounds=frozenset(ground for ground in _GROUNDS if chance.random() < 0.1),
        paid_coefficient=Decimal(chance.randrange(80, 131)).scaleb(-2),
        plants=(_plant(chance),) if sector == "power_local" else (),
        units=(_unit(chance), _unit(chance)) if sector == "power" else (),
        intensity=Decimal(chance.randrange(1_000_000, 2_400_000)).scaleb(-6) if sector == "steel" else None,
    )


def _plant(chance: random.Random) -> Plant:
    kind, fuel = chance.choice((("coal_usc_600", "coal"), ("gas_f", "gas")))
    load = Decimal(chance.randrange(9_800, 10_200)).scaleb(-4)
    heat_kj = Decimal(chance.randrange(10**12))
    return Plant(kind, fuel, _quantity(chance), heat_kj, is_closed_cooling=True, is_clean_coal=True, load=load)


def _unit(chance: random.Random) -> Unit:
    load = Decimal(chance.randrange(4_000, 9_000)).scaleb(-4)
    return Unit(chance.choice(("class_1", "class_2", "class_4")), _quantity(chance), _quantity(chance), load)


def _quantity(chance: random.Random) -> Decimal:
    return Decimal(chance.randrange(10**6, 10**9)).scaleb(-3)
