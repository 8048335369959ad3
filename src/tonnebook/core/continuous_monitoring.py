"""Measured instead of computed: stack monitors, electricity meters, and what stands in for an hour without data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from tonnebook.core import units

_G_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class StackYear:
    """A year of one stack: thousand Nm3 of gas, tonnes of the fossil pollutant, tCO2e reportable and of biomass."""

    annual_flow: Decimal
    fossil_gas_t: Decimal
    reportable_tco2e: Decimal
    biomass_tco2e: Decimal


class MeterState(StrEnum):
    """What is known about a meter: fine, a known error out of class, or no valid calibration."""

    CALIBRATED = "CALIBRATED"
    OUT_OF_CLASS = "OUT_OF_CLASS"
    UNCALIBRATED = "UNCALIBRATED"


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours without quality-assured data of one monitor.

    Attributes:
        availability_pct: monitor data availability.
        hours: length of the gap.
        before: value of the hour before.
        after: value of the hour after.
        percentile: value by percentile ("90", "95") over the last 720 quality-assured hours.
        lookback_max: largest value in the look-back.
        potential_max: maximum potential value of the monitor.
    """

    availability_pct: Decimal
    hours: int
    before: Decimal
    after: Decimal
    percentile: Mapping[str, Decimal]
    lookback_max: Decimal
    potential_max: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """From which availability a gap up to `short_gap_h` hours takes the mean, and a longer one which percentile."""

    from_pct: Decimal
    short_gap_h: int
    percentile: str


def stack_year(
    *, hours: Decimal, flow: Decimal, concentration: Decimal, biomass_share: Decimal, gwp: Decimal
) -> StackYear:
    """Compute a year of a stack monitor from means.

    Args:
        hours: hours in operation.
        flow: mean flow, thousand Nm3 per hour.
        concentration: mean concentration of the gas, g/Nm3.
        biomass_share: 0 to 1.
        gwp: tCO2e per tonne of the gas.

    Returns:
        The year, unrounded; 60 digits, because a large stack passes 28.

    Source: S66 Annex VIII Eq. 1; S70, measured N2O.
    """
    with localcontext(units.EXACT):
        annual = hours * flow
        gas = annual * concentration / _G_PER_KG
        fossil = gas * (1 - biomass_share)
        return StackYear(annual, fossil, fossil * gwp, gas * biomass_share * gwp)


def hourly_mass(
    *, co2_pct: Decimal, flow_scfh: Decimal, factor: Decimal, moisture_pct: Decimal = Decimal(0)
) -> Decimal:
    """Compute an hour of a CO2 monitor, in short tons.

    Args:
        co2_pct: CO2 by volume, per cent.
        flow_scfh: standard cubic feet per hour, wet.
        factor: tons per cubic foot and per cent, 5.7e-7 in the rule.
        moisture_pct: water in the stack, per cent, when CO2 was measured dry; else 0.

    Returns:
        Short tons per hour, unrounded.

    Source: S67, Appendix F equation F-11.
    """
    with localcontext(units.EXACT):
        return factor * co2_pct * flow_scfh * (100 - moisture_pct) / 100


def part_75_value(gap: Gap, bands: Sequence[Band], *, usable_from_pct: Decimal) -> Decimal:
    """Choose the value that fills a gap of a stack monitor.

    Args:
        gap: the gap and the statistics around it.
        bands: what each availability allows, highest first.
        usable_from_pct: availability below every band from which the largest value of the look-back may still be used.

    Returns:
        The substitute for each of its hours, in the monitor's unit.

    Source: S67 §75.33(b); the bands of the rule are 95 % with 24 h and 90 % with 8 h, usable from 80 %.
    """
    mean = units.EXACT.divide(units.EXACT.add(gap.before, gap.after), Decimal(2))
    for band in bands:
        if gap.availability_pct >= band.from_pct:
            return mean if gap.hours <= band.short_gap_h else max(gap.percentile[band.percentile], mean)
    return gap.lookback_max if gap.availability_pct >= usable_from_pct else gap.potential_max


def eu_substitute(*, mean: Decimal, deviation: Decimal, multiple: Decimal) -> Decimal:
    """Choose the concentration that fills a gap under the EU rules: mean plus a multiple of the standard deviation.

    Source: S66 Annex VIII Eq. 4; the multiple 2 is recalled, not seen.
    """
    return units.EXACT.add(mean, units.EXACT.multiply(multiple, deviation))


def conservative_reading(
    reading: Decimal, *, state: MeterState, known_error: Decimal, permitted_error: Decimal, is_export: bool
) -> Decimal:
    """Correct a meter's reading so that doubt never makes more reductions or fewer emissions.

    Args:
        reading: MWh or m3, >= 0.
        state: what is known about the meter.
        known_error: share, used when the meter is out of class.
        permitted_error: share of the meter's class, used when it is not calibrated (a late calibration counts so).
        is_export: power fed into the grid (corrected downwards); imports and fuel are corrected upwards.

    Returns:
        The reading to use, unrounded.

    Source: S68, conservativeness of meters.
    """
    error = {
        MeterState.CALIBRATED: Decimal(0),
        MeterState.OUT_OF_CLASS: abs(known_error),
        MeterState.UNCALIBRATED: permitted_error,
    }[state]
    return units.EXACT.multiply(reading, 1 - error if is_export else 1 + error)
