"""Who is covered and why: stages, thresholds by sector and year, entry and exit.

An entity enters when last year's emission (or energy use) reaches its sector's threshold; it leaves after the number of
years below that the rule book names, when it closes or moves away, or when it moves to the national market. Every
decision carries a reason with a sentence in Chinese and English, the comparisons it rests on and the articles behind
them. The core does *not* know the entities: it decides one set of facts at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt


class CoverageRefusal(Refusal):
    """Why nobody's coverage can be decided, in order of precedence."""

    UNIT_DIFFERS = Sentence(
        "参数 {path} 的单位为 {unit}，应为 {expected}；排放量与能耗不能混比。",
        "Parameter {path} is in {unit}, not in {expected}; an emission and an energy use are never compared.",
        "design choice",
    )
    REPORTING_ABOVE_COVERAGE = Sentence(
        "{year} 年度报告门槛 {reporting_t} 吨高于 {sector} 的纳管门槛 {coverage_t} 吨。",
        "The reporting threshold of {year}, {reporting_t} t, is above the coverage threshold of {sector}, "
        "{coverage_t} t.",
        "design choice",
    )


class Stage(StrEnum):
    """How far an entity is inside the scheme in a compliance year."""

    OUT = "OUT"
    REPORTING = "REPORTING"
    MANAGED = "MANAGED"
    ALLOWANCES = "ALLOWANCES"


COVERED = (Stage.MANAGED, Stage.ALLOWANCES)
_REPORTING = "coverage.reporting_threshold_t"


class Reason(Enum):
    """Why an entity is in or out: (Chinese sentence, English sentence)."""

    MOVED_TO_NATIONAL = (
        "自{national_from}年度起纳入全国市场",
        "Belongs to the national market from {national_from} on",
    )
    LISTED = ("由主管部门列入名单", "Put on the list by the authority")
    CORRECTED = ("由主管部门更正名单", "Corrected by the authority")
    CLOSED = ("已关停或解散", "Closed or dissolved")
    MOVED_AWAY = ("已迁出本地区", "Moved out of the region")
    SECTOR_NOT_COVERED = ("该行业尚无纳管门槛", "No coverage threshold applies to this sector")
    NO_FIGURE = ("没有{year}年度的排放量", "No emission figure is known for {year}")
    ENTERED_BY_EMISSION = ("{year}年排放量达到纳管门槛", "Emission of {year} reached the coverage threshold")
    ENTERED_BY_ENERGY = ("{year}年综合能耗达到纳管门槛", "Energy use of {year} reached the coverage threshold")
    STAYS_ABOVE = ("已纳管，{year}年仍在门槛以上", "Already covered and still at or above the threshold in {year}")
    REPORTS_BY_SECTOR = (
        "{year}年达到门槛；该行业先报告核查，暂不纳入配额管理",
        "Reached the threshold in {year}; the sector reports and is verified before it receives allowances",
    )
    STAYS_UNTIL_EXIT = (
        "已纳管，低于门槛{below}年，未满退出所需的{needed}年",
        "Already covered; below the threshold for {below} of the {needed} years that exit takes",
    )
    LEFT_BELOW = ("连续{below}年低于门槛，退出", "Left after {below} years below the threshold")
    REPORTS_ONLY = ("达到报告门槛、未达纳管门槛", "Reached the reporting threshold, not the coverage threshold")
    BELOW_REPORTING = ("低于报告门槛", "Below the reporting threshold")


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """What is known about one entity before a compliance year.

    Attributes:
        sector: sector code of the rule book.
        emissions_t: determined emission by year, tonnes.
        energy_tce: energy use by year, tonnes of coal equivalent; may be empty.
        was_covered: whether it was covered the year before.
        national_from: first compliance year in the national market, or None.
        is_closed: closed or dissolved before the year began.
        is_moved_away: goes on outside the region since before the year began.
    """

    sector: str
    emissions_t: Mapping[int, int]
    energy_tce: Mapping[int, Decimal] = field(default_factory=dict)
    was_covered: bool = False
    national_from: int | None = None
    is_closed: bool = False
    is_moved_away: bool = False


