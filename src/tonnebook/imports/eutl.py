"""Read the public extract of the European registry: one table of installations and four tables of yearly values.

Reading is all this module does; `eutl_books` posts it. `docs/imports.md` describes the files and the known words.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tonnebook.core import surrender
from tonnebook.core.surrender import StatusCode
from tonnebook.imports import tables
from tonnebook.imports.problems import Unreadable
from tonnebook.imports.tables import Row, Table

# The first trading period: its allocation and surrender are posted; later years are read and judged only.
BOOKED_YEARS = (2005, 2006, 2007)

_PREFIX = "installations_"
INSTALLATIONS = "installations"
ALLOCATED, VERIFIED, SURRENDERED, CODES = (
    "allocated_allowances",
    "verified_emissions",
    "units_surrendered",
    "compliance_code",
)
_COLUMNS = ("account_id", "installation_name", "country", "main_activity")
# Far above any figure of a whole scheme, far below what the books can hold.
_QUANTITY_T_MAX = 10**12
_BLANK = "blank"
_ADDED = re.compile(r"\d+(?:\s+\d+\s+\*{4,5})+")
_CODE = re.compile(r"[A-E]\*?|-")
_ACCOUNT = re.compile(r"[0-9][0-9A-Z]{0,14}")
_WITHOUT_FIGURE = {VERIFIED: frozenset({"Excluded", "Not Reported"})}

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation and its account number in the European registry."""

    account: str
    name: str
    country: str
    activity: str


