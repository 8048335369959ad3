"""Declared facts as a table: one row per fact, for people who keep them in a spreadsheet.

A table has a column for every value of every kind of fact; a row fills those of its kind. Each flaw is told with the
cell it stands in, and a table with a flaw declares nothing. The module does *not* decide whether a fact counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core.allocation import declarations
from tonnebook.core.allocation.declarations import FIELDS, DeclarationRefusal, FactKind
from tonnebook.core.errors import Refused

_NAMED = ("year", "kind", "name")
_VALUES = tuple(dict.fromkeys(field for kind in FactKind for field in FIELDS[kind]))
# "kind" is the kind of fact; the class of a plant or unit, called so in its values, has a column of another name.
_CLASS = "class"
_COLUMN_OF = {"kind": _CLASS}
COLUMNS = (*_NAMED, *(_COLUMN_OF.get(field, field) for field in _VALUES), "evidence")
ROWS_MAX = 2_000
# What the facts of a refusal are called that quote a cell.
_NAMING = ("number", "name", "facility")
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as its row tells it; `row` is its number in the sheet, the first below the heading is 2."""

    row: int
    year: int
    kind: FactKind
    name: str
    values: Mapping[str, str]
    evidence: str


@dataclass(frozen=True, slots=True)
class TableFlaw:
    """What is wrong in a table: the cell, such as "D5" (empty for the table as a whole), and why."""

    cell: str
    refused: Refused


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table as it was read, with the place of each column; with a flaw it has no lines to declare."""

    lines: tuple[FactLine, ...]
    flaws: tuple[TableFlaw, ...]
    places: Mapping[str, int]

    def cells_of(self, refused: Refused) -> str:
        """Name the cells a refusal of the service is about: where a number, class or facility it names stands."""
        named = {str(refused.facts.get(fact)) for fact in _NAMING}
        return ", ".join(
            _cell_at(self.places[column], line.row)
            for line in self.lines
            for column, told in {"name": line.name, **_by_column(line.values)}.items()
            if told in named
        )


def read(rows: Sequence[Sequence[object]]) -> FactTable:
    """Read a table of facts.

    Args:
        rows: cells row by row; the first row names `COLUMNS`, in any order; empty rows are passed over.

    Returns:
        Its facts, or everything that is wrong with it by cell.

    Source: design choice, no legal source.
    """
    head = [_text(cell) for cell in rows[0]] if rows else []
    places = {name: head.index(name) for name in COLUMNS if name in head}
    flaws = [TableFlaw("", Refused(DeclarationRefusal.FACT_MISSING, name=name)) for name in COLUMNS if name not in head]
    if len(rows) > ROWS_MAX:
        flaws.append(TableFlaw("", Refused(DeclarationRefusal.TABLE_TOO_LONG, rows=ROWS_MAX)))
    if flaws:
        return FactTable((), tuple(flaws), places)
    lines: list[FactLine] = []
    for number, cells in enumerate(rows[1:], 2):
        told = {name: _text(cells[place]) if place < len(cells) else "" for name, place in places.items()}
        if not any(told.values()):
            continue
        wrong = [TableFlaw(_cell_at(places[column], number), refused) for column, refused in _flaws(told)]
        flaws += wrong
        if not wrong:
            lines.append(_line(number, told))
    return FactTable(() if flaws else tuple(lines), tuple(flaws), places)


def row_of(year: int, kind: FactKind, name: str, values: Mapping[str, str], evidence: str) -> dict[str, object]:
    """Write a fact as a row by column, so that what was declared can be downloaded and handed in again.

    Source: design choice, no legal source.
    """
    return {"year": year, "kind": kind.value, "name": name, **_by_column(values), "evidence": evidence}


def _by_column(values: Mapping[str, str]) -> dict[str, str]:
    return {_COLUMN_OF.get(field, field): value for field, value in values.items()}


def _line(number: int, told: Mapping[str, str]) -> FactLine:
    kind = FactKind(told["kind"])
    return FactLine(number, int(told["year"]), kind, told["name"], _values(kind, told), told["evidence"])


def _values(kind: FactKind, told: Mapping[str, str]) -> dict[str, str]:
    found = {field: told[_COLUMN_OF.get(field, field)] for field in FIELDS[kind]}
    return {field: text for field, text in found.items() if text}


# The first flaw of each column, in the order of the columns; of the values the first that does not read.
def _flaws(told: Mapping[str, str]) -> Iterator[tuple[str, Refused]]:
    year, kind = told["year"], told["kind"]
    if not year.isascii() or not year.isdigit() or int(year) not in _YEARS:
        yield "year", _wrong("year", year)
    for name in ("name", "evidence"):
        if not told[name]:
            yield name, Refused(DeclarationRefusal.FACT_MISSING, name=name)
    if kind not in set(FactKind):
        yield "kind", _wrong("kind", kind)
        return
    try:
        declarations.read(FactKind(kind), _values(FactKind(kind), told))
    except Refused as refused:
        field = str(refused.facts["name"])
        yield _COLUMN_OF.get(field, field), refused
    own = {_COLUMN_OF.get(field, field) for field in FIELDS[FactKind(kind)]}
    for column in COLUMNS[len(_NAMED) : -1]:
        if told[column] and column not in own:
            yield column, Refused(DeclarationRefusal.NOT_OF_KIND, name=column, kind=kind)


def _wrong(name: str, value: str) -> Refused:
    return Refused(DeclarationRefusal.FACT_WRONG, name=name, value=value)


# A spreadsheet keeps numbers as such; what people typed is written as they see it.
def _text(cell: object) -> str:
    if cell is None or cell is False:
        return ""
    if cell is True:
        return "yes"
    if isinstance(cell, float):
        number = Decimal(repr(cell))
        return format(number.to_integral_value() if number == number.to_integral_value() else number, "f")
    return str(cell).strip()


def _cell_at(place: int, row: int) -> str:
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
