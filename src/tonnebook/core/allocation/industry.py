"""National allocation for steel, cement and aluminium: the coefficient around a balance value.

An entity whose intensity lies below the balance value receives a little more than it emitted, one above a little less;
the balance value is chosen so that the sector as a whole receives exactly what it emitted.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from tonnebook.core import trace, units
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


def coefficient(*, balance: Traced, intensity: Decimal, rules: RulesAt) -> Traced:
    """Compute the coefficient α of an entity.

    Args:
        balance: balance value BP of the sector, > 0, tonnes per unit of output.
        intensity: intensity I of the entity, same unit.
        rules: rules of the compliance year.

    Returns:
        A share: slope × X inside the band, plus or minus the cap outside, with X = (BP − I) / BP.

    Source: S08 (draft), annex on steel, cement and aluminium.
    """
    gap = trace.difference(
        balance,
        trace.given(intensity, "t/unit", zh="单位强度", en="intensity of the entity"),
        "t/unit",
        zh="平衡值减强度",
        en="balance value less intensity",
    )
    deviation = trace.quotient(gap, balance, "", zh="偏离度X", en="deviation X")
    band, cap = rules.number("allocation.industry.band_share"), rules.number("allocation.industry.cap_share")
    if deviation.value >= band.value:
        return trace.same(cap, zh="偏离度达到上限：α", en="deviation at the upper limit: α")
    if deviation.value <= -band.value:
        zero = trace.given(0, "", zh="零", en="zero")
        return trace.difference(zero, cap, "", zh="偏离度达到下限：α", en="deviation at the lower limit: α")
    return trace.product([rules.number("allocation.industry.slope"), deviation], "", zh="系数α", en="coefficient α")


def allowance(*, emission_t: int, balance: Traced, intensity: Decimal, rules: RulesAt) -> Traced:
    """Compute the allowance `E · (1 + α)` of an entity, rounded down to whole tonnes.

    Args:
        emission_t: verified emission, tonnes.
        balance: balance value BP of the sector, > 0.
        intensity: intensity I of the entity.
        rules: rules of the compliance year.

    Returns:
        Whole tonnes. Source: S08 (draft).
    """
    one = trace.given(1, "", zh="一", en="one")
    alpha = coefficient(balance=balance, intensity=intensity, rules=rules)
    factor = trace.total([one, alpha], "", zh="1＋α", en="1 + α")
    emission = trace.given(emission_t, "t", zh="核定排放量", en="verified emission")
    exact = trace.product([emission, factor], "t", zh="排放量×(1＋α)", en="emission × (1 + α)")
    return trace.floor(exact, zh="配额（舍去小数）", en="allowance, rounded down")


def balance_value(entities: Sequence[tuple[Decimal, Decimal]], rules: RulesAt) -> Decimal:
    """Solve for the balance value BP at which a sector receives what it emitted.

    The excess handed out is a continuous function of BP that never falls, linear in 1/BP between the points where an
    entity enters or leaves the band; the crossing piece is found first and then solved exactly.

    Args:
        entities: pairs (emission in tonnes, intensity), at least one, all positive.
        rules: rules of the compliance year.

    Returns:
        BP to 60 digits, in the unit of the intensities.

    Raises:
        ValueError: when there is no entity or a figure is not positive.

    Source: S08 (draft).
    """
    if not entities or min(min(pair) for pair in entities) <= 0:
        raise ValueError("a balance value needs entities with positive emission and intensity")
    slope = rules.decimal("allocation.industry.slope")
    band, cap = rules.decimal("allocation.industry.band_share"), rules.decimal("allocation.industry.cap_share")
    with localcontext(units.EXACT):
        edges = sorted({intensity / (1 + side) for _, intensity in entities for side in (band, -band)})
        below = edges[0]
        for edge in edges:
            if _excess(entities, edge, slope, band, cap) >= 0:
                return _solve(entities, (below, edge), slope, band, cap)
            below = edge
        return edges[-1]


# What the sector would receive beyond its emission at a given balance value, in tonnes.
def _excess(
    entities: Sequence[tuple[Decimal, Decimal]], balance: Decimal, slope: Decimal, band: Decimal, cap: Decimal
) -> Decimal:
    handed = Decimal(0)
    for emission, intensity in entities:
        deviation = (balance - intensity) / balance
        inside = -band < deviation < band
        alpha = slope * deviation if inside else cap.copy_sign(deviation)
        handed += emission * alpha
    return handed


def _solve(
    entities: Sequence[tuple[Decimal, Decimal]],
    piece: tuple[Decimal, Decimal],
    slope: Decimal,
    band: Decimal,
    cap: Decimal,
) -> Decimal:
    middle = (piece[0] + piece[1]) / 2
    weighted = constant = Decimal(0)
    for emission, intensity in entities:
        deviation = (middle - intensity) / middle
        if -band < deviation < band:
            weighted += slope * emission * intensity
            constant += slope * emission
        else:
            constant += cap.copy_sign(deviation) * emission
    if weighted == 0 or constant <= 0:
        return piece[1]
    return weighted / constant
