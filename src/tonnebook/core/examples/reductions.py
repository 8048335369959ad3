"""Worked examples of reductions: power of solar panels with its worth, fields, households."""

from collections.abc import Sequence
from decimal import Decimal

from tonnebook.core import reductions, units
from tonnebook.core.units import decimal_of


def power(*, kw: str, hours: str, factor: str, price: str) -> dict[str, str]:
    """Compute what solar panels replace in tonnes, and what that is worth in yuan, in all and per kilowatt hour."""
    capacity_kw, hours_h = decimal_of(kw), decimal_of(hours)
    reduction = reductions.of_power(capacity_kw=capacity_kw, hours=hours_h, factor_t_per_mwh=decimal_of(factor))
    price_fen_per_t = units.fen_of_yuan(decimal_of(price))
    worth_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=reduction.whole)
    yuan = Decimal(worth_fen).scaleb(-2)
    per_kwh = units.EXACT.divide(yuan, units.EXACT.multiply(capacity_kw, hours_h))
    return {"tCO2": f"{reduction.value:f}", "yuan": f"{yuan:f}", "yuan_per_kWh": f"{units.half_up(per_kwh, 3):f}"}


def fields(*, rows: Sequence[Sequence[str]], factor_t_ha_day: str) -> dict[str, list[str]]:
    """Compute what fields no longer emit; a row is hectares and days."""
    factor = decimal_of(factor_t_ha_day)
    found = [
        reductions.of_fields(hectares=decimal_of(hectares), days=decimal_of(days), factor_t_per_ha_day=factor)
        for hectares, days in rows
    ]
    return {"tCO2e": [f"{one.value:f}" for one in found]}


def households(*, rows: Sequence[Sequence[str]], first_kg_per_kwh: str, rest_kg_per_kwh: str) -> dict[str, list[str]]:
    """Compute what solar power of households replaces; a row is kilowatt hours used and those at the first rate."""
    first, rest = decimal_of(first_kg_per_kwh), decimal_of(rest_kg_per_kwh)
    found = [
        reductions.in_two_steps(
            power_kwh=decimal_of(used),
            threshold_kwh=decimal_of(threshold),
            first_kg_per_kwh=first,
            rest_kg_per_kwh=rest,
            places=3,
        )
        for used, threshold in rows
    ]
    return {"tCO2e": [f"{one.value:f}" for one in found]}
