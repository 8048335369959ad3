"""Write many rows at once: a few by one INSERT, tens of thousands by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

# One INSERT is a single round trip; COPY needs several, but reads each row many times faster.
_FEW = 50


def next_counts(sequence: str, count: int) -> list[int]:
    """Draw running counts for numbers people see; a refused command leaves a gap.

    Args:
        sequence: name of a database sequence, such as "members_person_number".
        count: how many, >= 0.

    Returns:
        Whole numbers, rising.

    Source: design choice, no legal source.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]


def take_ids(model: type[models.Model], quantity: int) -> list[int]:
    """Draw ids for rows that others of the same transaction will refer to, in order."""
    return next_counts(f"{model._meta.db_table}_id_seq", quantity)


def copy_in(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows in order.

    Args:
        model: whose table.
        columns: names in the database; all others take the database's default.
        rows: one value per column.
    """
    written = list(rows)
    if not written:
        return
    table, names = _table(model), ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if len(written) <= _FEW:
            places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(written))
            insert = f"INSERT INTO {table} ({names}) VALUES {places}"  # noqa: S608  our own names only
            cursor.execute(insert, [value for row in written for value in row])
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in written:
                copy.write_row(row)


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows that already are lines of COPY's text format: for tens of thousands of plain numbers.

    Args:
        model: whose table.
        columns: names in the database; all others take the database's default.
        lines: values separated by tabs, ended by a newline, nothing in them that needs escaping.
    """
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor, cursor.copy(f"COPY {_table(model)} ({names}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
