"""The inventory of a city (城市温室气体清单): its activity statistics, with the same factors as reports of companies.

A row says which sector used how much of what. The rows are computed by `core.mrv`, so that a tonne of coal emits the
same in the statistics of the city and in the report of a company; a row that cannot be computed is told by its cell,
and then nothing of the sheet counts. The module does *not* estimate what the statistics leave out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import mrv, trace, units
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

COLUMNS = ("sector", "source", "name", "quantity", "unit", "ncv", "carbon_content", "oxidation")
_NUMBERS = ("quantity", "ncv", "carbon_content", "oxidation")
ROWS_MAX = 2_000
_NAME_MAX = 60


class InventorySector(StrEnum):
    """Who used the energy, or what the material went through."""

    ENERGY = "ENERGY"
    INDUSTRY = "INDUSTRY"
    CONSTRUCTION = "CONSTRUCTION"
    TRANSPORT = "TRANSPORT"
    SERVICES = "SERVICES"
    HOUSEHOLDS = "HOUSEHOLDS"
    AGRICULTURE = "AGRICULTURE"
    PROCESSES = "PROCESSES"
    WASTE = "WASTE"
    IMPORTS = "IMPORTS"


class InventoryScope(StrEnum):
    """Emitted inside the city, or where its imported power and heat were made."""

    DIRECT = "DIRECT"
    IMPORTED = "IMPORTED"


class InventoryRefusal(Refusal):
    """Why the statistics of a city are not taken."""

    SHEET_EMPTY = Sentence(
        zh="表中没有任何活动数据行；请按模板填写后重新上传。",
        en="The sheet has no row of activity data; fill in the template and upload it again.",
        article="design choice",
        status=422,
    )
    SHEET_TOO_LONG = Sentence(
        zh="表中超过 {rows} 行；请合并同类行。",
        en="The sheet has more than {rows} rows; add up rows of the same kind.",
        article="design choice",
        status=422,
    )
    COLUMN_MISSING = Sentence(
        zh="表中缺少列“{column}”；请使用模板。",
        en="The sheet lacks the column “{column}”; use the template.",
        article="design choice",
        status=422,
    )
    CELL_UNFIT = Sentence(
        zh="“{column}”为“{value}”，须为：{accepted}。",
        en="“{column}” is “{value}”; it must be one of: {accepted}.",
        article="design choice",
        status=422,
    )
    CELL_NOT_A_NUMBER = Sentence(
        zh="“{column}”为“{value}”，须为不小于零的数。",
        en="“{column}” is “{value}”; it must be a number of zero or more.",
        article="design choice",
        status=422,
    )
    ROW_TWICE = Sentence(
        zh="第 {row} 行与第 {before} 行的部门、来源和名称相同；请合并。",
        en="Row {row} names the same sector, source and name as row {before}; add them up.",
        article="design choice",
        status=422,
    )
    IMPORT_OUTSIDE_SECTOR = Sentence(
        zh="外购电力、热力须列入部门 IMPORTS，其余来源不得列入（现为 {sector}）。",
        en="Imported power and heat stand in the sector IMPORTS and nothing else does (this is {sector}).",
        article="design choice",
        status=422,
    )
    INVENTORY_UNCHANGED = Sentence(
        zh="{year}年清单与现行版本完全相同，无须重复上传。",
        en="The inventory of {year} is the same as the one that counts; there is nothing to upload.",
        article="design choice",
    )
    NO_SUCH_INVENTORY = Sentence(
        zh="没有 {year} 年的城市温室气体清单。",
        en="There is no inventory of the city for {year}.",
        article="design choice",
        status=404,
    )


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One row of the statistics: its number in the sheet, whose it is, and what was used."""

    row: int
    sector: InventorySector
    line: SourceLine


@dataclass(frozen=True, slots=True)
class SheetFlaw:
    """What is wrong in a sheet: the cell, such as "D5" (empty for the sheet as a whole), and why."""

    cell: str
    refused: Refused


