"""Penalties that go by what a breach has gained (违法所得): false data, false reports and opinions, manipulation.

The national regulation knows one form for all of them: a multiple of the gains, and where these are small or none a
fixed range instead. The module computes the range; it does *not* decide an amount. For failing to surrender see
`core.penalty`.
"""

from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_FEN_PER_YUAN = 100


class Breach(StrEnum):
    """What was done; the value names the rule below `penalty`."""

    FRAUD = "fraud"
    TEST_REPORT = "test_report"
    REPORT_OPINION = "report_opinion"
    MANIPULATION = "manipulation"
    DISTURBANCE = "disturbance"


@dataclass(frozen=True, slots=True)
class FineRange:
    """Smallest and largest fine (fen), and whether they are multiples of the gains."""

    smallest: Traced
    largest: Traced
    is_by_gains: bool


def fine_range(breach: Breach, gains_fen: int, rules: RulesAt) -> FineRange:
    """Compute what may be fined beside confiscating the gains.

    Args:
        breach: what was done.
        gains_fen: what it gained, fen; 0 when nothing.
        rules: of the day of the breach, with `penalty.<breach>.gains_threshold_yuan`, `.gains_multiple_min`, `_max`,
            `.fine_min_yuan` and `_max`.

    Returns:
        Multiples of the gains from the threshold on, the fixed range below it; whole fen.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when no such rule is in force.

    Source: S05 Art. 22, 23(1), 23(2), 25(1), 25(2).
    """
    path = f"penalty.{breach.value}"
    gains = trace.given(gains_fen, "fen", zh="违法所得", en="gains")
    is_by_gains = gains_fen >= rules.integer(f"{path}.gains_threshold_yuan") * _FEN_PER_YUAN
    if is_by_gains:
        multiples = (rules.number(f"{path}.gains_multiple_{end}") for end in ("min", "max"))
        exact = [trace.product([one, gains], "fen", zh="倍数×违法所得", en="multiple × gains") for one in multiples]
    else:
        fen = trace.given(_FEN_PER_YUAN, "fen/yuan", zh="每元的分", en="fen per yuan")
        fixed = (rules.number(f"{path}.fine_{end}_yuan") for end in ("min", "max"))
        exact = [trace.product([one, fen], "fen", zh="罚款（元）×100", en="fine in yuan × 100") for one in fixed]
    smallest, largest = exact
    return FineRange(
        trace.half_up(smallest, zh="罚款下限", en="smallest fine"),
        trace.half_up(largest, zh="罚款上限", en="largest fine"),
        is_by_gains,
    )


def cut_of_next_year(next_year_t: int, rules: RulesAt) -> tuple[Traced, Traced]:
    """Compute what may be cut from the next year's allowances of who refuses to correct false data.

    Args:
        next_year_t: allowances of the next year, tonnes.
        rules: of the day of the breach, with `penalty.fraud.next_year_cut_min_share` and `_max_share`.

    Returns:
        Smallest and largest cut, whole tonnes, rounded down (the rounding is not stated).

    Source: S05 Art. 22.
    """
    whole = trace.given(next_year_t, "t", zh="下一年度配额", en="allowances of the next year")
    smallest, largest = (
        trace.floor(
            trace.product([rules.number(path), whole], "t", zh="核减比例×下一年度配额", en="share × next year"),
            zh=zh,
            en=en,
        )
        for path, zh, en in (
            ("penalty.fraud.next_year_cut_min_share", "核减下限", "smallest cut"),
            ("penalty.fraud.next_year_cut_max_share", "核减上限", "largest cut"),
        )
    )
    return smallest, largest
