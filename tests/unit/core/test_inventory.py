"""The inventory of a city: every cell looked at, the same factors as a company's report, sectors that add up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tonnebook import rulebook
from tonnebook.core import inventory, mrv, trace
from tonnebook.core.inventory import InventoryRefusal, InventorySector
from tonnebook.core.mrv import LineKind, MrvRefusal, SourceLine

RULES = rulebook.at("shanghai", on=date(2026, 12, 31), year=2026)
HEAD = list(inventory.COLUMNS)
GAS = ["HOUSEHOLDS", "COMBUSTION", "natural_gas", 1000, "10^4Nm3"]
COAL = ["INDUSTRY", "COMBUSTION", "bituminous", "2000", "t", 23, 0.02618, "0.95"]
STONE = ["PROCESSES", "PROCESS", "caco3", 100.5, "t"]
POWER = ["IMPORTS", "ELECTRICITY", "grid", 50000, "MWh"]


def test_the_rows_emit_what_they_would_in_a_companys_report() -> None:
    sheet = inventory.read([HEAD, GAS, [], COAL, STONE, POWER], RULES)
    assert sheet.flaws == ()
    found = inventory.compute(sheet.rows, RULES)
    gas = mrv.line_emissions(SourceLine(LineKind.COMBUSTION, "natural_gas", Decimal(1000), "10^4Nm3"), RULES)
    assert found.lines[0].value == gas.value
    assert [row.row for row in sheet.rows] == [2, 4, 5, 6]
    assert sum(one.value for one in found.sectors.values()) == sum(one.value for one in found.lines)
    assert sum(one.value for one in found.scopes.values()) == found.total.value
    assert found.sectors[InventorySector.IMPORTS].value == Decimal(50000) * Decimal("0.42")
    assert trace.replay(found.total) == found.total.value


@pytest.mark.parametrize(
    ("row", "cell", "code"),
    [
        (["TOWN", *GAS[1:]], "A2", InventoryRefusal.CELL_UNFIT),
        (["HOUSEHOLDS", "FIRE", *GAS[2:]], "B2", InventoryRefusal.CELL_UNFIT),
        ([*GAS[:2], "", *GAS[3:]], "C2", InventoryRefusal.CELL_UNFIT),
        ([*GAS[:3], "many", GAS[4]], "D2", InventoryRefusal.CELL_NOT_A_NUMBER),
        ([*GAS[:3], -1, GAS[4]], "D2", InventoryRefusal.CELL_NOT_A_NUMBER),
        ([*GAS, "?"], "F2", InventoryRefusal.CELL_NOT_A_NUMBER),
        ([*GAS[:4], "t"], "E2", MrvRefusal.UNIT_MISMATCH),
        ([*GAS[:2], "moonshine", *GAS[3:]], "C2", MrvRefusal.FACTOR_MISSING),
        (["INDUSTRY", *POWER[1:]], "A2", InventoryRefusal.IMPORT_OUTSIDE_SECTOR),
        (["IMPORTS", *GAS[1:]], "A2", InventoryRefusal.IMPORT_OUTSIDE_SECTOR),
    ],
)
def test_a_flaw_names_its_cell_and_nothing_of_the_sheet_counts(row: list[object], cell: str, code: object) -> None:
    sheet = inventory.read([HEAD, row, COAL], RULES)
    assert sheet.rows == ()
    assert [(one.cell, one.refused.code) for one in sheet.flaws] == [(cell, code)]


def test_a_sheet_as_a_whole_may_be_wrong() -> None:
    def codes(cells: list[list[Any]]) -> list[object]:
        return [flaw.refused.code for flaw in inventory.read(cells, RULES).flaws]

    assert codes([]) == [InventoryRefusal.COLUMN_MISSING] * 5
    assert codes([list(HEAD)]) == [InventoryRefusal.SHEET_EMPTY]
    assert codes([list(HEAD), list(GAS), list(GAS)]) == [InventoryRefusal.ROW_TWICE]
    assert codes([list(HEAD)] + [[]] * (inventory.ROWS_MAX + 1)) == [InventoryRefusal.SHEET_TOO_LONG]


def test_shares_and_changes_are_told_with_their_base() -> None:
    total = trace.given(200, "tCO2", zh="合计", en="total")
    nothing = trace.given(0, "tCO2", zh="零", en="nothing")
    share, more = (
        inventory.covered_share(total, 50),
        inventory.change(total, trace.given(160, "tCO2", zh="上年", en="y")),
    )
    assert share is not None
    assert more is not None
    assert (share.value, more.value) == (Decimal("25.0"), Decimal("25.0"))
    assert inventory.covered_share(nothing, 50) is None
    assert inventory.change(total, nothing) is None
