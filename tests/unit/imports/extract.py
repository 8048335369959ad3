"""A small extract of the European registry: catching up, overspending, dirty words, an account without values."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

YEARS = ("2005", "2006", "2007", "2008")
HEADING = ("account_id", *YEARS)

INSTALLATIONS = (
    ("100001", "Red River Steel", "AT", "24-Production of pig iron or steel"),
    ("100002", "North Power", "DE", "20-Combustion of fuels"),
    ("100003", "Little Mill, Upper", "DE", "35-Production of pulp"),
    ("100004", "Closed Works", "FR", ""),
)
TABLES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "allocated_allowances": (
        ("100001", "100", "100", "100", "70  20  ****  5  *****"),
        ("100002", "50", "0", "", ""),
        ("100003", "10", "", "", ""),
    ),
    "verified_emissions": (
        ("100001", "90", "110", "120", "50"),
        ("100002", "40", "60", "Excluded", ""),
        ("100003", "Not Reported", "5", "5", ""),
    ),
    # Red River catches up in 2006; both it and North Power surrender more than they were allocated; Little Mill hands
    # in units for a year without a figure.
    "units_surrendered": (
        ("100001", "80", "120", "120", "50"),
        ("100002", "40", "75", "", ""),
        ("100003", "4", "6", "", ""),
    ),
    "compliance_code": (
        ("100001", "B", "A*", "A", "A"),
        ("100002", "A", "A", "C", ""),
        ("100003", "C", "A", "A", "-"),
    ),
}


def write(folder: Path, *, changes: Mapping[tuple[str, int, int], str] | None = None) -> Path:
    """Write the five files, with cells changed by table, row (0 is the heading) and place; return the folder."""
    tables: dict[str, list[list[str]]] = {
        "installations": _rows(("account_id", "installation_name", "country", "main_activity"), INSTALLATIONS),
        **{name: _rows(HEADING, rows) for name, rows in TABLES.items()},
    }
    for (name, row, place), text in (changes or {}).items():
        tables[name][row][place] = text
    for name, rows in tables.items():
        with (folder / f"installations_{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def _rows(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(heading), *(list(row) for row in rows)]
