"""What a plan of a year may set, and what it must set, before anybody is asked to approve it.

A plan is a text of the rule book's shape. That it reads well is the rule book's matter; here its numbers are looked at:
nothing outside of what a plan decides, no factor missing for a covered sector, no share above its limit, and nobody
listed in two sectors. Every flaw is told with its path, so that it can be shown at its line or cell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tonnebook.core import identity, units
from tonnebook.core.allocation.methods import Method
from tonnebook.core.allocation.totals import CapMode
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import Leaf, RulesAt

# What a plan may set although no rule holds it yet, with its unit; a star stands for one word.
SETTABLE: Mapping[str, str] = MappingProxyType(
    {
        "allocation.cap_t": "t",
        "allocation.reserve_share": "share",
        "allocation.first_batch_share": "share",
        "allocation.first_batch_base": "word",
        "allocation.paid_share_max": "share",
        "allocation.method.*": "word",
        "allocation.control_coefficient.*": "multiple",
        "allocation.paid_share.*": "share",
        "allocation.paid_incentive.*": "multiple",
        "allocation.benchmark.*": "",
        "allocation.cap_mode.*": "word",
        "allocation.sector_cap_t.*": "t",
        "allocation.headroom_t": "t",
        "auction.early.quantity_t": "t",
        "auction.last_resort.quantity_t": "t",
        "coverage.listed.*": "words",
        "surrender.credit_limit_share": "share",
        "surrender.credit_limit_base": "word",
        "surrender.credit_schemes": "words",
    }
)
# Topics in which a plan may give the year's value of a parameter that the rule book has; laws of many years stay.
TOPICS = frozenset({"allocation", "auction", "coverage", "deadline", "filing", "surrender"})
_NEEDED = (
    "allocation.cap_t",
    "allocation.reserve_share",
    "allocation.first_batch_share",
    "allocation.first_batch_base",
    "surrender.credit_limit_share",
)
_OF_A_SECTOR = ("allocation.method", "allocation.control_coefficient", "allocation.paid_share")
_FIRST = "allocation.first_batch_share"
_GUARD, _LISTED, _THRESHOLD = "allocation.paid_share_max", "coverage.listed", "coverage.threshold_t"


class PlanRefusal(Refusal):
    """Why a plan is not taken, in order of precedence; each but the last is told at its line."""

    YEAR_WITHOUT_RULES = Sentence(
        "规则库（{region}）没有{year}年度的纳管门槛，无法核对方案；请先补充该年度规则，或更正年度。",
        "The rule book of {region} has no coverage threshold for {year}, so the plan cannot be checked; add the rules "
        "of that year first, or correct the year.",
        "S01 (二)",
        status=422,
    )
    PATH_UNKNOWN = Sentence(
        "{path} 不是方案可以设定的参数；请核对拼写，可设定的参数见模板。",
        "{path} is nothing a plan can set; check the spelling against the template.",
        "design choice",
        status=422,
    )
    SECTOR_UNKNOWN = Sentence(
        "{path}：规则库没有行业“{sector}”；请用纳管门槛中的行业代码。",
        "{path}: the rule book has no sector “{sector}”; use the code of a sector with a coverage threshold.",
        "S16; S33",
        status=422,
    )
    UNIT_WRONG = Sentence(
        "{path} 的单位应为“{expected}”，不是“{unit}”。",
        "The unit of {path} is “{expected}”, not “{unit}”.",
        "design choice",
        status=422,
    )
    VALUE_NEGATIVE = Sentence(
        "{path} 为 {value}，不得小于零；请更正。",
        "{path} is {value}; it cannot be below zero. Correct it.",
        "design choice",
        status=422,
    )
    SHARE_ABOVE_ONE = Sentence(
        "{path} 为 {value}，比例不得大于 1（0.05 即 5%）；请更正。",
        "{path} is {value}; a share cannot be above 1 (5 % is 0.05). Correct it.",
        "design choice",
        status=422,
    )
    SHARE_ABOVE_GUARD = Sentence(
        "{path} 为 {value}，高于单个单位有偿比例上限 {guard}；请降低到上限以内。",
        "{path} is {value}, above the largest paid share of one entity, {guard}; lower it.",
        "S01 (四)",
        status=422,
    )
    FIRST_BATCH_TOO_SMALL = Sentence(
        "{path} 为 {value}，规则要求第一批次原则上不低于 {least}；请提高。",
        "{path} is {value}; the rules ask for at least {least} in the first batch. Raise it.",
        "S02 item 4",
        status=422,
    )
    METHOD_UNKNOWN = Sentence(
        "{path}：没有名为“{value}”的方法；可用：{known}。",
        "{path}: there is no method “{value}”; known: {known}.",
        "S15; S16; S02 item 3",
        status=422,
    )
    ENTITY_IN_TWO_SECTORS = Sentence(
        "{entity} 同时列入行业 {first} 和 {second}；请只保留一个。",
        "{entity} is listed in the sectors {first} and {second}; keep one.",
        "design choice",
        status=422,
    )
    ENTITY_CODE_WRONG = Sentence(
        "{path}：“{entity}”不是有效的统一社会信用代码；请核对。",
        "{path}: “{entity}” is no valid unified social credit code; check it.",
        "GB 32100-2015",
        status=422,
    )
    FACTOR_MISSING = Sentence(
        "缺少 {path} 的{year}年度取值，{why_zh}；请补充该参数。",
        "{path} has no value for {year}: {why_en}. Add it.",
        "S01 (一); S15; S02 item 3",
        status=422,
    )
    PLAN_NOT_FIT = Sentence(
        "方案有 {count} 处须更正，未发布任何内容；第一处：{first_zh}",
        "{count} things in the plan must be put right; nothing was published. The first: {first_en}",
        "design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with a plan: the path it is told at, and what it is with its remedy in both languages."""

    path: str
    refused: Refused


