"""Reading a filled template: every wrong cell is named, and a harmful file is not even unpacked."""

import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from tests.unit.imports import sheets
from tests.unit.imports.sheets import Cell

from tonnebook.imports import workbook
from tonnebook.imports.problems import Problem, Unreadable
from tonnebook.imports.templates import TEMPLATES


def problem_of(folder: Path, changes: dict[str, Cell], *, kind: str = "entities") -> Problem:
    """The one problem of a template with changed cells."""
    rows = sheets.ENTITIES if kind == "entities" else sheets.REPORTS
    path = sheets.fill(folder / "filled.xlsx", kind, rows, changes)
    with pytest.raises(Unreadable) as caught:
        workbook.read(path, kind)
    (problem,) = caught.value.problems
    assert problem.zh
    return problem


def test_filled_template_gives_typed_values(tmp_path: Path) -> None:
    filled = workbook.read(sheets.fill(tmp_path / "a.xlsx", "reports", sheets.REPORTS), "reports")
    line = filled.sheets["lines"][0]
    assert (line.text("uscc"), line.year(), line.quantity()) == (sheets.RED_RIVER, 2025, Decimal("120.5"))
    assert line.number("ncv") is None
    assert filled.rows == 3


def test_day_is_read_as_a_day(tmp_path: Path) -> None:
    filled = workbook.read(sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES), "entities")
    assert filled.sheets["facilities"][0].day("from_on") == date(2020, 1, 1)


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_empty_template_asks_for_rows(tmp_path: Path, kind: str) -> None:
    path = sheets.fill(tmp_path / "empty.xlsx", kind, {})
    with pytest.raises(Unreadable, match="no rows"):
        workbook.read(path, kind)


def test_heading_may_be_written_in_one_language(tmp_path: Path) -> None:
    changes: dict[str, Cell] = {
        "entities!A1": "统一社会信用代码",
        "entities!B1": " name_zh ",
        "entities!C1": "\ufeffname_en",
    }
    path = sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES, changes)
    assert workbook.read(path, "entities").sheets["entities"][0].text("name_zh") == "红河钢铁"


@pytest.mark.parametrize(
    ("cell", "value", "word"),
    [
        ("entities!A2", 91310000, "is a number or date"),
        ("entities!A2", "\ufeff91310000", "invisible sign U+FEFF"),
        ("entities!B3", None, "required"),
        ("entities!D2", "beijing", "is none of"),
        ("entities!B2", "#REF!", "formula gives"),
        ("entities!E2", "x" * 61, "Longer than 60"),
        ("facilities!F2", "2020-01-01", "is no date"),
        ("facilities!F2", datetime(2020, 1, 1, 8), "is no date"),  # noqa: DTZ001  as Excel stores it
    ],
)
def test_wrong_cell_of_entities_is_named(tmp_path: Path, cell: str, value: Cell, word: str) -> None:
    problem = problem_of(tmp_path, {cell: value})
    assert f"{problem.sheet}!{problem.cell}" == cell
    assert word in problem.en


@pytest.mark.parametrize(
    ("cell", "value", "word"),
    [
        ("lines!F2", "1,234", "is no number"),
        ("lines!F2", True, "is no number"),
        ("lines!F3", -1, "negative"),
        ("lines!B2", 25, "is no year"),
        ("lines!B2", "2025", "is no number"),
        ("lines!D2", "BURNING", "is none of"),
        ("lines!G2", "barrels", "is none of"),
        ("outputs!D2", None, "required"),
    ],
)
def test_wrong_cell_of_reports_is_named(tmp_path: Path, cell: str, value: Cell, word: str) -> None:
    problem = problem_of(tmp_path, {cell: value}, kind="reports")
    assert f"{problem.sheet}!{problem.cell}" == cell
    assert word in problem.en


def test_missing_column_is_named(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, {"entities!D1": "place"})
    assert (problem.sheet, problem.line, problem.column) == ("entities", 1, "地区 | region")


def test_missing_sheet_is_named(tmp_path: Path) -> None:
    path = sheets.fill(tmp_path / "a.xlsx", "reports", sheets.REPORTS)
    book = openpyxl.load_workbook(path)
    del book["lines"]
    book.save(path)
    with pytest.raises(Unreadable, match="sheet is missing"):
        workbook.read(path, "reports")


def test_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("uscc,name", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"a\.xlsx.*none of the kinds") as caught:
        workbook.read(path, "entities")
    assert "请另存" in caught.value.problems[0].zh


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        workbook.read(tmp_path / "none.xlsx", "entities")


def test_workbook_passes_the_checks_of_every_file_handed_in(tmp_path: Path) -> None:
    path = sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(Unreadable, match="macros"):
        workbook.read(path, "entities")
