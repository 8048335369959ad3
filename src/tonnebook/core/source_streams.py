"""Source streams by category, as EU-style monitoring plans write them: activity data times named factors.

China's reports compute fuel on the heat basis (`core/mrv.py`); plans of installations under other rules, which import
and comparison need, name a category that says which factors a stream must have. The biomass share is split off.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from tonnebook.core import units
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import MrvRefusal

# The numbers are the categories of source streams as S70 counts them, with the factors each needs beside its activity.
_NEEDS = {
    1: ("emission_factor", "oxidation_factor"),
    4: ("emission_factor",),
    5: (),
    6: ("emission_factor", "net_calorific_value"),
    7: ("emission_factor", "conversion_factor"),
}
_PER_TERAJOULE = "tCO2/TJ"
_GJ_PER_TJ = 1000


@dataclass(frozen=True, slots=True)
class SourceStream:
    """One stream of a monitoring plan.

    Attributes:
        category: 1 combustion, 4 simple process, 5 catalytic cracker, 6 fuel as process input, 7 carbonate.
        activity: activity data in `activity_unit`; negative for what leaves the installation.
        activity_unit: "t" or "Nm3"; empty when it was left out.
        emission_factor: in `emission_unit`.
        emission_unit: "tCO2/t", "tCO2/Nm3" or "tCO2/TJ".
        net_calorific_value: in `calorific_unit`.
        calorific_unit: "GJ/t" or "GJ/Nm3".
        oxidation_factor: share that oxidises.
        conversion_factor: share of carbon that becomes CO2 in a process.
        biomass_share: 0 to 1.
    """

    category: int
    activity: Decimal
    activity_unit: str
    emission_factor: Decimal | None = None
    emission_unit: str = ""
    net_calorific_value: Decimal | None = None
    calorific_unit: str = ""
    oxidation_factor: Decimal | None = None
    conversion_factor: Decimal | None = None
    biomass_share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Split:
    """Emissions by origin of the carbon, unrounded tCO2."""

    fossil: Decimal
    biomass: Decimal


def source_stream(stream: SourceStream) -> Split:
    """Compute one stream of a monitoring plan.

    Args:
        stream: the stream with every factor its category needs.

    Returns:
        Fossil and biomass tCO2, unrounded.

    Raises:
        Refused: UNIT_MISMATCH when activity, calorific value and factor are per different units, FACTOR_MISSING when
            the category needs a factor the stream does not give.

    Source: S66, calculation; S70, source-stream categories and unit checks.
    """
    _check_units(stream)
    with localcontext(units.EXACT):
        total = stream.activity
        for name in _needed(stream):
            total *= _value(stream, name)
        if "net_calorific_value" in _needed(stream):
            total /= _GJ_PER_TJ
        return Split(total * (1 - stream.biomass_share), total * stream.biomass_share)


def fallback(fossil: Decimal, non_sustainable_biomass: Decimal, *, contains_biomass: bool) -> Decimal:
    """Add up a stream that no method fits, where the plan allows to state the figure itself.

    Args:
        fossil: tCO2.
        non_sustainable_biomass: tCO2 that count like fossil ones.
        contains_biomass: whether the stream holds biomass at all; otherwise the second figure is not read.

    Returns:
        Reportable tCO2.

    Source: S70, fallback approach (S66 Art. 22 is recalled, not read).
    """
    return fossil + non_sustainable_biomass if contains_biomass else fossil


def transferred(points: tuple[Decimal, ...], *, is_exported: bool) -> Decimal:
    """Add up carbon dioxide handed to or taken from another installation.

    Args:
        points: tCO2 per transfer point; their sign as reported does not matter.
        is_exported: to long-term storage or permanent chemical binding.

    Returns:
        tCO2: negative when exported (subtracted), positive when received.

    Source: S66 Art. 49; S70, transferred CO2.
    """
    moved = sum((abs(point) for point in points), Decimal(0))
    return -moved if is_exported else moved


def _needed(stream: SourceStream) -> tuple[str, ...]:
    names = _NEEDS[stream.category]
    if stream.emission_unit == _PER_TERAJOULE and "net_calorific_value" not in names:
        return (*names, "net_calorific_value")
    return names


def _value(stream: SourceStream, name: str) -> Decimal:
    value: Decimal | None = getattr(stream, name)
    if value is None:
        raise Refused(MrvRefusal.FACTOR_MISSING, name=f"category {stream.category}", path=name)
    return value


def _check_units(stream: SourceStream) -> None:
    factor_units = [stream.calorific_unit] if stream.calorific_unit else []
    if stream.emission_unit and stream.emission_unit != _PER_TERAJOULE:
        factor_units.append(stream.emission_unit)
    wanted = {unit.partition("/")[2] for unit in factor_units} or {stream.activity_unit}
    if not stream.activity_unit or wanted != {stream.activity_unit}:
        facts = {"unit": stream.activity_unit or "—", "expected": "、".join(factor_units) or "—"}
        raise Refused(MrvRefusal.UNIT_MISMATCH, name=f"category {stream.category}", accepted="t、Nm3", **facts)
