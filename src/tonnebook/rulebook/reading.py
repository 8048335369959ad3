"""Read one YAML text of the rule book into leaves, strictly, and say what is wrong with it by line.

The format is a tree of names; a node with the key `values` is a leaf. Every leaf has `description` (zh, en), `unit` and
`values`; every value has `value`, `reference` (source, article), `status`, `published_on`, `last_checked_on`, and may
have `notes`. A name may hold dots, so that a plan overlay can write `allocation.first_batch_share:` at its top.

Nothing is guessed: an unknown or missing key, a number without quotes, a key written twice, a day or year given twice
is a problem with file, line, path and remedy. All problems of a text are collected before anything is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import yaml

from tonnebook.core import units
from tonnebook.core.rules import Dated, Leaf, Status

# Units of exact decimals.
NUMBERS = frozenset(
    {
        "share",
        "multiple",
        "count",
        "t",
        "tce",
        "fen/t",
        "cent/t",
        "won/t",
        "yuan",
        "day",
        "working_day",
        "hour",
        "K",
        "Pa",
        "kg/m3",
        "month",
        "year",
        "g/mol",
        "GJ/t",
        "GJ/10^4Nm3",
        "tC/GJ",
        "tCO2/t",
        "tCO2/MWh",
        "tCO2/GJ",
        "tCO2/10^4kWh",
        "tCO2/unit",
        "tCO2/tCO2",
        "tCO2/tCH4",
        "tCO2/tN2O",
        "tCO2/tSF6",
        "tCO2/tCF4",
        "tCO2/tC2F6",
        "tN2O/t",
        "tCH4/t",
        "tC/t",
        "kgCF4/t",
        "kgC2F6/t",
        "kgCH4/t",
        "GJ/tce",
        "tCO2/tC",
        "tCO2/10^4Nm3",
        "kgCF4/t/min",
        "kJ/kg",
        "kJ/kg/K",
        "kJ/10^4kWh",
    }
)

# Units of values that are not numbers.
WORDS = frozenset({"word", "words", "date", "days", "flag", "time"})

# No rule is written for more years at once.
YEARS_MAX = 100

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_YEARS = re.compile(r"CY(\d{4})(?:-CY(\d{4}))?")
_SOURCE = re.compile(r"[A-Z]\d{2}")
_LEAF_KEYS = ("description", "unit", "values")
_VALUE_KEYS = ("value", "reference", "status", "published_on", "last_checked_on")
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a rule file: where (file, line, path) and how to put it right (zh, en).

    Attributes:
        file: name of the file.
        line: line of its text, from 1.
        path: parameter it concerns; may be empty.
        zh: what is wrong and its remedy, in Chinese.
        en: the same in English.
        rule: the article it follows from; empty for the form of a file.
        cell: the cell it stands in, such as "E7", where the text came from a table.
    """

    file: str
    line: int
    path: str
    zh: str
    en: str
    rule: str = ""
    cell: str = ""

    def at(self, cell: str) -> "Problem":
        """Give the same problem with the cell it stands in."""
        return replace(self, cell=cell)

    def __str__(self) -> str:
        """Read as `file:line: path: English remedy / Chinese remedy`."""
        return f"{self.file}:{self.cell or self.line}: {self.path or '-'}: {self.en} / {self.zh}"


