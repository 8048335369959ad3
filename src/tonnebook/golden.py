"""Run worked examples: read golden files, call core through `core.examples`, compare to the last digit.

Two shapes are read. A *golden* case names its `call`, `input` and `output`. A *published* case (a list of worked
examples as a research note writes them) has no call: it is matched by id with the golden cases of this repository,
whose id is the same or continues it after a stroke (`W14_stationary/lpg_m3`), must hold the same numbers, and passes
when all of them pass.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import cast

import yaml

from tonnebook.core import units
from tonnebook.core.errors import Refused

OWN_CASES = Path(__file__).parents[2] / "tests" / "golden"

Tree = object
"""What a YAML file holds when every scalar is read as text: str, list and dict, nested."""

_ROUNDINGS: Mapping[str, Callable[[Decimal, int], Decimal]] = {
    "half_up": units.half_up,
    "floor": units.floor,
    "ceil": units.ceil,
}


class CaseError(ValueError):
    """A case that cannot be run as written: no such call, a missing field, an argument the call does not take."""


@dataclass(frozen=True, slots=True)
class Case:
    """One worked example of a golden file; every number in it is text.

    Attributes:
        id: name of the example.
        source: where it comes from.
        call: `<module>.<function>` of `tonnebook.core.examples`.
        input: keyword arguments.
        output: what must come out; `refused: CODE` when core must refuse.
        rounding: such as "half_up 2": results are rounded so before comparison; empty compares them exactly.
        tolerance: largest difference allowed, "0" unless the source itself is imprecise.
    """

    id: str
    source: str
    call: str
    input: Mapping[str, Tree]
    output: Mapping[str, Tree]
    rounding: str = ""
    tolerance: Decimal = Decimal(0)


@dataclass(slots=True)
class Outcome:
    """What a run found: failures with their reason by id, ids that passed, ids that nothing covers yet."""

    passed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    uncovered: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Tell the outcome: a line per failure, what is not yet covered, and the count."""
        yield from (f"FAILED {name}: {reason}" for name, reason in self.failed.items())
        if self.uncovered:
            yield "not yet covered: " + ", ".join(self.uncovered)
        yield f"{len(self.passed)} passed, {len(self.failed)} failed"


def run(paths: Iterable[Path], own_cases: Path = OWN_CASES) -> Outcome:
    """Run every example of the files.

    Args:
        paths: golden or published files.
        own_cases: folder of golden files that published cases are matched with.

    Returns:
        The outcome over all files, in their order.

    Raises:
        CaseError: when a file is no list of cases.
    """
    outcome = Outcome()
    for path in paths:
        for entry in entries(path):
            if "call" in entry:
                _note(outcome, str(entry["id"]), failure(case_of(entry)))
            else:
                _run_published(outcome, entry, own_cases)
    return outcome


def entries(path: Path) -> list[dict[str, Tree]]:
    """Read a file as a list of mappings with an id, every scalar as text.

    Raises:
        CaseError: when it is anything else.
    """
    # BaseLoader keeps "0.10" and 2026-07-17 as the text they are; no number ever passes through a float.
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 (builds text only)
    if not isinstance(data, list) or not all(isinstance(entry, dict) and "id" in entry for entry in data):
        raise CaseError(f"{path.name}: expected a list of cases, each with an id")
    return data


def case_of(entry: Mapping[str, Tree]) -> Case:
    """Check that an entry is a golden case.

    Raises:
        CaseError: when a field is missing, unknown or of the wrong shape.
    """
    known = {"id", "source", "call", "input", "output", "rounding", "tolerance", "notes"}
    missing = {"id", "source", "call", "input", "output"} - entry.keys()
    if missing or entry.keys() - known:
        raise CaseError(f"{entry['id']}: missing {sorted(missing)}, unknown {sorted(entry.keys() - known)}")
    given, wanted = entry["input"], entry["output"]
    if not isinstance(given, dict) or not isinstance(wanted, dict):
        raise CaseError(f"{entry['id']}: input and output must be mappings")
    tolerance = units.decimal_of(str(entry.get("tolerance", "0")))
    return Case(
        id=str(entry["id"]),
        source=str(entry["source"]),
        call=str(entry["call"]),
        input=given,
        output=wanted,
        rounding=str(entry.get("rounding", "")),
        tolerance=tolerance,
    )


