"""Failing to surrender (未清缴): what the law allows as a penalty on the day of the breach, and the steps to it.

The module computes the range, its price base and what may be cut from the next year; an officer decides within it and
gives the ground, and every step is recorded in the order the procedure asks for. Which regime applies follows from the
day of the breach, not from the compliance year: rules are read on that day. Where the rule book has no fine in force,
nothing is assumed: the procedure may begin, and a decision waits for the range. The module does *not* decide an amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.periods import Period
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_FEN_PER_YUAN = 100


class PenaltyRefusal(Refusal):
    """Why a penalty file or one of its steps is refused, in order of precedence."""

    NO_SUCH_FILE = Sentence("没有处罚案卷 {file}。", "There is no penalty file {file}.", "design choice", status=404)
    NOT_SHORT = Sentence(
        "{entity} 的 {year} 年度没有未清缴的数量，不能立案。",
        "{entity} has nothing missing for {year}; there is no breach to open a file on.",
        "S05 Art. 24",
    )
    FILE_EXISTS = Sentence(
        "{entity} 的 {year} 年度已有处罚案卷 {file}。",
        "There is a penalty file of {entity} for {year} already: {file}.",
        "design choice",
    )
    NO_PRICE = Sentence(
        "{from_on} 至 {to_on} 没有成交，无法计算市场均价；请先确定价格基准。",
        "Nothing was traded from {from_on} to {to_on}, so there is no mean price to multiply.",
        "S05 Art. 24",
    )
    STEP_NOT_NEXT = Sentence(
        "案卷 {file} 处于“{state_zh}”，下一步不能是“{step_zh}”。",
        "File {file} stands at “{state_en}”; “{step_en}” cannot come next.",
        "design choice, after the order of the procedure",
    )
    GROUND_MISSING = Sentence(
        "请写明依据或情况说明。", "Say on what ground, or what happened.", "design choice", status=422
    )
    OUTSIDE_RANGE = Sentence(
        "罚款 {fine} 元不在法定幅度 {smallest}–{largest} 元之内。",
        "A fine of {fine} yuan is outside the range of {smallest} to {largest} yuan.",
        "S05 Art. 24; S06 Art. 40; S30",
    )


class Regime(StrEnum):
    """What the law in force on the day of the breach provides."""

    PRICE_MULTIPLE = "PRICE_MULTIPLE"
    FIXED_FINE = "FIXED_FINE"
    NO_SUPPORT = "NO_SUPPORT"
    NOT_READ = "NOT_READ"


class PenaltyStep(StrEnum):
    """The steps of a file; the last one taken is where it stands."""

    OPENED = "OPENED"
    ORDERED = "ORDERED"
    CORRECTED = "CORRECTED"
    REFUSED = "REFUSED"
    NOTIFIED = "NOTIFIED"
    HEARD = "HEARD"
    WAIVED = "WAIVED"
    DECIDED = "DECIDED"
    PAID = "PAID"
    CLOSED = "CLOSED"


# Order to correct, what came of it, advance notice, hearing or its waiver, decision, payment. A file may be closed
# without a penalty until it is decided.
NEXT: Mapping[PenaltyStep, tuple[PenaltyStep, ...]] = MappingProxyType(
    {
        PenaltyStep.OPENED: (PenaltyStep.ORDERED, PenaltyStep.CLOSED),
        PenaltyStep.ORDERED: (PenaltyStep.CORRECTED, PenaltyStep.REFUSED, PenaltyStep.CLOSED),
        PenaltyStep.CORRECTED: (PenaltyStep.NOTIFIED, PenaltyStep.CLOSED),
        PenaltyStep.REFUSED: (PenaltyStep.NOTIFIED, PenaltyStep.CLOSED),
        PenaltyStep.NOTIFIED: (PenaltyStep.HEARD, PenaltyStep.WAIVED, PenaltyStep.CLOSED),
        PenaltyStep.HEARD: (PenaltyStep.DECIDED, PenaltyStep.CLOSED),
        PenaltyStep.WAIVED: (PenaltyStep.DECIDED, PenaltyStep.CLOSED),
        PenaltyStep.DECIDED: (PenaltyStep.PAID,),
        PenaltyStep.PAID: (),
        PenaltyStep.CLOSED: (),
    }
)

STEP_WORDS: Mapping[PenaltyStep, tuple[str, str]] = MappingProxyType(
    {
        PenaltyStep.OPENED: ("立案", "file opened"),
        PenaltyStep.ORDERED: ("责令改正", "order to correct"),
        PenaltyStep.CORRECTED: ("已改正", "corrected"),
        PenaltyStep.REFUSED: ("拒不改正", "refused to correct"),
        PenaltyStep.NOTIFIED: ("处罚告知", "advance notice"),
        PenaltyStep.HEARD: ("陈述申辩或听证", "heard"),
        PenaltyStep.WAIVED: ("放弃陈述申辩", "hearing waived"),
        PenaltyStep.DECIDED: ("处罚决定", "decision"),
        PenaltyStep.PAID: ("已缴纳", "paid"),
        PenaltyStep.CLOSED: ("不予处罚", "closed without penalty"),
    }
)


@dataclass(frozen=True, slots=True)
class PenaltyRange:
    """What may be decided.

    Attributes:
        regime: what the law in force provides.
        smallest: smallest fine, fen; zero where no money is fined.
        largest: largest fine, fen.
        cut: tonnes cut from next year's allocation of who refuses to correct; None where the law knows no cut.
        years_without_support: years without preferential support; None where the law does not say.
    """

    regime: Regime
    smallest: Traced
    largest: Traced
    cut: Traced | None = None
    years_without_support: Traced | None = None


def price_window(deadline: date) -> Period:
    """Give the days whose mean price is the base: the month that ends with the last day for surrender.

    Args:
        deadline: last day for surrender.

    Returns:
        Days, half open: a month back from the day after the deadline, or from the last day of a shorter month.

    Source: S05 Art. 24 (mean price of the month before the deadline); that the deadline is its last day: design choice.

    Example:
        >>> price_window(date(2024, 12, 31))
        Period(from_on=datetime.date(2024, 12, 1), to_on=datetime.date(2025, 1, 1))
    """
    end = deadline + timedelta(days=1)
    last_of_month_before = end.replace(day=1) - timedelta(days=1)
    return Period(last_of_month_before.replace(day=min(end.day, last_of_month_before.day)), end)


def regime_of(rules: RulesAt) -> Regime:
    """Say which regime is in force on the day of the rules.

    Args:
        rules: of the region on the day of the breach.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE, naming `penalty.surrender.fine_min_yuan`, when none is known.

    Source: S06 Art. 40, S05 Art. 24 (national); S30 (Shanghai, recalled); S36 (Tianjin).
    """
    for path, regime in _TOLD_BY.items():
        if rules.has(path):
            return regime
    rules.number("penalty.surrender.fine_min_yuan")
    return Regime.FIXED_FINE


def is_read(rules: RulesAt) -> bool:
    """Say whether the rule book knows what the law of the day of the rules provides."""
    return any(rules.has(path) for path in _TOLD_BY)


def surrender_range(rules: RulesAt, *, shortfall_t: int, mean_price: Traced | None = None) -> PenaltyRange:
    """Compute what may be decided for failing to surrender.

    Args:
        rules: of the region on the day of the breach, without a compliance year.
        shortfall_t: tonnes missing on that day, > 0.
        mean_price: mean market price of `price_window`, fen per tonne; wanted by PRICE_MULTIPLE alone.

    Returns:
        The range, with path, article and status of every parameter; whole fen, halves up, whole tonnes down.

    Raises:
        ValueError: when a multiple of the price is asked for and no price given.
        Refused: as `regime_of`.

    Source: S06 Art. 40; S05 Art. 24; S08, notes to tables 1-5 and 2-5; S30 (recalled); S36. Rounding: design choice.
    """
    regime = regime_of(rules)
    missing = trace.given(shortfall_t, "t", zh="未清缴量", en="missing tonnes")
    smallest, largest = (_limit(rules, regime, side, missing, mean_price) for side in _SIDES)
    cut = years = None
    if rules.has("penalty.surrender.next_year_cut_share"):
        share = rules.number("penalty.surrender.next_year_cut_share")
        exact = trace.product([share, missing], "t", zh="核减比例×未清缴量", en="share × missing tonnes")
        cut = trace.floor(exact, zh="拒不改正时核减下一年度配额", en="cut from next year when not corrected")
    if rules.has("penalty.surrender.years_without_support"):
        years = rules.number("penalty.surrender.years_without_support")
    return PenaltyRange(regime, smallest, largest, cut, years)


def cut_decided(at_breach: RulesAt, at_decision: RulesAt, *, missing_t: int) -> Traced | None:
    """Compute what a decision cuts from the next year's allowance of who refused to correct.

    Args:
        at_breach: rules of the region on the day of the breach, without a compliance year.
        at_decision: the same on the day of the decision; a share that has fallen since binds no new decision.
        missing_t: tonnes still missing on that day, >= 0.

    Returns:
        Whole tonnes, rounded down; None where one of the two days knows no cut.

    Source: S06 Art. 40, S05 Art. 24 (the unpaid part, one for one); S08, notes to tables 1-5 and 2-5 (from 2026-08-15
        no new cuts are decided, earlier ones go on); that late surrenders before the decision lessen it: design choice.
    """
    path = "penalty.surrender.next_year_cut_share"
    if not (at_breach.has(path) and at_decision.has(path)):
        return None
    shares = [at_breach.number(path), at_decision.number(path)]
    share = trace.smallest(shares, "share", zh="违法日与决定日核减比例之小者", en="smaller share of both days")
    missing = trace.given(missing_t, "t", zh="决定时仍未清缴量", en="still missing at the decision")
    exact = trace.product([share, missing], "t", zh="核减比例×未清缴量", en="share × missing tonnes")
    return trace.floor(exact, zh="核减下一年度配额", en="cut from next year's allowance")


def check_step(
    file: str,
    state: PenaltyStep,
    step: PenaltyStep,
    *,
    ground: str,
    fine_fen: int | None,
    allowed: tuple[int, int] | None,
) -> None:
    """Decide whether a step may be recorded now.

    Args:
        file: number of the file.
        state: the last step taken.
        step: what is to be recorded.
        ground: in words: evidence, ground of discretion, what was said.
        fine_fen: what is decided, fen; None for every other step.
        allowed: smallest and largest fine, fen; None for every other step than a decision.

    Raises:
        Refused: STEP_NOT_NEXT, GROUND_MISSING or OUTSIDE_RANGE, the first that applies.
        ValueError: when a decision names no fine, or another step does.

    Source: the order of the steps: design choice, after order to correct, notice, hearing, decision, payment.
    """
    if (fine_fen is None) == (step is PenaltyStep.DECIDED):
        raise ValueError("a decision names its fine, and nothing else does")
    if step not in NEXT[state]:
        words = {"state": STEP_WORDS[state], "step": STEP_WORDS[step]}
        facts = {f"{name}_{code}": word[at] for name, word in words.items() for at, code in enumerate(("zh", "en"))}
        raise Refused(PenaltyRefusal.STEP_NOT_NEXT, file=file, **facts)
    if not ground.strip():
        raise Refused(PenaltyRefusal.GROUND_MISSING)
    if fine_fen is not None and allowed is not None and not allowed[0] <= fine_fen <= allowed[1]:
        yuan = {"fine": _yuan(fine_fen), "smallest": _yuan(allowed[0]), "largest": _yuan(allowed[1])}
        raise Refused(PenaltyRefusal.OUTSIDE_RANGE, **yuan)


# Ending of the parameter, Chinese, English.
_SIDES = (("min", "下限", "smallest"), ("max", "上限", "largest"))
_TOLD_BY: Mapping[str, Regime] = MappingProxyType(
    {
        "penalty.surrender.price_multiple_min": Regime.PRICE_MULTIPLE,
        "penalty.surrender.fine_min_yuan": Regime.FIXED_FINE,
        "penalty.surrender.years_without_support": Regime.NO_SUPPORT,
    }
)


def _limit(
    rules: RulesAt, regime: Regime, side: tuple[str, str, str], missing: Traced, mean_price: Traced | None
) -> Traced:
    name, zh, en = side
    if regime is Regime.NO_SUPPORT:
        return trace.given(0, "fen", zh="不罚款", en="no fine in money")
    if regime is Regime.FIXED_FINE:
        yuan = rules.number(f"penalty.surrender.fine_{name}_yuan")
        fen = trace.given(_FEN_PER_YUAN, "fen/yuan", zh="每元的分", en="fen per yuan")
        return trace.product([yuan, fen], "fen", zh=f"罚款{zh}", en=f"{en} fine")
    if mean_price is None:
        raise ValueError("a multiple of the price needs the price")
    multiple = rules.number(f"penalty.surrender.price_multiple_{name}")
    parts = [multiple, mean_price, missing]
    exact = trace.product(parts, "fen", zh="倍数×市场均价×未清缴量", en="multiple × mean price × missing tonnes")
    return trace.half_up(exact, zh=f"罚款{zh}", en=f"{en} fine")


def _yuan(fen: int) -> str:
    return f"{fen // _FEN_PER_YUAN}.{fen % _FEN_PER_YUAN:02d}"
