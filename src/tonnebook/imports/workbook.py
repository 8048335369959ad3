"""Read a filled Excel template: checked as every file handed in, then every cell, each error by sheet and cell."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from django.core.files import File
from openpyxl.utils import get_column_letter

from tonnebook.core.errors import Refused
from tonnebook.faces import uploads
from tonnebook.faces.uploads import Sheets
from tonnebook.imports.problems import Problem, Unreadable
from tonnebook.imports.templates import TEMPLATES, Column, Form, Sheet

_YEARS = range(2000, 2101)

Value: TypeAlias = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One filled row: its number in the sheet, and its values by column name."""

    row: int
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """Give a text; empty when the cell is."""
        value = self.values[name]
        return "" if value is None else str(value)

    def number(self, name: str) -> Decimal | None:
        """Give a number, None when the cell is empty."""
        value = self.values[name]
        return value if isinstance(value, Decimal) else None

    def quantity(self) -> Decimal:
        """Give the quantity, which every row has."""
        value = self.values["quantity"]
        assert isinstance(value, Decimal)
        return value

    def year(self) -> int:
        """Give the year, which every row has."""
        value = self.values["year"]
        assert isinstance(value, int)
        return value

    def day(self, name: str) -> date:
        """Give a day of a required column."""
        value = self.values[name]
        assert isinstance(value, date)
        return value


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled template: rows by sheet, and SHA-256 over the file."""

    sheets: Mapping[str, tuple[Line, ...]]
    digest: str

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(len(lines) for lines in self.sheets.values())


@dataclass(slots=True)
class _Reader:
    file: str
    sheet: str = ""
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, zh: str, en: str, *, row: int = 0, column: Column | None = None, place: int = 0) -> None:
        cell = f"{get_column_letter(place)}{row}" if row and place else ""
        heading = column.heading if column else ""
        self.problems.append(Problem(self.file, row, heading, zh, en, self.sheet, cell))


def read(path: Path, kind: str) -> Filled:
    """Read a filled template.

    Args:
        path: of the .xlsx file.
        kind: a key of `TEMPLATES`.

    Returns:
        Its rows.

    Raises:
        Unreadable: with every problem, by sheet, cell and column.
    """
    reader = _Reader(path.name)
    try:
        with path.open("rb") as opened:
            upload, given = uploads.accept_workbook(File(opened, name=path.name))
    except OSError as error:
        reason = error.strerror or "?"
        zh = f"无法读取该文件（{reason}）；请检查路径和权限。"
        reader.refuse(zh, f"The file cannot be read ({reason}); check path and permissions.")
        raise Unreadable(reader.problems) from None
    except Refused as refused:
        reader.refuse(refused.zh, refused.en)
        raise Unreadable(reader.problems) from None
    sheets = {sheet.name: tuple(_lines(reader, given, sheet)) for sheet in TEMPLATES[kind]}
    if reader.problems:
        raise Unreadable(reader.problems)
    return Filled(sheets, upload.sha256)


def _lines(reader: _Reader, given: Sheets, sheet: Sheet) -> Iterator[Line]:
    reader.sheet = sheet.name
    if sheet.name not in given:
        if sheet.is_required:
            reader.refuse("缺少该工作表；请使用模板。", "The sheet is missing; use the template.")
        return
    rows = iter(given[sheet.name])
    places = _places(reader, sheet, next(rows, ()))
    if places is None:
        return
    filled = 0
    for number, cells in enumerate(rows, start=2):
        if any(cell is not None and str(cell).strip() for cell in cells):
            filled += 1
            yield Line(number, dict(_values(reader, number, cells, places)))
    if sheet.is_required and not filled:
        reader.refuse("该工作表没有数据；请至少填写一行。", "The sheet has no rows; fill in at least one.")


def _places(reader: _Reader, sheet: Sheet, headings: Sequence[object]) -> dict[Column, int] | None:
    # A heading may be written in full, in Chinese or in English.
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        for part in str(heading or "").lstrip("\ufeff").split("|"):
            found.setdefault(part.strip(), place)
    places = {column: found.get(column.name, found.get(column.zh, -1)) for column in sheet.columns}
    missing = [column for column, place in places.items() if place < 0]
    for column in missing:
        zh, en = (
            f"缺少“{column.heading}”列；请使用模板。",
            f"The column “{column.heading}” is missing; use the template.",
        )
        reader.refuse(zh, en, row=1, column=column)
    return None if missing else places


def _values(
    reader: _Reader, number: int, cells: Sequence[object], places: Mapping[Column, int]
) -> Iterator[tuple[str, Value]]:
    for column, place in places.items():
        cell = cells[place] if place < len(cells) else None
        cell = cell.strip() if isinstance(cell, str) else cell
        try:
            yield column.name, _value(column, cell)
        except _Wrong as wrong:
            reader.refuse(wrong.zh, wrong.en, row=number, column=column, place=place + 1)
            yield column.name, None


class _Wrong(Exception):
    # What is wrong with one cell.
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def _value(column: Column, cell: object) -> Value:
    if cell is None or cell == "":
        if column.is_required:
            raise _Wrong("必填项为空；请填写。", "A required cell is empty; fill it in.")
        return None
    if isinstance(cell, str) and re.fullmatch(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", cell):
        raise _Wrong(f"公式结果为错误值 {cell}；请更正公式。", f"The formula gives {cell}; correct it.")
    return _READERS[column.form](column, cell)


def _text(column: Column, cell: object) -> str:
    if not isinstance(cell, str):
        zh = f"{cell} 是数值或日期；请把单元格设为文本后重新输入，否则前导零和第 15 位之后的数字会丢失。"
        en = f"{cell} is a number or date; format the cell as text and type it again, or digits get lost."
        raise _Wrong(zh, en)
    hidden = next((sign for sign in cell if unicodedata.category(sign) in ("Cc", "Cf")), None)
    if hidden:
        zh = f"含有不可见字符 U+{ord(hidden):04X}；请删去后重新输入。"
        raise _Wrong(zh, f"There is an invisible sign U+{ord(hidden):04X} in it; delete it and type it again.")
    if len(cell) > column.length_max:
        zh, en = f"超过 {column.length_max} 个字符；请缩短。", f"Longer than {column.length_max} signs; shorten it."
        raise _Wrong(zh, en)
    if column.words and cell not in column.words:
        words = ", ".join(column.words)
        raise _Wrong(f"“{cell}”不在取值范围内（{words}）。", f"“{cell}” is none of {words}.")
    return cell


def _number(column: Column, cell: object) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise _Wrong(f"“{cell}”不是数值；请改为数值格式。", f"“{cell}” is no number; enter it as a number.")
    # Excel stores binary fractions; the shortest text that gives the same one is what was typed.
    number = Decimal(repr(cell))
    if number < 0:
        raise _Wrong(f"{cell} 是负数；请填写零或正数。", f"{cell} is negative; enter zero or more.")
    return number


def _year(column: Column, cell: object) -> int:
    number = _number(column, cell)
    if number != int(number) or int(number) not in _YEARS:
        raise _Wrong(f"{cell} 不是年份；请填写四位年份。", f"{cell} is no year; enter four digits.")
    return int(number)


def _day(column: Column, cell: object) -> date:
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    zh = f"“{cell}”不是日期；请把单元格设为日期格式后重新输入。"
    raise _Wrong(zh, f"“{cell}” is no date; format the cell as a date and type it again.")


_READERS: Mapping[Form, Callable[[Column, object], Value]] = {
    Form.TEXT: _text,
    Form.NUMBER: _number,
    Form.YEAR: _year,
    Form.DAY: _day,
}
