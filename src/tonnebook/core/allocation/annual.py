"""The annual allowance of one entity: the steps of the plan, in the order the rule book names.

A regulation lists what changes an allowance but seldom in which order; our reading stands in the rule book as
`allocation.order`, where another reading is a dated value and not a change of code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.allocation import batches, benchmark, history, incentives, shares
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class AllocationRefusal(Refusal):
    """Why an allowance cannot be computed or issued, in order of precedence."""

    NO_PLAN = Sentence(
        "{region} {year} 年度尚无分配方案；请先批准方案。",
        "{region} has no allocation plan for {year}; adopt one first.",
        "S01 (一)",
    )
    PLAN_EXISTS = Sentence(
        "{region} {year} 年度分配方案已发布，不能再改。",
        "The allocation plan of {region} for {year} is adopted and cannot be changed.",
        "design choice",
    )
    NO_METHOD = Sentence(
        "行业 {sector} 没有分配方法；请在规则库或方案中补充。",
        "Sector {sector} has no allocation method; add one to the rule book or the plan.",
        "S15; S16; S18",
    )
    NO_HISTORY = Sentence(
        "{entity} 没有基准年数据，无法按历史法计算；请补充历史数据。",
        "{entity} has no figures of the base years; import its history first.",
        "S17, methods (structure recalled)",
    )
    NO_OUTPUT = Sentence(
        "{entity} 没有 {year} 年产量（活动水平）。",
        "{entity} has no output (activity) for {year}.",
        "S17, methods (structure recalled)",
    )
    NOT_DETERMINED = Sentence(
        "{entity} 的 {year} 年度排放量尚未审定，第二批次暂不核发。",
        "The emission of {entity} for {year} is not determined; its second batch waits.",
        "S02 item 4",
        transient=True,
    )
    NOT_COMPUTED = Sentence(
        "{region} {year} 年度{batch}批次尚未计算；请先计算并核对。",
        "Batch {batch} of {region} for {year} is not computed; compute and check it first.",
        "design choice",
    )
    ALREADY_ISSUED = Sentence(
        "{region} {year} 年度{batch}批次已发放。",
        "Batch {batch} of {region} for {year} has been issued.",
        "design choice",
    )
    FIRST_BATCH_MISSING = Sentence(
        "{region} {year} 年度第一批次尚未发放。",
        "The first batch of {region} for {year} has not been issued.",
        "S02 item 4",
    )
    CAP_EXCEEDED = Sentence(
        "本批 {batch_t} 吨加已发放 {issued_t} 吨超过方案总量 {cap_t} 吨。",
        "This batch of {batch_t} t and the {issued_t} t issued exceed the total of {cap_t} t of the plan.",
        "S01 (一)",
    )


class Batch(StrEnum):
    """Which batch of the year."""

    FIRST = "FIRST"
    SECOND = "SECOND"


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
class EntityFacts:
    """What the allowance of one entity is computed from.

    Attributes:
        entity: unified social credit code.
        sector: sector code of the rule book.
        emissions_t: determined emission by year before the compliance year, tonnes.
        outputs: output by product, by year before the compliance year.
        output: output by product of the compliance year, or of the year before for a preview.
        determined_t: determined emission of the compliance year, tonnes; None before determination.
        market_mwh: non-fossil power bought on the market in the compliance year, MWh.
        grounds: incentive grounds found.
        paid_coefficient: incentive coefficient on the paid share.
    """

    entity: str
    sector: str
    emissions_t: Mapping[int, int]
    outputs: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    output: Mapping[str, Decimal] = field(default_factory=dict)
    determined_t: int | None = None
    market_mwh: Decimal = Decimal(0)
    grounds: frozenset[str] = frozenset()
    paid_coefficient: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Annual:
    """The annual allowance: `base` (whole tonnes after all steps) splits into `free` and `paid` exactly."""

    base: Traced
    free: Traced
    paid: Traced


def annual(facts: EntityFacts, rules: RulesAt) -> Annual:
    """Compute the annual allowance of an entity.

    Args:
        facts: past, output and, once determined, emission of the year.
        rules: rules of the compliance year with the plan's overlay.

    Returns:
        Whole tonnes; `free + paid = base`. Steps that need the determined emission are passed over before there is one.

    Raises:
        Refused: NO_METHOD when the sector has none; NO_HISTORY or NO_OUTPUT when the method lacks its figures.

    Source: method S15, S16, S18, S02 item 3; order of the steps: our reading, `allocation.order`.
    """
    amount = base_allowance(facts, rules)
    for word in rules.words("allocation.order"):
        amount = _STEPS[Step(word)](amount, facts, rules)
    whole = _rounded(amount, facts, rules)
    parts = shares.split(whole, shares.paid_share(facts.sector, facts.paid_coefficient, rules))
    return Annual(whole, parts.free, parts.paid)


def base_allowance(facts: EntityFacts, rules: RulesAt) -> Traced:
    """Compute the base allowance by the sector's method, exact tonnes before any step.

    Raises:
        Refused: NO_METHOD, NO_HISTORY or NO_OUTPUT.

    Source: method of each sector S15, S16, S18, S02 item 3, by `allocation.method`.
    """
    path = f"allocation.method.{facts.sector}"
    if not rules.has(path):
        raise Refused(AllocationRefusal.NO_METHOD, sector=facts.sector)
    method = rules.text(path)
    if method == "BENCHMARK":
        return _by_benchmark(facts, rules)
    years = [year for year in history.base_years(rules) if year in facts.emissions_t]
    if not years:
        raise Refused(AllocationRefusal.NO_HISTORY, entity=facts.entity)
    if method == "HISTORICAL_EMISSIONS":
        return history.historical_emissions(facts.emissions_t, rules)
    return _by_intensity(facts, years, rules)


def _by_benchmark(facts: EntityFacts, rules: RulesAt) -> Traced:
    known = [name for name in sorted(facts.output) if rules.has(f"allocation.benchmark.{name}")]
    if not known:
        raise Refused(AllocationRefusal.NO_OUTPUT, entity=facts.entity, year=rules.year)
    parts = [benchmark.by_activity(name, facts.output[name], rules) for name in known]
    return trace.total(parts, "t", zh="基准线法基础配额", en="base allowance by benchmark")


def _by_intensity(facts: EntityFacts, years: list[int], rules: RulesAt) -> Traced:
    past: dict[str, dict[int, history.ProductYear]] = {}
    for year in years:
        outputs = {name: quantity for name, quantity in facts.outputs.get(year, {}).items() if quantity > 0}
        if outputs:
            emissions = history.attribute(facts.emissions_t[year], outputs)
            for name, quantity in outputs.items():
                past.setdefault(name, {})[year] = history.ProductYear(emissions[name], quantity)
    if not past:
        raise Refused(AllocationRefusal.NO_HISTORY, entity=facts.entity)
    products = [
        history.Product(name, past[name], facts.output[name]) for name in sorted(past) if facts.output.get(name)
    ]
    if not products:
        raise Refused(AllocationRefusal.NO_OUTPUT, entity=facts.entity, year=rules.year)
    return history.historical_intensity(products, rules)


def _keep(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    return amount


def _controlled(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    path = f"allocation.control_coefficient.{facts.sector}"
    if not rules.has(path):
        return amount
    return trace.product([amount, rules.number(path)], "t", zh="基础配额×控排系数", en="base × control coefficient")


def _topped_up(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    if facts.determined_t is None or not facts.market_mwh:
        return amount
    return incentives.non_fossil_top_up(amount, emission_t=facts.determined_t, market_mwh=facts.market_mwh, rules=rules)


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
    before_t, after_t, made = facts.emissions_t.get(last), facts.determined_t, facts.outputs.get(last, {})
    main = max(facts.output, key=lambda name: facts.output[name], default="")
    if before_t is None or after_t is None or not made.get(main) or not facts.output[main]:
        return False
    intensities = {main: (Decimal(before_t) / made[main], Decimal(after_t) / facts.output[main])}
    return incentives.is_reduction(emissions_t=(before_t, after_t), intensities=intensities, main_product=main)


def _banded(amount: Traced, facts: EntityFacts, rules: RulesAt) -> Traced:
    if facts.determined_t is None or not rules.has("allocation.gap_band_share"):
        return amount
    return batches.band(amount, facts.determined_t, rules)


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
