"""CSV that spreadsheets open without surprises."""

import pytest

from tonnebook.faces import exports


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\tx", "＝1", "＋x", "－x", "＠x"])
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
