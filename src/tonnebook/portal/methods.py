"""The methods of accounting as everybody reads them: by sector, one by one with their factors, and to be tried out."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404

from tonnebook import rulebook
from tonnebook.core import methods, trace, units
from tonnebook.core.methods import Definition, Given, Input, MethodSet, Need, formula, quantities
from tonnebook.core.rules import Dated, Leaf, RulesAt
from tonnebook.rulebook import sources
from tonnebook.rulebook.sources import Document


@dataclass(frozen=True, slots=True)
class Said:
    """Something said in both languages, with the code it stands for where it has one."""

    zh: str
    en: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide with the methods a report of its sector sums; `document` is what it rests on."""

    told: MethodSet
    methods: tuple[Definition, ...]
    document: Document | None
    gaps: tuple[Said, ...]

    @property
    def zh(self) -> str:
        """The title in Chinese."""
        return self.told.zh

    @property
    def en(self) -> str:
        """The title in English."""
        return self.told.en


@dataclass(frozen=True, slots=True)
class Slot:
    """An input of a method with the parameter that stands behind it and its value in force, where it has one."""

    input: Input
    path: str
    leaf: Leaf | None
    dated: Dated | None
    accepted: tuple[str, ...]

    @property
    def zh(self) -> str:
        """What it is, in Chinese."""
        return self.input.zh

    @property
    def en(self) -> str:
        """What it is, in English."""
        return self.input.en

    @property
    def is_told(self) -> bool:
        """Whether who reports enters it."""
        return self.input.need in (Need.MEASURED, Need.DEFAULT)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a method with its formula in words and its document."""

    told: Definition
    document: Document | None
    formula_zh: str
    formula_en: str

    @property
    def note(self) -> Said:
        """What a reader should know; empty where there is nothing."""
        return Said(self.told.note_zh, self.told.note_en)

    @property
    def zh(self) -> str:
        """The formula in Chinese words."""
        return self.formula_zh

    @property
    def en(self) -> str:
        """The formula in English words."""
        return self.formula_en


def guides(rules: RulesAt) -> tuple[Guide, ...]:
    """List the guides of a region, its own before the national ones, with the versions of the year.

    Args:
        rules: of the region and year.
    """
    year = _year(rules)
    return tuple(
        Guide(
            one,
            tuple(found for method in one.methods if (found := _of_year(rules, method, year)) is not None),
            sources.documents().get(one.source),
            tuple(Said(*gap) for gap in one.gaps),
        )
        for one in rulebook.sets(rules.region)
    )


def versions(rules: RulesAt, method: str) -> tuple[Version, ...]:
    """List all versions of a method, the latest first.

    Raises:
        Http404: when the region has no such method.
    """
    found = rules.methods.get(method)
    if not found:
        raise Http404
    return tuple(_version(one) for one in reversed(found))


def slots(rules: RulesAt, chosen: Definition, name: str) -> tuple[Slot, ...]:
    """List the inputs of a version with what stands behind them in the rule book.

    Args:
        rules: of the region and year.
        chosen: version of the method.
        name: fuel or material; empty when none is chosen, and paths then keep their place for it.
    """
    return tuple(_slot(rules, chosen, one, name) for one in chosen.inputs)


def names(rules: RulesAt, chosen: Definition) -> tuple[Said, ...]:
    """List the fuels or materials a method has factors for."""
    found = rules.below(chosen.names) if chosen.names else ()
    paths = [(chosen.path_of(one, name), name) for one in chosen.inputs if one.path for name in found]
    usable = {name for path, name in paths if path in rules.leaves and _may(rules, chosen, path)}
    return tuple(Said(*_words(rules, name), name) for name in found if name in usable)


def tried(rules: RulesAt, chosen: Definition, told: Mapping[str, str]) -> trace.Traced | None:
    """Compute what somebody typed into the page of a method.

    Args:
        rules: of the region and year.
        chosen: version of the method.
        told: `value_<input>`, `unit_<input>`, `name` and `direction` as text.

    Returns:
        The result with its trace; None when nothing was typed.

    Raises:
        Refused: as `core.methods.Calculator.compute`.
        ValueError: when a value is no number.
    """
    given: dict[str, Given] = {}
    for one in chosen.inputs:
        text = told.get(f"value_{one.name}", "").strip()
        if text:
            given[one.name] = Given(units.decimal_of(text), told.get(f"unit_{one.name}", "").strip() or one.unit)
    if not given:
        return None
    return methods.compute(chosen, given, rules, name=told.get("name", ""), direction=told.get("direction", ""))


def plain(rules: RulesAt) -> list[dict[str, object]]:
    """Give every version of every method as plain values, for open data."""
    return [_plain(one) for _, found in sorted(rules.methods.items()) for one in found]


def plain_sets(rules: RulesAt) -> list[dict[str, object]]:
    """Give every guide as plain values, for open data."""
    return [
        {
            "id": one.id,
            "region": one.region,
            "zh": one.zh,
            "en": one.en,
            "sectors": list(one.sectors),
            "methods": list(one.methods),
            "source": one.source,
            "status": one.status.value,
            "track": one.track,
            "gaps": [{"zh": zh, "en": en} for zh, en in one.gaps],
        }
        for one in rulebook.sets(rules.region)
    ]


def _plain(one: Definition) -> dict[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "region": one.region,
        "first_year": one.first_year,
        "last_year": one.last_year,
        "zh": one.zh,
        "en": one.en,
        "kind": one.kind.value,
        "unit": one.unit,
        "boundary": one.boundary.value,
        "formula": one.formula,
        "gwp": one.gwp,
        "directions": {name: str(sign) for name, sign in one.directions.items()},
        "source": one.origin.source,
        "article": one.origin.article,
        "status": one.origin.status,
        "inputs": [
            {
                "name": told.name,
                "zh": told.zh,
                "en": told.en,
                "unit": told.unit,
                "need": told.need.value,
                "path": told.path,
                "value": None if told.value is None else format(told.value, "f"),
                "boundary": told.boundary.value if told.boundary else "",
            }
            for told in one.inputs
        ],
    }


def _version(one: Definition) -> Version:
    node = formula.parse(one.formula)
    words = [{told.name: getattr(told, language) for told in one.inputs} for language in ("zh", "en")]
    document = sources.documents().get(one.origin.source)
    return Version(one, document, formula.in_words(node, words[0]), formula.in_words(node, words[1]))


def _slot(rules: RulesAt, chosen: Definition, one: Input, name: str) -> Slot:
    path = chosen.path_of(one, name or "{name}") if one.path else ""
    leaf = rules.leaves.get(path)
    dated = leaf.in_force(rules.on, rules.year) if leaf else None
    return Slot(one, path, leaf, dated, quantities.accepted(one.unit))


def _of_year(rules: RulesAt, method: str, year: int) -> Definition | None:
    return next((one for one in rules.methods.get(method, ()) if one.covers(year)), None)


def _may(rules: RulesAt, chosen: Definition, path: str) -> bool:
    unit = rules.leaves[path].unit
    return any(quantities.factor(unit, one.unit) is not None for one in chosen.inputs if one.path)


def _words(rules: RulesAt, name: str) -> tuple[str, str]:
    path = f"words.{name}"
    if not rules.has(path):
        return name, name
    zh, en = rules.words(path)
    return zh, en


def _year(rules: RulesAt) -> int:
    return rules.year or rules.on.year
