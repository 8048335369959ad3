"""Worked examples of what was emitted: combustion, purchased energy, source streams, process gases, transport."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tonnebook.core import mrv, process_gases, source_streams, trace, transport_fuels, units
from tonnebook.core.units import decimal_of

_PERCENT = Decimal("0.01")


def combustion(*, fc_t: str, ncv: str, cc: str, of: str) -> dict[str, str]:
    """Compute fuel combustion on the heat basis."""
    fuel, *factors = (trace.given(text, "", zh="给定", en="Given") for text in (fc_t, ncv, cc, of))
    ratio = (trace.given(44, "", zh="CO2", en="CO2"), trace.given(12, "", zh="C", en="C"))
    return {"tCO2": _text(mrv.combustion(fuel, factors, ratio, zh="燃烧", en="Combustion").value)}


def total(*, rows: Sequence[str]) -> dict[str, str]:
    """Add up sources."""
    parts = [trace.given(row, "tCO2", zh="排放源", en="Source") for row in rows]
    return {"tCO2": _text(trace.total(parts, "tCO2", zh="合计", en="Total").value)}


def activity(*, quantity: str, unit: str, factor: str, factor_unit: str) -> dict[str, str]:
    """Multiply a quantity by its factor, after conversion into the unit the factor is per; t, and kg beside it."""
    quantity_in_unit = mrv.converted("activity", decimal_of(quantity), unit, factor_unit.rpartition("/")[2])
    by = trace.given(factor, factor_unit, zh="因子", en="Factor")
    tonnes = trace.product((quantity_in_unit, by), "tCO2", zh="排放量", en="Emissions").value
    return {"tCO2": _text(tonnes), "kg": _text(tonnes * 1000)}


def chain(*, factors: Sequence[str]) -> dict[str, str]:
    """Multiply a chain of factors given in kg, for units of other countries; kg, and t beside it."""
    parts = [trace.given(factor, "", zh="给定", en="Given") for factor in factors]
    kilograms = trace.product(parts, "kg", zh="排放量", en="Emissions").value
    return {"kg": _text(kilograms), "t": _text(kilograms / 1000)}


def source_stream(*, category: str, activity: str = "1", activity_unit: str = "", **given: str) -> dict[str, str]:
    """Compute one source stream of a monitoring plan; factors that the case leaves out stay unknown."""
    share = decimal_of(given.pop("biomass_pct", "0")) * _PERCENT
    value = {name: decimal_of(text) for name, text in given.items() if not name.endswith("_unit")}
    stream = source_streams.SourceStream(
        category=int(category),
        activity=decimal_of(activity),
        activity_unit=activity_unit,
        emission_factor=value.get("emission_factor"),
        emission_unit=given.get("emission_unit", ""),
        net_calorific_value=value.get("net_calorific_value"),
        calorific_unit=given.get("calorific_unit", ""),
        oxidation_factor=value.get("oxidation_factor"),
        conversion_factor=value.get("conversion_factor"),
        biomass_share=share,
    )
    split = source_streams.source_stream(stream)
    return {"fossil": _text(split.fossil), "biomass": _text(split.biomass)}


def fallback(*, fossil: str, non_sustainable_biomass: str, contains_biomass: str) -> dict[str, str]:
    """Add up a stream without a method."""
    figures = decimal_of(fossil), decimal_of(non_sustainable_biomass)
    return {"tCO2": _text(source_streams.fallback(*figures, contains_biomass=contains_biomass == "yes"))}


def transferred(*, points: Sequence[Mapping[str, str]], direction: str) -> dict[str, str]:
    """Add up transferred CO2; a point whose own calculation failed counts with the figure provided for it."""
    counted = tuple(decimal_of(p["reportable"] if p["calc_ok"] == "true" else p["provided"]) for p in points)
    return {"tCO2": _text(source_streams.transferred(counted, is_exported=direction.startswith("exported")))}


def pfc_slope(*, al_t: str, slope: str, minutes: str, effects_per_cell_day: str, **completion: str) -> dict[str, str]:
    """Compute the anode effect's gases by the slope method."""
    cf4 = process_gases.pfc_slope(
        aluminium_t=decimal_of(al_t),
        slope=decimal_of(slope),
        effects_per_cell_day=decimal_of(effects_per_cell_day),
        minutes_per_effect=decimal_of(minutes),
    )
    return _perfluorocarbons(cf4, **completion)


