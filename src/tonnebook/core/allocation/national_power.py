"""National allocation for power plants: power and heat by benchmark, corrected for peak regulation.

`A = Ae + Ah` with `Ae = Qe · Be · Ff` and `Ah = Qh · Bh`. The factor Ff rewards ordinary coal plants that run at low
load for the grid's sake; its formula changed in 2025, so the rule book names which one applies.
"""

from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import trace, units
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_HUNDRED = 100
GAS = "class_4"
# "Ordinary coal": the classes by size, not the unconventional ones (S07, annex).
ORDINARY_COAL = ("class_1", "class_2")


@dataclass(frozen=True, slots=True)
class Unit:
    """A generating unit in one year.

    Attributes:
        kind: class of the table: "class_1" to "class_3" (coal) or "class_4" (gas).
        power_mwh: power supplied, MWh.
        heat_gj: heat supplied, GJ.
        load_share: mean output over capacity F, 0 to 1; counts for ordinary coal (classes 1 and 2) only.
    """

    kind: str
    power_mwh: Decimal
    heat_gj: Decimal = Decimal(0)
    load_share: Decimal = Decimal(1)


def peak_factor(load_share: Decimal, rules: RulesAt) -> Traced:
    """Compute the peak-regulation factor Ff of an ordinary coal unit, halves up to 6 decimals.

    Args:
        load_share: F, 0 to 1.
        rules: national rules; the formula is the one whose parameters are in force.

    Returns:
        At least 1; exactly 1 at or above the threshold.

    Source: S07 (2023, 2024); S08 annex (2025, 2026, draft).

    Example:
        Under the formula of 2023 a load of 0.60 gives 1.061364; under the draft of 2025 a load of 0.40 gives 1.160254.
    """
    load = trace.given(load_share, "", zh="负荷率F", en="load F")
    if load.value >= rules.decimal("allocation.power.load_factor.below_share"):
        return trace.given(1, "", zh="负荷率达到门槛：Ff＝1", en="load at or above the threshold: Ff = 1")
    formula = _power if rules.has("allocation.power.load_factor.growth") else _exponential
    places = rules.integer("allocation.power.load_factor.places")
    return trace.half_up(formula(load, rules), places, zh="Ff（四舍五入）", en="Ff, halves up")


def power_allowance(unit: Unit, rules: RulesAt) -> Traced:
    """Compute the allowance of a unit for power, rounded down: Qe · Be · Ff (gas and unconventional coal: no Ff).

    Source: S07, S08.
    """
    quantity = trace.given(unit.power_mwh, "MWh", zh="供电量Qe", en="power supplied Qe")
    factors = [quantity, rules.number(f"allocation.power.benchmark.{unit.kind}")]
    if unit.kind in ORDINARY_COAL:
        factors.append(peak_factor(unit.load_share, rules))
    exact = trace.product(factors, "t", zh="供电配额", en="allowance for power")
    return trace.floor(exact, zh="供电配额（舍去小数）", en="allowance for power, rounded down")


def heat_allowance(unit: Unit, rules: RulesAt) -> Traced:
    """Compute the allowance of a unit for heat, rounded down: Qh · Bh.

    Source: S07, S08.
    """
    quantity = trace.given(unit.heat_gj, "GJ", zh="供热量Qh", en="heat supplied Qh")
    fuel = "gas" if unit.kind == GAS else "coal"
    exact = trace.product(
        [quantity, rules.number(f"allocation.power.heat_benchmark.{fuel}")], "t", zh="供热配额", en="allowance for heat"
    )
    return trace.floor(exact, zh="供热配额（舍去小数）", en="allowance for heat, rounded down")


def allowance(unit: Unit, rules: RulesAt) -> Traced:
    """Compute the allowance of a unit: power and heat, each rounded down.

    Returns:
        Whole tonnes. Source: S07, S08.
    """
    parts = [power_allowance(unit, rules), heat_allowance(unit, rules)]
    return trace.total(parts, "t", zh="机组配额", en="allowance of the unit")


def cap_gap(allowance_t: Traced, *, emission_t: int, is_gas: bool, rules: RulesAt) -> Traced:
    """Cap the gap of an entity: gas units are topped up to their emission, others to all but the capped share of it.

    Args:
        allowance_t: allowance by formula, whole tonnes.
        emission_t: verified emission, tonnes.
        is_gas: whether the units burn gas.
        rules: national rules; `allocation.gap_band_share` is the largest gap of the others.

    Returns:
        Whole tonnes, never below the formula. Source: S07, S08.
    """
    emission = trace.given(emission_t, "t", zh="核查排放量", en="verified emission")
    if is_gas and rules.flag("allocation.power.gas_top_up"):
        return trace.largest(
            [allowance_t, emission], "t", zh="燃气机组补足至排放量", en="gas: topped up to the emission"
        )
    one = trace.given(1, "", zh="一", en="one")
    rest = trace.difference(one, rules.number("allocation.gap_band_share"), "", zh="1－缺口上限", en="1 − largest gap")
    exact = trace.product([emission, rest], "t", zh="排放量×(1－缺口上限)", en="emission × (1 − largest gap)")
    least = trace.floor(exact, zh="保底配额（舍去小数）", en="least allowance, rounded down")
    return trace.largest([allowance_t, least], "t", zh="缺口上限保护后的配额", en="allowance with the gap capped")


# 2023 and 2024: Ff = base ^ (a − b·F), F as a share.
def _power(load: Traced, rules: RulesAt) -> Traced:
    slope = rules.number("allocation.power.load_factor.slope")
    fall = trace.product([slope, load], "", zh="b·F", en="b·F")
    start = rules.number("allocation.power.load_factor.offset")
    exponent = trace.difference(start, fall, "", zh="指数a－b·F", en="exponent a − b·F")
    return trace.power(rules.number("allocation.power.load_factor.growth"), exponent, "", zh="Ff", en="Ff")


# 2025 and 2026 (draft): Ff = c − p·(1 − e^(−F/s)) − q·(1 − e^(−F/t)), F in percent.
def _exponential(load: Traced, rules: RulesAt) -> Traced:
    hundred = trace.given(_HUNDRED, "", zh="百", en="hundred")
    percent = trace.product([load, hundred], "", zh="负荷率（百分数）", en="load in percent")
    parts = [_decay(percent, name, rules) for name in ("first", "second")]
    fall = trace.total(parts, "", zh="衰减合计", en="sum of decays")
    return trace.difference(rules.number("allocation.power.load_factor.level"), fall, "", zh="Ff", en="Ff")


def _decay(percent: Traced, name: str, rules: RulesAt) -> Traced:
    zero, one = trace.given(0, "", zh="零", en="zero"), trace.given(1, "", zh="一", en="one")
    euler = trace.given(units.EXACT.exp(Decimal(1)), "", zh="自然常数e", en="Euler's number e")
    ratio = trace.quotient(percent, rules.number(f"allocation.power.load_factor.{name}_scale"), "", zh="F/s", en="F/s")
    exponent = trace.difference(zero, ratio, "", zh="－F/s", en="−F/s")
    rest = trace.power(euler, exponent, "", zh="e^(－F/s)", en="e^(−F/s)")
    factors = [
        rules.number(f"allocation.power.load_factor.{name}_drop"),
        trace.difference(one, rest, "", zh="1－e^(－F/s)", en="1 − e^(−F/s)"),
    ]
    return trace.product(factors, "", zh="衰减项", en="decay term")