@dataclass(frozen=True, slots=True)
class CoverageDecision:
    """The stage of an entity in a year, with its reason, the comparisons behind it and their articles.

    Attributes:
        stage: how far inside.
        reason: reason code.
        facts: what the sentence of the reason names.
        margin: the deciding year's figure less the threshold (t or tce), or None when nothing was compared.
        years: years below the threshold less those that exit takes, or None when nobody asked.
        grounds: the parameters the decision rests on, each with article and status, in the order met.
    """

    stage: Stage
    reason: Reason
    facts: Mapping[str, int] = field(default_factory=dict)
    margin: trace.Traced | None = None
    years: trace.Traced | None = None
    grounds: tuple[trace.Origin, ...] = ()

    @property
    def zh(self) -> str:
        """The reason in Chinese."""
        return self.reason.value[0].format(**self.facts)

    @property
    def en(self) -> str:
        """The reason in English."""
        return self.reason.value[1].format(**self.facts)


def decide(facts: CoverageFacts, rules: RulesAt) -> CoverageDecision:
    """Decide how far an entity is inside the scheme in the compliance year of the rules.

    Args:
        facts: what is known of the entity; the latest figures of the two years before decide, because a list is
            published before the emissions of the year before are determined.
        rules: rules with `year` set.

    Returns:
        The decision; `margin` has unit t or tce, `years` unit year.

    Raises:
        ValueError: when the rules name no compliance year.
        Refused: UNIT_DIFFERS when a threshold is not in its own unit; REPORTING_ABOVE_COVERAGE; what the rules refuse.

    Source: coverage thresholds S16, S18, S01 (二); exit S06 Art. 11, S30 Art. 18, S02 item 10, S05 Art. 29; order of
    the questions: design choice.
    """
    if rules.year is None:
        raise ValueError("coverage is decided for a compliance year")
    year = _deciding_year(facts, rules.year)
    gone = _gone(facts, rules, rules.year)
    if gone:
        return gone
    margins = _margins(facts, rules, year)
    if margins is None:
        return CoverageDecision(Stage.OUT, Reason.SECTOR_NOT_COVERED)
    if not margins:
        stage = _stage(facts.sector, rules) if facts.was_covered else Stage.OUT
        return CoverageDecision(stage, Reason.NO_FIGURE, {"year": year})
    reached = next((margin for margin in margins if margin.value >= 0), None)
    if reached is not None:
        return _inside(facts, rules, reached, year)
    return _below(facts, rules, margins[0], year)


def check_thresholds(rules: RulesAt) -> None:
    """Hold that whoever is covered would have to report as well, in every sector.

    Args:
        rules: rules with `year` set.

    Raises:
        Refused: REPORTING_ABOVE_COVERAGE for the first sector that would be covered without reporting.

    Source: S01 (六): reporting reaches further than coverage; the check is a design choice.
    """
    if not rules.has(_REPORTING):
        return
    reporting = rules.decimal(_REPORTING)
    for sector in rules.below("coverage.threshold_t"):
        covered = rules.decimal(f"coverage.threshold_t.{sector}")
        if reporting > covered:
            facts = {"year": rules.year, "sector": sector, "reporting_t": reporting, "coverage_t": covered}
            raise Refused(CoverageRefusal.REPORTING_ABOVE_COVERAGE, **facts)


def is_on_national_track(sector: str, rules: RulesAt) -> bool:
    """Say whether a sector reports and is verified as in the national market while its allowances stay in the region.

    Args:
        sector: sector code.
        rules: rules of the region; `coverage.national_track` names the sectors, where there are any.

    Source: S02 item 23 (Tianjin).
    """
    path = "coverage.national_track"
    return rules.has(path) and sector in rules.words(path)


def _deciding_year(facts: CoverageFacts, year: int) -> int:
    known = {*facts.emissions_t, *facts.energy_tce}
    return year - 2 if year - 1 not in known and year - 2 in known else year - 1


# Whoever moved to the national market, closed or moved away is out where the region says so, with its article.
def _gone(facts: CoverageFacts, rules: RulesAt, year: int) -> CoverageDecision | None:
    named: dict[str, int] = {}
    if facts.national_from is not None and facts.national_from <= year:
        reason, path, named = Reason.MOVED_TO_NATIONAL, "coverage.exit.national", {"national_from": facts.national_from}
    elif facts.is_closed:
        reason, path = Reason.CLOSED, "coverage.exit.closed"
    elif facts.is_moved_away:
        reason, path = Reason.MOVED_AWAY, "coverage.exit.moved_away"
    else:
        return None
    if not rules.flag(path):
        return None
    return CoverageDecision(Stage.OUT, reason, named, grounds=(rules.origin(path),))