@dataclass(slots=True)
class YearlyValues:
    """What is published for one account, by year; a year without a figure is left out. Tonnes, and official codes."""

    allocated_t: dict[int, int] = field(default_factory=dict)
    verified_t: dict[int, int] = field(default_factory=dict)
    surrendered_t: dict[int, int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)

    def is_active(self, year: int) -> bool:
        """Say whether anything at all is published for a year."""
        return any(year in values for values in (self.allocated_t, self.verified_t, self.surrendered_t, self.codes))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many cells with a verified figure and an official A or B could be compared, and in how many we agree."""

    comparable: int
    agreeing: int


@dataclass(frozen=True, slots=True)
class Extract:
    """The whole extract, read and found free of problems.

    Attributes:
        installations: in order of the file.
        values: by account, for accounts with a line in one of the yearly tables.
        years: of the yearly tables, in order.
        words: how often each word that is no figure occurs, by table.
        rows: lines read, headings left out.
        digest: SHA-256 over the files.
    """

    installations: tuple[Installation, ...]
    values: Mapping[str, YearlyValues]
    years: tuple[int, ...]
    words: Mapping[str, Mapping[str, int]]
    rows: int
    digest: str


def paths(folder: Path) -> dict[str, Path]:
    """Name the five files of an extract."""
    names = (INSTALLATIONS, ALLOCATED, VERIFIED, SURRENDERED, CODES)
    return {name: folder / f"{_PREFIX}{name}.csv" for name in names}


def read(folder: Path) -> Extract:
    """Read an extract whole.

    Args:
        folder: where the five files lie.

    Returns:
        The extract.

    Raises:
        Unreadable: with every problem of every file, by file, line and column.
    """
    files = paths(folder)
    listed = tables.read(files[INSTALLATIONS], _COLUMNS)
    yearly = {
        name: tables.read(files[name], ("account_id", *map(str, BOOKED_YEARS)))
        for name in (ALLOCATED, VERIFIED, SURRENDERED, CODES)
    }
    problems = [problem for table in (listed, *yearly.values()) for problem in table.problems]
    if problems:
        raise Unreadable(problems)
    installations = tuple(_installations(listed))
    values: dict[str, YearlyValues] = {}
    words = {name: _fill(name, table, {one.account for one in installations}, values) for name, table in yearly.items()}
    problems = [problem for table in (listed, *yearly.values()) for problem in table.problems]
    if problems:
        raise Unreadable(problems)
    return Extract(
        installations,
        values,
        tuple(sorted({year for table in yearly.values() for year, _ in _years(table)})),
        {name: dict(sorted(counted.items())) for name, counted in words.items()},
        sum(len(table.rows) for table in (listed, *yearly.values())),
        _digest(files.values()),
    )


def status_codes(values: YearlyValues, years: Sequence[int]) -> dict[int, str]:
    """Give our code of each year under the cumulative rule, from the published figures."""
    return surrender.cumulative_codes({year: values.verified_t.get(year) for year in years}, values.surrendered_t)


def agreement(extract: Extract, ours: Mapping[str, Mapping[int, str]]) -> dict[int, Agreement]:
    """Compare our codes with the official ones, which may carry a star that does not count.

    Args:
        extract: with the official codes.
        ours: codes by account and year.

    Returns:
        By year; only cells with a verified figure and an official A or B are comparable.
    """
    comparable: Counter[int] = Counter()
    agreeing: Counter[int] = Counter()
    for account, values in extract.values.items():
        for year, official in values.codes.items():
            if year in values.verified_t and official[0] in (StatusCode.A, StatusCode.B):
                comparable[year] += 1
                agreeing[year] += ours[account].get(year) == official[0]
    return {year: Agreement(comparable[year], agreeing[year]) for year in extract.years}


def _installations(table: Table) -> Iterator[Installation]:
    place = {name: table.columns.index(name) for name in _COLUMNS}
    seen: set[str] = set()
    for row in table.rows:
        account, name, country, activity = (row.cells[place[column]] for column in _COLUMNS)
        if _is_new_account(table, row, account, seen):
            if not name:
                zh, en = "设施名称为空；请填写。", "The installation has no name; fill it in."
                table.refuse(row.line, "installation_name", zh=zh, en=en)
            yield Installation(account, name, country, activity)


def _is_new_account(table: Table, row: Row, account: str, seen: set[str]) -> bool:
    if not _ACCOUNT.fullmatch(account):
        zh = f"“{account}”不是账户号（以数字开头，至多 15 位数字或大写字母）；请更正。"
        en = f"“{account}” is no account number (a digit, then up to 14 digits or capitals); correct it."
    elif account in seen:
        zh, en = f"账户 {account} 出现两次；请只保留一行。", f"Account {account} is there twice; keep one line."
    else:
        seen.add(account)
        return True
    table.refuse(row.line, "account_id", zh=zh, en=en)
    return False


def _fill(name: str, table: Table, known: set[str], values: dict[str, YearlyValues]) -> Counter[str]:
    columns, place = _years(table), table.columns.index("account_id")
    words: Counter[str] = Counter()
    seen: set[str] = set()
    for row in table.rows:
        account = row.cells[place]
        if not _is_new_account(table, row, account, seen):
            continue
        if account not in known:
            zh = f"设施表中没有账户 {account}；请在 {_PREFIX}{INSTALLATIONS}.csv 中补上，或删去本行。"
            en = f"No installation has account {account}; add it to {_PREFIX}{INSTALLATIONS}.csv, or drop the line."
            table.refuse(row.line, "account_id", zh=zh, en=en)
            continue
        _FILLERS[name](table, row, columns, values.setdefault(account, YearlyValues()), words)
    return words


def _years(table: Table) -> tuple[tuple[int, int], ...]:
    # A year and the place of its column.
    return tuple((int(name), place) for place, name in enumerate(table.columns) if re.fullmatch(r"(?:19|20)\d\d", name))


_Columns = Sequence[tuple[int, int]]
_Filler = Callable[[Table, Row, _Columns, YearlyValues, Counter[str]], None]


def _fill_codes(table: Table, row: Row, columns: _Columns, values: YearlyValues, words: Counter[str]) -> None:
    for year, place in columns:
        cell = row.cells[place]
        words[cell or _BLANK] += 1
        if not cell:
            continue
        values.codes[year] = cell
        if not _CODE.fullmatch(cell):
            zh = f"“{cell}”不是履约代码（A 至 E，可带 *）；请更正。"
            table.refuse(
                row.line, str(year), zh=zh, en=f"“{cell}” is no compliance code (A to E, may have *); correct it."
            )


def _quantities(table: Table, row: Row, columns: _Columns, words: Counter[str], name: str) -> dict[int, int]:
    found = {}
    for year, place in columns:
        cell = row.cells[place]
        if cell.isascii() and cell.isdecimal() and len(cell) <= len(str(_QUANTITY_T_MAX)):
            found[year] = int(cell)
        elif not cell:
            words[_BLANK] += 1
        elif cell in _WITHOUT_FIGURE.get(name, ()):
            words[cell] += 1
        elif name == ALLOCATED and _ADDED.fullmatch(cell):
            parts = cell.split()
            words.update(part for part in parts if part.startswith("*"))
            found[year] = sum(int(part) for part in parts if part.isdecimal())
        else:
            _refuse_quantity(table, row, year, cell)
    return found


def _refuse_quantity(table: Table, row: Row, year: int, cell: str) -> None:
    if re.fullmatch(r"-\d+", cell):
        zh, en = f"{cell} 是负数；吨数须为零或正整数。", f"{cell} is negative; tonnes are whole numbers from zero up."
    elif cell.isascii() and cell.isdecimal():
        zh, en = f"{cell} 吨过大；请核对。", f"{cell} t is too large; compare it."
    else:
        zh = f"“{cell}”既不是整数吨数，也不是已知用语；请更正或留空。"
        en = f"“{cell}” is neither whole tonnes nor a known word; correct it or leave it blank."
    table.refuse(row.line, str(year), zh=zh, en=en)


def _fill_allocated(table: Table, row: Row, columns: _Columns, values: YearlyValues, words: Counter[str]) -> None:
    values.allocated_t = _quantities(table, row, columns, words, ALLOCATED)


def _fill_verified(table: Table, row: Row, columns: _Columns, values: YearlyValues, words: Counter[str]) -> None:
    values.verified_t = _quantities(table, row, columns, words, VERIFIED)


def _fill_surrendered(table: Table, row: Row, columns: _Columns, values: YearlyValues, words: Counter[str]) -> None:
    values.surrendered_t = _quantities(table, row, columns, words, SURRENDERED)


_FILLERS: Mapping[str, _Filler] = {
    ALLOCATED: _fill_allocated,
    VERIFIED: _fill_verified,
    SURRENDERED: _fill_surrendered,
    CODES: _fill_codes,
}


def _digest(files: Iterable[Path]) -> str:
    together = hashlib.sha256()
    for path in files:
        together.update(hashlib.sha256(path.read_bytes()).digest())
    return together.hexdigest()