def flaws(plan: Mapping[str, Leaf], rules: RulesAt, before: RulesAt) -> tuple[Flaw, ...]:
    """Look through a plan that reads well.

    Args:
        plan: the parameters of its text.
        rules: of the region and year of the plan, the plan laid over them.
        before: the same without the plan.

    Returns:
        All flaws, first those of the year, then those of what is written, then what is missing.

    Source: S01 (四) for the guard, S02 item 4 for the first batch; the rest follows from what allocation needs.
    """
    sectors = rules.below(_THRESHOLD)
    if not sectors:
        return (_flaw(_THRESHOLD, PlanRefusal.YEAR_WITHOUT_RULES, region=rules.region, year=rules.year or 0),)
    written = [flaw for path, leaf in plan.items() for flaw in _written(path, leaf, rules, before)]
    return (*written, *_listed_twice(plan, rules), *_missing(rules, sectors))


def sector_of(rules: RulesAt) -> dict[str, str]:
    """Give the sectors in which a plan lists entities by name; others keep the sector of the register."""
    return {
        entity: sector for sector in rules.below(_LISTED) for entity in rules.words(f"{_LISTED}.{sector}") if entity
    }


def moved(text: str, *, from_year: int, to_year: int) -> str:
    """Give the text of a plan with the values of one year as those of another: what if nothing but the year changed."""
    return text.replace(f"CY{from_year}:", f"CY{to_year}:")


def _written(path: str, leaf: Leaf, rules: RulesAt, before: RulesAt) -> Iterator[Flaw]:
    expected = _unit_of(path, before)
    if expected is None:
        yield _flaw(path, PlanRefusal.PATH_UNKNOWN, path=path)
        return
    family, _, last = path.rpartition(".")
    if family in (*_OF_A_SECTOR, _LISTED) and f"{_THRESHOLD}.{last}" not in rules.leaves:
        yield _flaw(path, PlanRefusal.SECTOR_UNKNOWN, path=path, sector=last)
    if expected and leaf.unit != expected:
        yield _flaw(path, PlanRefusal.UNIT_WRONG, path=path, expected=expected, unit=leaf.unit)
        return
    for dated in leaf.values:
        if dated.value is not None:
            yield from _valued(path, leaf.unit, dated.value, rules, before)


