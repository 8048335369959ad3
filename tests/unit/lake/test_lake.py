"""The lake's own promises: whole divisions are exact, a file appears whole and once."""

from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from tonnebook import lake


def _divided(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    data = lake.connect(memory_mib=256)
    rows = ibis.memtable(
        pa.table({"a": [a for a, _ in pairs], "b": [b for _, b in pairs], "n": list(range(len(pairs)))})
    )
    done = rows.order_by("n").select(floor=lake.floor_div(rows.a, rows.b), half=lake.half_up_div(rows.a, rows.b))
    return [(row["floor"], row["half"]) for row in data.to_pyarrow(done).to_pylist()]


def test_whole_divisions_are_exact_around_every_edge() -> None:
    most = (2**53 - 1) // 2 - 10**6
    pairs = [
        (quotient * divisor + beside, divisor)
        for divisor in (1, 2, 3, 7, 60, 10_000, 101_325, 999_983)
        for quotient in (1, 2, 5, most // divisor - 1)
        for beside in (-1, 0, 1)
    ]
    assert _divided(pairs) == [(a // b, (2 * a + b) // (2 * b)) for a, b in pairs]


def test_a_file_appears_once_and_is_never_replaced(tmp_path: Path) -> None:
    path = lake.write(pa.table({"n": [1, 2]}), tmp_path / "rows" / "a.parquet")
    before = lake.digest(path)
    with pytest.raises(FileExistsError):
        lake.write(pa.table({"n": [3]}), path)
    assert lake.digest(path) == before
    assert [one.name for one in path.parent.iterdir()] == ["a.parquet"]


def test_a_folder_is_one_table_and_files_in_the_making_are_no_part_of_it(tmp_path: Path) -> None:
    for name, numbers in (("a", [1, 2]), ("b", [3])):
        lake.write(pa.table({"n": numbers}), tmp_path / f"{name}.parquet")
    data = lake.connect(memory_mib=256)
    (tmp_path / ".b.partial").write_bytes(b"half of")
    assert sorted(lake.execute(data, lake.read(data, tmp_path))["n"].to_pylist()) == [1, 2, 3]


def test_a_lake_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="TONNEBOOK_LAKE"):
        lake.connect("postgres://elsewhere")
