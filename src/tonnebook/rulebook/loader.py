"""Find the rule files of the regions, read them once per process, and lay plans over them.

A region is a folder with a `region.yaml`; the name of each file is the path its tree hangs below (`surrender.yaml`,
`mrv.fuel.yaml`). A region that inherits names the topics it takes from the other region where it lacks a parameter.
Plans of single compliance years are texts of the same shape, handed in as overlays.
"""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from tonnebook.core import periods
from tonnebook.core.rules import Leaf
from tonnebook.rulebook import method_files, reading
from tonnebook.rulebook.method_files import Methods
from tonnebook.rulebook.reading import Problem, Reading, RuleFileError

ROOT = Path(__file__).parent
OVERLAYS = "overlays"


@dataclass(frozen=True, slots=True)
class Book:
    """All parameters of a region with what it inherits and the overlays laid over it.

    Attributes:
        leaves: every parameter by path, sorted.
        digest: SHA-256 (hex) over every leaf with every field of every value, and over every method.
        methods: what it computes by, its own before what it inherits.
    """

    leaves: Mapping[str, Leaf]
    digest: str
    methods: Methods


@functools.cache
def regions(root: Path = ROOT) -> tuple[str, ...]:
    """List the regions, in the order their `region.order` gives.

    Raises:
        RuleFileError: when a region file is not well formed.
    """
    names = sorted(file.parent.name for file in root.glob("*/region.yaml"))
    return tuple(sorted(names, key=lambda name: (_order(own(name, root)), name)))


@functools.cache
def own(region: str, root: Path = ROOT) -> Mapping[str, Leaf]:
    """Read the leaves that a region's own files hold.

    Raises:
        LookupError: when there is no such region.
        RuleFileError: when a file is not well formed or two files hold the same parameter.
    """
    leaves: dict[str, Leaf] = {}
    problems: list[Problem] = []
    for file in files(region, root):
        found = _file(file, root)
        problems.extend(found.problems)
        problems.extend(_twice(found, path) for path in found.leaves if path in leaves)
        leaves.update(found.leaves)
    if problems:
        raise RuleFileError(tuple(problems))
    return MappingProxyType(leaves)


def files(region: str, root: Path = ROOT) -> tuple[Path, ...]:
    """List the files of a region.

    Raises:
        LookupError: when there is no such region.
    """
    found = tuple(sorted((root / region).glob("*.yaml")))
    if root / region / "region.yaml" not in found:
        raise LookupError(f"the rule book has no region “{region}” / 规则库中没有地区“{region}”")
    return found


@functools.lru_cache(maxsize=64)
def book(region: str, overlays: tuple[str, ...] = (), root: Path = ROOT) -> Book:
    """Build the parameters of a region.

    Args:
        region: region code.
        overlays: YAML texts; later ones win.
        root: folder of the rule book.

    Returns:
        The leaves and their digest.

    Raises:
        LookupError: when there is no such region.
        RuleFileError: when a file or an overlay is not well formed, or an overlay changes a unit or dates by day.
    """
    leaves = dict(_inherited(region, root))
    leaves.update(own(region, root))
    for number, text in enumerate(overlays, 1):
        found = overlay(text, file=f"overlay {number}", leaves=leaves)
        if found.problems:
            raise RuleFileError(tuple(found.problems))
        for path, leaf in found.leaves.items():
            leaves[path] = reading.merged(leaves[path], leaf) if path in leaves else leaf
    ordered = MappingProxyType(dict(sorted(leaves.items())))
    methods = methods_of(region, root)
    return Book(ordered, _digest(ordered.values(), methods), methods)


@functools.cache
def methods_of(region: str, root: Path = ROOT) -> Methods:
    """Give the methods and sets of a region with those it inherits together with the topic `mrv`.

    Raises:
        RuleFileError: when a file is not well formed.
    """
    found, leaves = method_files.own(region, root), own(region, root)
    parent, topics = _newest(leaves, "region.inherits"), _newest(leaves, "region.inherited_topics")
    if not parent or "mrv" not in {topic.strip() for topic in topics.split("|")}:
        return found
    above = methods_of(parent, root)
    return Methods(MappingProxyType({**above.versions, **found.versions}), (*found.sets, *above.sets))


