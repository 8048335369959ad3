"""The European market stability reserve, a comparator: what a surplus of allowances takes out of the auctions.

Shanghai's adjustment mechanism is announced and not written (S01 (一)); the European one is, and its published figures
show that a rule of this kind is replayed to the tonne. Its parameters stand in the folder of the region `eu`.
"""

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_MONTHS = 12


def withdrawal(circulation_t: int, rules: RulesAt, *, months: int = _MONTHS) -> Traced:
    """Compute what is withheld from the auctions of a year.

    Args:
        circulation_t: allowances in circulation (TNAC), tonnes.
        rules: with `stability.upper_t`, `stability.intake_share` and, where in force, `stability.middle_t`.
        months: how many months of the year the rule is applied.

    Returns:
        Whole tonnes, halves up: a share of the circulation at or above the upper threshold; where there is a middle
        threshold, below the upper one whatever exceeds the middle one; otherwise nothing.

    Source: S79 Art. 1(5) and (5a) (recalled).
    """
    circulation = trace.given(circulation_t, "t", zh="市场流通配额总量", en="allowances in circulation")
    upper = rules.number("stability.upper_t")
    has_middle = rules.has("stability.middle_t")
    if circulation.value >= upper.value:
        share = rules.number("stability.intake_share")
        exact = trace.product([circulation, share], "t", zh="流通量×吸纳比例", en="circulation × intake share")
    elif has_middle and circulation.value > rules.decimal("stability.middle_t"):
        middle = rules.number("stability.middle_t")
        exact = trace.difference(
            circulation, middle, "t", zh="超过中间门槛的部分", en="what exceeds the middle threshold"
        )
    else:
        return trace.given(0, "t", zh="未达门槛", en="below the threshold")
    if months != _MONTHS:
        part = trace.quotient(_number(months), _number(_MONTHS), "", zh="适用月份占比", en="months applied")
        exact = trace.product([exact, part], "t", zh="按月份折算", en="by months")
    return trace.half_up(exact, zh="不投入拍卖的数量（四舍五入）", en="withheld from auction, halves up")


def release(circulation_t: int, rules: RulesAt, *, reserve_t: int) -> Traced:
    """Compute what is released to the auctions of a year: a fixed quantity while circulation is below the threshold.

    Args:
        circulation_t: allowances in circulation (TNAC), tonnes.
        rules: with `stability.lower_t` and `stability.release_t`.
        reserve_t: what the reserve holds, tonnes.

    Returns:
        Whole tonnes; all that is left when the reserve holds less than the fixed quantity.

    Source: S79 Art. 1(6) (recalled).
    """
    return _released(circulation_t < rules.integer("stability.lower_t"), rules, "stability.release_t", reserve_t)


def release_on_price(mean_price: Traced, mean_before: Traced, rules: RulesAt, *, reserve_t: int) -> Traced:
    """Compute what is released because prices have been far above those of the years before.

    Args:
        mean_price: mean price of the last half year.
        mean_before: mean price of the reference period before it, in the same unit.
        rules: with `stability.price_multiple` and `stability.price_release_t`.
        reserve_t: what the reserve holds, tonnes.

    Returns:
        Whole tonnes; nothing while the price is not above the multiple.

    Source: S79 Art. 1(7) with S60 Art. 29a (recalled).
    """
    is_above = mean_price.value > mean_before.value * rules.decimal("stability.price_multiple")
    return _released(is_above, rules, "stability.price_release_t", reserve_t)


def invalidated(reserve_t: int, rules: RulesAt, *, auctioned_t: int) -> Traced:
    """Compute what of the reserve is no longer valid: all above a limit.

    Args:
        reserve_t: what the reserve holds on the first of January, tonnes.
        rules: with `stability.reserve_max_t` where the limit is fixed; else it is what was auctioned the year before.
        auctioned_t: auctioned in the year before, tonnes.

    Returns:
        Whole tonnes.

    Source: S79 Art. 1(5a) (recalled).
    """
    held = trace.given(reserve_t, "t", zh="储备量", en="held in the reserve")
    if rules.has("stability.reserve_max_t"):
        limit = rules.number("stability.reserve_max_t")
    else:
        limit = trace.given(auctioned_t, "t", zh="上一年拍卖量", en="auctioned in the year before")
    kept = trace.smallest([held, limit], "t", zh="继续有效", en="still valid")
    return trace.difference(held, kept, "t", zh="失效数量", en="no longer valid")


def _released(is_due: bool, rules: RulesAt, path: str, reserve_t: int) -> Traced:
    if not is_due:
        return trace.given(0, "t", zh="未触发释放", en="no release is due")
    held = trace.given(reserve_t, "t", zh="储备量", en="held in the reserve")
    return trace.smallest([rules.number(path), held], "t", zh="释放数量", en="released")


def _number(count: int) -> Traced:
    return trace.given(count, "", zh="月数", en="months")
