"""Rows as a CSV file that spreadsheets open without surprises."""

import csv
import io
from collections.abc import Mapping, Sequence

from django.http import HttpResponse

# A cell that begins with one of these would be run as a formula by a spreadsheet.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


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


def cell(value: object) -> str:
    """Write a cell so that no spreadsheet takes text for a formula; numbers stay numbers."""
    if value is None:
        return ""
    text = str(value)
    is_number = isinstance(value, int) or text.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not is_number else text
