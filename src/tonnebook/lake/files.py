"""Files of the lake: written once, whole, and named when they are complete."""

import hashlib
import os
import tempfile
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql import SQLBackend

_ROWS_PER_GROUP = 131_072
_CHUNK = 1 << 20


def write(table: pa.Table, path: Path) -> Path:
    """Write a Parquet file so that a reader never meets half of it, under a name that is still free.

    The bytes go to a temporary name beside it, to the disk, and then under the name. The same rows in the same order
    give the same bytes with the same version of Arrow.

    Args:
        table: the rows.
        path: where it shall be; its folder is made.

    Returns:
        The path.

    Raises:
        FileExistsError: when there is such a file; what lies in the lake is never changed.

    Source: design choice, no legal source.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            pq.write_table(table, stream, compression="zstd", row_group_size=_ROWS_PER_GROUP)
            stream.flush()
            os.fsync(stream.fileno())
        # A link, unlike a rename, is refused where the name is taken.
        path.hardlink_to(partial)
    finally:
        partial.unlink()
    return path


def read(connection: SQLBackend, folder: Path) -> ir.Table:
    """Read a folder of Parquet files as one table; files that are still being written are not among them.

    Args:
        connection: the engine; on a cluster the folder must be where every machine sees it.
        folder: where the files are, or one file.

    Returns:
        The table, read when it is computed.

    Source: design choice, no legal source.
    """
    if connection.name == "duckdb":
        return connection.read_parquet(str(folder / "*.parquet" if folder.is_dir() else folder))
    return connection.read_parquet(str(folder))


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, hex."""
    seen = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            seen.update(chunk)
    return seen.hexdigest()