def failure(case: Case) -> str | None:
    """Run one case.

    Returns:
        Why it failed, or None when it passed.
    """
    try:
        actual = _call(case)
    except (CaseError, ValueError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"
    wanted, found = dict(_leaves(case.output)), dict(_leaves(actual))
    for place, text in wanted.items():
        if place not in found:
            return f"{place or 'output'} is missing"
        if not _agrees(case, text, found[place]):
            return f"{place}: expected {text}, got {found[place]}"
    return None


def cases_of(published_id: str, own_cases: Path = OWN_CASES) -> list[Case]:
    """Find the golden cases that adapt a published one."""
    own = [case_of(entry) for path in sorted(own_cases.glob("*.yaml")) for entry in entries(path)]
    return [case for case in own if case.id.partition("/")[0] == published_id]


def _call(case: Case) -> Mapping[str, Tree]:
    module_name, _, name = case.call.partition(".")
    try:
        module = importlib.import_module(f"tonnebook.core.examples.{module_name}")
    except ModuleNotFoundError as error:
        raise CaseError(f"no module {module_name} in core.examples") from error
    function = getattr(module, name, None)
    if function is None or name.startswith("_"):
        raise CaseError(f"no example call {case.call}")
    try:
        return cast("Mapping[str, Tree]", function(**case.input))
    except Refused as refused:
        return {"refused": refused.code.name}
    except (TypeError, KeyError) as error:
        raise CaseError(f"{case.call} does not take this input: {error}") from error


def _agrees(case: Case, wanted: str, found: str) -> bool:
    wanted_number, found_number = _number(wanted), _number(found)
    if wanted_number is None or found_number is None:
        return wanted == found
    if case.rounding:
        name, _, places = case.rounding.partition(" ")
        found_number = _ROUNDINGS[name](found_number, int(places))
    return abs(units.EXACT.subtract(wanted_number, found_number)) <= case.tolerance


def _run_published(outcome: Outcome, entry: Mapping[str, Tree], own_cases: Path) -> None:
    name = str(entry["id"])
    cases = cases_of(name, own_cases)
    if not cases:
        outcome.uncovered.append(name)
        return
    reasons = [f"{case.id}: {reason}" for case in cases if (reason := failure(case))]
    _note(outcome, name, "; ".join([*_disagreements(entry, cases), *reasons]))


def _disagreements(entry: Mapping[str, Tree], cases: Sequence[Case]) -> Iterator[str]:
    # The adapted cases must hold every number that the published one holds, its results among their results.
    outputs = _numbers(*(case.output for case in cases))
    everything = outputs | _numbers(*(case.input for case in cases))
    for wanted, held, words in (
        (_numbers(entry.get("expected", [])), outputs, "results"),
        (_numbers(entry.get("inputs", []), entry.get("rows", [])), everything, "numbers"),
    ):
        if lost := wanted - held:
            yield f"the adapted cases lack the {words} {', '.join(sorted(map(str, lost)))}"


def _note(outcome: Outcome, name: str, reason: str | None) -> None:
    if reason:
        outcome.failed[name] = reason
    else:
        outcome.passed.append(name)


def _numbers(*trees: Tree) -> set[Decimal]:
    found = (_number(text) for tree in trees for _, text in _leaves(tree))
    return {number for number in found if number is not None}


def _leaves(tree: Tree, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for key, part in tree.items():
            yield from _leaves(part, f"{place}.{key}" if place else str(key))
    elif isinstance(tree, list | tuple):
        for index, part in enumerate(tree):
            yield from _leaves(part, f"{place}[{index}]")
    else:
        yield place, str(tree)


def _number(text: str) -> Decimal | None:
    try:
        return units.decimal_of(text)
    except ValueError:
        return None
