"""Allowances by benchmark (基准线法): what was made, times what a good plant emits for it.

Power plants of the Shanghai plans count power and heat together and correct for cooling, environmental protection and
load; every other product, data centres among them, is activity times benchmark.
"""

from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class Plant:
    """A power plant of the Shanghai plans.

    Attributes:
        kind: class of the benchmark table, such as "gas_f" or "coal_usc_1000".
        fuel: "coal", "oil" or "gas", for the heat conversion.
        power: power supplied, 10^4 kWh.
        heat_kj: heat supplied, kJ.
        is_closed_cooling: closed-cycle cooling of a coal plant.
        is_clean_coal: a coal plant that meets DB31/963-2016.
        load: load correction of a coal plant (1 for gas and oil).
    """

    kind: str
    fuel: str
    power: Decimal
    heat_kj: Decimal = Decimal(0)
    is_closed_cooling: bool = False
    is_clean_coal: bool = False
    load: Decimal = Decimal(1)


def by_activity(product: str, activity: Decimal, rules: RulesAt) -> Traced:
    """Compute the base allowance of an activity: quantity times the product's benchmark.

    Args:
        product: name below `allocation.benchmark` ("data_centre": IT electricity in MWh).
        activity: quantity in the unit of the benchmark.
        rules: rules of the compliance year.

    Returns:
        Exact tonnes (not yet rounded).

    Source: S15 (method); S51 (data centres: IT electricity × benchmark, as in Guangdong).
    """
    quantity = trace.given(activity, "unit", zh=f"{product}活动水平", en=f"activity of {product}")
    parts = [quantity, rules.number(f"allocation.benchmark.{product}")]
    return trace.product(parts, "t", zh="活动水平×基准值", en="activity × benchmark")


def power_plant(plant: Plant, rules: RulesAt) -> Traced:
    """Compute the base allowance of a power plant: benchmark × combined output × corrections.

    Args:
        plant: class, output and corrections of the plant.
        rules: rules of the compliance year.

    Returns:
        Exact tonnes (not yet rounded).

    Source: S19, S20 (Shanghai plans of 2018 to 2020).

    Example:
        A gas plant of class F with 100,000 ×10^4 kWh and 10^12 kJ of heat: 445,730.77 t.
    """
    benchmark = rules.number(f"allocation.power.benchmark.{plant.kind}")
    factors = [benchmark, combined_output(plant, rules), *_corrections(plant, rules)]
    return trace.product(
        factors, "t", zh="基准值×综合上网电量×修正系数", en="benchmark × combined output × corrections"
    )


def combined_output(plant: Plant, rules: RulesAt) -> Traced:
    """Compute combined output: power plus heat at the conversion of the fuel, in 10^4 kWh.

    Source: S19, S20 (Shanghai plans of 2018 to 2020).
    """
    heat = trace.quotient(
        trace.given(plant.heat_kj, "kJ", zh="供热量", en="heat supplied"),
        rules.number(f"allocation.power.heat_per_power.{plant.fuel}"),
        "10^4kWh",
        zh="供热折算电量",
        en="heat as power",
    )
    power = trace.given(plant.power, "10^4kWh", zh="供电量", en="power supplied")
    return trace.total([power, heat], "10^4kWh", zh="综合上网电量", en="combined output")


# Gas and oil plants are not corrected (S19): all three factors are one.
def _corrections(plant: Plant, rules: RulesAt) -> list[Traced]:
    if plant.fuel != "coal":
        return []
    found = [trace.given(plant.load, "", zh="负荷率修正系数", en="load correction")]
    if plant.is_closed_cooling:
        found.append(rules.number("allocation.power.cooling_closed_coal"))
    if plant.is_clean_coal:
        found.append(rules.number("allocation.power.env_db31_963_coal"))
    return found
