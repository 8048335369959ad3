"""Read the plan of a year before anybody is asked to approve it: what it sets, and everything that is wrong with it.

A plan comes from outside. Its text is looked at as bytes first: what YAML can do beyond writing a tree (anchors, which
grow without end when they are followed, and tags) is no part of a plan, and neither is a tree deeper than ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import yaml

from tonnebook import rulebook
from tonnebook.core import plan
from tonnebook.core.errors import Refusal
from tonnebook.core.plan import PlanRefusal
from tonnebook.core.rules import Leaf, RulesAt
from tonnebook.rulebook import comparison, loader
from tonnebook.rulebook.comparison import Change
from tonnebook.rulebook.reading import Problem
from tonnebook.rulebook.sheets import Written

# How a plan must be written, one value for a day or year among it, follows from no law.
_OF_THE_FORM = "design choice"
BYTES_MAX = 200_000
DEPTH_MAX = 12
# Which column of a table a flaw concerns; the others concern the value.
_COLUMNS: Mapping[Refusal, str] = MappingProxyType(
    {PlanRefusal.PATH_UNKNOWN: "path", PlanRefusal.SECTOR_UNKNOWN: "path", PlanRefusal.UNIT_WRONG: "unit"}
)
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as it was read.

    Attributes:
        text: its text.
        problems: what is wrong with it, with file, line or cell, path, rule and remedy; empty when it may be proposed.
        rules: of its region and year with the plan laid over them; None while its text does not read.
        changes: what it changes against the rules without it.
    """

    text: str
    problems: tuple[Problem, ...]
    rules: RulesAt | None = None
    changes: tuple[Change, ...] = ()


def read(region: str, year: int, text: str, *, file: str = "plan", table: Written | None = None) -> Draft:
    """Read a plan and look through it.

    Args:
        region: region code.
        year: compliance year it is for.
        text: YAML of the rule book's shape.
        file: name used in problems.
        table: the table the text was written from, for a plan that came as one.

    Returns:
        What it sets, or everything that is wrong with it; nothing is changed anywhere.

    Raises:
        LookupError: when there is no such region.
    """
    found = _outside(text, file)
    if not found:
        reading = loader.overlay(text, file=file, leaves=loader.book(region).leaves)
        found = [*reading.problems, *loader.other_years(reading, year)]
    if found:
        formed = [replace(one, rule=one.rule or _OF_THE_FORM) for one in found]
        return Draft(text, tuple(one.at(table.places.get(one.line, "")) if table else one for one in formed))
    on = date(year, 12, 31)
    rules, before = rulebook.at(region, on=on, year=year, overlays=(text,)), rulebook.at(region, on=on, year=year)
    flaws = plan.flaws(reading.leaves, rules, before)
    problems = tuple(_problem(flaw, file, reading.lines, table) for flaw in flaws)
    return Draft(text, problems, rules, comparison.differences(before, rules))


def leaves_of(text: str) -> Mapping[str, Leaf]:
    """Give the parameters that the text of an adopted plan sets."""
    return loader.overlay(text, file="plan", leaves={}).leaves


# What is missing stands in no line: it is told at the first line that belongs near it.
def _problem(flaw: plan.Flaw, file: str, lines: Mapping[str, int], table: Written | None) -> Problem:
    family = flaw.path.rpartition(".")[0]
    near = [line for path, line in lines.items() if family and path.startswith(f"{family}.")]
    line = lines.get(flaw.path) or min(near, default=1)
    column = _COLUMNS.get(flaw.refused.code, "value")
    cell = table.fields.get((flaw.path, column), table.places.get(line, "")) if table else ""
    rule = flaw.refused.code.sentence.article
    return Problem(file, line, flaw.path, flaw.refused.zh, flaw.refused.en, rule, cell)


def _outside(text: str, file: str) -> list[Problem]:
    if len(text.encode()) > BYTES_MAX:
        zh, en = f"方案超过 {BYTES_MAX} 字节；请拆分", f"the plan has more than {BYTES_MAX} bytes; shorten it"
        return [Problem(file, 1, "", zh, en)]
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
                zh = "方案不得使用锚点、别名或标签；请直接写出内容"
                return [Problem(file, line, "", zh, "anchors, aliases and tags are not taken; write the content out")]
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEPTH_MAX:
                zh, en = (
                    f"层次超过 {DEPTH_MAX} 层；请按模板书写",
                    f"deeper than {DEPTH_MAX} levels; follow the template",
                )
                return [Problem(file, line, "", zh, en)]
    except (yaml.YAMLError, RecursionError):
        # What is no YAML is told, with its line, by the reader of rule files.
        return []
    return []