@dataclass(frozen=True, slots=True)
class ActivitySheet:
    """A sheet as it was read; with a flaw it has no rows."""

    rows: tuple[ActivityRow, ...]
    flaws: tuple[SheetFlaw, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a city emitted in a year, tCO2, every number with its trace.

    Attributes:
        total: whole tonnes.
        scopes: whole tonnes, which add up to the total.
        sectors: unrounded, of the sectors that have rows.
        lines: unrounded, in the order of the rows.
    """

    total: Traced
    scopes: Mapping[InventoryScope, Traced]
    sectors: Mapping[InventorySector, Traced]
    lines: tuple[Traced, ...]


def read(cells: Sequence[Sequence[object]], rules: RulesAt) -> ActivitySheet:
    """Read the statistics of a city and try every row against the rule book.

    Args:
        cells: row by row; the first names `COLUMNS`, in any order; empty rows are passed over.
        rules: of the region for the year of the statistics.

    Returns:
        Its rows, or everything that is wrong with it by cell; all of a sheet or nothing of it.

    Source: design choice, no legal source.
    """
    head = [_text(cell) for cell in cells[0]] if cells else []
    places = {name: head.index(name) for name in COLUMNS if name in head}
    missing = [name for name in COLUMNS[:5] if name not in places]
    flaws = [SheetFlaw("", Refused(InventoryRefusal.COLUMN_MISSING, column=name)) for name in missing]
    if len(cells) > ROWS_MAX + 1:
        flaws.append(SheetFlaw("", Refused(InventoryRefusal.SHEET_TOO_LONG, rows=ROWS_MAX)))
    if flaws:
        return ActivitySheet((), tuple(flaws))
    rows: list[ActivityRow] = []
    met: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(cells[1:], 2):
        told = {name: _text(row[place]) if place < len(row) else "" for name, place in places.items()}
        if not any(told.values()):
            continue
        found = list(_flaws(number, told, met, rules))
        flaws += [SheetFlaw(f"{_letter(places.get(column, 0))}{number}", refused) for column, refused in found]
        if not found:
            rows.append(_row(number, told))
    if not rows and not flaws:
        flaws.append(SheetFlaw("", Refused(InventoryRefusal.SHEET_EMPTY)))
    return ActivitySheet(() if flaws else tuple(rows), tuple(flaws))


def compute(rows: Sequence[ActivityRow], rules: RulesAt) -> Inventory:
    """Compute what a city emitted, by the function that computes the report of a company.

    Args:
        rows: of one city and year, at least one.
        rules: of the region for that year.

    Returns:
        Total, scopes, sectors and lines.

    Raises:
        Refused: as `core.mrv.emissions`.

    Source: S57, formulas of combustion, processes, power and heat; sectors: design choice.
    """
    found = mrv.emissions([row.line for row in rows], rules)
    sectors = {
        sector: trace.total(
            [line for row, line in zip(rows, found.lines, strict=True) if row.sector is sector],
            "tCO2",
            zh="本部门合计",
            en="Sum of the sector",
        )
        for sector in InventorySector
        if any(row.sector is sector for row in rows)
    }
    return Inventory(
        found.total,
        {InventoryScope.DIRECT: found.direct, InventoryScope.IMPORTED: found.indirect},
        sectors,
        found.lines,
    )


def covered_share(direct: Traced, covered_direct_t: int) -> Traced | None:
    """Say which share of what was emitted inside a city its covered companies make up; None where nothing was.

    Args:
        direct: emitted inside the city, tCO2.
        covered_direct_t: direct emissions of the covered companies as determined, tonnes.

    Returns:
        Per cent, to one decimal. Power that companies buy is left out: the plant that made it counts already.

    Source: design choice, no legal source.
    """
    if direct.value <= 0:
        return None
    part = trace.given(
        covered_direct_t, "tCO2", zh="名单内单位审定直接排放量", en="Direct emissions of covered companies, determined"
    )
    return _percent(part, direct, "名单内单位占比", "Share of covered companies")


def change(total: Traced, before: Traced) -> Traced | None:
    """Say by how many per cent a city emitted more (or, below zero, less) than the year before; None without a base.

    Source: design choice, no legal source.
    """
    if before.value <= 0:
        return None
    more = trace.difference(total, before, "tCO2", zh="比上年增加", en="More than the year before")
    return _percent(more, before, "比上年变化", "Change from the year before")


def _percent(part: Traced, whole: Traced, zh: str, en: str) -> Traced:
    hundred = trace.given(100, "%", zh="百分比", en="Per cent")
    times = trace.product((part, hundred), "%", zh=f"{zh} × 100", en=f"{en} × 100")
    return trace.half_up(trace.quotient(times, whole, "%", zh=zh, en=en), 1, zh=zh, en=en)


def _flaws(
    number: int, told: Mapping[str, str], met: dict[tuple[str, ...], int], rules: RulesAt
) -> Iterator[tuple[str, Refused]]:
    before = list(_unfit(told))
    yield from before
    if before:
        return
    line = _row(number, told).line
    is_import = line.kind not in mrv.DIRECT
    if is_import != (told["sector"] == InventorySector.IMPORTS):
        yield "sector", Refused(InventoryRefusal.IMPORT_OUTSIDE_SECTOR, sector=told["sector"])
    key = (told["sector"], told["source"], told["name"])
    if (first := met.setdefault(key, number)) != number:
        yield "name", Refused(InventoryRefusal.ROW_TWICE, row=number, before=first)
    try:
        mrv.line_emissions(line, rules)
    except Refused as refused:
        yield ("unit" if refused.code is mrv.MrvRefusal.UNIT_MISMATCH else "name"), refused


def _unfit(told: Mapping[str, str]) -> Iterator[tuple[str, Refused]]:
    words: Mapping[str, Sequence[str]] = {"sector": tuple(InventorySector), "source": tuple(LineKind)}
    for column, accepted in words.items():
        if told[column] not in accepted:
            facts = {"column": column, "value": told[column], "accepted": "、".join(accepted)}
            yield column, Refused(InventoryRefusal.CELL_UNFIT, **facts)
    if not 0 < len(told["name"]) <= _NAME_MAX:
        facts = {"column": "name", "value": told["name"], "accepted": f"1–{_NAME_MAX}"}
        yield "name", Refused(InventoryRefusal.CELL_UNFIT, **facts)
    for column in _NUMBERS:
        text = told.get(column, "")
        if (text or column == "quantity") and not _is_number(text):
            yield column, Refused(InventoryRefusal.CELL_NOT_A_NUMBER, column=column, value=text)


def _row(number: int, told: Mapping[str, str]) -> ActivityRow:
    measured = {
        name: units.decimal_of(told[name]) if told.get(name) else None
        for name in ("ncv", "carbon_content", "oxidation")
    }
    line = SourceLine(
        LineKind(told["source"]), told["name"], units.decimal_of(told["quantity"]), told["unit"], **measured
    )
    return ActivityRow(number, InventorySector(told["sector"]), line)


def _is_number(text: str) -> bool:
    try:
        return units.decimal_of(text) >= 0
    except ValueError:
        return False


# A spreadsheet keeps numbers as binary fractions: the shortest writing is what the person typed.
def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        number = Decimal(repr(cell))
        return format(number.to_integral_value() if number == number.to_integral_value() else number, "f")
    return str(cell).strip()


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else "?"