def pfc_overvoltage(
    *, al_t: str, coefficient: str, overvoltage: str, current_eff: str, **completion: str
) -> dict[str, str]:
    """Compute the anode effect's gases by the overvoltage method."""
    cf4 = process_gases.pfc_overvoltage(
        aluminium_t=decimal_of(al_t),
        coefficient=decimal_of(coefficient),
        overvoltage_mv=decimal_of(overvoltage),
        current_efficiency_pct=decimal_of(current_eff),
    )
    return _perfluorocarbons(cf4, **completion)


def aluminium_default(
    *, al_t: str, net_anode: str, sulphur: str, ash: str, kg_per_t: Mapping[str, str], gwp: Mapping[str, str]
) -> dict[str, str]:
    """Compute primary aluminium from defaults: anode and anode effect."""
    made = decimal_of(al_t)
    anode = process_gases.anode_factor(
        net_consumption=decimal_of(net_anode), sulphur_share=decimal_of(sulphur), ash_share=decimal_of(ash)
    )
    pfc = process_gases.co2_equivalent(made, _decimals(kg_per_t), _decimals(gwp))
    return {"anode_t": _text(units.EXACT.multiply(made, anode)), "pfc_t_AR5": _text(pfc)}


def clinker(*, clinker: Sequence[Sequence[str]], substitutes: Sequence[Sequence[str]]) -> dict[str, str]:
    """Compute the process emissions of cement clinker."""
    return {"tCO2": _text(process_gases.clinker_process(_pairs(clinker), _pairs(substitutes)))}


def co2_equivalent(*, activity: str, factors: Mapping[str, str], gwp: Mapping[str, str]) -> dict[str, str]:
    """Weigh the gases of an activity by their warming potential."""
    return {"tCO2e": _text(process_gases.co2_equivalent(decimal_of(activity), _decimals(factors), _decimals(gwp)))}


def flight_fuels(*, uplifts_t: Sequence[Sequence[str]], factors: Sequence[str]) -> dict[str, list[str]]:
    """Add up aircraft fuels, one list of uplifts and one factor per fuel."""
    fuels = zip(uplifts_t, factors, strict=True)
    flown = [transport_fuels.flight_fuel([decimal_of(t) for t in uplifts], decimal_of(f)) for uplifts, f in fuels]
    return {"consumption": [_text(t) for t, _ in flown], "emissions": [_text(tco2) for _, tco2 in flown]}


def ship_voyage(
    *,
    volume_m3: str,
    density: str,
    slip_pct: str,
    factors: Mapping[str, str],
    scope_share: str = "1",
    **rest: Mapping[str, str],
) -> dict[str, str]:
    """Compute one fuel on one voyage, or the share of it that is in scope."""
    voyage = transport_fuels.ship_voyage(
        volume_m3=decimal_of(volume_m3),
        density_t_per_m3=decimal_of(density),
        slip_share=decimal_of(slip_pct) * _PERCENT,
        factors=_decimals(factors),
        gwp=_decimals(rest["gwp"]),
        direct=_decimals(rest["direct"]),
    ).scaled(decimal_of(scope_share))
    names = {"mass": "mass_t", "co2": "co2", "ch4": "ch4", "n2o": "n2o", "total": "total"}
    return {name: _text(getattr(voyage, attribute)) for name, attribute in names.items()}


def _perfluorocarbons(
    cf4_t: Decimal, *, c2f6_fraction: str, collection_eff_pct: str, gwp_cf4: str, gwp_c2f6: str
) -> dict[str, str]:
    gases = process_gases.perfluorocarbons(
        cf4_t,
        c2f6_share=decimal_of(c2f6_fraction),
        gwp=_decimals({"CF4": gwp_cf4, "C2F6": gwp_c2f6}),
        collection_pct=decimal_of(collection_eff_pct),
    )
    numbers = (gases.cf4_t, gases.cf4_tco2e, gases.c2f6_t, gases.c2f6_tco2e, gases.total_tco2e)
    return dict(zip(("cf4_t", "cf4_e", "c2f6_t", "c2f6_e", "total"), map(_text, numbers), strict=True))


def _decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: decimal_of(text) for name, text in texts.items()}


def _pairs(rows: Sequence[Sequence[str]]) -> list[tuple[Decimal, Decimal]]:
    return [(decimal_of(mass), decimal_of(factor)) for mass, factor in rows]


def _text(number: Decimal) -> str:
    return format(number, "f")
