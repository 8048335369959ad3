"""A run: the facts, amounts and rules' digest of many entities as bytes to keep, and any figure of it explained anew.

What is kept is small, because a derivation is not: it is computed again from the kept facts by the readable formulas,
under the same rules, and must reach the kept tonnes. The bytes are one line of JSON that names the columns, and the
columns behind it; nothing in them can be executed.
"""

import json
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tonnebook.core.allocation import columns as facts_of
from tonnebook.core.allocation.annual import Annual, annual
from tonnebook.core.allocation.bulk import Amounts
from tonnebook.core.allocation.columns import Columns, GeneratingUnits, Plants, Products
from tonnebook.core.errors import Fault
from tonnebook.core.rules import RulesAt

_AMOUNTS = ("base_t", "free_t", "paid_t")
_OWN = (
    "entity",
    "sector",
    "determined_t",
    "new_facility_t",
    "market_u",
    "paid_coefficient_u",
    "intensity_n",
    "direct_share_u",
    "grounds",
)
_BY_YEAR = ("past_u", "split_u")
_TABLES = {
    "products": ("start", "name", "made_u"),
    "units": ("start", "kind", "power_u", "heat_u", "load_u"),
    "plants": (
        "start",
        "kind",
        "fuel",
        "power_u",
        "heat_kj",
        "is_closed_cooling",
        "is_clean_coal",
        "load_u",
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A kept run.

    Attributes:
        year: compliance year.
        digest: of the rules it was computed with.
        columns: the facts.
        base_t: (entities,) whole tonnes; -1 where an entity was refused.
        free_t: (entities,) of them given.
        paid_t: (entities,) of them to be bought.
    """

    year: int
    digest: str
    columns: Columns
    base_t: "array[int]"
    free_t: "array[int]"
    paid_t: "array[int]"


def to_bytes(columns: Columns, amounts: Amounts, *, year: int) -> bytes:
    """Write a run down.

    Args:
        columns: the facts it was computed from.
        amounts: what they gave.
        year: compliance year.

    Returns:
        Bytes that `from_bytes` reads.
    """
    parts = dict(_named(columns))
    for name in _AMOUNTS:
        column = array("q", getattr(amounts, name))
        for row in amounts.refused:
            column[row] = facts_of.NONE
        parts[name] = column
    coded = {name: _bytes(column) for name, column in parts.items()}
    header = {
        "year": year,
        "digest": amounts.digest,
        "years": columns.years,
        "columns": [[name, _kind(parts[name]), len(data)] for name, data in coded.items()],
    }
    return b"\n".join((json.dumps(header).encode(), b"".join(coded.values())))


def from_bytes(data: bytes) -> Run:
    """Read a run back.

    Raises:
        ValueError: when the bytes are no run.
    """
    head, _, body = data.partition(b"\n")
    try:
        header = json.loads(head)
        parts: dict[str, Any] = {}
        at = 0
        for name, kind, size in header["columns"]:
            parts[name] = _column(kind, body[at : at + size])
            at += size
        amounts = [parts[name] for name in _AMOUNTS]
        return Run(header["year"], header["digest"], _columns(parts, tuple(header["years"])), *amounts)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a run: {error}") from error


def explain(run: Run, position: int, rules: RulesAt) -> Annual:
    """Compute one allowance of a run again, with its derivation.

    Args:
        run: the run.
        position: which entity, from 0; not one that was refused.
        rules: the rules it was computed with.

    Returns:
        The same tonnes, with their traces.

    Raises:
        Fault: when the rules are others, or the readable formulas give other tonnes.
    """
    if rules.digest != run.digest:
        raise Fault("A5", rules=rules.digest, kept=run.digest)
    found = annual(facts_of.row(run.columns, position), rules)
    tonnes = (found.base.whole, found.free.whole, found.paid.whole)
    kept = (run.base_t[position], run.free_t[position], run.paid_t[position])
    if tonnes != kept:
        raise Fault("A5", entity=run.columns.entity[position], computed=str(tonnes), kept=str(kept))
    return found


def _named(columns: Columns) -> Iterator[tuple[str, "array[int] | list[str]"]]:
    for name in _OWN:
        yield name, getattr(columns, name)
    for year, column in zip(columns.years, columns.emission_t, strict=True):
        yield f"emission_t.{year}", column
    for table, names in _TABLES.items():
        for name in names:
            yield f"{table}.{name}", getattr(getattr(columns, table), name)
    for name in _BY_YEAR:
        for year, column in zip(columns.years, getattr(columns.products, name), strict=True):
            yield f"products.{name}.{year}", column


def _columns(parts: dict[str, Any], years: tuple[int, ...]) -> Columns:
    tables = {table: {name: parts[f"{table}.{name}"] for name in names} for table, names in _TABLES.items()}
    of_years: dict[str, Any] = {name: tuple(parts[f"products.{name}.{year}"] for year in years) for name in _BY_YEAR}
    return Columns(
        years=years,
        emission_t=tuple(parts[f"emission_t.{year}"] for year in years),
        products=Products(**tables["products"], **of_years),
        units=GeneratingUnits(**tables["units"]),
        plants=Plants(**tables["plants"]),
        **{name: parts[name] for name in _OWN},
    )


def _kind(column: "array[int] | list[str]") -> str:
    return column.typecode if isinstance(column, array) else "text"


def _bytes(column: "array[int] | list[str]") -> bytes:
    if not isinstance(column, array):
        return json.dumps(column).encode()
    return _turned(column).tobytes()


def _column(kind: str, data: bytes) -> "array[int] | list[str]":
    if kind == "text":
        texts: list[str] = json.loads(data)
        return texts
    column = array(kind)
    column.frombytes(data)
    return _turned(column)


# Kept with the lowest byte first, on every machine.
def _turned(column: "array[int]") -> "array[int]":
    if sys.byteorder == "little":
        return column
    turned = array(column.typecode, column)
    turned.byteswap()
    return turned
