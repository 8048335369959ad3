"""C7: readings that come twice, late, in any order or for a closed year never change what counts."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.sql import SQLBackend
from tests import campaigns

from tonnebook import lake
from tonnebook.core import meters
from tonnebook.core.meters import MeterSpan, ReadingRow, RowCode
from tonnebook.lake.methods import readings

_NAMES = ("meter", "hour", "value", "version")
_ROW = st.builds(
    ReadingRow, meter=st.integers(1, 3), hour=st.integers(0, 6), value=st.integers(-1, 3), version=st.integers(1, 3)
)
SPANS = {1: MeterSpan(0, 100, 0), 2: MeterSpan(2, 5, 3)}


@pytest.fixture(scope="module")
def duck() -> SQLBackend:
    return lake.connect(memory_mib=1024)


def coded(
    data: SQLBackend,
    rows: Sequence[ReadingRow],
    spans: Mapping[int, MeterSpan],
    known: Mapping[tuple[int, int], ReadingRow],
) -> list[RowCode]:
    """Code a batch over columns."""
    with tempfile.TemporaryDirectory(prefix="readings") as folder:
        tables = [
            lake.read(data, lake.write(table, Path(folder) / f"{place}.parquet"))
            for place, table in enumerate((_table(rows).append_column("row", pa.array(range(len(rows)), pa.int64())),
                                           _spans(spans), _table(list(known.values()))))
        ]  # fmt: skip
        found = lake.execute(data, readings.coded(tables[0], tables[1], tables[2]).order_by("row"))
    return [RowCode(code) for code in found["code"].to_pylist()]


def _table(rows: Sequence[ReadingRow]) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, name) for row in rows], pa.int64()) for name in _NAMES})


def _spans(spans: Mapping[int, MeterSpan]) -> pa.Table:
    names = ("from_hour", "until_hour", "closed_before_hour")
    columns = {name: pa.array([getattr(one, name) for one in spans.values()], pa.int64()) for name in names}
    return pa.table({"meter": pa.array(list(spans), pa.int64()), **columns})


@settings(max_examples=40)
@given(st.lists(_ROW, max_size=25), st.lists(_ROW, max_size=6))
def test_codes_over_columns_are_the_readable_ones(
    duck: SQLBackend, rows: list[ReadingRow], before: list[ReadingRow]
) -> None:
    known = {(row.meter, row.hour): row for row in before}
    assert coded(duck, rows, SPANS, known) == meters.codes(rows, SPANS, known)


@given(st.lists(_ROW, max_size=30, unique_by=lambda row: (row.meter, row.hour, row.version)), st.randoms())
def test_what_counts_does_not_depend_on_order_or_repetition(rows: list[ReadingRow], dice: random.Random) -> None:
    assert _counted_after([rows]) == _counted_after(_scattered(rows, dice))


def _counted_after(batches: Sequence[Sequence[ReadingRow]]) -> dict[tuple[int, int], ReadingRow]:
    known: dict[tuple[int, int], ReadingRow] = {}
    for batch in batches:
        for row, code in sorted(
            zip(batch, meters.codes(batch, SPANS, known), strict=True), key=lambda one: one[0].version
        ):
            if code is RowCode.ACCEPTED:
                known[row.meter, row.hour] = row
    return known


def _scattered(rows: Sequence[ReadingRow], dice: random.Random) -> list[list[ReadingRow]]:
    twice = [row for row in rows for _ in range(dice.randint(1, 3))]
    dice.shuffle(twice)
    return [twice[place : place + 4] for place in range(0, len(twice), 4)]


def test_shuffled_and_repeated_readings_give_the_same_total_and_a_closed_year_stays(
    duck: SQLBackend, tmp_path: Path
) -> None:
    """A million readings with `--long`."""
    dice, hours = random.Random(campaigns.SEED), 27_000 if campaigns.LONG else 400  # noqa: S311  invented readings
    spans = {meter: MeterSpan(0, hours, hours // 4) for meter in range(25)}
    closed = [ReadingRow(meter, hour, 5, 1) for meter in spans for hour in range(hours // 4)]
    lake.write(_table(closed), tmp_path / "closed.parquet")
    true = [ReadingRow(meter, hour, dice.randrange(1000), 2) for meter in spans for hour in range(hours)]
    first = [ReadingRow(row.meter, row.hour, 1, 1) for row in true[::7]]
    sent = true + true[::2] + first
    dice.shuffle(sent)
    step = len(sent) // 5 + 1
    for place in range(0, len(sent), step):
        batch = sent[place : place + step]
        known = lake.execute(duck, readings.counting(lake.read(duck, tmp_path))).to_pylist()
        told = coded(duck, batch, spans, {(row["meter"], row["hour"]): ReadingRow(**row) for row in known})
        taken = [row for row, code in zip(batch, told, strict=True) if code is RowCode.ACCEPTED]
        lake.write(_table(taken), tmp_path / f"{place:09d}.parquet")
    rows = readings.counting(lake.read(duck, tmp_path))
    total = lake.execute(duck, readings.totals(rows))
    expected = sum(row.value for row in true if row.hour >= hours // 4) + 5 * len(closed)
    assert sum(total["value"].to_pylist()) == expected
    assert total["hours"].to_pylist() == [hours] * 25