def _inside(facts: CoverageFacts, rules: RulesAt, margin: trace.Traced, year: int) -> CoverageDecision:
    stage, grounds = _stage(facts.sector, rules), trace.origins(margin)
    path = f"coverage.stage.{facts.sector}"
    if rules.has(path):
        grounds = (*grounds, rules.origin(path))
    reason = Reason.ENTERED_BY_ENERGY if margin.unit == "tce" else Reason.ENTERED_BY_EMISSION
    if stage is Stage.REPORTING:
        reason = Reason.REPORTS_BY_SECTOR
    elif facts.was_covered:
        reason = Reason.STAYS_ABOVE
    return CoverageDecision(stage, reason, {"year": year}, margin, grounds=grounds)


def _below(facts: CoverageFacts, rules: RulesAt, margin: trace.Traced, year: int) -> CoverageDecision:
    stage, reporting_margin = _reporting(facts, rules, year)
    if not facts.was_covered:
        reason, shown = Reason.REPORTS_ONLY, reporting_margin or margin
        if stage is Stage.OUT:
            reason = Reason.BELOW_REPORTING
        return CoverageDecision(stage, reason, margin=shown, grounds=trace.origins(shown))
    needed, count = rules.number("coverage.exit_years_below"), _years_below(facts, rules, year)
    below = trace.given(count, "year", zh="连续低于门槛的年数", en="years below the threshold in a row")
    years = trace.difference(below, needed, "year", zh="低于门槛年数减退出年数", en="years below less years exit takes")
    named = {"below": count, "needed": needed.whole}
    grounds = (*trace.origins(margin), *trace.origins(years))
    if years.value < 0:
        stage = _stage(facts.sector, rules)
        return CoverageDecision(stage, Reason.STAYS_UNTIL_EXIT, named, margin, years, grounds)
    return CoverageDecision(stage, Reason.LEFT_BELOW, named, margin, years, grounds)


# A threshold may stand in tonnes, in coal equivalent, or in both (either suffices). None: no threshold at all.
def _margins(facts: CoverageFacts, rules: RulesAt, year: int) -> list[trace.Traced] | None:
    kinds: tuple[tuple[str, str, Mapping[int, int] | Mapping[int, Decimal]], ...] = (
        ("threshold_t", "t", facts.emissions_t),
        ("threshold_tce", "tce", facts.energy_tce),
    )
    known = [
        (unit, figures, path) for name, unit, figures in kinds if rules.has(path := f"coverage.{name}.{facts.sector}")
    ]
    if not known:
        return None
    return [_margin(figures[year], unit, path, rules, year) for unit, figures, path in known if year in figures]


def _margin(figure: int | Decimal, unit: str, path: str, rules: RulesAt, year: int) -> trace.Traced:
    threshold = rules.number(path)
    if threshold.unit != unit:
        raise Refused(CoverageRefusal.UNIT_DIFFERS, path=path, unit=threshold.unit, expected=unit)
    what = ("排放量", "emission") if unit == "t" else ("综合能耗", "energy use")
    held = trace.given(figure, unit, zh=f"{year}年{what[0]}", en=f"{what[1]} of {year}")
    return trace.difference(held, threshold, unit, zh="高出门槛的数量", en="amount above the threshold")


# Years below are counted backwards from last year and stop at the first year at or above, or without a figure.
def _years_below(facts: CoverageFacts, rules: RulesAt, year: int) -> int:
    count = 0
    while True:
        margins = _margins(facts, rules, year - count)
        if not margins or any(margin.value >= 0 for margin in margins):
            return count
        count += 1


def _reporting(facts: CoverageFacts, rules: RulesAt, year: int) -> tuple[Stage, trace.Traced | None]:
    if not rules.has(_REPORTING) or year not in facts.emissions_t:
        return Stage.OUT, None
    margin = _margin(facts.emissions_t[year], "t", _REPORTING, rules, year)
    return (Stage.REPORTING if margin.value >= 0 else Stage.OUT), margin


# Some sectors are managed or only report before they receive allowances (S01 (二), S02 item 23).
def _stage(sector: str, rules: RulesAt) -> Stage:
    path = f"coverage.stage.{sector}"
    return Stage(rules.text(path)) if rules.has(path) else Stage.ALLOWANCES
