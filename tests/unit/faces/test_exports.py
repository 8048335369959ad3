"""CSV that spreadsheets open without surprises."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tonnebook.faces import exports


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-cmd",
        "@SUM(A1)",
        "\tx",
        "＝1",
        "＋x",
        "－x",
        "＠x",
        "--5",
        "-5-5",
        " =1",
        "\n=1",
        "\ufeff=1",
        "-５",
    ],
)
def test_no_cell_starts_as_a_formula(text: str) -> None:
    assert exports.cell(text) == f"'{text}"


def test_numbers_stay_numbers() -> None:
    assert exports.cell(-5) == "-5"
    assert exports.cell("-0.5") == "-0.5"
    assert exports.cell(None) == ""


def test_file_begins_with_the_mark_that_spreadsheets_need_for_chinese() -> None:
    answer = exports.csv_of("table", ["name", "t"], [{"name": "赤水特钢", "t": 5}])
    assert answer.content.decode() == "\ufeffname,t\r\n赤水特钢,5\r\n"
    assert 'filename="table.csv"' in answer["Content-Disposition"]


def read(name: str, columns: list[str], rows: list[dict[str, object]]) -> Worksheet:
    answer = exports.xlsx_of(name, columns, rows)
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+cmd", "-cmd", "@SUM(A1)", "＝1"])
def test_no_cell_of_a_workbook_is_a_formula(text: str) -> None:
    sheet = read("table", [text], [{text: text}])
    assert [(one.value, one.data_type) for column in sheet.iter_cols() for one in column] == [(text, "s")] * 2


def test_numbers_and_moments_of_a_workbook_are_typed() -> None:
    at = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    row: dict[str, object] = {"t": -5, "at": at, "none": None, "serial": 10**17 + 1, "name": "赤水\x00特钢"}
    sheet = read("table", list(row), [row])
    values = [one.value for one in sheet[2]]
    assert values == [-5, datetime(2026, 3, 2, 9, 30), None, "100000000000000001", "赤水特钢"]  # noqa: DTZ001
    assert sheet["B2"].number_format == "yyyy-mm-dd hh:mm"
