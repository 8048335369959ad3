"""The European market stability reserve, a comparator: what a surplus of allowances takes out of the auctions.

Shanghai's adjustment mechanism is announced and not written (S01 (一)); the European one is, and its published figures
show that a rule of this kind is replayed to the tonne.
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


def release(circulation_t: int, rules: RulesAt) -> Traced:
    """Compute what is released to the auctions of a year: a fixed quantity while circulation is below the threshold.

    Args:
        circulation_t: allowances in circulation (TNAC), tonnes.
        rules: with `stability.lower_t` and `stability.release_t`.

    Source: S79 Art. 1(6) (recalled).
    """
    if circulation_t < rules.integer("stability.lower_t"):
        return rules.number("stability.release_t")
    return trace.given(0, "t", zh="未低于下限", en="not below the lower threshold")


def _number(count: int) -> Traced:
    return trace.given(count, "", zh="月数", en="months")
