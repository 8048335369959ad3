"""Facts of many entities as columns of whole numbers: what `bulk.annual` computes from, and what is kept of a run.

Every quantity is an integer of millionths (`_u`), an intensity of thousand-millionths (`_n`), an emission of tonnes; -1
stands for a figure that is not there. `row` turns one position back into `EntityFacts`, so that any allowance can be
computed again by the readable formulas, with its trace. Columns hold what the law's units need; a figure finer than a
millionth is refused, never rounded.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import units
from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.national_power import GAS, Unit

_ByYear = dict[int, dict[str, Decimal]]

MILLION = 10**6
THOUSAND_MILLION = 10**9
NONE = -1


@dataclass(frozen=True, slots=True)
class Products:
    """What entities made, one row per product of an entity, by name within an entity.

    Attributes:
        start: (entities + 1,) where the rows of an entity begin.
        name: product of each row.
        made_u: millionths of its unit made in the compliance year; -1 where the entity does not name the product.
        past_u: by year of `Columns.years`, millionths made; 0 where nothing was.
        split_u: by year of `Columns.years`, millionths of a tonne that are declared for the product; -1 where none are.
    """

    start: "array[int]"
    name: list[str]
    made_u: "array[int]"
    past_u: "tuple[array[int], ...]"
    split_u: "tuple[array[int], ...]"


@dataclass(frozen=True, slots=True)
class GeneratingUnits:
    """Units of the national power sector, one row each: class, millionths of MWh and GJ, load in millionths."""

    start: "array[int]"
    kind: list[str]
    power_u: "array[int]"
    heat_u: "array[int]"
    load_u: "array[int]"


@dataclass(frozen=True, slots=True)
class Plants:
    """Power plants of the Shanghai plans, one row each, as `benchmark.Plant`: power and load in millionths, heat kJ."""

    start: "array[int]"
    kind: list[str]
    fuel: list[str]
    power_u: "array[int]"
    heat_kj: "array[int]"
    is_closed_cooling: "array[int]"
    is_clean_coal: "array[int]"
    load_u: "array[int]"


@dataclass(frozen=True, slots=True)
class Columns:
    """Facts of many entities, position by position; see `EntityFacts` for what each means.

    Attributes:
        years: years before the compliance year that are held, oldest first.
        entity: unified social credit codes.
        sector: sector codes.
        emission_t: by year of `years`, (entities,) tonnes or -1.
        determined_t: (entities,) tonnes or -1.
        new_facility_t: (entities,) tonnes.
        market_u: (entities,) millionths of MWh.
        paid_coefficient_u: (entities,) millionths.
        intensity_n: (entities,) thousand-millionths of t per unit, or -1.
        direct_share_u: (entities,) millionths, or -1.
        grounds: (entities,) incentive grounds, names split by spaces.
        products: what was made.
        units: generating units.
        plants: power plants.
    """

    years: tuple[int, ...]
    entity: list[str]
    sector: list[str]
    emission_t: "tuple[array[int], ...]"
    determined_t: "array[int]"
    new_facility_t: "array[int]"
    market_u: "array[int]"
    paid_coefficient_u: "array[int]"
    intensity_n: "array[int]"
    direct_share_u: "array[int]"
    grounds: list[str]
    products: Products
    units: GeneratingUnits
    plants: Plants

    def __len__(self) -> int:
        """Count the entities."""
        return len(self.entity)

    def is_gas(self, position: int) -> bool:
        """Say whether every generating unit of an entity burns gas."""
        own = _span(self.units.start, position)
        return bool(own) and all(self.units.kind[at] == GAS for at in own)


def of(facts: Iterable[EntityFacts], years: Sequence[int]) -> Columns:
    """Lay facts out as columns.

    Args:
        facts: one per entity.
        years: years before the compliance year to hold; the base years of the rules must be among them.

    Returns:
        The columns, in the order of the facts.

    Raises:
        ValueError: when a figure has more decimal places than its column holds.
    """
    rows = list(facts)
    return Columns(
        years=tuple(years),
        entity=[one.entity for one in rows],
        sector=[one.sector for one in rows],
        emission_t=tuple(array("q", (one.emissions_t.get(year, NONE) for one in rows)) for year in years),
        determined_t=array("q", (NONE if one.determined_t is None else one.determined_t for one in rows)),
        new_facility_t=array("q", (one.new_facility_t for one in rows)),
        market_u=_millionths(one.market_mwh for one in rows),
        paid_coefficient_u=_millionths(one.paid_coefficient for one in rows),
        intensity_n=array(
            "q", (NONE if one.intensity is None else _scaled(one.intensity, THOUSAND_MILLION) for one in rows)
        ),
        direct_share_u=array(
            "q", (NONE if one.direct_share is None else _scaled(one.direct_share, MILLION) for one in rows)
        ),
        grounds=[" ".join(sorted(one.grounds)) for one in rows],
        products=_products(rows, years),
        units=_units(rows),
        plants=_plants(rows),
    )


def row(columns: Columns, position: int) -> EntityFacts:
    """Give the facts of one entity back.

    Args:
        columns: as `of` made them.
        position: which entity, from 0.

    Returns:
        Facts that give the same allowance by the readable formulas.
    """
    made, past, split = _made(columns, position)
    determined_t, intensity_n = columns.determined_t[position], columns.intensity_n[position]
    direct_share_u = columns.direct_share_u[position]
    return EntityFacts(
        entity=columns.entity[position],
        sector=columns.sector[position],
        emissions_t={
            year: column[position]
            for year, column in zip(columns.years, columns.emission_t, strict=True)
            if column[position] != NONE
        },
        outputs=past,
        output=made,
        determined_t=None if determined_t == NONE else determined_t,
        market_mwh=_decimal(columns.market_u[position]),
        grounds=frozenset(columns.grounds[position].split()),
        paid_coefficient=_decimal(columns.paid_coefficient_u[position]),
        plants=tuple(_plant(columns.plants, at) for at in _span(columns.plants.start, position)),
        units=tuple(_unit(columns.units, at) for at in _span(columns.units.start, position)),
        intensity=None if intensity_n == NONE else Decimal(intensity_n).scaleb(-9),
        new_facility_t=columns.new_facility_t[position],
        product_emissions=split,
        direct_share=None if direct_share_u == NONE else _decimal(direct_share_u),
    )


def _made(columns: Columns, position: int) -> tuple[dict[str, Decimal], _ByYear, _ByYear]:
    products, made = columns.products, dict[str, Decimal]()
    past, split = _ByYear(), _ByYear()
    for at in _span(products.start, position):
        if products.made_u[at] != NONE:
            made[products.name[at]] = _decimal(products.made_u[at])
        for year, quantities, tonnes in zip(columns.years, products.past_u, products.split_u, strict=True):
            if quantities[at]:
                past.setdefault(year, {})[products.name[at]] = _decimal(quantities[at])
            if tonnes[at] != NONE:
                split.setdefault(year, {})[products.name[at]] = _decimal(tonnes[at])
    return made, past, split


def _products(rows: Sequence[EntityFacts], years: Sequence[int]) -> Products:
    names = [sorted({*one.output, *(name for year in years for name in one.outputs.get(year, {}))}) for one in rows]
    pairs = [(one, name) for one, own in zip(rows, names, strict=True) for name in own]
    return Products(
        start=_starts(names),
        name=[name for _, name in pairs],
        made_u=array("q", (_scaled(one.output[name], MILLION) if name in one.output else NONE for one, name in pairs)),
        past_u=tuple(
            _millionths(one.outputs.get(year, {}).get(name, Decimal(0)) for one, name in pairs) for year in years
        ),
        split_u=tuple(array("q", (_split(one, name, year) for one, name in pairs)) for year in years),
    )


def _split(facts: EntityFacts, name: str, year: int) -> int:
    declared_t = facts.product_emissions.get(year, {}).get(name)
    return NONE if declared_t is None else _scaled(declared_t, MILLION)


def _units(rows: Sequence[EntityFacts]) -> GeneratingUnits:
    flat = [unit for one in rows for unit in one.units]
    return GeneratingUnits(
        start=_starts([one.units for one in rows]),
        kind=[unit.kind for unit in flat],
        power_u=_millionths(unit.power_mwh for unit in flat),
        heat_u=_millionths(unit.heat_gj for unit in flat),
        load_u=_millionths(unit.load_share for unit in flat),
    )


def _plants(rows: Sequence[EntityFacts]) -> Plants:
    flat = [plant for one in rows for plant in one.plants]
    return Plants(
        start=_starts([one.plants for one in rows]),
        kind=[plant.kind for plant in flat],
        fuel=[plant.fuel for plant in flat],
        power_u=_millionths(plant.power for plant in flat),
        heat_kj=array("q", (_scaled(plant.heat_kj, 1) for plant in flat)),
        is_closed_cooling=array("b", (plant.is_closed_cooling for plant in flat)),
        is_clean_coal=array("b", (plant.is_clean_coal for plant in flat)),
        load_u=_millionths(plant.load for plant in flat),
    )


def _unit(table: GeneratingUnits, at: int) -> Unit:
    return Unit(table.kind[at], _decimal(table.power_u[at]), _decimal(table.heat_u[at]), _decimal(table.load_u[at]))


def _plant(table: Plants, at: int) -> Plant:
    return Plant(
        table.kind[at],
        table.fuel[at],
        _decimal(table.power_u[at]),
        Decimal(table.heat_kj[at]),
        is_closed_cooling=bool(table.is_closed_cooling[at]),
        is_clean_coal=bool(table.is_clean_coal[at]),
        load=_decimal(table.load_u[at]),
    )


def _starts(parts: Sequence[Sequence[object]]) -> "array[int]":
    starts = array("q", [0])
    for part in parts:
        starts.append(starts[-1] + len(part))
    return starts


def _span(start: "array[int]", position: int) -> range:
    return range(start[position], start[position + 1])


def _millionths(values: Iterable[Decimal]) -> "array[int]":
    return array("q", (_scaled(value, MILLION) for value in values))


def _scaled(value: Decimal, scale: int) -> int:
    return units.whole(value * scale)


def _decimal(millionths: int) -> Decimal:
    return Decimal(millionths).scaleb(-6)
