"""Rows as a CSV or Excel file that spreadsheets open without surprises."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from tonnebook.core import periods

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
# A cell that begins with one of these would be run as a formula by a spreadsheet.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# From here on a spreadsheet would round a number; as text it stays as it is.
_EXACT_MAX = 10**15
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_of(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> HttpResponse:
    """Answer with a CSV file in UTF-8 with a byte order mark, which Excel needs for Chinese.

    Args:
        name: of the file, without ending.
        columns: keys of the rows, in order; they stand in the first line.
        rows: plain values; None gives an empty cell.

    Returns:
        The answer, as an attachment.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_of(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> HttpResponse:
    """Answer with an Excel file of one sheet: numbers and moments are typed, text is text and never a formula.

    Args:
        name: of the file and, shortened, of the sheet.
        columns: keys of the rows, in order; they stand in the first line, which stays in sight.
        rows: whole numbers, text, moments or None; a moment is shown by the wall clock in Shanghai.

    Returns:
        The answer, as an attachment.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    assert isinstance(sheet, WriteOnlyWorksheet)
    sheet.freeze_panes = "A2"
    head: list[Cell] = [_typed(sheet, column) for column in columns]
    for one in head:
        one.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_typed(sheet, row.get(column)) for column in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    response = HttpResponse(buffer.getvalue(), content_type=_EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def parquet_of(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> HttpResponse:
    """Answer with a Parquet file: whole numbers as 64 bits, days as days, moments in UTC, text as text.

    Args:
        name: of the file, without ending.
        columns: keys of the rows, in order.
        rows: whole numbers, text, days, moments or None; every value of a column is of one kind.

    Returns:
        The answer, as an attachment.
    """
    # Loaded when somebody asks for such a file: it is larger than everything else a page needs.
    import pyarrow as arrow
    from pyarrow import parquet

    table = arrow.table({column: [row.get(column) for row in rows] for column in columns})
    sink = arrow.BufferOutputStream()
    parquet.write_table(table, sink)
    response = HttpResponse(sink.getvalue().to_pybytes(), content_type="application/vnd.apache.parquet")
    response["Content-Disposition"] = f'attachment; filename="{name}.parquet"'
    return response


def _typed(sheet: WriteOnlyWorksheet, value: object) -> Cell:
    if isinstance(value, datetime):
        made: Cell = WriteOnlyCell(sheet, value.astimezone(periods.ZONE).replace(tzinfo=None))
        made.number_format = "yyyy-mm-dd hh:mm"
        return made
    if value is None or (isinstance(value, int) and abs(value) < _EXACT_MAX):
        return WriteOnlyCell(sheet, value)
    # Signs that no workbook may hold are left out; the type keeps "=1+1" what it is.
    made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    made.data_type = "s"
    return made


def cell(value: object) -> str:
    """Write a cell so that no spreadsheet takes text for a formula; numbers stay numbers."""
    if value is None:
        return ""
    text = str(value)
    # Some spreadsheets pass over blanks and the byte order mark in front of a formula.
    begins_formula = text.startswith(_FORMULA_SIGNS) or text.strip("\ufeff\u200b \t\r\n").startswith(_FORMULA_SIGNS)
    return f"'{text}" if begins_formula and not _NUMBER.fullmatch(text) else text
