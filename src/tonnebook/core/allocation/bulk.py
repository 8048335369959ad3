"""Annual allowances of many entities at once, to the tonne what `annual.annual` gives one by one.

The readable formulas say what is right and carry a trace; here the rules are read once per sector, and amounts run as
exact fractions of whole numbers through the same steps in the same order. Python's integers have no largest value, so
nothing overflows and nothing is rounded but where a rule rounds. A property test holds both forms together; a figure is
explained by `columns.row` and the readable formulas.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from tonnebook.core.allocation import bulk_methods, incentives, issue, methods
from tonnebook.core.allocation.annual import ORDER, Step
from tonnebook.core.allocation.bulk_methods import Fraction, Sheet, ratio
from tonnebook.core.allocation.columns import MILLION, NONE, Columns
from tonnebook.core.allocation.issue import Band
from tonnebook.core.allocation.methods import Method
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.allocation.shares import PAID_INCENTIVE
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.rules import RulesAt


@dataclass(frozen=True, slots=True)
class Amounts:
    """What many entities receive in a year, position by position; `free_t + paid_t = base_t`.

    Attributes:
        base_t: (entities,) whole tonnes after all steps; 0 where refused.
        free_t: (entities,) of them given.
        paid_t: (entities,) of them to be bought.
        refused: why an entity has none, by position.
        digest: of the rules they were computed with.
    """

    base_t: "array[int]"
    free_t: "array[int]"
    paid_t: "array[int]"
    refused: Mapping[int, Refusal]
    digest: str


@dataclass(frozen=True, slots=True)
class SectorSums:
    """A sector in sums: entities with an allowance, entities without, and tonnes."""

    entities: int
    refused: int
    base_t: int
    free_t: int
    paid_t: int


def annual(columns: Columns, rules: RulesAt) -> Amounts:
    """Compute the annual allowances of many entities.

    Args:
        columns: their facts; `columns.years` holds the base years of the rules and the year before the compliance year.
        rules: rules of the compliance year with the plan's overlay.

    Returns:
        Amounts in the order of the columns; an entity whose figures, or whose sector's rules, are missing is refused
        and the others go on.

    Source: as `annual.annual`.
    """
    size = len(columns)
    base_t, free_t, paid_t = (array("q", bytes(8 * size)) for _ in range(3))
    refused: dict[int, Refusal] = {}
    for sector, rows in _by_sector(columns).items():
        sheet = Sheet(columns, rules, sector)
        try:
            shares = _computed(sheet, rows)
        except Refused as missing:
            refused.update(dict.fromkeys(rows, missing.code))
            continue
        refused.update(sheet.refused)
        for row, whole_t, share in zip(sheet.rows, sheet.top, shares, strict=True):
            if isinstance(share, Refusal):
                refused[row] = share
                continue
            bought_t = whole_t * share[0] // share[1]
            base_t[row], free_t[row], paid_t[row] = whole_t, whole_t - bought_t, bought_t
    return Amounts(base_t, free_t, paid_t, refused, rules.digest)


def cut(columns: Columns, amounts: Amounts, decided_t: Mapping[str, int]) -> Amounts:
    """Take from allowances what decisions on the year before cut, at most what is given free.

    Args:
        columns: the entities.
        amounts: what they would receive without.
        decided_t: tonnes to cut by entity; the others keep what they have.

    Source: as `annual.cut`.
    """
    base_t, free_t = amounts.base_t[:], amounts.free_t[:]
    for row, entity in enumerate(columns.entity):
        taken_t = min(decided_t.get(entity, 0), free_t[row])
        base_t[row] -= taken_t
        free_t[row] -= taken_t
    return replace(amounts, base_t=base_t, free_t=free_t)


def sums(columns: Columns, amounts: Amounts) -> dict[str, SectorSums]:
    """Add up amounts by sector, tonnes."""
    found = {}
    for sector, rows in _by_sector(columns).items():
        refused = sum(row in amounts.refused for row in rows)
        parts = (sum(column[row] for row in rows) for column in (amounts.base_t, amounts.free_t, amounts.paid_t))
        found[sector] = SectorSums(len(rows) - refused, refused, *parts)
    return found


def _by_sector(columns: Columns) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row, sector in enumerate(columns.sector):
        found[sector].append(row)
    return dict(sorted(found.items()))


# After all steps the amounts stand in `sheet.top` as whole tonnes; given back is the paid share of each, or why it has
# none.
def _computed(sheet: Sheet, rows: list[int]) -> Sequence[Fraction | Refusal]:
    bulk_methods.base(sheet, methods.method_of(sheet.sector, sheet.rules), rows)
    for word in sheet.rules.words(ORDER):
        _STEPS[Step(word)](sheet)
    _rounded(sheet)
    table = issue.bands(sheet.sector, sheet.rules)
    return _shares_by_table(sheet, table) if table else _paid_shares(sheet)


def _keep(sheet: Sheet) -> None:
    del sheet


def _controlled(sheet: Sheet) -> None:
    path = f"allocation.control_coefficient.{sheet.sector}"
    if sheet.rules.has(path):
        top, bottom = ratio(sheet.rules.decimal(path))
        sheet.top = [amount * top for amount in sheet.top]
        sheet.bottom = [of * bottom for of in sheet.bottom]


def _topped_up(sheet: Sheet) -> None:
    market_u = [sheet.columns.market_u[row] for row in sheet.rows]
    if not any(market_u):
        return
    top, bottom = ratio(sheet.rules.decimal("mrv.electricity.factor"))
    for at, (emission_t, bought_u) in enumerate(zip(sheet.emission_t, market_u, strict=True)):
        gap = emission_t * sheet.bottom[at] - sheet.top[at]
        if bought_u and emission_t != NONE and gap > 0:
            sheet.top[at] += min(bought_u * top // (bottom * MILLION) * sheet.bottom[at], gap)


def _rewarded(sheet: Sheet) -> None:
    start = "allocation.incentive"
    terms = {
        ground: (ratio(sheet.rules.decimal(f"{start}.{ground}.share")), sheet.rules.integer(f"{start}.{ground}.cap_t"))
        for ground in sheet.rules.below(start)
    }
    is_reduction = _reduction(sheet)
    for at, row in enumerate(sheet.rows):
        added_t = 0
        for ground in sheet.columns.grounds[row].split():
            if ground in terms and (ground != incentives.REDUCTION_AND_RATING or is_reduction(row)):
                (top, bottom), cap_t = terms[ground]
                added_t += min(sheet.top[at] * top // (sheet.bottom[at] * bottom), cap_t)
        if added_t:
            sheet.top[at] += added_t * sheet.bottom[at]


# Both the emission and the intensity of the main product fell from the year before.
def _reduction(sheet: Sheet) -> Callable[[int], bool]:
    columns, products = sheet.columns, sheet.columns.products
    last = columns.years.index((sheet.rules.year or 0) - 1)

    def is_reduction(row: int) -> bool:
        main = _main_product(columns, row)
        before_t, after_t = columns.emission_t[last][row], sheet.managed_t(row)
        if main is None or NONE in (before_t, after_t):
            return False
        made_before, made_after = products.past_u[last][main], products.made_u[main]
        return made_before > 0 and after_t < before_t and after_t * made_before < before_t * made_after

    return is_reduction


def _banded(sheet: Sheet) -> None:
    if not sheet.rules.has("allocation.gap_band_share"):
        return
    top, bottom = ratio(sheet.rules.decimal("allocation.gap_band_share"))
    start = sheet.columns.units.start
    for at, (row, emission_t) in enumerate(zip(sheet.rows, sheet.emission_t, strict=True)):
        if emission_t == NONE:
            continue
        of = sheet.bottom[at]
        if start[row] < start[row + 1]:
            least_t = emission_t if _is_topped_up(sheet, row) else emission_t * (bottom - top) // bottom
            sheet.top[at] = max(sheet.top[at], least_t * of)
        else:
            # The lower end rounds up.
            least_t = -(emission_t * (top - bottom) // bottom)
            sheet.top[at] = min(max(sheet.top[at], least_t * of), emission_t * (bottom + top) // bottom * of)


def _is_topped_up(sheet: Sheet, row: int) -> bool:
    return sheet.columns.is_gas(row) and sheet.rules.flag("allocation.power.gas_top_up")


def _rounded(sheet: Sheet) -> None:
    sheet.top = [amount // of for amount, of in zip(sheet.top, sheet.bottom, strict=True)]
    sheet.bottom = [1] * len(sheet.top)


def _paid_shares(sheet: Sheet) -> list[Fraction]:
    path, rules = f"allocation.paid_share.{sheet.sector}", sheet.rules
    if not rules.has(path):
        return [(0, 1)] * len(sheet.rows)
    top, bottom = ratio(rules.decimal(path))
    ceiling = ratio(rules.decimal("allocation.paid_share_max")) if rules.has("allocation.paid_share_max") else None
    named = {one: ratio(rules.decimal(f"{PAID_INCENTIVE}.{one}")) for one in rules.below(PAID_INCENTIVE)}
    found = []
    for row in sheet.rows:
        share = (top * sheet.columns.paid_coefficient_u[row], bottom * MILLION)
        for ground in sheet.columns.grounds[row].split() if named else ():
            factor = named.get(ground, (1, 1))
            share = (share[0] * factor[0], share[1] * factor[1])
        is_above = ceiling is not None and share[0] * ceiling[1] > ceiling[0] * share[1]
        found.append(ceiling if ceiling and is_above else share)
    return found


# What the table of 2019 does not issue directly.
def _shares_by_table(sheet: Sheet, table: Sequence[Band]) -> list[Fraction | Refusal]:
    is_improving = _improvement(sheet)
    found: list[Fraction | Refusal] = []
    for row in sheet.rows:
        share_u = sheet.columns.direct_share_u[row]
        if share_u == NONE and len(table) > 1:
            found.append(AllocationRefusal.NO_DIRECT_SHARE)
            continue
        band = issue.band_of(Decimal(max(share_u, 0)).scaleb(-6), table)
        top, bottom = ratio(sheet.rules.decimal(band.share_path(is_improving=is_improving(row))))
        found.append((bottom - top, bottom))
    return found


# Intensity of the main product, or emission alone, fell from each base year to the next.
def _improvement(sheet: Sheet) -> Callable[[int], bool]:
    columns, years = sheet.columns, bulk_methods.base_years(sheet)
    by_emission = methods.method_of(sheet.sector, sheet.rules) is Method.HISTORICAL_EMISSIONS

    def is_improving(row: int) -> bool:
        main = None if by_emission else _main_product(columns, row)
        if main is None and not by_emission:
            return False
        figures = [
            (columns.emission_t[at][row], 1 if main is None else columns.products.past_u[at][main]) for at in years
        ]
        return all(tonnes != NONE and made > 0 for tonnes, made in figures) and all(
            after_t * before < before_t * after for (before_t, before), (after_t, after) in pairwise(figures)
        )

    return is_improving


def _main_product(columns: Columns, row: int) -> int | None:
    products = columns.products
    own = [at for at in range(products.start[row], products.start[row + 1]) if products.made_u[at] != NONE]
    return max(own, key=products.made_u.__getitem__, default=None)


_STEPS: Mapping[Step, Callable[[Sheet], None]] = {
    Step.BASE: _keep,
    Step.CONTROL_COEFFICIENT: _controlled,
    Step.NON_FOSSIL: _topped_up,
    Step.INCENTIVE: _rewarded,
    Step.PAID_SHARE: _keep,
    Step.BAND: _banded,
    Step.ROUND_DOWN: _rounded,
}
