"""The engine that computes: DuckDB in this process by default, a Spark master where `TONNEBOOK_LAKE` names one."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql import SQLBackend

_THREADS = 2
_MEMORY_MIB = 3072


def connect(address: str = "", *, memory_mib: int = _MEMORY_MIB, threads: int = _THREADS) -> SQLBackend:
    """Connect to an engine.

    Args:
        address: empty for DuckDB, or the address of a Spark master such as spark://host:7077.
        memory_mib: how much DuckDB may take before it spills to its temporary folder; Spark has its own limits.
        threads: how many processors DuckDB may use.

    Returns:
        A connection; expressions over its tables run on it.

    Raises:
        ValueError: when the address is neither empty nor of a Spark master.

    Source: design choice, no legal source.
    """
    if not address:
        return ibis.duckdb.connect(threads=threads, memory_limit=f"{memory_mib}MiB", preserve_insertion_order=False)
    if not address.startswith(("spark://", "local[")):
        raise ValueError(f"TONNEBOOK_LAKE is {address!r}: expected nothing for DuckDB, or spark://host:port")
    # PySpark is asked for only where there is a cluster; the usual installation comes without it.
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(address).appName("tonnebook")
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.ui.enabled": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def execute(connection: SQLBackend, table: ir.Table) -> pa.Table:
    """Compute an expression on an engine.

    Args:
        connection: the engine its tables belong to.
        table: any expression over them.

    Returns:
        Its rows as an Arrow table, in no particular order unless the expression orders them.

    Source: design choice, no legal source.
    """
    return connection.to_pyarrow(table)


@contextmanager
def held(connection: SQLBackend, table: ir.Table) -> Iterator[ir.Table]:
    """Compute an expression once and hold its rows for what is computed from them.

    Args:
        connection: the engine its tables belong to.
        table: the expression.

    Yields:
        A table of the same rows, gone when the block ends.

    Source: design choice, no legal source.
    """
    if connection.name != "duckdb":
        with table.cache() as rows:
            yield rows
        return
    name = f"held_{secrets.token_hex(8)}"
    try:
        yield connection.create_table(name, table, temp=True)
    finally:
        connection.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
