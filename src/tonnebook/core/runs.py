"""Rows of plain JSON written shorter: rows in turn that have the same fields become columns.

A packed list holds rows as they are and runs; a run is `[number of rows, {field: column}]`. A column that is a list has
a value for each row, and anything else is the value of all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, repeat
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Run: TypeAlias = tuple[int, dict[str, Any]] | list[Any]


def packed(rows: Iterable[Row]) -> list[Row | Run]:
    """Pack rows in order.

    Args:
        rows: of plain JSON, each with at least one field.

    Returns:
        What `unpacked` turns back into them.

    Source: design choice, no legal source.

    Example:
        >>> packed([{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"c": 4}])
        [(2, {'a': 1, 'b': [2, 3]}), {'c': 4}]
    """
    found: list[Row | Run] = []
    for _, group in groupby(rows, tuple):
        alike = list(group)
        columns = {name: [row[name] for row in alike] for name in alike[0]}
        found.append(alike[0] if len(alike) == 1 else run(len(alike), columns))
    return found


def run(size: int, columns: Mapping[str, Sequence[Any]]) -> Run:
    """Make a run of columns.

    Args:
        size: how many rows.
        columns: by field, a value for each row.

    Source: design choice, no legal source.
    """
    return size, {name: _shortened(column) for name, column in columns.items()}


def unpacked(found: Iterable[Row | Run]) -> list[Row]:
    """Give the rows of a packed list in order."""
    return [row for part in found for row in ([part] if isinstance(part, dict) else _rows(*part))]


def size(found: Iterable[Row | Run]) -> int:
    """Count the rows of a packed list."""
    return sum(1 if isinstance(part, dict) else part[0] for part in found)


def columns(size: int, stored: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Give the values of a run row by row, in the order of the names."""
    return zip(*(_column(size, stored[name]) for name in names), strict=True)


def _rows(size: int, stored: Mapping[str, Any]) -> Iterator[Row]:
    for values in columns(size, stored, tuple(stored)):
        yield dict(zip(stored, values, strict=True))


def _column(size: int, stored: Any) -> Iterable[Any]:
    return stored if isinstance(stored, list) else repeat(stored, size)


def _shortened(column: Sequence[Any]) -> Any:
    first = column[0]
    is_one = not isinstance(first, list) and column.count(first) == len(column) and len(set(map(type, column))) == 1
    return first if is_one else list(column)
