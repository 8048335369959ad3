"""Read the methods of a region and its guides: `methods/<region>/*.yaml`, checked as strictly as the parameters.

A file holds methods, each with its versions by name; `sets.yaml` says which methods a report of a sector sums. A
region has its own versions in place of all those of the same id that it would inherit, so that a local market computes
by its own guide.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from tonnebook.core import methods, trace, units
from tonnebook.core.methods import Boundary, Definition, Input, LineKind, MethodSet, Need, SetStatus
from tonnebook.core.methods import formula as formulas
from tonnebook.core.rules import Status
from tonnebook.rulebook import reading
from tonnebook.rulebook.reading import Problem, Reading, RuleFileError

FOLDER = "methods"
SETS = "sets.yaml"
_METHOD = ("title", "kind", "unit", "boundary", "inputs", "versions")
_VERSION = ("years", "reference", "status", "formula")
_VERSION_MAY = ("inputs", "gwp", "directions", "rounding", "note")
_SET = ("title", "sectors", "source", "status", "methods")
_SET_MAY = ("gaps", "track")
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Methods:
    """What a region computes by: every version of every method by id, and the sets, its own before inherited ones."""

    versions: Mapping[str, tuple[Definition, ...]]
    sets: tuple[MethodSet, ...]


@functools.cache
def own(region: str, root: Path) -> Methods:
    """Read the methods and sets in a region's own folder; a region without one has none.

    Raises:
        RuleFileError: when a file is not well formed.
    """
    versions: dict[str, tuple[Definition, ...]] = {}
    sets: list[MethodSet] = []
    problems: list[Problem] = []
    for file in sorted((root / FOLDER / region).glob("*.yaml")):
        found = Reading(str(file.relative_to(root)))
        for name, line, data in _entries(found, file.read_text(encoding="utf-8")):
            try:
                if file.name == SETS:
                    sets.append(_set(name, region, data))
                elif name in versions:
                    raise ValueError("another file already holds this method; merge the two")
                else:
                    versions[name] = _versions(name, region, data)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                said = f"key {error} is missing" if isinstance(error, KeyError) else str(error)
                found.problems.append(Problem(found.file, line, name, f"方法不合格式（{said}）", said))
        problems += found.problems
    if problems:
        raise RuleFileError(tuple(problems))
    return Methods(MappingProxyType(versions), tuple(sets))


def problems(found: Methods, leaves: Mapping[str, object]) -> list[str]:
    """List what is wrong with the methods of a region: formulas, units, paths, years and sets that do not meet.

    Args:
        found: methods and sets, inherited ones included.
        leaves: parameters of the region by path.

    Returns:
        English sentences; empty when all is well.
    """
    said: list[str] = []
    for one in (version for versions in found.versions.values() for version in versions):
        where = f"{one.region}/{one.id}@{one.version}"
        said += [f"{where}: {problem}" for problem in methods.problems(one)]
        said += [f"{where}: no parameter {path}" for path in _lost_paths(one, leaves)]
    for method_set in found.sets:
        lost = [method for method in method_set.methods if method not in found.versions]
        said += [f"{method_set.region}/{method_set.id}: no method {method}" for method in lost]
    return said


def _entries(found: Reading, text: str) -> Iterator[tuple[str, int, _Tree]]:
    root = reading.composed(found, text)
    entries = reading.entries_of(found, root, "") if root is not None else None
    if not entries:
        return
    data = yaml.load(text, Loader=_LOADER)  # noqa: S506  the C loader of the same safe kind
    for name, node in entries.items():
        yield name, node.start_mark.line + 1, data[name]


def _versions(name: str, region: str, data: _Tree) -> tuple[Definition, ...]:
    _only(data, _METHOD, ("names",))
    shared = {key: _input(key, told) for key, told in data["inputs"].items()}
    found = tuple(_version(name, region, data, shared, str(key), told) for key, told in data["versions"].items())
    ordered = tuple(sorted(found, key=lambda one: one.first_year))
    for before, after in itertools.pairwise(ordered):
        if before.last_year is None or before.last_year >= after.first_year:
            raise ValueError(f"the years of the versions {before.version} and {after.version} overlap")
    return ordered


def _version(name: str, region: str, data: _Tree, shared: Mapping[str, Input], key: str, told: _Tree) -> Definition:
    _only(told, _VERSION, _VERSION_MAY)
    first, last = _years(str(told["years"]))
    reference = told["reference"]
    _only(reference, ("source", "article"), ())
    used = set(formulas.names(formulas.parse(told["formula"])))
    own_inputs = {one: _input(one, value) for one, value in told.get("inputs", {}).items()}
    inputs = {one: value for one, value in shared.items() if one in used} | own_inputs
    if not any(one.need is Need.MEASURED for one in inputs.values()):
        raise ValueError(f"the version {key} has nothing that is measured")
    note = _words(told["note"]) if "note" in told else ("", "")
    status = Status(told["status"]).value
    return Definition(
        id=name,
        version=key,
        first_year=first,
        last_year=last,
        zh=_words(data["title"])[0],
        en=_words(data["title"])[1],
        kind=_kind(data["kind"]),
        unit=data["unit"],
        boundary=Boundary(data["boundary"]),
        formula=told["formula"],
        inputs=tuple(inputs.values()),
        origin=trace.Origin(f"methods.{name}", key, str(reference["source"]), str(reference["article"]), status),
        region=region,
        names=data.get("names", ""),
        gwp=told.get("gwp", ""),
        directions=MappingProxyType({one: _sign(sign) for one, sign in told.get("directions", {}).items()}),
        rounding=_rounding(told["rounding"]) if "rounding" in told else None,
        note_zh=note[0],
        note_en=note[1],
    )


def _input(name: str, told: _Tree) -> Input:
    _only(told, ("zh", "en", "unit", "need"), ("path", "value", "boundary"))
    need = Need(told["need"])
    if (need is Need.CONSTANT) != ("value" in told) or (need in (Need.DEFAULT, Need.FACTOR)) != ("path" in told):
        raise ValueError(f"the input {name} is {need.value}: a constant has a value, a default and a factor a path")
    value = told.get("value")
    if value is not None and not isinstance(value, str):
        raise ValueError(f"the value of {name} must stand in quotes")
    return Input(
        name=name,
        zh=told["zh"],
        en=told["en"],
        unit=told["unit"],
        need=need,
        path=told.get("path", ""),
        value=units.decimal_of(value) if value is not None else None,
        boundary=Boundary(told["boundary"]) if "boundary" in told else None,
    )


def _set(name: str, region: str, data: _Tree) -> MethodSet:
    _only(data, _SET, _SET_MAY)
    zh, en = _words(data["title"])
    return MethodSet(
        id=name,
        region=region,
        zh=zh,
        en=en,
        sectors=tuple(data["sectors"]),
        methods=tuple(data["methods"]),
        source=data["source"],
        status=SetStatus(data["status"]),
        gaps=tuple(_words(one) for one in data.get("gaps", ())),
        track=data.get("track", ""),
    )


def _lost_paths(one: Definition, leaves: Mapping[str, object]) -> list[str]:
    paths = [one.path_of(told, "{name}") for told in one.inputs if told.path]
    lost = [path for path in paths if "{name}" not in path and path not in leaves]
    ends = {path: path.partition("{name}") for path in paths if "{name}" in path}
    return lost + [
        path
        for path, (head, _, tail) in ends.items()
        if not any(leaf.startswith(head) and leaf.endswith(tail) for leaf in leaves)
    ]


def _years(text: str) -> tuple[int, int | None]:
    first, dash, last = text.partition("-")
    if not first.isdigit() or not dash or (last and (not last.isdigit() or int(last) < int(first))):
        raise ValueError(f"years are written 2013-2023 or 2024-, not {text}")
    return int(first), int(last) if last else None


def _kind(text: str) -> LineKind:
    kind = LineKind(text)
    if kind is LineKind.METHOD:
        raise ValueError("a method counts as one of the other kinds")
    return kind


def _sign(told: object) -> int:
    if told not in (1, -1):
        raise ValueError("a direction is 1 or -1")
    return 1 if told == 1 else -1


def _rounding(text: str) -> tuple[str, int]:
    function, _, places = text.partition(" ")
    if function not in ("half_up", "floor", "ceil") or not places.isdigit():
        raise ValueError(f"a rounding is half_up, floor or ceil and places, not {text}")
    return function, int(places)


def _words(told: _Tree) -> tuple[str, str]:
    _only(told, ("zh", "en"), ())
    return str(told["zh"]), str(told["en"])


def _only(told: _Tree, needed: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    missing = [key for key in needed if key not in told]
    unknown = [key for key in told if key not in (*needed, *allowed)]
    if missing or unknown:
        raise ValueError(
            "; ".join([*(f"key {key} is missing" for key in missing), *(f"unknown key {key}" for key in unknown)])
        )


def plain_of(one: Definition) -> str:
    """Write every field of a definition in one line, for the digest of the rules."""
    inputs = "\x1d".join(
        "\x1c".join(map(str, (i.name, i.zh, i.en, i.unit, i.need, i.path, _text(i.value), i.boundary)))
        for i in one.inputs
    )
    fields = (one.region, one.id, one.version, one.first_year, one.last_year, one.zh, one.en, one.kind, one.unit)
    rest = (one.boundary, one.formula, inputs, one.origin, one.names, one.gwp, sorted(one.directions.items()))
    return "\x1f".join(map(str, (*fields, *rest, one.rounding, one.note_zh, one.note_en)))


def _text(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")
