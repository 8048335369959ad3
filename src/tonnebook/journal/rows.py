"""Write many rows at once: a few as values, many as one array for each column, plain numbers through COPY."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray
from psycopg.adapt import PyFormat, Transformer

from tonnebook.journal import tenancy

# A statement with values is parsed value by value; arrays cost more to begin with and next to nothing for each row.
_FEW = 50


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that writes, alone or together with others.

    Attributes:
        sql: with a place for each value.
        values: those of `heads` first.
        heads: what it begins with after WITH, if anything, such as "entry AS (SELECT …), leaf AS (INSERT …)".
    """

    sql: str
    values: Sequence[Any]
    heads: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of a table as one text, which COPY takes as it is."""

    model: type[models.Model]
    columns: Sequence[str]
    text: str


def write(*writes: Write | Lines | None) -> None:
    """Send several writes as one statement: none sees what another writes, and all of it is there at its end.

    Args:
        writes: to different tables; None is passed over, and lines follow the statement.
    """
    _write([one for one in writes if isinstance(one, Write)])
    for one in writes:
        if isinstance(one, Lines):
            copy_lines(one.model, one.columns, [one.text])


def _write(sent: Sequence[Write]) -> None:
    if not sent:
        return
    heads: list[str] = []
    for index, one in enumerate(sent):
        heads += [one.heads, f"write_{index} AS ({one.sql})"]
    *before, _ = filter(None, heads)
    sql = f"WITH {', '.join(before)} {sent[-1].sql}" if before else sent[-1].sql
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for one in sent for value in one.values])


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


def next_pairs(first: str, second: str, count: int) -> list[tuple[int, int]]:
    """Draw running counts of two sequences at once, as `next_counts` does of one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(%s::regclass), nextval(%s::regclass) FROM generate_series(1, %s)", [first, second, count]
        )
        pairs: list[tuple[int, int]] = cursor.fetchall()
    return pairs


def take_ids(model: type[models.Model], quantity: int) -> list[int]:
    """Draw ids for rows that others of the same transaction will refer to, in order."""
    return next_counts(ids_of(model), quantity)


def ids_of(model: type[models.Model]) -> str:
    """Name the sequence that a table takes its ids from."""
    return f"{model._meta.db_table}_id_seq"


