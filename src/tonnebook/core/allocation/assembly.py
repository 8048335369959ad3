"""Facts of an entity out of what is known of its years: figures determined, facts declared, grounds found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from tonnebook.core import units
from tonnebook.core.allocation import incentives, non_fossil
from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.declarations import Declared, Fuel, Power, ProductLine
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.national_power import Unit
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_Kind = TypeVar("_Kind", bound=Declared)

# Columns of the bulk computation hold thousand-millionths of an intensity.
_INTENSITY_PLACES = 9
# And millionths of a share.
_SHARE_PLACES = 6


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What is known of one year of an entity.

    Attributes:
        determined_t: determined emission, tonnes; None before determination.
        outputs: output by product, as reported.
        taken_out_mwh: green and non-fossil power that the report took out of purchased power, MWh.
        new_facility_t: part of the emission from facilities added in that year, tonnes.
        new_facilities: numbers of those facilities.
        declared: facts declared for the year and accepted.
    """

    determined_t: int | None = None
    outputs: Mapping[str, Decimal] = field(default_factory=dict)
    taken_out_mwh: Decimal = Decimal(0)
    new_facility_t: int = 0
    new_facilities: frozenset[str] = frozenset()
    declared: Sequence[Declared] = ()


def entity_facts(
    entity: str, sector: str, figures: Mapping[int, YearFigures], *, grounds: Iterable[str], rules: RulesAt
) -> EntityFacts:
    """Assemble what an allowance is computed from.

    Until the emission of the compliance year is determined, output, plants and units of the last year that is stand in
    where nothing is declared for the year itself.

    Args:
        entity: unified social credit code.
        sector: sector code in which the plan lists it.
        figures: what is known, by year.
        grounds: incentive grounds found.
        rules: rules of the compliance year.

    Source: S02 items 5 and 6; the last determined year as a stand-in: design choice.
    """
    year = rules.year or 0
    past = {one: own for one, own in figures.items() if one < year and own.determined_t is not None}
    this = figures.get(year, YearFigures())
    made = this if this.determined_t is not None else past[max(past)] if past else YearFigures()
    derived = {one: _base_emission(own, rules) for one, own in past.items()}
    return EntityFacts(
        entity,
        sector,
        {one: emission.whole for one, emission in derived.items()},
        {one: _outputs(own) for one, own in past.items()},
        _outputs(made),
        this.determined_t,
        non_fossil.earning_mwh(_of(this, Power), taken_out_mwh=this.taken_out_mwh, rules=rules),
        frozenset(grounds),
        plants=_of(this, Plant) or _of(made, Plant),
        units=_of(this, Unit) or _of(made, Unit),
        intensity=_intensity(this),
        new_facility_t=this.new_facility_t,
        derived_t={one: emission for one, emission in derived.items() if emission.inputs},
        product_emissions={one: split for one, own in past.items() if (split := _split(own))},
        direct_share=_direct_share(made),
    )


def _base_emission(own: YearFigures, rules: RulesAt) -> Traced:
    return non_fossil.base_emission(
        own.determined_t or 0, purchases=_of(own, Power), taken_out_mwh=own.taken_out_mwh, rules=rules
    )


# What lines are declared of a product stands in the place of what the report says of it; a line in a facility that was
# added in the year is outside its allowances.
def _outputs(own: YearFigures) -> dict[str, Decimal]:
    lines = _of(own, ProductLine)
    found = dict(own.outputs)
    found.update({line.product: Decimal(0) for line in lines})
    for line in _inside(own):
        found[line.product] += line.output
    return found


def _split(own: YearFigures) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in _inside(own):
        if line.emission_t is not None:
            found[line.product] = found.get(line.product, Decimal(0)) + line.emission_t
    return found


# Emission of the main product's lines over their output; None where no line says both.
def _intensity(own: YearFigures) -> Decimal | None:
    told = [line for line in _inside(own) if line.emission_t is not None]
    main = incentives.main_product({line.product: line.output for line in told if line.output})
    lines = [line for line in told if line.product == main]
    if not lines:
        return None
    emission_t = sum((line.emission_t or Decimal(0) for line in lines), Decimal(0))
    output = sum((line.output for line in lines), Decimal(0))
    return units.half_up(units.EXACT.divide(emission_t, output), _INTENSITY_PLACES)


# Rounded down, so that no share reaches a band it lies below.
def _direct_share(own: YearFigures) -> Decimal | None:
    told = _of(own, Fuel)
    if not told or not own.determined_t:
        return None
    direct_t = sum((fuel.emission_t for fuel in told), Decimal(0))
    return min(Decimal(1), units.floor(units.EXACT.divide(direct_t, Decimal(own.determined_t)), _SHARE_PLACES))


def _inside(own: YearFigures) -> tuple[ProductLine, ...]:
    return tuple(line for line in _of(own, ProductLine) if line.facility not in own.new_facilities)


def _of(own: YearFigures, kind: type[_Kind]) -> tuple[_Kind, ...]:
    return tuple(one for one in own.declared if isinstance(one, kind))