def _valued(path: str, unit: str, value: str, rules: RulesAt, before: RulesAt) -> Iterator[Flaw]:
    if unit in ("word", "words", "flag", "date", "time", "days"):
        yield from _worded(path, value)
        return
    number = units.decimal_of(value)
    if number < 0:
        yield _flaw(path, PlanRefusal.VALUE_NEGATIVE, path=path, value=value)
    if unit == "share" and number > 1:
        yield _flaw(path, PlanRefusal.SHARE_ABOVE_ONE, path=path, value=value)
    elif path == _GUARD and before.has(_GUARD) and number > before.decimal(_GUARD):
        yield _flaw(path, PlanRefusal.SHARE_ABOVE_GUARD, path=path, value=value, guard=before.text(_GUARD))
    elif path.startswith("allocation.paid_share.") and rules.has(_GUARD) and number > rules.decimal(_GUARD):
        yield _flaw(path, PlanRefusal.SHARE_ABOVE_GUARD, path=path, value=value, guard=rules.text(_GUARD))
    elif path == _FIRST and before.has(_FIRST) and number < before.decimal(_FIRST):
        yield _flaw(path, PlanRefusal.FIRST_BATCH_TOO_SMALL, path=path, value=value, least=before.text(_FIRST))


def _worded(path: str, value: str) -> Iterator[Flaw]:
    for family, words in (("allocation.method.", Method), ("allocation.cap_mode.", CapMode)):
        known = [word.value for word in words]
        if path.startswith(family) and value not in known:
            yield _flaw(path, PlanRefusal.METHOD_UNKNOWN, path=path, value=value, known=", ".join(known))
    if path.startswith(f"{_LISTED}."):
        for entity in (word.strip() for word in value.split("|")):
            if not identity.is_uscc(entity):
                yield _flaw(path, PlanRefusal.ENTITY_CODE_WRONG, path=path, entity=entity)


def _listed_twice(plan: Mapping[str, Leaf], rules: RulesAt) -> Iterator[Flaw]:
    first: dict[str, str] = {}
    for path in (path for path in plan if path.startswith(f"{_LISTED}.") and rules.has(path)):
        sector = path.removeprefix(f"{_LISTED}.")
        for entity in rules.words(path):
            if entity in first:
                facts = {"entity": entity, "first": first[entity], "second": sector}
                yield _flaw(path, PlanRefusal.ENTITY_IN_TWO_SECTORS, **facts)
            first.setdefault(entity, sector)


def _missing(rules: RulesAt, sectors: tuple[str, ...]) -> Iterator[Flaw]:
    for path in _NEEDED:
        if not rules.has(path):
            yield _lacking(path, rules, "分配和清缴都需要它", "allocation and surrender need it")
    for sector in sectors:
        why = (f"行业 {sector} 已纳管", f"sector {sector} is covered")
        for path in (f"{family}.{sector}" for family in _OF_A_SECTOR):
            if not rules.has(path):
                yield _lacking(path, rules, *why)
        method = f"allocation.method.{sector}"
        if rules.has(method) and rules.text(method) == Method.BENCHMARK and not rules.below("allocation.benchmark"):
            lacking = ("基准线法需要基准", "the benchmark method needs a benchmark")
            yield _lacking("allocation.benchmark", rules, *lacking)
        mode, cap = f"allocation.cap_mode.{sector}", f"allocation.sector_cap_t.{sector}"
        if rules.has(mode) and rules.text(mode) == CapMode.ABSOLUTE and not rules.has(cap):
            yield _lacking(cap, rules, "该行业实行总量控制", "the sector has an absolute cap")


def _lacking(path: str, rules: RulesAt, zh: str, en: str) -> Flaw:
    return _flaw(path, PlanRefusal.FACTOR_MISSING, path=path, year=rules.year or 0, why_zh=zh, why_en=en)


# The unit a parameter must have: that of the rule book, else that of the table; None where a plan may not set it.
def _unit_of(path: str, before: RulesAt) -> str | None:
    leaf = before.leaves.get(path)
    if leaf is not None and path.partition(".")[0] in TOPICS:
        return leaf.unit
    return SETTABLE.get(path, SETTABLE.get(f"{path.rpartition('.')[0]}.*"))


def _flaw(path: str, code: PlanRefusal, /, **facts: str | int) -> Flaw:
    return Flaw(path, Refused(code, **facts))
