"""The rule book as the public reads it: parameters with their history, and what stands behind each value."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import CapYear
from tonnebook.core import units
from tonnebook.core.rules import Dated, Leaf, RulesAt, Status
from tonnebook.faces import drawings
from tonnebook.faces.drawings import Line
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.portal import publications
from tonnebook.portal.models import RuleRelease
from tonnebook.rulebook import comparison, sources, usage
from tonnebook.rulebook.reading import NUMBERS
from tonnebook.rulebook.sources import Document
from tonnebook.rulebook.usage import Use

# Years a reader may ask for: no rule is older, and none is known further ahead.
YEARS = range(2005, 2031)
# A line is drawn over whole numbers; six decimals hold every value of the rule book.
_SCALE = 1_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter and its value in force, if it has one; `document` is what the value rests on."""

    leaf: Leaf
    dated: Dated | None
    document: Document | None

    @property
    def zh(self) -> str:
        """What the parameter is, in Chinese."""
        return self.leaf.zh

    @property
    def en(self) -> str:
        """What the parameter is, in English."""
        return self.leaf.en


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about one parameter.

    Attributes:
        rule: the parameter with its value in force.
        history: every value ever, the latest first, each with its document.
        line: the numbers over time; None for words, and for fewer than two values.
        uses: which functions read it.
        is_inherited: whether the region takes it from another one.
    """

    rule: Rule
    history: tuple[Rule, ...]
    line: Line | None
    uses: tuple[Use, ...]
    is_inherited: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A signed release: digest, number of parameters, note, leaf hash, when, and whether these are today's rules."""

    digest: str
    parameters: int
    note: str
    receipt: str
    released_at: datetime
    is_current: bool


def year_asked(text: str, *, today: date) -> int:
    """Give the year an address asks for, today's where it names none."""
    return int(text) if text.isascii() and text.isdigit() and int(text) in YEARS else today.year


def of_year(region: str, year: int, *, today: date) -> RulesAt:
    """Give the rules of a region on the last day of a year, or today in the running one, with all adopted plans."""
    on = today if year == today.year else date(year, 12, 31)
    return compliance.rules_with_plans(region, on=on, year=year)


def topics(rules: RulesAt) -> tuple[tuple[str, int], ...]:
    """Count the parameters by topic, the first word of their paths."""
    return tuple(sorted(Counter(path.partition(".")[0] for path in rules.leaves).items()))


def statuses(rules: RulesAt) -> dict[Status, int]:
    """Count the values in force by how sure they are."""
    in_force = (leaf.in_force(rules.on, rules.year) for leaf in rules.leaves.values())
    counts = Counter(dated.status for dated in in_force if dated)
    return {status: counts[status] for status in Status if counts[status]}


def found(rules: RulesAt, *, asked: str = "", topic: str = "", status: str = "") -> tuple[Rule, ...]:
    """List the parameters whose path, description, source or article holds all words, of one topic and status.

    Args:
        rules: of a region and year.
        asked: words, in any order.
        topic: first word of the path; empty for all.
        status: how sure the value in force is; empty for any, and for parameters without a value in force.
    """
    words = asked.lower().split()
    rows = (_rule(leaf, leaf.in_force(rules.on, rules.year)) for _, leaf in sorted(rules.leaves.items()))
    return tuple(
        row
        for row in rows
        if topic in ("", row.leaf.path.partition(".")[0])
        and status in ("", row.dated.status if row.dated else "")
        and all(word in _text(row) for word in words)
    )


def sheet(region: str, rules: RulesAt, path: str) -> Sheet:
    """Give everything about one parameter.

    Raises:
        Http404: when the region has no such parameter.
    """
    leaf = rules.leaves.get(path)
    if leaf is None:
        raise Http404
    return Sheet(
        _rule(leaf, leaf.in_force(rules.on, rules.year)),
        tuple(_rule(leaf, dated) for dated in reversed(leaf.values)),
        _line(leaf),
        usage.uses(path),
        path not in rulebook.own_paths(region) and path not in _of_plans(rules, region),
    )


def releases(region: str) -> tuple[Release, ...]:
    """List the signed releases of a region, the latest first."""
    digest = rulebook.digest(region)
    rows = RuleRelease.objects.filter(region=region).order_by("-released_at")
    return tuple(
        Release(row.digest, row.parameters, row.note, row.receipt, row.released_at, row.digest == digest)
        for row in rows
    )


def overdue(rules: RulesAt) -> tuple[comparison.Stale, ...]:
    """List the values that should be compared with their source again, the longest overdue first."""
    return comparison.stale(list(rules.leaves.values()), rules.on)


@tenancy.everywhere(Why.DISCLOSURE)
def cap_path(region: str, today: date) -> tuple[CapYear, ...]:
    """List the caps of a region over the years in sums; nothing where the region may not publish totals."""
    rules = compliance.rules(region, today.year, today)
    return compliance.cap_path(region, today=today) if publications.may_show(rules, "totals") else ()


def plain(rules: RulesAt) -> list[Mapping[str, object]]:
    """Give every parameter with every value as open data; each value carries how sure it is."""
    return [
        {
            "path": leaf.path,
            "unit": leaf.unit,
            "zh": leaf.zh,
            "en": leaf.en,
            "values": [comparison.plain(dated) for dated in leaf.values],
        }
        for _, leaf in sorted(rules.leaves.items())
    ]


def _of_plans(rules: RulesAt, region: str) -> set[str]:
    return set(rules.leaves) - set(rulebook.at(region, on=rules.on).leaves)


def _rule(leaf: Leaf, dated: Dated | None) -> Rule:
    return Rule(leaf, dated, sources.documents().get(dated.source) if dated else None)


def _text(row: Rule) -> str:
    ground = f"{row.dated.source} {row.dated.article}" if row.dated else ""
    title = f"{row.document.title} {row.document.number}" if row.document else ""
    return f"{row.leaf.path} {row.leaf.zh} {row.leaf.en} {ground} {title}".lower()


def _line(leaf: Leaf) -> Line | None:
    numbers = [dated for dated in leaf.values if dated.value is not None and leaf.unit in NUMBERS]
    values = [(_since(dated), int(units.decimal_of(str(dated.value)) * _SCALE)) for dated in numbers]
    return drawings.line(values) if len({value for _, value in values}) > 1 else None


def _since(dated: Dated) -> str:
    return str(dated.year or dated.from_on)
