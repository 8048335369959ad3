"""A plan as a table: one row per parameter, for people who work with a spreadsheet.

A table becomes a text of the rule book's shape, and back, so that a plan is checked, shown, signed and kept in one
form. Every line of that text remembers the cell it came from.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from tonnebook.core.rules import Leaf

COLUMNS = (
    "path",
    "zh",
    "en",
    "unit",
    "value",
    "source",
    "article",
    "status",
    "published_on",
    "last_checked_on",
    "notes",
)
ROWS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Written:
    """A table written as text.

    Attributes:
        text: of the rule book's shape.
        places: the cell each of its lines came from.
        fields: the cell of each column of a parameter, by path and column.
    """

    text: str
    places: Mapping[int, str] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)


def text_of(rows: Sequence[Sequence[object]], year: int) -> Written:
    """Write a table as a text of the rule book's shape.

    Args:
        rows: cells row by row; the first row names the columns of `COLUMNS`, in any order, others are passed over.
        year: compliance year all values are of.

    Returns:
        The text with the cells it came from; what is wrong with it is found when the text is read.
    """
    head = [_plain(cell).strip() for cell in rows[0]] if rows else []
    order = {name: head.index(name) for name in COLUMNS if name in head}
    lines: list[str] = []
    places: dict[int, str] = {}
    fields: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows[1 : ROWS_MAX + 1], start=2):
        cells = {name: _plain(row[place]).strip() if place < len(row) else "" for name, place in order.items()}
        fields |= {(cells.get("path", ""), name): f"{_letter(place)}{number}" for name, place in order.items()}
        for name, line in _leaf(cells, year) if any(cells.values()) else ():
            lines.append(line)
            places[len(lines)] = f"{_letter(order.get(name, 0))}{number}"
    return Written("\n".join(lines) + "\n" if lines else "", places, fields)


def rows_of(leaves: Mapping[str, Leaf], year: int) -> list[dict[str, object]]:
    """Give the parameters of a plan as rows of a table, by path."""
    return [
        {
            "path": leaf.path,
            "zh": leaf.zh,
            "en": leaf.en,
            "unit": leaf.unit,
            "value": dated.value,
            "source": dated.source,
            "article": dated.article,
            "status": dated.status.value,
            "published_on": dated.published_on.isoformat() if dated.published_on else None,
            "last_checked_on": dated.last_checked_on.isoformat(),
            "notes": dated.notes or None,
        }
        for _, leaf in sorted(leaves.items())
        for dated in leaf.values
        if dated.year == year
    ]


# One field per line, so that a line has one cell; what a reader misses is missing in the text as well.
def _leaf(cells: Mapping[str, str], year: int) -> list[tuple[str, str]]:
    lines = [
        ("path", f"{cells.get('path') or '_'}:"),
        ("zh", "  description:"),
        ("zh", f"    zh: {_quoted(cells.get('zh', ''))}"),
        ("en", f"    en: {_quoted(cells.get('en', ''))}"),
        ("unit", f"  unit: {_quoted(cells.get('unit', ''))}"),
        ("value", "  values:"),
        ("value", f"    CY{year}:"),
        ("value", f"      value: {_quoted(cells.get('value', ''))}"),
        ("source", "      reference:"),
        ("source", f"        source: {_quoted(cells.get('source', ''))}"),
        ("article", f"        article: {_quoted(cells.get('article', ''))}"),
        ("status", f"      status: {_quoted(cells.get('status', ''))}"),
        ("published_on", f"      published_on: {cells.get('published_on') or 'null'}"),
        ("last_checked_on", f"      last_checked_on: {cells.get('last_checked_on') or 'null'}"),
    ]
    return [*lines, ("notes", f"      notes: {_quoted(cells['notes'])}")] if cells.get("notes") else lines


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else "?"


# A spreadsheet keeps 0.05 as a binary fraction: its shortest writing is what the person typed.
def _plain(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    return str(cell)


# JSON's way of quoting is YAML's as well.
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
