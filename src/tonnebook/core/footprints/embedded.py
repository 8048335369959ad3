"""From facility to product: what a tonne of each product emitted, and which free allocation stands beside it.

All of it comes from one report as it was determined, so that intensity, allocation and the emissions embedded in an
export cannot differ. A report says what each facility made and used, not which product a boiler served: where a company
makes several products, its emissions are shared out by quantity, and only where the quantities have one unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.mrv import OutputRow
from tonnebook.core.trace import Traced

# Emissions and allocation per unit of product have four decimals (design choice, no legal source).
PLACES = 4


@dataclass(frozen=True, slots=True)
class Embedded:
    """One product of a company and year.

    Attributes:
        product: code.
        unit: of the quantity.
        made: how much was made.
        share: of the company's emissions, by quantity; 1 for its only product.
        direct: own emissions shared out to it, tCO2.
        indirect: of the power and heat bought, tCO2.
        specific_direct: tCO2 per unit.
        specific_indirect: the same of power and heat.
        intensity: both together.
        specific_free: free allowances per unit, t; None before any were computed.
    """

    product: str
    unit: str
    made: Traced
    share: Traced
    direct: Traced
    indirect: Traced
    specific_direct: Traced
    specific_indirect: Traced
    intensity: Traced
    specific_free: Traced | None


def embedded(
    outputs: Sequence[OutputRow], *, direct: Traced, indirect: Traced, free: Traced | None
) -> tuple[Embedded, ...]:
    """Share the emissions and free allowances of a company out to its products.

    Args:
        outputs: one row per product; those of nothing are left out.
        direct: own emissions of the year, tCO2.
        indirect: of power and heat bought, tCO2.
        free: allowances given free for the year, t.

    Returns:
        One entry per product; empty where there is none, or several have different units.

    Source: design choice, no legal source; by quantity, as ISO 14067 does where nothing better divides a process.
    """
    made = [row for row in outputs if row.quantity > 0]
    if not made or len({row.unit for row in made}) > 1:
        return ()
    quantities = [
        trace.given(row.quantity, row.unit, zh=f"产量：{row.product}", en=f"Output: {row.product}") for row in made
    ]
    whole = trace.total(quantities, made[0].unit, zh="各产品产量合计", en="Output of all products")
    return tuple(
        _one(row, quantity, whole, direct=direct, indirect=indirect, free=free)
        for row, quantity in zip(made, quantities, strict=True)
    )


def by_facility(
    lines: Sequence[tuple[str, bool, Traced]],
) -> Mapping[str, tuple[Traced, Traced]]:
    """Add up what each facility emitted.

    Args:
        lines: facility, whether the emission is its own, and tCO2 of each line of a report.

    Returns:
        Direct and indirect tCO2 by facility, in the order first met.

    Source: design choice, no legal source.
    """
    words = {True: ("设施直接排放", "Direct emissions"), False: ("设施间接排放", "Indirect emissions")}
    return {
        facility: (_of(lines, facility, words[True], is_own=True), _of(lines, facility, words[False], is_own=False))
        for facility in dict.fromkeys(facility for facility, _, _ in lines)
    }


def _of(lines: Sequence[tuple[str, bool, Traced]], facility: str, words: tuple[str, str], *, is_own: bool) -> Traced:
    parts = [amount for place, own, amount in lines if place == facility and own == is_own]
    return trace.total(parts, "tCO2", zh=words[0], en=words[1])


def _one(
    row: OutputRow, quantity: Traced, whole: Traced, *, direct: Traced, indirect: Traced, free: Traced | None
) -> Embedded:
    share = trace.quotient(quantity, whole, "", zh="按产量分摊的比例", en="Share by quantity")
    own = trace.product((direct, share), "tCO2", zh="产品直接排放", en="Direct emissions of the product")
    bought = trace.product((indirect, share), "tCO2", zh="产品间接排放", en="Indirect emissions of the product")
    both = trace.total((own, bought), "tCO2", zh="产品排放", en="Emissions of the product")
    given = trace.product((free, share), "t", zh="产品免费配额", en="Free allowances of the product") if free else None
    unit = f"tCO2/{row.unit}"
    return Embedded(
        product=row.product,
        unit=row.unit,
        made=quantity,
        share=share,
        direct=own,
        indirect=bought,
        specific_direct=_per(own, quantity, unit, "单位产品直接排放", "Specific direct emissions"),
        specific_indirect=_per(bought, quantity, unit, "单位产品间接排放", "Specific indirect emissions"),
        intensity=_per(both, quantity, unit, "排放强度", "Emission intensity"),
        specific_free=_per(given, quantity, f"t/{row.unit}", "单位产品免费配额", "Free allowances per unit")
        if given
        else None,
    )


def _per(amount: Traced, quantity: Traced, unit: str, zh: str, en: str) -> Traced:
    exact = trace.quotient(amount, quantity, unit, zh=f"{zh}（未取整）", en=f"{en}, not rounded")
    return trace.half_up(exact, PLACES, zh=zh, en=en)
