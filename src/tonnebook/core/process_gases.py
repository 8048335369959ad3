"""Process emissions with formulas of their own: aluminium, cement clinker, and gases other than carbon dioxide.

Global warming potentials are always handed in: they belong to the version of a method, never to the system.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from tonnebook.core import units

_KG_PER_T = 1000


@dataclass(frozen=True, slots=True)
class Perfluorocarbons:
    """Gases of the anode effect: tonnes of each, and tCO2e of each before and of both after the collection share."""

    cf4_t: Decimal
    c2f6_t: Decimal
    cf4_tco2e: Decimal
    c2f6_tco2e: Decimal
    total_tco2e: Decimal


def pfc_slope(
    *,
    aluminium_t: Decimal,
    slope: Decimal,
    effects_per_cell_day: Decimal,
    minutes_per_effect: Decimal,
) -> Decimal:
    """Compute CF4 of primary aluminium by the slope method.

    Args:
        aluminium_t: tonnes of aluminium made.
        slope: kg CF4 per tonne and anode-effect minute per cell-day.
        effects_per_cell_day: anode effects per cell and day.
        minutes_per_effect: mean duration.

    Returns:
        Tonnes of CF4.

    Source: S56, aluminium; S70, slope method (S66 Annex IV is recalled, not read).
    """
    with localcontext(units.EXACT):
        return aluminium_t * effects_per_cell_day * minutes_per_effect * slope / _KG_PER_T


def pfc_overvoltage(
    *, aluminium_t: Decimal, coefficient: Decimal, overvoltage_mv: Decimal, current_efficiency_pct: Decimal
) -> Decimal:
    """Compute CF4 of primary aluminium by the overvoltage method.

    Args:
        aluminium_t: tonnes of aluminium made.
        coefficient: kg CF4 per tonne and millivolt.
        overvoltage_mv: anode effect overvoltage per cell.
        current_efficiency_pct: mean current efficiency, per cent.

    Returns:
        Tonnes of CF4.

    Source: S70, overvoltage method (S66 Annex IV is recalled, not read).
    """
    with localcontext(units.EXACT):
        # Per cent to a share (÷ 100) and kilograms to tonnes (× 1000) leave the ten.
        return aluminium_t * overvoltage_mv * coefficient / (current_efficiency_pct * 10)


def perfluorocarbons(
    cf4_t: Decimal, *, c2f6_share: Decimal, gwp: Mapping[str, Decimal], collection_pct: Decimal
) -> Perfluorocarbons:
    """Complete CF4 by its C2F6 and by what the duct did not collect.

    Args:
        cf4_t: tonnes of CF4.
        c2f6_share: C2F6 per CF4 by weight.
        gwp: "CF4" and "C2F6", tCO2e per tonne.
        collection_pct: share of the gas the measurement collects, per cent, > 0.

    Returns:
        Tonnes and tCO2e, unrounded.

    Source: S70, tests of perfluorocarbons; the GWP set belongs to the version of the method.
    """
    with localcontext(units.EXACT):
        c2f6_t = cf4_t * c2f6_share
        cf4_tco2e, c2f6_tco2e = cf4_t * gwp["CF4"], c2f6_t * gwp["C2F6"]
        total = (cf4_tco2e + c2f6_tco2e) * 100 / collection_pct
    return Perfluorocarbons(cf4_t, c2f6_t, cf4_tco2e, c2f6_tco2e, total)


def anode_factor(*, net_consumption: Decimal, sulphur_share: Decimal, ash_share: Decimal) -> Decimal:
    """Derive tCO2 per tonne of aluminium from what the anode loses.

    Args:
        net_consumption: tonnes of anode per tonne of aluminium.
        sulphur_share: of the anode, by weight.
        ash_share: of the anode, by weight.

    Returns:
        tCO2 per tonne of aluminium, unrounded (the guide rounds it to 1.47).

    Source: S56, aluminium.
    """
    with localcontext(units.EXACT):
        # 44 and 12 are the molar masses of CO2 and carbon: chemistry, not a parameter of a rule.
        return net_consumption * (1 - sulphur_share - ash_share) * 44 / 12


def clinker_process(
    clinker: Sequence[tuple[Decimal, Decimal]], substitutes: Sequence[tuple[Decimal, Decimal]]
) -> Decimal:
    """Compute the process emissions of cement clinker less those of decarbonated raw materials.

    Args:
        clinker: pairs of tonnes of clinker and its factor, tCO2/t.
        substitutes: pairs of tonnes of substitute raw material and its deduction, tCO2/t.

    Returns:
        tCO2, unrounded.

    Source: S56, cement (2024 form).
    """
    with localcontext(units.EXACT):
        made = sum((mass * factor for mass, factor in clinker), Decimal(0))
        return made - sum((mass * factor for mass, factor in substitutes), Decimal(0))


def co2_equivalent(activity: Decimal, factors: Mapping[str, Decimal], gwp: Mapping[str, Decimal]) -> Decimal:
    """Weigh the gases of one activity by their warming potential.

    Args:
        activity: how much was burnt or used.
        factors: kg of each gas per unit of activity.
        gwp: kgCO2e per kg of each gas.

    Returns:
        tCO2e, unrounded.

    Source: S71; the GWP set belongs to the version of the method.
    """
    with localcontext(units.EXACT):
        return activity * sum((kg * gwp[gas] for gas, kg in factors.items()), Decimal(0)) / _KG_PER_T
