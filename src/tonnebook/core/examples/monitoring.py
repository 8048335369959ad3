"""Worked examples of what was measured: stack monitors, gaps in their data, meters, and working days of a procedure."""

from datetime import date, timedelta
from decimal import Decimal

from tonnebook.core import continuous_monitoring as monitoring
from tonnebook.core import periods, units
from tonnebook.core.units import decimal_of


def stack_year(*, hours: str, flow: str, conc: str, gwp: str, biomass_pct: str = "0") -> dict[str, str]:
    """Compute a year of a stack monitor."""
    year = monitoring.stack_year(
        hours=decimal_of(hours),
        flow=decimal_of(flow),
        concentration=decimal_of(conc),
        biomass_share=decimal_of(biomass_pct).scaleb(-2),
        gwp=decimal_of(gwp),
    )
    numbers = (year.annual_flow, year.fossil_gas_t, year.reportable_tco2e, year.biomass_tco2e)
    return {
        name: format(number, "f")
        for name, number in zip(("annual_flow", "fossil_gas", "reportable", "biomass"), numbers, strict=True)
    }


def hourly_mass(*, co2_pct: str, flow_scfh: str, factor: str, h2o_pct: str = "0") -> dict[str, str]:
    """Compute an hour of a CO2 monitor."""
    tons = monitoring.hourly_mass(
        co2_pct=decimal_of(co2_pct),
        flow_scfh=decimal_of(flow_scfh),
        factor=decimal_of(factor),
        moisture_pct=decimal_of(h2o_pct),
    )
    return {"ton_per_h": format(tons, "f")}


def part_75_value(
    *, pma: str, bands: list[list[str]], usable_from_pct: str, gap_h: str = "1", **statistics: str
) -> dict[str, str]:
    """Choose the value that fills a gap; statistics that the case does not need may be left out."""
    known = {name: decimal_of(text) for name, text in statistics.items()}
    zero = Decimal(0)
    gap = monitoring.Gap(
        availability_pct=decimal_of(pma),
        hours=int(gap_h),
        before=known.get("hb", zero),
        after=known.get("ha", zero),
        percentile={name[1:3]: value for name, value in known.items() if name.endswith("_720h")},
        lookback_max=known.get("lookback_max", zero),
        potential_max=known.get("potential_max", zero),
    )
    table = [monitoring.Band(decimal_of(start), int(hours), percentile) for start, hours, percentile in bands]
    return {"value": format(monitoring.part_75_value(gap, table, usable_from_pct=decimal_of(usable_from_pct)), "f")}


def eu_substitute(*, mean: str, sigma: str, k: str) -> dict[str, str]:
    """Choose the concentration that fills a gap under the EU rules."""
    value = monitoring.eu_substitute(mean=decimal_of(mean), deviation=decimal_of(sigma), multiple=decimal_of(k))
    return {"value": format(value, "f")}


def meter(
    *, export_mwh: str, import_mwh: str, state: str, permitted_error: str, known_error: str = "0"
) -> dict[str, str]:
    """Correct both readings of a grid meter and net them."""
    fed_in, taken = (
        monitoring.conservative_reading(
            decimal_of(reading),
            state=monitoring.MeterState(state),
            known_error=decimal_of(known_error),
            permitted_error=decimal_of(permitted_error),
            is_export=is_export,
        )
        for reading, is_export in ((export_mwh, True), (import_mwh, False))
    )
    net = units.EXACT.subtract(fed_in, taken)
    return {"export": format(fed_in, "f"), "import": format(taken, "f"), "net": format(net, "f")}


def working_days(*, start: str, end: str) -> dict[str, str]:
    """Count working days from the first to the last day, both included, where no holiday falls between."""
    last = date.fromisoformat(end) + timedelta(days=1)
    return {"working_days_inclusive": str(periods.Calendar().working_days_between(date.fromisoformat(start), last))}
