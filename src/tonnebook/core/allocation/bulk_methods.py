"""The base allowances of one sector at once, as exact fractions; the twin of `methods`, without a trace."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction as Rational
from functools import cache, lru_cache
from itertools import pairwise

from tonnebook.core.allocation import history, national_power
from tonnebook.core.allocation.columns import MILLION, NONE, THOUSAND_MILLION, Columns
from tonnebook.core.allocation.methods import Method
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.rules import RulesAt

Fraction = tuple[int, int]
"""A top and a bottom, the bottom above zero; never shortened."""


@dataclass(slots=True)
class Sheet:
    """One sector on the way from its base to whole tonnes.

    Attributes:
        columns: facts of all entities.
        rules: rules of the compliance year.
        sector: sector code.
        rows: positions of the entities that are computed.
        emission_t: their determined emission without new facilities, tonnes or -1.
        top: of each amount, in tonnes.
        bottom: of each amount.
        refused: why the others are not, by position.
    """

    columns: Columns
    rules: RulesAt
    sector: str
    rows: list[int] = field(default_factory=list)
    emission_t: list[int] = field(default_factory=list)
    top: list[int] = field(default_factory=list)
    bottom: list[int] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)

    def fill(self, rows: Sequence[int], base: Callable[[int], Fraction | Refusal]) -> None:
        """Compute the base of each row, or note why there is none."""
        found = [(row, base(row)) for row in rows]
        self.refused = {row: amount for row, amount in found if not isinstance(amount, tuple)}
        given = [(row, amount) for row, amount in found if isinstance(amount, tuple)]
        self.rows = [row for row, _ in given]
        self.emission_t = [self.managed_t(row) for row in self.rows]
        self.top = [amount[0] for _, amount in given]
        self.bottom = [amount[1] for _, amount in given]

    def managed_t(self, row: int) -> int:
        """Give the determined emission without new facilities, -1 before there is one."""
        determined_t = self.columns.determined_t[row]
        return NONE if determined_t == NONE else determined_t - self.columns.new_facility_t[row]


def ratio(value: Decimal) -> Fraction:
    """Write a parameter as a fraction of whole numbers."""
    return value.as_integer_ratio()


def base(sheet: Sheet, method: Method, rows: Sequence[int]) -> None:
    """Fill a sheet with the base allowances of its entities.

    Args:
        sheet: empty sheet of one sector.
        method: method of the sector.
        rows: positions of its entities.

    Source: as `methods.base_allowance`.
    """
    sheet.fill(rows, _METHODS[method](sheet))


def _by_benchmark(sheet: Sheet) -> Callable[[int], Fraction | Refusal]:
    rules, products, plants = sheet.rules, sheet.columns.products, sheet.columns.plants
    value = {name: ratio(rules.decimal(f"allocation.benchmark.{name}")) for name in rules.below("allocation.benchmark")}
    unit_t, plant_t = _units(sheet), _plants(sheet)
    unit_start = sheet.columns.units.start

    def base(row: int) -> Fraction | Refusal:
        made = [
            at
            for at in range(products.start[row], products.start[row + 1])
            if products.made_u[at] != NONE and products.name[at] in value
        ]
        own_units = range(unit_start[row], unit_start[row + 1])
        own_plants = range(plants.start[row], plants.start[row + 1])
        if not (made or own_units or own_plants):
            return AllocationRefusal.NO_OUTPUT
        found = (sum(map(unit_t, own_units)), 1)
        for at in own_plants:
            found = _plus(found, plant_t(at))
        for at in made:
            top, bottom = value[products.name[at]]
            found = _plus(found, (products.made_u[at] * top, bottom * MILLION))
        return found

    return base


# Powers are dear and loads are few: what was worked out once from the same terms is kept by load.
@lru_cache(maxsize=16)
def _peak_factors(*terms: tuple[str, str]) -> dict[int, Fraction]:
    del terms
    return {}


def _peak_factor(rules: RulesAt) -> Callable[[int], Fraction]:
    start = "allocation.power.load_factor"
    known = _peak_factors(*((name, rules.text(f"{start}.{name}")) for name in rules.below(start)))

    def factor(load_u: int) -> Fraction:
        if load_u not in known:
            known[load_u] = ratio(national_power.peak_factor(Decimal(load_u).scaleb(-6), rules).value)
        return known[load_u]

    return factor


# Power and heat are rounded down each, as the annex says; the peak factor is the readable formula's.
def _units(sheet: Sheet) -> Callable[[int], int]:
    rules, table, factor = sheet.rules, sheet.columns.units, _peak_factor(sheet.rules)

    @cache
    def number(path: str) -> Fraction:
        return ratio(rules.decimal(f"allocation.power.{path}"))

    def tonnes(at: int) -> int:
        kind = table.kind[at]
        power, per_power = number(f"benchmark.{kind}")
        heat, per_heat = number("heat_benchmark.gas" if kind == national_power.GAS else "heat_benchmark.coal")
        peak, per_peak = factor(table.load_u[at]) if kind in national_power.ORDINARY_COAL else (1, 1)
        of_power = table.power_u[at] * power * peak // (per_power * per_peak * MILLION)
        return of_power + table.heat_u[at] * heat // (per_heat * MILLION)

    return tonnes


def _plants(sheet: Sheet) -> Callable[[int], Fraction]:
    rules, table = sheet.rules, sheet.columns.plants

    @cache
    def number(path: str) -> Fraction:
        return ratio(rules.decimal(f"allocation.power.{path}"))

    def tonnes(at: int) -> Fraction:
        heat, per_power = number(f"heat_per_power.{table.fuel[at]}")
        found = _plus((table.power_u[at], MILLION), (table.heat_kj[at] * per_power, heat))
        found = _times(found, number(f"benchmark.{table.kind[at]}"))
        if table.fuel[at] == "coal":
            found = _times(found, (table.load_u[at], MILLION))
            if table.is_closed_cooling[at]:
                found = _times(found, number("cooling_closed_coal"))
            if table.is_clean_coal[at]:
                found = _times(found, number("env_db31_963_coal"))
        return found

    return tonnes


def _by_emissions(sheet: Sheet) -> Callable[[int], Fraction | Refusal]:
    emissions = [sheet.columns.emission_t[at] for at in base_years(sheet)]
    is_trend, takes_largest = _trend(sheet.rules), history.takes_largest(sheet.rules)

    def base(row: int) -> Fraction | Refusal:
        figures = [column[row] for column in emissions if column[row] != NONE]
        if not figures:
            return AllocationRefusal.NO_HISTORY
        if takes_largest:
            return max(figures), 1
        if is_trend([(figure, 1) for figure in figures]):
            return figures[-1], 1
        return sum(figures), len(figures)

    return base


# An emission is attributed to products by quantity, so that all products of a year have the same intensity E / Q, and
# a product that was made in every base year has the trend of the entity.
def _by_intensity(sheet: Sheet) -> Callable[[int], Fraction | Refusal]:
    products, years = sheet.columns.products, base_years(sheet)
    start, made_u = products.start, products.made_u
    pairs = [(sheet.columns.emission_t[at], products.past_u[at]) for at in years]
    is_trend, mean = _trend(sheet.rules), _largest if history.takes_largest(sheet.rules) else _mean_intensity
    is_split = _split_rows(sheet, years)

    def base(row: int) -> Fraction | Refusal:
        if row in is_split:
            return _by_declared_split(sheet, years, row)
        first, last = start[row], start[row + 1]
        known = [
            (emission[row], whole, past)
            for emission, past in pairs
            if emission[row] != NONE and (whole := sum(past[first:last]))
        ]
        if not known:
            return AllocationRefusal.NO_HISTORY
        moved = mean is _mean_intensity and is_trend([(emission, whole) for emission, whole, _ in known])
        found: Fraction | None = None
        for at in range(first, last):
            if made_u[at] > 0 and (parts := [(e, past[at], whole) for e, whole, past in known if past[at]]):
                is_last = moved and len(parts) == len(known)
                top, bottom = (parts[-1][0], parts[-1][2]) if is_last else mean(parts)
                amount = (top * made_u[at], bottom)
                found = _plus(found, amount) if found else amount
        return found or AllocationRefusal.NO_OUTPUT

    return base


def _split_rows(sheet: Sheet, years: Sequence[int]) -> frozenset[int]:
    products = sheet.columns.products
    columns = [products.split_u[at] for at in years if max(products.split_u[at], default=NONE) != NONE]
    ends = products.start[1:]
    return frozenset(
        bisect_right(ends, at) for column in columns for at, declared_u in enumerate(column) if declared_u != NONE
    )


# The readable formula as exact fractions, for the few entities that declare the emission of a product.
def _by_declared_split(sheet: Sheet, years: Sequence[int], row: int) -> Fraction | Refusal:
    products, own = sheet.columns.products, range(*sheet.columns.products.start[row : row + 2])
    past: dict[int, list[tuple[Fraction, int]]] = {}
    for year in years:
        emission_t, made = sheet.columns.emission_t[year][row], {at: products.past_u[year][at] for at in own}
        made = {at: quantity for at, quantity in made.items() if quantity}
        declared = {at: products.split_u[year][at] for at in made if products.split_u[year][at] != NONE}
        rest_u = max(0, emission_t * MILLION - sum(declared.values()))
        whole = sum(quantity for at, quantity in made.items() if at not in declared)
        for at, quantity in made.items() if emission_t != NONE else ():
            part = (declared[at], MILLION) if at in declared else (rest_u * quantity, MILLION * whole)
            past.setdefault(at, []).append((part, quantity))
    if not past:
        return AllocationRefusal.NO_HISTORY
    found: Fraction | None = None
    for at, parts in past.items():
        if products.made_u[at] > 0:
            top, bottom = _intensity_of(sheet.rules, parts)
            amount = (top * products.made_u[at], bottom)
            found = _plus(found, amount) if found else amount
    return found or AllocationRefusal.NO_OUTPUT


# Parts are (emission of the product, its quantity), a year each.
def _intensity_of(rules: RulesAt, parts: Sequence[tuple[Fraction, int]]) -> Fraction:
    ratios = [(top, bottom * quantity) for (top, bottom), quantity in parts]
    if history.takes_largest(rules):
        return max(ratios, key=lambda one: Rational(*one))
    if _trend(rules)(ratios):
        return ratios[-1]
    emission: Fraction = (0, 1)
    for part, _ in parts:
        emission = _plus(emission, part)
    return emission[0], emission[1] * sum(quantity for _, quantity in parts)


# Parts are (emission of the entity, quantity of the product, quantity of all products), a year each.
def _mean_intensity(parts: list[tuple[int, int, int]]) -> Fraction:
    top, bottom, quantity = 0, 1, 0
    for emission, made, whole in parts:
        quantity += made
        if made == whole:
            top += emission * bottom
        else:
            top, bottom = top * whole + emission * made * bottom, bottom * whole
    return top, bottom * quantity


def _largest(parts: list[tuple[int, int, int]]) -> Fraction:
    top, bottom = 0, 1
    for emission, _, whole in parts:
        if emission * bottom > top * whole:
            top, bottom = emission, whole
    return top, bottom


def _as_verified(sheet: Sheet) -> Callable[[int], Fraction | Refusal]:
    def base(row: int) -> Fraction | Refusal:
        emission_t = sheet.managed_t(row)
        return AllocationRefusal.NOT_DETERMINED if emission_t == NONE else (emission_t, 1)

    return base


def _by_coefficient(sheet: Sheet) -> Callable[[int], Fraction | Refusal]:
    rules, intensities = sheet.rules, sheet.columns.intensity_n
    top, bottom = ratio(rules.decimal(f"allocation.industry.balance.{sheet.sector}"))
    slope, band, cap = (
        ratio(rules.decimal(f"allocation.industry.{name}")) for name in ("slope", "band_share", "cap_share")
    )

    def base(row: int) -> Fraction | Refusal:
        emission_t, intensity_n = sheet.managed_t(row), intensities[row]
        if emission_t == NONE:
            return AllocationRefusal.NOT_DETERMINED
        if intensity_n == NONE:
            return AllocationRefusal.NO_INTENSITY
        # X = (BP - I) / BP over the common bottom of both.
        middle = top * THOUSAND_MILLION
        gap = middle - intensity_n * bottom
        alpha = (slope[0] * gap, slope[1] * middle)
        if abs(gap) * band[1] >= band[0] * middle:
            alpha = cap if gap > 0 else (-cap[0], cap[1])
        return emission_t * (alpha[0] + alpha[1]) // alpha[1], 1

    return base


def base_years(sheet: Sheet) -> list[int]:
    """Give the places of the base years in the columns."""
    held = {year: at for at, year in enumerate(sheet.columns.years)}
    return [held[year] for year in history.base_years(sheet.rules)]


def _trend(rules: RulesAt) -> Callable[[list[Fraction]], bool]:
    top, bottom = ratio(rules.decimal("allocation.trend_trigger_share"))
    needed = max(2, rules.integer("allocation.history_years"))

    def is_trend(values: list[Fraction]) -> bool:
        if len(values) < needed or values[0][0] == 0:
            return False
        (first, one), (last, other) = values[0], values[-1]
        change = last * one - first * other
        if abs(change) * bottom <= top * first * other:
            return False
        sign = 1 if change > 0 else -1
        return all((after * one - before * other) * sign > 0 for (before, one), (after, other) in pairwise(values))

    return is_trend


def _plus(left: Fraction, right: Fraction) -> Fraction:
    if left[1] == right[1]:
        return left[0] + right[0], left[1]
    return left[0] * right[1] + right[0] * left[1], left[1] * right[1]


def _times(left: Fraction, right: Fraction) -> Fraction:
    return left[0] * right[0], left[1] * right[1]


_METHODS: Mapping[Method, Callable[[Sheet], Callable[[int], Fraction | Refusal]]] = {
    Method.BENCHMARK: _by_benchmark,
    Method.HISTORICAL_INTENSITY: _by_intensity,
    Method.HISTORICAL_EMISSIONS: _by_emissions,
    Method.VERIFIED_EMISSION: _as_verified,
    Method.INDUSTRY_COEFFICIENT: _by_coefficient,
}
