"""The lake: bulk data as Parquet files, computed by Ibis expressions; DuckDB on one machine, Spark on many.

Words: *reading* 读数 (what a device sent for an hour), *test* 检测 (what was found about a monitor), *lake* 数据湖.

    data = lake.connect()                                    # DuckDB, in this process
    data = lake.connect("spark://10.0.0.5:7077")             # the same expressions on a cluster
    readings = lake.read(data, folder / "readings")          # a folder of Parquet files is a table
    with lake.held(data, cems.judged(readings, tests, stacks, rules, first=first, end=end)) as judged:
        lake.execute(data, cems.annual(cems.hours(judged, rules, first=first)))

What decides an amount over columns lives in `lake.methods` and has a readable twin in core; a property test holds both
equal to the last unit. Columns are integers. Engines divide integers as floats, so a method divides by `floor_div` and
`half_up_div` only, whose results are exact while both sides stay below 2^53: a method's twin says what bounds its
inputs.

A file appears under its name when it is complete (`write`), is never changed, and is named by its digest where the log
speaks of it. This floor knows no Django and no room: rooms hand it folders and get tables back.
"""

from tonnebook.lake.arithmetic import floor_div, half_up_div
from tonnebook.lake.connection import connect, execute, held
from tonnebook.lake.files import digest, read, write

__all__ = ["connect", "digest", "execute", "floor_div", "half_up_div", "held", "read", "write"]
