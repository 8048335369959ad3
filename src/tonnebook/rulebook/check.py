"""Check the whole rule book: every file of every region, every plan that ships, and how sure we are of it.

The loader refuses what is not well formed; here all regions are gone through without stopping at the first problem,
and days on which something falls due are compared with the working-day calendar.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tonnebook.core.rules import Dated, Leaf, Status
from tonnebook.rulebook import loader, method_files
from tonnebook.rulebook.reading import Problem, RuleFileError


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found in one region.

    Attributes:
        region: region code.
        counts: parameters by the status of their newest value, inherited ones included.
        plans: compliance years for which a plan ships.
        problems: what is wrong; empty when all is well.
        methods: versions of methods, inherited ones included.
    """

    region: str
    counts: Mapping[Status, int]
    plans: tuple[int, ...]
    problems: tuple[Problem, ...]
    methods: int = 0

    def __str__(self) -> str:
        """Read as one line: region, number of parameters, counts by status, plans, problems."""
        counts = ", ".join(f"{self.counts[status]} {status.value}" for status in Status if self.counts.get(status))
        plans = ", ".join(map(str, self.plans)) or "-"
        total = sum(self.counts.values())
        known = f"{self.region}: {total} parameters ({counts}); {self.methods} methods"
        return f"{known}; plans {plans}; {len(self.problems)} problems"


def reports(root: Path = loader.ROOT) -> tuple[Report, ...]:
    """Check every region of the rule book.

    Args:
        root: folder of the rule book.

    Returns:
        One report per region, sorted by region code.
    """
    return tuple(report(folder.parent.name, root) for folder in sorted(root.glob("*/region.yaml")))


def report(region: str, root: Path = loader.ROOT) -> Report:
    """Check one region: its files and methods, what it inherits, its plans, and its deadlines against the calendar."""
    try:
        book = loader.book(region, root=root)
    except RuleFileError as error:
        return Report(region, {}, (), error.problems)
    leaves = book.leaves
    problems = [
        Problem(method_files.FOLDER, 1, region, f"方法有误：{said}", said)
        for said in method_files.problems(book.methods, leaves)
    ]
    plans: list[int] = []
    for file in sorted((root / loader.OVERLAYS).glob(f"{region}-*.yaml")):
        name = str(file.relative_to(root))
        plans.append(int(file.stem.rpartition("-")[2]))
        text = file.read_text(encoding="utf-8")
        found = loader.overlay(text, file=name, leaves=leaves)
        problems += [*found.problems, *loader.other_years(found, plans[-1])]
    problems.extend(_days_off(region, leaves))
    counts = Counter(leaf.values[-1].status for leaf in leaves.values())
    versions = sum(map(len, book.methods.versions.values()))
    return Report(region, counts, tuple(plans), tuple(problems), versions)


# A deadline of our own making must fall on a working day; one that a notice names stands as it is.
def _days_off(region: str, leaves: Mapping[str, Leaf]) -> list[Problem]:
    calendar = loader.calendar_of(leaves)
    return [
        _day_off(region, path, dated)
        for path, leaf in leaves.items()
        if path.startswith("deadline.") and leaf.unit == "date"
        for dated in leaf.values
        if dated.status is Status.SCENARIO and dated.value and not calendar.is_working_day(_day(dated))
    ]


def _day(dated: Dated) -> date:
    return date.fromisoformat(str(dated.value))


def _day_off(region: str, path: str, dated: Dated) -> Problem:
    zh, en = f"{dated.value} 不是工作日；请改为工作日", f"{dated.value} is no working day; move it to one"
    return Problem(f"{region}/deadline.yaml", 1, f"{path} [CY{dated.year}]", zh, en)
