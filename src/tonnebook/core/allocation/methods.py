"""The base allowance of one entity by the method of its sector, before any step of the plan."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.allocation import benchmark, history, industry, national_power
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class Method(StrEnum):
    """How the base allowance of a sector comes about, as `allocation.method` names it."""

    BENCHMARK = "BENCHMARK"
    HISTORICAL_INTENSITY = "HISTORICAL_INTENSITY"
    HISTORICAL_EMISSIONS = "HISTORICAL_EMISSIONS"
    VERIFIED_EMISSION = "VERIFIED_EMISSION"
    INDUSTRY_COEFFICIENT = "INDUSTRY_COEFFICIENT"


def method_of(sector: str, rules: RulesAt) -> Method:
    """Give the method of a sector.

    Raises:
        Refused: NO_METHOD when the sector has none.

    Source: S15, S16, S18, S02 item 3, by `allocation.method`.
    """
    path = f"allocation.method.{sector}"
    if not rules.has(path):
        raise Refused(AllocationRefusal.NO_METHOD, sector=sector)
    return Method(rules.text(path))


def base_allowance(facts: EntityFacts, rules: RulesAt) -> Traced:
    """Compute the base allowance by the sector's method, exact tonnes before any step.

    Raises:
        Refused: NO_METHOD when the sector has none; NO_HISTORY, NO_OUTPUT, NOT_DETERMINED or NO_INTENSITY when the
            method lacks its figures.

    Source: the formulas S15, S17, S19, S07, S08, S13; which one applies: `allocation.method`.
    """
    return _METHODS[method_of(facts.sector, rules)](facts, rules)


# Plants and units have a benchmark by class; every other product has one by its name.
def _by_benchmark(facts: EntityFacts, rules: RulesAt) -> Traced:
    parts = [national_power.allowance(unit, rules) for unit in facts.units]
    parts += [benchmark.power_plant(plant, rules) for plant in facts.plants]
    known = [name for name in sorted(facts.output) if rules.has(f"allocation.benchmark.{name}")]
    parts += [benchmark.by_activity(name, facts.output[name], rules) for name in known]
    if not parts:
        raise Refused(AllocationRefusal.NO_OUTPUT, entity=facts.entity, year=rules.year)
    return trace.total(parts, "t", zh="基准线法基础配额", en="base allowance by benchmark")


def _by_emissions(facts: EntityFacts, rules: RulesAt) -> Traced:
    if not _years(facts, rules):
        raise Refused(AllocationRefusal.NO_HISTORY, entity=facts.entity)
    return history.historical_emissions(facts.emissions_t, rules, derived_t=facts.derived_t)


def _by_intensity(facts: EntityFacts, rules: RulesAt) -> Traced:
    past: dict[str, dict[int, history.ProductYear]] = {}
    for year in _years(facts, rules):
        outputs = {name: quantity for name, quantity in facts.outputs.get(year, {}).items() if quantity > 0}
        if outputs:
            declared_t = facts.product_emissions.get(year, {})
            emissions = history.attribute(facts.emissions_t[year], outputs, declared_t)
            for name, quantity in outputs.items():
                past.setdefault(name, {})[year] = history.ProductYear(emissions[name], quantity)
    if not past:
        raise Refused(AllocationRefusal.NO_HISTORY, entity=facts.entity)
    products = [
        history.Product(name, past[name], facts.output[name]) for name in sorted(past) if facts.output.get(name)
    ]
    if not products:
        raise Refused(AllocationRefusal.NO_OUTPUT, entity=facts.entity, year=rules.year)
    return history.historical_intensity(products, rules)


def _as_verified(facts: EntityFacts, rules: RulesAt) -> Traced:
    return trace.given(_managed_t(facts, rules), "t", zh="核查排放量", en="verified emission")


def _by_coefficient(facts: EntityFacts, rules: RulesAt) -> Traced:
    emission_t = _managed_t(facts, rules)
    if facts.intensity is None:
        raise Refused(AllocationRefusal.NO_INTENSITY, entity=facts.entity, year=rules.year)
    balance = rules.number(f"allocation.industry.balance.{facts.sector}")
    return industry.allowance(emission_t=emission_t, balance=balance, intensity=facts.intensity, rules=rules)


def _years(facts: EntityFacts, rules: RulesAt) -> list[int]:
    return [year for year in history.base_years(rules) if year in facts.emissions_t]


def _managed_t(facts: EntityFacts, rules: RulesAt) -> int:
    if facts.managed_t is None:
        raise Refused(AllocationRefusal.NOT_DETERMINED, entity=facts.entity, year=rules.year)
    return facts.managed_t


_METHODS: Mapping[Method, Callable[[EntityFacts, RulesAt], Traced]] = {
    Method.BENCHMARK: _by_benchmark,
    Method.HISTORICAL_INTENSITY: _by_intensity,
    Method.HISTORICAL_EMISSIONS: _by_emissions,
    Method.VERIFIED_EMISSION: _as_verified,
    Method.INDUSTRY_COEFFICIENT: _by_coefficient,
}
