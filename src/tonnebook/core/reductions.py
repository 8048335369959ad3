"""How much a project or a household has reduced: the arithmetic that methods of crediting are built from.

A method says which quantity is measured, which factor stands for a unit of it, and where the rate changes. The factors
belong to the method and are handed in; nothing here says which method is filed or who may have credits.
"""

from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.trace import Traced


def of_power(*, capacity_kw: Decimal, hours: Decimal, factor_t_per_mwh: Decimal) -> Traced:
    """Compute what power from a renewable plant replaces: capacity × hours × factor of the grid.

    Args:
        capacity_kw: capacity of the plant.
        hours: hours at full load within the period.
        factor_t_per_mwh: what a megawatt hour of the grid emits.

    Returns:
        Tonnes of CO2, unrounded.

    Source: S85.

    Example:
        1,000 kW over 1,100 h at 0.42 t/MWh replace 462 t.
    """
    per_mwh = trace.given(1000, "kWh/MWh", zh="每兆瓦时千瓦时数", en="kWh in a MWh")
    parts = [
        trace.given(capacity_kw, "kW", zh="装机容量", en="capacity"),
        trace.given(hours, "h", zh="满发小时数", en="hours at full load"),
    ]
    fed_in_kwh = trace.product(parts, "kWh", zh="上网电量（千瓦时）", en="power fed in, kWh")
    fed_in = trace.quotient(fed_in_kwh, per_mwh, "MWh", zh="上网电量", en="power fed in")
    factor = trace.given(factor_t_per_mwh, "t/MWh", zh="电网排放因子", en="factor of the grid")
    return trace.product([fed_in, factor], "t", zh="减排量", en="reduction")


def of_fields(*, hectares: Decimal, days: Decimal, factor_t_per_ha_day: Decimal) -> Traced:
    """Compute what fields under a changed practice no longer emit: area × days × factor.

    Args:
        hectares: area.
        days: days of the period on which the practice was kept.
        factor_t_per_ha_day: reduction per hectare and day.

    Returns:
        Tonnes of CO2 equivalent, unrounded.

    Source: S86.

    Example:
        16 ha over 120 days at 0.046 t give 88.32 t.
    """
    parts = [
        trace.given(hectares, "ha", zh="面积", en="area"),
        trace.given(days, "day", zh="天数", en="days"),
        trace.given(factor_t_per_ha_day, "t/ha/day", zh="每公顷每日减排量", en="reduction per hectare and day"),
    ]
    return trace.product(parts, "t", zh="减排量", en="reduction")


def in_two_steps(
    *, power_kwh: Decimal, threshold_kwh: Decimal, first_kg_per_kwh: Decimal, rest_kg_per_kwh: Decimal, places: int
) -> Traced:
    """Compute what solar power of households replaces, the first kilowatt hours at a rate of their own.

    Args:
        power_kwh: power used.
        threshold_kwh: kilowatt hours that count at the first rate.
        first_kg_per_kwh: up to the threshold.
        rest_kg_per_kwh: beyond it.
        places: decimals to which the method rounds, half up.

    Returns:
        Tonnes of CO2 equivalent.

    Source: S86.

    Example:
        105 kWh, of them 55 at 6.8 kg and the rest at 1.3 kg, give 0.439 t.
    """
    used = trace.given(power_kwh, "kWh", zh="用电量", en="power used")
    threshold = trace.given(threshold_kwh, "kWh", zh="首档电量", en="kilowatt hours at the first rate")
    first = trace.smallest([used, threshold], "kWh", zh="首档内电量", en="within the first rate")
    rest = trace.difference(used, first, "kWh", zh="超出首档电量", en="beyond the first rate")
    rates = ((first, first_kg_per_kwh, "首档", "first rate"), (rest, rest_kg_per_kwh, "其余", "second rate"))
    parts = [
        trace.product(
            [kwh, trace.given(rate, "kg/kWh", zh=f"{zh}系数", en=en)], "kg", zh=f"{zh}减排量", en=f"at the {en}"
        )
        for kwh, rate, zh, en in rates
    ]
    mass = trace.total(parts, "kg", zh="减排量（千克）", en="reduction, kg")
    thousand = trace.given(1000, "kg/t", zh="每吨千克数", en="kg in a tonne")
    exact = trace.quotient(mass, thousand, "t", zh="减排量", en="reduction")
    return trace.half_up(exact, places, zh="减排量（四舍五入）", en="reduction, rounded half up")
