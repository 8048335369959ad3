"""Hours over columns are the hours of the readable form, to the last milligram, whatever was sent and tested."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.sql import SQLBackend

from tonnebook import lake
from tonnebook.core import cems as scalar
from tonnebook.core.cems import Band, Check, Fill, Hour, MonitorTest, Quality, Reading, Rules, Stack
from tonnebook.lake.methods import cems

FIRST, END = 1000, 1060
BANDS = (
    Band(950_000, 3, 0, 0, is_at_least_mean=False),
    Band(950_000, 100, 90, 7, is_at_least_mean=True),
    Band(800_000, 2, 0, 0, is_at_least_mean=False),
    Band(800_000, 100, 95, 7, is_at_least_mean=True),
    Band(600_000, 100, 100, 5, is_at_least_mean=False),
)
VALID_H = {Check.DRIFT: 10, Check.LINEARITY: 30, Check.CO2_ACCURACY: 40, Check.FLOW_ACCURACY: 50}


def rules(initial_h: int = 0) -> Rules:
    return Rules(27_300, 101_325, 1964, 4000, 4, VALID_H, initial_h, BANDS)


_NUMBERS = st.one_of(st.none(), st.integers(-1, 3), st.integers(0, 210_000))
_READING = st.builds(
    Reading,
    hour=st.integers(FIRST - 2, END + 2),
    operating_min=st.one_of(st.just(60), st.integers(-1, 61), st.none()),
    co2_ppm=_NUMBERS,
    flow_m3_per_h=st.one_of(_NUMBERS, st.integers(0, scalar.FLOW_M3_PER_H_MAX)),
    temperature_ck=st.one_of(st.integers(27_000, 60_000), st.none(), st.just(19_999)),
    pressure_pa=st.one_of(st.integers(90_000, 120_000), st.none(), st.just(120_001)),
    moisture_bp=st.one_of(st.integers(0, 4001), st.none()),
)
# Mostly believable, so that gaps have something around them.
_PLAIN = st.builds(
    Reading,
    hour=st.integers(FIRST, END - 1),
    operating_min=st.just(60),
    co2_ppm=st.integers(100_000, 130_000),
    flow_m3_per_h=st.integers(900_000, 1_000_000),
    temperature_ck=st.integers(38_000, 42_000),
    pressure_pa=st.just(101_000),
    moisture_bp=st.just(900),
)
_READINGS = st.lists(st.one_of(_PLAIN, _PLAIN, _PLAIN, _READING), max_size=120).map(
    lambda rows: {row.hour: row for row in rows}
)
_TESTS = st.lists(
    st.builds(
        MonitorTest,
        hour=st.integers(FIRST - 60, END + 3),
        check=st.sampled_from(Check),
        is_passed=st.sampled_from([True, True, True, False]),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def duck() -> SQLBackend:
    return lake.connect(memory_mib=512)


def columns(
    data: SQLBackend, stacks: Sequence[tuple[Stack, dict[int, Reading], list[MonitorTest]]], used: Rules
) -> dict[int, list[Hour]]:
    """Compute over columns and give the rows of each stack back as the readable form has them."""
    names = (
        "stack",
        "hour",
        "operating_min",
        "co2_ppm",
        "flow_m3_per_h",
        "temperature_ck",
        "pressure_pa",
        "moisture_bp",
    )
    readings = [
        {"stack": stack.number, **{name: getattr(row, name) for name in names[1:]}}
        for stack, rows, _ in stacks
        for row in rows.values()
    ]
    tests = [
        {"stack": stack.number, "hour": one.hour, "kind": one.check.value, "passed": int(one.is_passed)}
        for stack, _, found in stacks
        for one in found
    ]
    spans = [
        {
            "stack": stack.number,
            "co2_ppm_max": stack.co2_ppm_max,
            "flow_m3_per_h_max": stack.flow_m3_per_h_max,
            "dry_flow_dm3_per_h_max": stack.dry_flow_dm3_per_h_max,
        }
        for stack, _, _ in stacks
    ]
    with tempfile.TemporaryDirectory(prefix="cems") as folder:
        tables = [
            lake.read(
                data, lake.write(pa.Table.from_pylist(rows, schema=_schema(keys)), Path(folder) / f"{name}.parquet")
            )
            for name, rows, keys in (
                ("readings", readings, names),
                ("tests", tests, ("stack", "hour", "kind", "passed")),
                ("stacks", spans, ("stack", "co2_ppm_max", "flow_m3_per_h_max", "dry_flow_dm3_per_h_max")),
            )
        ]
        with lake.held(data, cems.judged(tables[0], tables[1], tables[2], used, first=FIRST, end=END)) as judged:
            computed = lake.execute(data, cems.hours(judged, used, first=FIRST).order_by("stack", "hour"))
    out: dict[int, list[Hour]] = {stack.number: [] for stack, _, _ in stacks}
    for row in computed.to_pylist():
        number = row.pop("stack")
        row |= {f"{one}_quality": Quality(row[f"{one}_quality"]) for one in ("co2", "flow")}
        row |= {f"{one}_fill": Fill(row[f"{one}_fill"]) for one in ("co2", "flow")}
        out[number].append(Hour(**row))
    return out


def _schema(names: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, pa.int64()) for name in names])


@settings(max_examples=25)
@given(
    st.lists(st.tuples(_READINGS, _TESTS), min_size=1, max_size=3),
    st.sampled_from([0, 5]),
)
def test_columns_are_the_readable_form(
    duck: SQLBackend, drawn: list[tuple[dict[int, Reading], list[MonitorTest]]], initial_h: int
) -> None:
    used = rules(initial_h)
    stacks = [(Stack(7 + place, 200_000, 9_000_000, 8_000_000_000), *one) for place, one in enumerate(drawn)]
    found = columns(duck, stacks, used)
    for stack, readings, tests in stacks:
        assert found[stack.number] == scalar.hours(readings, tests, stack, used, first=FIRST, end=END)