class RuleFileError(ValueError):
    """A rule file or overlay is not well formed; `problems` holds at least one problem."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the message lists them all, one per line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Reading:
    """What one text gave: leaves by path, the line each begins on, and the problems met."""

    file: str
    leaves: dict[str, Leaf] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, node: yaml.Node | None, path: str, zh: str, en: str) -> None:
        """Note a problem at a node; without a node, at the first line."""
        line = node.start_mark.line + 1 if node is not None else 1
        self.problems.append(Problem(self.file, line, path, zh, en))


def read(text: str, *, file: str, below: str = "") -> Reading:
    """Read one YAML text.

    Args:
        text: the YAML text.
        file: name used in problems.
        below: path that the tree of the text hangs below; "" for overlays, which write whole paths.

    Returns:
        Leaves and problems; the leaves are complete only when there is no problem.
    """
    reading = Reading(file)
    root = composed(reading, text)
    if root is not None:
        _tree(reading, root, below)
    elif not reading.problems:
        zh, en = "文件为空；请写入参数或删除文件", "the file is empty; add a parameter or delete it"
        reading.problem(None, below, zh, en)
    return reading


def composed(reading: Reading, text: str) -> yaml.Node | None:
    """Parse a YAML text into nodes that know their lines; None when it is empty or, with a problem, no YAML."""
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        what = str(getattr(error, "problem", error))
        zh, en = f"不是合法的 YAML（{what}）；请检查缩进和引号", f"not YAML ({what}); check indent and quotes"
        reading.problems.append(Problem(reading.file, line, "", zh, en))
        return None
    return root


def merged(below: Leaf, above: Leaf) -> Leaf:
    """Lay one leaf over another of the same path: its values replace those of the same day or year.

    Args:
        below: the leaf as it stands.
        above: the leaf of an overlay; its description wins.

    Returns:
        One leaf with the values of both in order of their first day.
    """
    values = {(value.year, value.from_on): value for value in (*below.values, *above.values)}
    ordered = tuple(sorted(values.values(), key=_order))
    return Leaf(above.path, above.unit, above.zh, above.en, ordered, above.boundary or below.boundary)


def _tree(reading: Reading, node: yaml.Node, path: str) -> None:
    entries = entries_of(reading, node, path)
    if entries is None:
        return
    if "values" in entries:
        _leaf(reading, node, path, entries)
        return
    if not entries:
        reading.problem(
            node, path, "此处没有参数；请补充或删除", "nothing stands here; add a parameter or delete the name"
        )
    for name, child in entries.items():
        if not _NAME.fullmatch(name):
            zh, en = f"名称“{name}”只能用小写字母、数字和下划线", f"name “{name}” may only hold a-z, 0-9 and _"
            reading.problem(child, path, zh, en)
            continue
        _tree(reading, child, f"{path}.{name}" if path else name)


def _leaf(reading: Reading, node: yaml.Node, path: str, entries: Mapping[str, yaml.Node]) -> None:
    check_keys(reading, node, path, entries, _LEAF_KEYS, ("boundary",))
    if path in reading.leaves:
        zh, en = (
            "参数重复；请合并为一处",
            f"parameter stands twice (first in line {reading.lines[path]}); merge the two",
        )
        reading.problem(node, path, zh, en)
        return
    texts = texts_of(reading, entries.get("description"), path, ("zh", "en"), "description")
    unit = text_of(reading, entries.get("unit"), f"{path}: unit")
    if unit and unit not in NUMBERS | WORDS:
        known = " ".join(sorted(NUMBERS | WORDS))
        reading.problem(
            entries["unit"], path, f"未知单位“{unit}”；可用：{known}", f"unknown unit “{unit}”; known: {known}"
        )
    values = _values(reading, entries["values"], path, unit)
    reading.lines[path] = node.start_mark.line + 1
    boundary = text_of(reading, entries["boundary"], f"{path}: boundary") if "boundary" in entries else ""
    reading.leaves[path] = Leaf(path, unit, texts["zh"], texts["en"], tuple(sorted(values, key=_order)), boundary)


def _values(reading: Reading, node: yaml.Node, path: str, unit: str) -> list[Dated]:
    entries = entries_of(reading, node, path) or {}
    if not entries:
        reading.problem(node, path, "没有任何取值；请至少写一个", "the parameter has no value; write at least one")
    seen: set[tuple[int | None, date]] = set()
    values: list[Dated] = []
    for key, child in entries.items():
        for year, from_on in _firsts(reading, child, path, key):
            if (year, from_on) in seen:
                at = f"CY{year}" if year else from_on.isoformat()
                zh, en = (
                    f"{at} 的取值重叠；每个日期或年度只能有一个",
                    f"values overlap at {at}; keep one per day or year",
                )
                reading.problem(child, path, zh, en)
                continue
            seen.add((year, from_on))
            values.append(_dated(reading, child, f"{path} [{key}]", unit, year, from_on))
    return values


# A key is a day, a compliance year, or a range of compliance years, which gives one value per year.
def _firsts(reading: Reading, node: yaml.Node, path: str, key: str) -> list[tuple[int | None, date]]:
    if match := _YEARS.fullmatch(key):
        first, last = int(match[1]), int(match[2] or match[1])
        if first > 0 and 0 <= last - first < YEARS_MAX:
            return [(year, date(year, 1, 1)) for year in range(first, last + 1)]
    else:
        try:
            return [(None, date.fromisoformat(key))]
        except ValueError:
            pass
    zh = f"“{key}”既不是日期（2026-01-01）也不是履约年度（CY2026 或 CY2024-CY2026）"
    en = f"“{key}” is neither a day (2026-01-01) nor a compliance year (CY2026 or CY2024-CY2026)"
    reading.problem(node, path, zh, en)
    return []


def _dated(reading: Reading, node: yaml.Node, path: str, unit: str, year: int | None, from_on: date) -> Dated:
    entries = entries_of(reading, node, path) or {}
    check_keys(reading, node, path, entries, _VALUE_KEYS, ("notes",))
    reference = texts_of(reading, entries.get("reference"), path, ("source", "article"), "reference")
    if reference["source"] and not _SOURCE.fullmatch(reference["source"]):
        zh, en = "来源须为 docs/sources.md 中的编号，如 S15", "the source must be an id of docs/sources.md, such as S15"
        reading.problem(entries["reference"], path, zh, en)
    checked = _day(reading, entries.get("last_checked_on"), f"{path}: last_checked_on")
    if checked is None and "last_checked_on" in entries:
        zh, en = "last_checked_on 须写日期", "last_checked_on needs a day"
        reading.problem(entries["last_checked_on"], path, zh, en)
    return Dated(
        from_on=from_on,
        year=year,
        value=_value(reading, entries.get("value"), path, unit),
        source=reference["source"],
        article=reference["article"],
        status=_status(reading, entries.get("status"), path),
        published_on=_day(reading, entries.get("published_on"), f"{path}: published_on"),
        last_checked_on=checked or from_on,
        notes=text_of(reading, entries["notes"], f"{path}: notes") if "notes" in entries else "",
    )


def _value(reading: Reading, node: yaml.Node | None, path: str, unit: str) -> str | None:
    if node is None or _is_null(node):
        return None
    if not isinstance(node, yaml.ScalarNode) or node.style not in ("'", '"'):
        zh, en = '取值须加引号，如 value: "0.05"', 'the value must stand in quotes, such as value: "0.05"'
        reading.problem(node, path, zh, en)
        return None
    text = str(node.value)
    if not _fits(text, unit):
        zh, en = f"取值“{text}”与单位“{unit}”不符", f"the value “{text}” does not fit the unit “{unit}”"
        reading.problem(node, path, zh, en)
    return text


def _fits(text: str, unit: str) -> bool:
    try:
        if unit in NUMBERS:
            units.decimal_of(text)
        elif unit == "date":
            date.fromisoformat(text)
        elif unit == "days":
            days(text)
    except ValueError:
        return False
    if unit == "flag":
        return text in ("yes", "no")
    return bool(text.strip()) and all(word.strip() for word in text.split("|"))


def days(text: str) -> tuple[date, ...]:
    """Read days written "2026-01-01/2026-01-03 | 2026-04-04": single days and ranges with both ends included.

    Raises:
        ValueError: when a part is no day or a range runs backward.
    """
    found: list[date] = []
    for part in text.split("|"):
        first, _, last = part.strip().partition("/")
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        if end < start:
            raise ValueError(f"a range of days runs backward: {part.strip()}")
        found.extend(date.fromordinal(number) for number in range(start.toordinal(), end.toordinal() + 1))
    return tuple(found)


def _status(reading: Reading, node: yaml.Node | None, path: str) -> Status:
    text = text_of(reading, node, f"{path}: status") if node is not None else ""
    try:
        return Status(text)
    except ValueError:
        known = " ".join(status.value for status in Status)
        if node is not None:
            reading.problem(node, path, f"状态“{text}”未知；可用：{known}", f"unknown status “{text}”; known: {known}")
        return Status.SCENARIO


def _day(reading: Reading, node: yaml.Node | None, path: str) -> date | None:
    if node is None or _is_null(node):
        return None
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        zh, en = (
            f"“{node.value}”不是日期；请写 2026-01-31 或 null",
            f"“{node.value}” is no day; write 2026-01-31 or null",
        )
        reading.problem(node, path, zh, en)
        return None


def texts_of(reading: Reading, node: yaml.Node | None, path: str, names: tuple[str, ...], key: str) -> dict[str, str]:
    """Read a mapping of exactly these names to texts; what is missing is empty and a problem."""
    if node is None:
        return dict.fromkeys(names, "")
    entries = entries_of(reading, node, f"{path}: {key}") or {}
    check_keys(reading, node, f"{path}: {key}", entries, names)
    return {name: text_of(reading, entries.get(name), f"{path}: {key}.{name}") for name in names}


def text_of(reading: Reading, node: yaml.Node | None, path: str) -> str:
    """Read a text that is not empty; anything else is empty and a problem."""
    if node is None:
        return ""
    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str") and str(node.value).strip():
        return str(node.value)
    reading.problem(
        node, path, "须为非空文字（必要时加引号）", "must be text that is not empty (in quotes where needed)"
    )
    return ""


def entries_of(reading: Reading, node: yaml.Node, path: str) -> dict[str, yaml.Node] | None:
    """Read a mapping; None and a problem when it is none, and a problem for a key that stands twice."""
    if not isinstance(node, yaml.MappingNode):
        zh, en = "此处应为“键: 值”的结构", "a mapping of keys to values must stand here"
        reading.problem(node, path, zh, en)
        return None
    entries: dict[str, yaml.Node] = {}
    for key, child in node.value:
        name = str(key.value)
        if name in entries:
            zh, en = f"键“{name}”重复；请删除其一", f"key “{name}” stands twice; delete one"
            reading.problem(key, path, zh, en)
        entries[name] = child
    return entries


def check_keys(
    reading: Reading,
    node: yaml.Node,
    path: str,
    entries: Mapping[str, yaml.Node],
    needed: tuple[str, ...],
    allowed: tuple[str, ...] = (),
) -> None:
    """Note every key that is missing and every key that is neither needed nor allowed."""
    for name in needed:
        if name not in entries:
            reading.problem(node, path, f"缺少键“{name}”；请补上", f"key “{name}” is missing; add it")
    for name, child in entries.items():
        if name not in (*needed, *allowed):
            known = ", ".join((*needed, *allowed))
            reading.problem(child, path, f"未知的键“{name}”；可用：{known}", f"unknown key “{name}”; known: {known}")


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag.endswith(":null"))


def _order(value: Dated) -> tuple[date, int]:
    return value.from_on, value.year or 0