def copy_in(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows in order.

    Args:
        model: whose table.
        columns: names in the database; all others take the database's default.
        rows: one value per column.
    """
    write(insertion(model, columns, rows))


def insertion(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Write | None:
    """Make the statement that writes rows in order; none for no rows.

    Args:
        model: whose table.
        columns: names in the database; all others take the database's default.
        rows: one value per column.
    """
    written = list(rows)
    if not written:
        return None
    table, names = _table(model), ", ".join(map(connection.ops.quote_name, columns))
    if len(written) <= _FEW:
        places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(written))
        source, values = f"VALUES {places}", [value for row in written for value in row]
    else:
        types = {field.column: field.db_type(connection) for field in model._meta.local_concrete_fields}
        casts = ", ".join(f"given.{connection.ops.quote_name(name)}::{types[name]}" for name in columns)
        columns_of = [_packed(column) for column in zip(*written, strict=True)]
        arrays = ", ".join(array for array, _ in columns_of)
        source = f"SELECT {casts} FROM unnest({arrays}) AS given({names})"  # noqa: S608  our own names only
        values = [value for _, value in columns_of]
    return Write(f"INSERT INTO {table} ({names}) {source}", values)


def insertion_of_many(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Write | Lines | None:
    """Make what writes rows in order like `insertion`, but many of them as lines of COPY, which cost both sides less.

    Args:
        model: whose table; what `copy_lines` says of its policies holds here too.
        columns: names in the database; all others take the database's default.
        rows: one value per column; those with a sign that COPY would read otherwise are written as by `insertion`.
    """
    written = list(rows)
    if len(written) > _FEW:
        texts = [_texts(column) for column in zip(*written, strict=True)]
        if not any(None in column for column in texts):
            text = "".join(["\t".join(row) + "\n" for row in zip(*texts, strict=True)])
            signs = (text.count("\t"), text.count("\n"), text.count("\\"))
            if signs == ((len(columns) - 1) * len(written), len(written), 0):
                return Lines(model, columns, text)
    return insertion(model, columns, written)


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows that already are lines of COPY's text format: for tens of thousands of short values.

    Args:
        model: whose table.
        columns: names in the database; all others take the database's default.
        lines: values separated by tabs, ended by a newline, nothing in them that needs escaping; the server writes
            rows while the next ones are still being made.
    """
    coming = iter(lines)
    _copy_into(model, columns, iter(lambda: "".join(islice(coming, _CHUNK)), ""))


def copy_columns(model: type[models.Model], columns: Mapping[str, NDArray[np.int64] | int]) -> None:
    """Write rows of whole numbers that come as columns: for tens of thousands, without an object per row.

    Args:
        model: whose table.
        columns: by name in the database; all as long as the longest, or one number that stands in every row. All others
            take the database's default.
    """
    types = {field.column: str(field.db_type(connection)) for field in model._meta.local_concrete_fields}
    # As COPY's binary format has it: how many values a row has, then before each its length in bytes.
    parts = [("count", ">i2")]
    for name in columns:
        parts += [(f"length of {name}", ">i4"), (name, _NUMBERS[types[name]])]
    written = np.empty(max(map(np.size, columns.values())), np.dtype(parts))
    written["count"] = len(columns)
    for name, values in columns.items():
        written[f"length of {name}"] = written.dtype[name].itemsize
        written[name] = values
    _copy_into(model, columns, [_BINARY_HEAD, written.tobytes(), _BINARY_END], "(FORMAT binary)")


# The whole numbers of the database, with the highest byte first, as they travel.
_NUMBERS = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2"}
_BINARY_HEAD, _BINARY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


# Row-level security bars COPY. Whoever sees every row anyway (`tenancy.everywhere`) takes the role of the engine for
# it, which reaches the books alone; where that role is not to be had, the rows go by way of a temporary table.
def _copy_into(
    model: type[models.Model], columns: Iterable[str], data: Iterable[str | bytes], options: str = ""
) -> None:
    table, names = _table(model), ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if isinstance(tenancy.rules()[model._meta.db_table], tenancy.Shared):
            _copy(cursor, f"{table} ({names})", data, options)
        elif _takes_engine(cursor):
            _copy(cursor, f"{table} ({names})", data, options)
            cursor.execute(_AS_MYSELF)
        else:
            cursor.execute(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} LIMIT 0")  # noqa: S608
            _copy(cursor, "incoming", data, options)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming")  # noqa: S608  our own names only
            cursor.execute("DROP TABLE incoming")


# Until the end of the transaction at most: what undoes it gives the role back as well.
_AS_ENGINE = "SELECT set_config('role', rolname, true) FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'SET')"
_AS_MYSELF = "SELECT set_config('role', 'none', true)"

# Lines that are sent together.
_CHUNK = 500


def _takes_engine(cursor: CursorWrapper) -> bool:
    if tenancy.current() != tenancy.EVERYWHERE:
        return False
    cursor.execute(_AS_ENGINE, [tenancy.ENGINE_ROLE])
    return cursor.fetchone() is not None


def _copy(cursor: CursorWrapper, target: str, data: Iterable[str | bytes], options: str) -> None:
    with connection.wrap_database_errors, cursor.copy(f"COPY {target} FROM STDIN {options}") as copy:
        for part in data:
            copy.write(part)


# As one text, a column travels ten times faster than as an array; only free text with these signs in it cannot.
_SEPARATOR, _NULL = "\x1e", "\x1d"


def _packed(column: Sequence[Any]) -> tuple[str, str | list[str | None]]:
    # The expression of a column's array, and its parameter; each value as COPY would write it.
    texts = _texts(column)
    packed = _SEPARATOR.join(_NULL if text is None else text for text in texts)
    if packed.count(_SEPARATOR) == len(texts) - 1 and packed.count(_NULL) == texts.count(None):
        return "string_to_array(%s, E'\\x1e', E'\\x1d')", packed
    return "%s::text[]", texts


def _texts(column: Sequence[Any]) -> list[str | None]:
    kinds = set(map(type, column))
    if kinds == {str}:
        return list(column)
    if kinds == {int}:
        return list(map(str, column))
    writer = Transformer(connection.connection)

    def text(value: Any) -> str | None:
        return None if value is None else bytes(writer.get_dumper(value, PyFormat.TEXT).dump(value) or b"").decode()

    # The same few instants come again and again.
    if kinds <= {date, datetime}:
        known = {value: text(value) for value in set(column)}
        return [known[value] for value in column]
    return [text(value) for value in column]


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
