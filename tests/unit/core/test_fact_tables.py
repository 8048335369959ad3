"""Tables of declared facts: read row by row, every flaw by its cell, and written as they are read."""

from tonnebook.core.allocation import fact_tables
from tonnebook.core.allocation.declarations import DeclarationRefusal, FactKind
from tonnebook.core.allocation.fact_tables import COLUMNS
from tonnebook.core.errors import Refused


def _row(**told: object) -> list[object]:
    return [told.get({"class_": "class"}.get(column, column)) for column in COLUMNS]


POWER = {"year": 2026, "kind": "POWER", "name": "GEC-1", "supply": "MARKET", "quantity_mwh": 120.5, "evidence": "C 7"}


def test_a_row_is_read_as_typed_and_empty_rows_are_passed_over() -> None:
    table = fact_tables.read([COLUMNS, _row(**POWER), [None] * len(COLUMNS)])
    assert table.flaws == ()
    (line,) = table.lines
    assert (line.row, line.year, line.kind, line.name) == (2, 2026, FactKind.POWER, "GEC-1")
    assert line.values == {"supply": "MARKET", "quantity_mwh": "120.5"}


def test_what_is_written_is_read_again() -> None:
    values = {"kind": "coal_600", "fuel": "coal", "power": "7", "is_clean_coal": "yes"}
    row = fact_tables.row_of(2026, FactKind.PLANT, "U1", values, "log")
    (line,) = fact_tables.read([COLUMNS, [row.get(column) for column in COLUMNS]]).lines
    assert line.values == values


def test_columns_may_stand_in_any_order_and_none_may_miss() -> None:
    turned = list(reversed(COLUMNS))
    table = fact_tables.read([turned, list(reversed(_row(**{**POWER, "name": "GEC-9"})))])
    assert [line.name for line in table.lines] == ["GEC-9"]
    used = Refused(DeclarationRefusal.ALREADY_DECLARED, number="GEC-9")
    assert table.cells_of(used) == f"{chr(ord('A') + turned.index('name'))}2"
    missing = fact_tables.read([COLUMNS[1:]])
    assert [(one.cell, one.refused.code) for one in missing.flaws] == [("", DeclarationRefusal.FACT_MISSING)]


def test_every_flaw_is_told_with_its_cell_and_nothing_is_declared() -> None:
    rows = [
        COLUMNS,
        _row(**POWER),
        _row(**{**POWER, "year": "soon", "name": "", "quantity_mwh": "much"}),
        _row(**{**POWER, "kind": "WIND"}),
        _row(**{**POWER, "product": "steel"}),
    ]
    table = fact_tables.read(rows)
    place = {column: chr(ord("A") + number) for number, column in enumerate(COLUMNS)}
    wrong, missing, other = (
        DeclarationRefusal.FACT_WRONG,
        DeclarationRefusal.FACT_MISSING,
        DeclarationRefusal.NOT_OF_KIND,
    )
    assert table.lines == ()
    assert {(one.cell, one.refused.code) for one in table.flaws} == {
        (f"{place['year']}3", wrong),
        (f"{place['name']}3", missing),
        (f"{place['quantity_mwh']}3", wrong),
        (f"{place['kind']}4", wrong),
        (f"{place['product']}5", other),
    }


def test_a_table_that_is_too_long_is_refused() -> None:
    table = fact_tables.read([COLUMNS, *([_row(**POWER)] * fact_tables.ROWS_MAX)])
    assert [one.refused.code for one in table.flaws] == [DeclarationRefusal.TABLE_TOO_LONG]


def test_a_cell_beyond_the_alphabet_has_two_letters() -> None:
    wide = [*[f"x{number}" for number in range(26)], *COLUMNS]
    table = fact_tables.read([wide, [*[None] * 26, *_row(**{**POWER, "year": "soon"})]])
    assert [one.cell for one in table.flaws] == ["AA2"]
