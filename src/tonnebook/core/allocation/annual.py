"""The annual allowance of one entity: the steps of the plan, in the order the rule book names.

A regulation lists what changes an allowance but seldom in which order; our reading stands in the rule book as
`allocation.order`, where another reading is a dated value and not a change of code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace, units
from tonnebook.core.allocation import batches, incentives, issue, methods, national_power
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

# Where our reading of the order stands.
ORDER = "allocation.order"


class Batch(StrEnum):
    """Which batch of the year; REVIEW corrects the second after an objection."""

    FIRST = "FIRST"
    SECOND = "SECOND"
    REVIEW = "REVIEW"


class AllocationState(StrEnum):
    """Where a batch stands for one entity: computed, withheld for a reason, or issued."""

    PREVIEWED = "PREVIEWED"
    WITHHELD = "WITHHELD"
    ISSUED = "ISSUED"


class Step(StrEnum):
    """A step of the plan; BASE is there already, and PAID_SHARE splits the final amount wherever it is named."""

    BASE = "BASE"
    CONTROL_COEFFICIENT = "CONTROL_COEFFICIENT"
    NON_FOSSIL = "NON_FOSSIL"
    INCENTIVE = "INCENTIVE"
    PAID_SHARE = "PAID_SHARE"
    BAND = "BAND"
    ROUND_DOWN = "ROUND_DOWN"


@dataclass(frozen=True, slots=True)
class Annual:
    """The annual allowance: `base` (whole tonnes after all steps) splits into `free` and `paid` exactly.

    `cut` is what a decision has taken from it already; None where there is none.
    """

    base: Traced
    free: Traced
    paid: Traced
    cut: Traced | None = None


def annual(facts: EntityFacts, rules: RulesAt) -> Annual:
    """Compute the annual allowance of an entity.

    Args:
        facts: past, output and, once determined, emission of the year.
        rules: rules of the compliance year with the plan's overlay.

    Returns:
        Whole tonnes; `free + paid = base`, which names the order of its steps as its origin. Steps that need the
        determined emission are passed over before there is one.

    Raises:
        Refused: what `methods.base_allowance` refuses; NO_DIRECT_SHARE where the table of 2019 asks for that share.

    Source: method S15, S16, S18, S02 item 3; order of the steps: our reading, `allocation.order`.
    """
    amount = methods.base_allowance(facts, rules)
    for word in rules.words(ORDER):
        amount = _STEPS[Step(word)](amount, facts, rules)
    # The order is a reading of the rules like any number of theirs, so its status goes wherever the result goes.
    whole = replace(_rounded(amount, facts, rules), origin=rules.origin(ORDER))
    parts = issue.divide(whole, facts, rules)
    return Annual(whole, parts.free, parts.paid)


def cut(amounts: Annual, decided_t: int) -> Annual:
    """Take from an allowance what a decision on the year before cuts, at most what is given free.

    Args:
        amounts: the annual allowance.
        decided_t: tonnes to cut, >= 0.

    Returns:
        The allowance that is left; the paid share stays as it was.

    Source: S06 Art. 40, S05 Art. 24; that no more is cut than is given free, and the rest not kept for later: design
        choice.
    """
    if not decided_t:
        return amounts
    decided = trace.given(decided_t, "t", zh="处罚决定核减量", en="cut by decision")
    taken = trace.smallest([decided, amounts.free], "t", zh="核减量（以免费配额为限）", en="cut, at most the free part")
    base, free = (
        trace.difference(one, taken, "t", zh=f"核减后{zh}", en=f"{en} after the cut")
        for one, zh, en in (
            (amounts.base, "年度配额", "annual allowance"),
            (amounts.free, "免费配额", "free allowance"),
        )
    )
    return Annual(base, free, amounts.paid, taken)


def check_cut_taken(entity: str, year: int, *, decided_t: int, taken_t: int) -> None:
    """Let nothing be given beside the annual allowance while that allowance has not borne what a decision cuts.

    Args:
        entity: unified social credit code.
        year: whose allowance is cut.
        decided_t: tonnes that decisions cut from the year.
        taken_t: of them, what the settled allowance of the year has borne.

    Raises:
        Refused: CUT_OUTSTANDING.

    Source: S06 Art. 40, S05 Art. 24 (the unpaid part is cut from the next year's allowances); waiting for it: design
        choice.
    """
    if taken_t < decided_t:
        left_t = decided_t - taken_t
        raise Refused(AllocationRefusal.CUT_OUTSTANDING, entity=entity, year=year, decided_t=decided_t, left_t=left_t)


def _keep(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    return amount


def _controlled(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    path = f"allocation.control_coefficient.{facts.sector}"
    if not rules.has(path):
        return amount
    return trace.product([amount, rules.number(path)], "t", zh="基础配额×控排系数", en="base × control coefficient")


def _topped_up(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    if facts.managed_t is None or not facts.market_mwh:
        return amount
    return incentives.non_fossil_top_up(amount, emission_t=facts.managed_t, market_mwh=facts.market_mwh, rules=rules)


def _rewarded(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    grounds = [ground for ground in sorted(facts.grounds) if _holds(ground, facts, rules)]
    return incentives.with_incentives(amount, grounds, rules) if grounds else amount


# Evidence for a ground is the officers' matter; that emission and intensity fell is computed, once both are known.
def _holds(ground: str, facts: EntityFacts, rules: RulesAt) -> bool:
    if not rules.has(f"allocation.incentive.{ground}.share"):
        return False
    if ground != incentives.REDUCTION_AND_RATING:
        return True
    last = (rules.year or 0) - 1
    before_t, after_t, made = facts.emissions_t.get(last), facts.managed_t, facts.outputs.get(last, {})
    main = incentives.main_product(facts.output)
    if before_t is None or after_t is None or not made.get(main) or not facts.output[main]:
        return False
    figures = ((before_t, made[main]), (after_t, facts.output[main]))
    before, after = (units.EXACT.divide(Decimal(tonnes), output) for tonnes, output in figures)
    return incentives.is_reduction(
        emissions_t=(before_t, after_t), intensities={main: (before, after)}, main_product=main
    )


# The national market caps the gap of a power company alone, Tianjin the surplus as well.
def _banded(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    if facts.managed_t is None or not rules.has("allocation.gap_band_share"):
        return amount
    if facts.units:
        return national_power.cap_gap(amount, emission_t=facts.managed_t, is_gas=facts.is_gas, rules=rules)
    return batches.band(amount, facts.managed_t, rules)


def _rounded(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    if amount.op is trace.Op.FLOOR:
        return amount
    return trace.floor(amount, zh="年度基础配额（舍去小数）", en="annual allowance, rounded down")


_STEPS: Mapping[Step, Callable[[Traced, EntityFacts, RulesAt], Traced]] = {
    Step.BASE: _keep,
    Step.CONTROL_COEFFICIENT: _controlled,
    Step.NON_FOSSIL: _topped_up,
    Step.INCENTIVE: _rewarded,
    Step.PAID_SHARE: _keep,
    Step.BAND: _banded,
    Step.ROUND_DOWN: _rounded,
}
