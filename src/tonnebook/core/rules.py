"""Dated parameters as values: what the rule book's loader builds and every formula reads.

A *leaf* is one parameter with all its values since ever; `RulesAt` is the whole tree as it stands on one day for one
compliance year, with typed access. Formulas ask `rules.number("surrender.credit_limit_share")` and receive a
`trace.Traced` that already carries path, article and status, so an explanation can never lose its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from tonnebook.core import trace, units
from tonnebook.core.errors import Refusal, Refused, Sentence

if TYPE_CHECKING:
    from tonnebook.core.methods.definition import Definition


class Status(StrEnum):
    """How sure we are of a value; everything but ENACTED shows a badge wherever it has been used."""

    ENACTED = "enacted"
    DRAFT = "draft"
    RECALLED = "recalled"
    CONFLICT = "conflict"
    SCENARIO = "scenario"


class RulesRefusal(Refusal):
    """What the rule book can refuse."""

    NO_SUCH_PARAMETER = Sentence(
        zh="规则库（{region}）中没有参数 {path}；请核对路径，或用 rules show 查看。",
        en="The rule book of {region} has no parameter {path}; check the path, or list it with rules show.",
        article="design choice",
        status=404,
    )
    NO_VALUE_IN_FORCE = Sentence(
        zh="参数 {path}（{region}）在 {on} 没有生效的值；请在规则库中补充该日或该履约年度的值及其依据。",
        en="Parameter {path} ({region}) has no value in force on {on}; add one for that day or compliance year, with "
        "its reference.",
        article="design choice",
    )
    WRONG_KIND = Sentence(
        zh="参数 {path}（{region}）的值“{value}”不是{expected_zh}。",
        en="The value “{value}” of parameter {path} ({region}) is not {expected_en}.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a parameter from its first day on.

    Attributes:
        from_on: first day in force; for a value of one compliance year, 1 January of that year.
        year: the compliance year the value belongs to, or None for a value dated by day.
        value: text exactly as written (a decimal, an integer, a date, a word, or words split by " | "); None ends it.
        source: source id in `docs/sources.md`.
        article: article, table or item.
        status: how sure we are.
        published_on: day of publication, where known.
        last_checked_on: day someone last compared it with its source.
        notes: what a reader should know; may be empty.
    """

    from_on: date
    year: int | None
    value: str | None
    source: str
    article: str
    status: Status
    published_on: date | None
    last_checked_on: date
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One parameter: its path, unit, description, its values in order of `from_on`, and for a factor what it counts."""

    path: str
    unit: str
    zh: str
    en: str
    values: tuple[Dated, ...]
    boundary: str = ""

    def in_force(self, on: date, year: int | None) -> Dated | None:
        """Find the value in force on a day, or for a compliance year where values are kept by year.

        Values by year apply to their own year only (a plan is decided anew each year); values by day apply until the
        next one begins. A value by year wins over one by day.
        """
        by_year = [value for value in self.values if value.year is not None and value.year == year]
        by_day = [value for value in self.values if value.year is None and value.from_on <= on]
        chosen = (by_year or by_day)[-1:]
        return chosen[0] if chosen and chosen[0].value is not None else None


@dataclass(frozen=True, slots=True)
class RulesAt:
    """The rules of a region as they stand on one day for one compliance year.

    Attributes:
        region: region code, such as "shanghai".
        on: the day.
        year: the compliance year, or None where none is meant.
        leaves: every parameter by path, the region's own before those of the region it inherits from.
        digest: SHA-256 (hex) over all leaves, overlays and methods, stored with every result.
        methods: every version of every method by id, the region's own in place of those it would inherit.
    """

    region: str
    on: date
    year: int | None
    leaves: Mapping[str, Leaf] = field(repr=False)
    digest: str
    methods: Mapping[str, tuple["Definition", ...]] = field(default_factory=dict, repr=False)

    def number(self, path: str) -> trace.Traced:
        """Give a numeric parameter as the start of a trace.

        Raises:
            Refused: NO_SUCH_PARAMETER, NO_VALUE_IN_FORCE or WRONG_KIND.
        """
        leaf, dated, text = self._value(path)
        try:
            value = units.decimal_of(text)
        except ValueError as error:
            raise self._wrong_kind(path, text, "数字", "a number") from error
        return trace.parameter(value, leaf.unit, zh=leaf.zh, en=leaf.en, origin=_origin(path, dated))

    def decimal(self, path: str) -> Decimal:
        """Give a numeric parameter alone, where no trace is kept."""
        return self.number(path).value

    def integer(self, path: str) -> int:
        """Give a whole-number parameter alone (tonnes, fen, days, years)."""
        value = self.number(path).value
        if value != value.to_integral_value():
            raise self._wrong_kind(path, str(value), "整数", "a whole number")
        return int(value)

    def text(self, path: str) -> str:
        """Give a parameter that is a word, such as a method or a code."""
        return self._value(path)[2]

    def words(self, path: str) -> tuple[str, ...]:
        """Give a parameter that is a list of words, written "A | B | C", in order."""
        return tuple(word.strip() for word in self._value(path)[2].split("|"))

    def day(self, path: str) -> date:
        """Give a parameter that is a date, written 2026-03-31."""
        text = self._value(path)[2]
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise self._wrong_kind(path, text, "日期", "a date") from error

    def flag(self, path: str) -> bool:
        """Give a parameter that is "yes" or "no"."""
        text = self._value(path)[2]
        if text not in ("yes", "no"):
            raise self._wrong_kind(path, text, "“yes”或“no”", "yes or no")
        return text == "yes"

    def has(self, path: str) -> bool:
        """Say whether a parameter exists and has a value in force."""
        leaf = self.leaves.get(path)
        return leaf is not None and leaf.in_force(self.on, self.year) is not None

    def below(self, path: str) -> tuple[str, ...]:
        """List the next words of all paths below a path that have a value in force, sorted."""
        start = path + "."
        names = {key[len(start) :].split(".")[0] for key in self.leaves if key.startswith(start) and self.has(key)}
        return tuple(sorted(names))

    def status(self, path: str) -> Status:
        """Say how sure we are of the value in force."""
        return self._value(path)[1].status

    def origin(self, path: str) -> trace.Origin:
        """Say where the value in force stands (for parameters that are not numbers)."""
        return _origin(path, self._value(path)[1])

    def _value(self, path: str) -> tuple[Leaf, Dated, str]:
        leaf = self.leaves.get(path)
        if leaf is None:
            raise Refused(RulesRefusal.NO_SUCH_PARAMETER, path=path, region=self.region)
        dated = leaf.in_force(self.on, self.year)
        if dated is None or dated.value is None:
            on = f"{self.on}" + (f" / CY{self.year}" if self.year else "")
            raise Refused(RulesRefusal.NO_VALUE_IN_FORCE, path=path, region=self.region, on=on)
        return leaf, dated, dated.value

    def _wrong_kind(self, path: str, value: str, zh: str, en: str) -> Refused:
        facts = {"path": path, "region": self.region, "value": value, "expected_zh": zh, "expected_en": en}
        return Refused(RulesRefusal.WRONG_KIND, **facts)


def _origin(path: str, dated: Dated) -> trace.Origin:
    day = f"CY{dated.year}" if dated.year else dated.from_on.isoformat()
    return trace.Origin(path, day, dated.source, dated.article, dated.status.value)
