"""Filled Excel templates for tests: two entities with a facility each, and the report of one of them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TypeAlias

import openpyxl

from tonnebook.core import identity
from tonnebook.imports import templates

Cell: TypeAlias = "str | int | float | date | None"


def uscc(count: int) -> str:
    """A code with its check sign."""
    body = f"91310000MA1FM{count:04d}"
    return body + identity.uscc_check_sign(body)


RED_RIVER, NORTH_POWER = uscc(1), uscc(2)

ENTITIES: Mapping[str, list[list[Cell]]] = {
    "entities": [
        [RED_RIVER, "红河钢铁", "Red River Steel", "shanghai", "宝山", "industry"],
        [NORTH_POWER, "北方电力", "North Power", "shanghai", None, "industry"],
    ],
    "facilities": [
        ["F-1", RED_RIVER, "一号高炉", "Blast furnace 1", "industry", date(2020, 1, 1)],
        ["F-2", NORTH_POWER, "一号机组", "Unit 1", "industry", date(2020, 1, 1)],
    ],
}
REPORTS: Mapping[str, list[list[Cell]]] = {
    "lines": [
        [RED_RIVER, 2025, "F-1", "COMBUSTION", "natural_gas", 120.5, "10^4Nm3", None, None, None],
        [RED_RIVER, 2025, "F-1", "ELECTRICITY", "grid", 1000, "MWh", None, None, None],
    ],
    "outputs": [[RED_RIVER, 2025, "steel", 5000, "t"]],
}


def fill(
    path: Path, kind: str, rows: Mapping[str, list[list[Cell]]], changes: Mapping[str, Cell] | None = None
) -> Path:
    """Write the template, fill it in, change single cells ("sheet!B2"), and return the path."""
    templates.write(kind, path)
    book = openpyxl.load_workbook(path)
    for sheet, lines in rows.items():
        for number, line in enumerate(lines, start=2):
            for place, value in enumerate(line, start=1):
                book[sheet].cell(number, place, value)
    for place_name, changed in (changes or {}).items():
        sheet, _, cell = place_name.partition("!")
        book[sheet][cell] = changed
    book.save(path)
    return path