def overlay_file(region: str, year: int, root: Path = ROOT) -> Path:
    """Name the file of the plan that ships for a region and compliance year."""
    return root / OVERLAYS / f"{region}-{year}.yaml"


def overlay(text: str, *, file: str, leaves: Mapping[str, Leaf]) -> Reading:
    """Read a text that is to be laid over given leaves; its problems are those of the text and of laying it."""
    found = reading.read(text, file=file)
    for path, leaf in found.leaves.items():
        if any(value.year is None for value in leaf.values):
            zh, en = (
                "方案只能按履约年度取值（如 CY2026）",
                "a plan may only give values by compliance year (such as CY2026)",
            )
            found.problems.append(Problem(file, found.lines[path], path, zh, en))
        if path in leaves and leaves[path].unit != leaf.unit and leaf.unit in reading.NUMBERS | reading.WORDS:
            was = leaves[path].unit
            zh, en = (
                f"单位应为“{was}”，不能改为“{leaf.unit}”",
                f"the unit is “{was}”; a plan may not make it “{leaf.unit}”",
            )
            found.problems.append(Problem(file, found.lines[path], path, zh, en))
    return found


def other_years(found: Reading, year: int) -> list[Problem]:
    """Tell the parameters of a plan that hold values of another year than its own."""
    zh, en = f"方案只能写 CY{year} 的取值", f"this plan may only hold values of CY{year}"
    wrong = [path for path, leaf in found.leaves.items() if any(value.year != year for value in leaf.values)]
    return [Problem(found.file, found.lines[path], path, zh, en) for path in wrong]


def calendar_of(leaves: Mapping[str, Leaf]) -> periods.Calendar:
    """Build the working-day calendar from the parameters of a region, all years together."""
    return periods.Calendar(_all_days(leaves, "calendar.holidays"), _all_days(leaves, "calendar.make_up_days"))


@functools.cache
def _file(file: Path, root: Path) -> Reading:
    name = str(file.relative_to(root))
    return reading.read(file.read_text(encoding="utf-8"), file=name, below=file.stem)


# Only the topics that the region names are inherited: a mechanism of the one must not slip into the other unseen.
def _inherited(region: str, root: Path) -> Mapping[str, Leaf]:
    leaves = own(region, root)
    parent, topics = _newest(leaves, "region.inherits"), _newest(leaves, "region.inherited_topics")
    if not parent:
        return {}
    wanted = {topic.strip() for topic in topics.split("|")}
    above = {**_inherited(parent, root), **own(parent, root)}
    return {path: leaf for path, leaf in above.items() if path.partition(".")[0] in wanted}


def _newest(leaves: Mapping[str, Leaf], path: str) -> str:
    leaf = leaves.get(path)
    dated = leaf.in_force(date.max, None) if leaf else None
    return (dated.value or "") if dated else ""


def _all_days(leaves: Mapping[str, Leaf], path: str) -> frozenset[date]:
    texts = [dated.value for dated in leaves[path].values if dated.value] if path in leaves else []
    return frozenset(day for text in texts for day in reading.days(text))


def _order(leaves: Mapping[str, Leaf]) -> str:
    return _newest(leaves, "region.order") or "9"


def _twice(found: Reading, path: str) -> Problem:
    zh, en = "另一个文件已有此参数；请合并", "another file already holds this parameter; merge the two"
    return Problem(found.file, found.lines[path], path, zh, en)


# Every field is written, so that a changed note or article changes the digest as well as a changed value.
def _digest(leaves: Iterable[Leaf], methods: Methods) -> str:
    hasher = hashlib.sha256()
    for leaf in leaves:
        counts = f"\x1f{leaf.boundary}" if leaf.boundary else ""
        hasher.update(f"{leaf.path}\x1f{leaf.unit}\x1f{leaf.zh}\x1f{leaf.en}{counts}\x1e".encode())
        for value in leaf.values:
            fields = (value.from_on, value.year, value.value, value.source, value.article, value.status.value)
            rest = (value.published_on, value.last_checked_on, value.notes)
            hasher.update("\x1f".join(map(str, (*fields, *rest))).encode() + b"\x1e")
    for definition in (one for _, versions in sorted(methods.versions.items()) for one in versions):
        hasher.update(method_files.plain_of(definition).encode() + b"\x1e")
    return hasher.hexdigest()
