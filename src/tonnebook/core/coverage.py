"""Who is covered and why: stages, thresholds by sector and year, entry and exit.

An entity enters when last year's emission (or energy use) reaches its sector's threshold; it leaves after the number of
years below that the rule book names, when it closes, or when it moves to the national market. Every decision carries a
reason with a sentence in Chinese and English and the comparison it rests on. The core does *not* know the entities: it
decides one set of facts at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt


class Stage(StrEnum):
    """How far an entity is inside the scheme in a compliance year."""

    OUT = "OUT"
    REPORTING = "REPORTING"
    MANAGED = "MANAGED"
    ALLOWANCES = "ALLOWANCES"


class Reason(Enum):
    """Why an entity is in or out: (Chinese sentence, English sentence)."""

    MOVED_TO_NATIONAL = (
        "自{national_from}年度起纳入全国市场",
        "Belongs to the national market from {national_from} on",
    )
    LISTED = ("由主管部门列入名单", "Put on the list by the authority")
    CLOSED = ("已关停、解散或迁出", "Closed, dissolved or moved away")
    SECTOR_NOT_COVERED = ("该行业尚无纳管门槛", "No coverage threshold applies to this sector")
    NO_FIGURE = ("没有{year}年度的排放量", "No emission figure is known for {year}")
    ENTERED_BY_EMISSION = ("{year}年排放量达到纳管门槛", "Emission of {year} reached the coverage threshold")
    ENTERED_BY_ENERGY = ("{year}年综合能耗达到纳管门槛", "Energy use of {year} reached the coverage threshold")
    STAYS_ABOVE = ("已纳管，{year}年仍在门槛以上", "Already covered and still at or above the threshold in {year}")
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
        is_closed: closed, dissolved or moved away before the year began.
    """

    sector: str
    emissions_t: Mapping[int, int]
    energy_tce: Mapping[int, Decimal] = field(default_factory=dict)
    was_covered: bool = False
    national_from: int | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class CoverageDecision:
    """The stage of an entity in a year, with its reason and the comparison.

    Attributes:
        stage: how far inside.
        reason: reason code.
        zh: reason in Chinese.
        en: reason in English.
        margin: last year's figure less the threshold (t or tce), or None when nothing was compared.
    """

    stage: Stage
    reason: Reason
    zh: str
    en: str
    margin: trace.Traced | None = None

    @property
    def is_covered(self) -> bool:
        """Whether the entity is on the coverage list (more than reporting)."""
        return self.stage in (Stage.MANAGED, Stage.ALLOWANCES)


def decide(facts: CoverageFacts, rules: RulesAt) -> CoverageDecision:
    """Decide how far an entity is inside the scheme in the compliance year of the rules.

    Args:
        facts: what is known of the entity; the latest figures of the two years before decide, because a list is
            published before the emissions of the year before are determined.
        rules: rules with `year` set.

    Returns:
        The decision; `margin` has unit t or tce.

    Raises:
        ValueError: when the rules name no compliance year.

    Source: coverage thresholds S16, S18, S01 (二); exit S06 Art. 11; order of the questions: design choice.
    """
    if rules.year is None:
        raise ValueError("coverage is decided for a compliance year")
    year = _deciding_year(facts, rules.year)
    if facts.national_from is not None and facts.national_from <= rules.year:
        return _decision(Stage.OUT, Reason.MOVED_TO_NATIONAL, national_from=facts.national_from)
    if facts.is_closed:
        return _decision(Stage.OUT, Reason.CLOSED)
    margins = _margins(facts, rules, year)
    if margins is None:
        return _decision(Stage.OUT, Reason.SECTOR_NOT_COVERED)
    if not margins:
        return _decision(_stage(facts.sector, rules) if facts.was_covered else Stage.OUT, Reason.NO_FIGURE, year=year)
    reached = next((margin for margin in margins if margin.value >= 0), None)
    if reached is not None:
        return _inside(facts, rules, reached, year)
    return _below(facts, rules, margins[0], year)


def _deciding_year(facts: CoverageFacts, year: int) -> int:
    known = {*facts.emissions_t, *facts.energy_tce}
    return year - 2 if year - 1 not in known and year - 2 in known else year - 1


def _decision(stage: Stage, reason: Reason, margin: trace.Traced | None = None, **facts: int) -> CoverageDecision:
    zh, en = reason.value
    return CoverageDecision(stage, reason, zh.format(**facts), en.format(**facts), margin)


def _inside(facts: CoverageFacts, rules: RulesAt, margin: trace.Traced, year: int) -> CoverageDecision:
    reason = Reason.ENTERED_BY_ENERGY if margin.unit == "tce" else Reason.ENTERED_BY_EMISSION
    if facts.was_covered:
        reason = Reason.STAYS_ABOVE
    return _decision(_stage(facts.sector, rules), reason, margin, year=year)


def _below(facts: CoverageFacts, rules: RulesAt, margin: trace.Traced, year: int) -> CoverageDecision:
    if facts.was_covered:
        needed, below = rules.integer("coverage.exit_years_below"), _years_below(facts, rules, year)
        if below < needed:
            stage = _stage(facts.sector, rules)
            return _decision(stage, Reason.STAYS_UNTIL_EXIT, margin, below=below, needed=needed)
        return _decision(_reporting(facts, rules, year)[0], Reason.LEFT_BELOW, margin, below=below)
    stage, reporting_margin = _reporting(facts, rules, year)
    reason = Reason.REPORTS_ONLY if stage is Stage.REPORTING else Reason.BELOW_REPORTING
    return _decision(stage, reason, reporting_margin or margin)


# A threshold may stand in tonnes, in coal equivalent, or in both (either suffices). None: no threshold at all.
def _margins(facts: CoverageFacts, rules: RulesAt, year: int) -> list[trace.Traced] | None:
    kinds: tuple[tuple[str, str, Mapping[int, int] | Mapping[int, Decimal]], ...] = (
        ("threshold_t", "t", facts.emissions_t),
        ("threshold_tce", "tce", facts.energy_tce),
    )
    known = [kind for kind in kinds if rules.has(f"coverage.{kind[0]}.{facts.sector}")]
    if not known:
        return None
    return [
        _margin(figures[year], unit, rules.number(f"coverage.{name}.{facts.sector}"), year)
        for name, unit, figures in known
        if year in figures
    ]


def _margin(figure: int | Decimal, unit: str, threshold: trace.Traced, year: int) -> trace.Traced:
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
    path = "coverage.reporting_threshold_t"
    if not rules.has(path) or year not in facts.emissions_t:
        return Stage.OUT, None
    margin = _margin(facts.emissions_t[year], "t", rules.number(path), year)
    return (Stage.REPORTING if margin.value >= 0 else Stage.OUT), margin


# Some sectors are managed before they receive allowances (Shanghai's public institutions, S01 (二)).
def _stage(sector: str, rules: RulesAt) -> Stage:
    path = f"coverage.stage.{sector}"
    return Stage(rules.text(path)) if rules.has(path) else Stage.ALLOWANCES
