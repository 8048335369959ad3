"""Read rows in streams, so that an audit needs little memory however long the books are."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

_AT_A_TIME = 10_000


def stream(
    connection: psycopg.Connection[Any], sql: str, arguments: Sequence[object] = ()
) -> Iterator[tuple[Any, ...]]:
    """Run a query with a cursor on the server and give its rows one by one."""
    with connection.cursor(name="audit") as cursor:
        cursor.execute(sql, arguments, binary=True)
        while batch := cursor.fetchmany(_AT_A_TIME):
            yield from batch


def exists(connection: psycopg.Connection[Any], table: str) -> bool:
    """Say whether a table is there; a database may be older than a room."""
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(row and row[0])
