"""Allowances from an entity's own past: historical intensity and historical emissions.

Both look back over the years the rule book names; both give way to last year's value when the entity has moved in one
direction every year by more than the trend trigger, because an old average then says little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from tonnebook.core import trace, units
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ProductYear:
    """Emission and output of one product in one year.

    Attributes:
        emission_t: tonnes of CO2 that belong to the product, exact.
        output: quantity made, in the product's own unit, > 0.
    """

    emission_t: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its past and what was made in the compliance year.

    Attributes:
        name: product code.
        years: emission and output by year.
        output: quantity made in the compliance year (or the year before, for a preview).
    """

    name: str
    years: Mapping[int, ProductYear]
    output: Decimal


def base_years(rules: RulesAt) -> tuple[int, ...]:
    """List the years before the compliance year that the history methods look at, oldest first.

    Raises:
        ValueError: when the rules name no compliance year.

    Source: S17, methods of the Shanghai plans (structure recalled, not read).
    """
    if rules.year is None:
        raise ValueError("an allocation belongs to a compliance year")
    return tuple(range(rules.year - rules.integer("allocation.history_years"), rules.year))


def historical_intensity(products: Sequence[Product], rules: RulesAt) -> Traced:
    """Compute the base allowance of an entity by historical intensity.

    Args:
        products: at least one product with output in at least one base year; several are added up.
        rules: rules of the compliance year.

    Returns:
        Exact tonnes (not yet rounded): the sum over products of intensity × output.

    Source: S17, methods of the Shanghai plans (structure and trend trigger recalled, not read).
    """
    parts = [_product_part(product, rules) for product in products]
    return trace.total(parts, "t", zh="历史强度法基础配额", en="base allowance by historical intensity")


def intensity(product: Product, rules: RulesAt) -> Traced:
    """Compute the output-weighted mean intensity of a product over the base years, or last year's under the trigger.

    Returns:
        Tonnes of CO2 per unit of output.

    Raises:
        ValueError: when no base year has output.

    Source: S17, methods of the Shanghai plans (structure and trend trigger recalled, not read).
    """
    years = [year for year in base_years(rules) if year in product.years]
    if not years:
        raise ValueError(f"no base year has output of {product.name}")
    emissions = [_emission(product.years[year].emission_t, year) for year in years]
    outputs = [_output(product.years[year].output, year) for year in years]
    ratios = [
        trace.quotient(emission, output, "t/unit", zh=f"{year}年强度", en=f"intensity of {year}")
        for year, emission, output in zip(years, emissions, outputs, strict=True)
    ]
    if takes_largest(rules):
        return trace.largest(ratios, "t/unit", zh="基准年强度取大者", en="largest intensity of the base years")
    if is_trend([ratio.value for ratio in ratios], rules):
        return _last(ratios[-1], rules)
    return trace.quotient(
        trace.total(emissions, "t", zh="基准年排放量合计", en="emission of the base years"),
        trace.total(outputs, "unit", zh="基准年产量合计", en="output of the base years"),
        "t/unit",
        zh="基准年加权平均强度",
        en="output-weighted intensity of the base years",
    )


def historical_emissions(
    emissions_t: Mapping[int, int], rules: RulesAt, *, derived_t: Mapping[int, Traced] = _NOTHING
) -> Traced:
    """Compute the base allowance of an entity by historical emissions.

    Args:
        emissions_t: emission by year, tonnes.
        rules: rules of the compliance year.
        derived_t: how the emission of a year came about, where it is not the determined one.

    Returns:
        Exact tonnes (not yet rounded): the mean of the base years, last year's emission under the trend trigger, or
            the largest where the rule book says so.

    Raises:
        ValueError: when no base year has a figure.

    Source: S17, methods of the Shanghai plans (structure and trend trigger recalled, not read).
    """
    years = [year for year in base_years(rules) if year in emissions_t]
    if not years:
        raise ValueError("no base year has an emission figure")
    figures = [derived_t.get(year) or _emission(Decimal(emissions_t[year]), year) for year in years]
    if takes_largest(rules):
        return trace.largest(figures, "t", zh="基准年排放量取大者", en="largest emission of the base years")
    if is_trend([figure.value for figure in figures], rules):
        return _last(figures[-1], rules)
    return trace.quotient(
        trace.total(figures, "t", zh="基准年排放量合计", en="emission of the base years"),
        trace.given(len(figures), "", zh="年数", en="number of years"),
        "t",
        zh="基准年平均排放量",
        en="mean emission of the base years",
    )


def takes_largest(rules: RulesAt) -> bool:
    """Say whether the base year with the largest figure counts instead of the mean of all.

    Source: S32 (Tianjin 2021: the larger of 2019 and 2020), `allocation.history_choice`.
    """
    path = "allocation.history_choice"
    return rules.has(path) and rules.text(path) == "LARGEST"


def is_trend(values: Sequence[Decimal], rules: RulesAt) -> bool:
    """Say whether a series rose every year, or fell every year, by more than the trigger in all.

    Args:
        values: one per base year, oldest first; the trigger needs all base years.
        rules: rules of the compliance year.

    Source: S17, trend trigger (recalled, not read).
    """
    if len(values) < max(2, rules.integer("allocation.history_years")) or values[0] == 0:
        return False
    with localcontext(units.EXACT):
        steps = [units.settled(after - before) for before, after in pairwise(values)]
        one_way = all(step > 0 for step in steps) or all(step < 0 for step in steps)
        beyond = abs(values[-1] - values[0]) - rules.decimal("allocation.trend_trigger_share") * abs(values[0])
        return one_way and units.settled(beyond) > 0


def attribute(
    emission_t: int, outputs: Mapping[str, Decimal], declared_t: Mapping[str, Decimal] = _NOTHING
) -> dict[str, Decimal]:
    """Attribute an entity's emission to its products: as declared, and what is left of it by quantity.

    Args:
        emission_t: tonnes of the whole entity.
        outputs: quantity by product, each above zero; those without a declared emission all in one unit.
        declared_t: exact tonnes of the products whose emission is declared.

    Returns:
        Exact tonnes by product. Source: design choice, no legal source.
    """
    with localcontext(units.EXACT):
        found = {name: declared_t[name] for name in outputs if name in declared_t}
        rest_t = max(Decimal(0), emission_t - sum(found.values(), Decimal(0)))
        others = {name: quantity for name, quantity in outputs.items() if name not in found}
        whole = sum(others.values(), Decimal(0))
        return {**found, **{name: rest_t * quantity / whole for name, quantity in others.items()}}


def _product_part(product: Product, rules: RulesAt) -> Traced:
    made = trace.given(product.output, "unit", zh=f"{product.name}产量", en=f"output of {product.name}")
    parts = [intensity(product, rules), made]
    return trace.product(parts, "t", zh=f"{product.name}：强度×产量", en=f"{product.name}: intensity × output")


def _emission(tonnes: Decimal, year: int) -> Traced:
    return trace.given(tonnes, "t", zh=f"{year}年排放量", en=f"emission of {year}")


def _output(quantity: Decimal, year: int) -> Traced:
    return trace.given(quantity, "unit", zh=f"{year}年产量", en=f"output of {year}")


def _last(value: Traced, rules: RulesAt) -> Traced:
    share = rules.decimal("allocation.trend_trigger_share")
    return trace.same(
        value,
        zh=f"逐年同向变化且累计超过{share:%}，取上一年",
        en=f"moved one way every year by more than {share:%} in all: last year's value",
    )
