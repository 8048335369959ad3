"""Penalties of other places, to compare with: Beijing, Shenzhen, California, Korea and British Columbia.

None applies in a region of this book; `core.penalty` holds those that do. Amounts are in the smallest coin of their own
currency.
"""

from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class UntimelySurrender:
    """What is owed for tonnes surrendered late: in all, and of it at least so many allowances."""

    owed: Traced
    allowances: Traced


def untimely_surrender(missing_t: int, rules: RulesAt) -> UntimelySurrender:
    """Compute what California asks of who surrenders late: units instead of money.

    Args:
        missing_t: not surrendered on the last day, tonnes.
        rules: with `comparator.california.untimely_multiple` and `.untimely_allowance_share`.

    Returns:
        Whole tonnes; the least share of allowances is rounded up.

    Source: S80 §95857(b)(2) and (3).
    """
    missing = trace.given(missing_t, "t", zh="未按期清缴量", en="not surrendered in time")
    multiple = rules.number("comparator.california.untimely_multiple")
    owed = trace.product([multiple, missing], "t", zh="倍数×未清缴量", en="multiple × missing tonnes")
    share = rules.number("comparator.california.untimely_allowance_share")
    exact = trace.product([share, owed], "t", zh="配额最低比例×应清缴量", en="least share × owed")
    return UntimelySurrender(owed, trace.ceil(exact, zh="其中至少为配额", en="of it allowances at least"))


def multiple_of_price(place: str, missing_t: int, mean_price: Traced, rules: RulesAt) -> tuple[Traced, Traced]:
    """Compute what another local market of the country fines for failing to surrender: multiples of the price.

    Args:
        place: "beijing" or "shenzhen".
        missing_t: not surrendered, tonnes.
        mean_price: of the market there, fen per tonne; in Shenzhen that of the last six months.
        rules: with `comparator.<place>.surrender.price_multiple_min` and `_max`, or `.price_multiple` where it is one.

    Returns:
        Smallest and largest fine, whole fen, halves up (the rounding is not stated).

    Source: S53: Beijing 3 to 5 times, Shenzhen 3 times.
    """
    path = f"comparator.{place}.surrender.price_multiple"
    ends = (path, path) if rules.has(path) else (f"{path}_min", f"{path}_max")
    missing = trace.given(missing_t, "t", zh="未清缴量", en="not surrendered")
    smallest, largest = (
        trace.half_up(
            trace.product(
                [rules.number(end), mean_price, missing],
                "fen",
                zh="倍数×均价×未清缴量",
                en="multiple × mean price × missing",
            ),
            zh=zh,
            en=en,
        )
        for end, zh, en in zip(ends, ("罚款下限", "罚款上限"), ("smallest fine", "largest fine"), strict=True)
    )
    return smallest, largest


def capped_fine(missing_t: int, mean_price: Traced, rules: RulesAt) -> Traced:
    """Compute the largest fine in Korea: a multiple of the price, at most a fixed sum for each tonne.

    Args:
        missing_t: not surrendered, tonnes.
        mean_price: won per tonne.
        rules: with `comparator.korea.fine_price_multiple` and `.fine_won_per_t_max`.

    Returns:
        Whole won, rounded down (the rounding is not stated).

    Source: S82, Act, Art. 33 (recalled).
    """
    missing = trace.given(missing_t, "t", zh="未清缴量", en="missing tonnes")
    multiple = rules.number("comparator.korea.fine_price_multiple")
    of_price = trace.product([multiple, mean_price], "won/t", zh="倍数×均价", en="multiple × mean price")
    cap = rules.number("comparator.korea.fine_won_per_t_max")
    of_tonne = trace.smallest([of_price, cap], "won/t", zh="每吨罚款上限", en="largest fine for a tonne")
    exact = trace.product([of_tonne, missing], "won", zh="每吨罚款×未清缴量", en="fine for a tonne × missing tonnes")
    return trace.floor(exact, zh="罚款上限", en="largest fine")


def grown_day_by_day(owed: Traced, days: int, rules: RulesAt) -> tuple[Traced, ...]:
    """Compute what a late payment in British Columbia has grown to at the end of each day.

    Args:
        owed: cents on the last day for payment.
        days: how many days late, >= 0.
        rules: with `comparator.british_columbia.daily_penalty_share`.

    Returns:
        One row for each day, whole cents, halves up; the growth itself is not rounded between days.

    Source: S78 (0.38 % a day, compounded; recalled). The rounding is not stated.
    """
    one = trace.given(1, "", zh="一", en="one")
    share = rules.number("comparator.british_columbia.daily_penalty_share")
    factor = trace.total([one, share], "", zh="1＋日加收比例", en="1 + daily addition")
    rows = []
    for day in range(1, days + 1):
        count = trace.given(day, "", zh="逾期天数", en="days late")
        growth = trace.power(factor, count, "", zh="逐日复利", en="compounded daily")
        exact = trace.product([owed, growth], owed.unit, zh="应付×复利系数", en="owed × growth")
        rows.append(trace.half_up(exact, zh=f"第{day}日末应付", en=f"owed at the end of day {day}"))
    return tuple(rows)
