"""What a year of hourly readings costs: 2,000 invented stacks judged, filled and added up, beside just reading them."""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.backends.sql import SQLBackend

from tonnebook import lake
from tonnebook.bench.report import Figure
from tonnebook.core import cems
from tonnebook.core.cems import Band, Check, MonitorTest, Reading, Rules, Stack
from tonnebook.lake.methods import cems as method

STACKS = 2_000
# Computed in parts of so many stacks, which bounds the memory whatever their number.
PART = 250
SAMPLE = 4
HOURS = 8_760
FIRST = 482_136
SPANS = {"co2_ppm_max": 200_000, "flow_m3_per_h_max": 2_000_000, "dry_flow_dm3_per_h_max": 1_500_000_000}
RULES = Rules(
    temperature_ck=27_300,
    pressure_pa=101_325,
    density_g_per_m3=1964,
    moisture_bp_max=4000,
    stuck_h=8,
    valid_h={Check.DRIFT: 26, Check.LINEARITY: 2300, Check.CO2_ACCURACY: 4500, Check.FLOW_ACCURACY: 4500},
    initial_h=0,
    bands=(
        Band(900_000, 24, 100, 180, is_at_least_mean=False),
        Band(900_000, HOURS, 100, 720, is_at_least_mean=False),
        Band(750_000, HOURS, 100, 2160, is_at_least_mean=False),
    ),
)


def measure() -> list[Figure]:
    """Measure a year of stacks on DuckDB with two threads, against reading the same columns and the readable form.

    Returns:
        Figures with their references and targets.

    Raises:
        ValueError: when a sample of the stacks has another total by the readable form.
    """
    with tempfile.TemporaryDirectory(prefix="bench_cems") as name:
        folder = Path(name)
        for first in range(0, STACKS, PART):
            lake.write(_readings(first), folder / "readings" / f"{first:05d}.parquet")
        lake.write(_tests(), folder / "tests.parquet")
        lake.write(pa.table({"stack": range(STACKS), **{key: [n] * STACKS for key, n in SPANS.items()}}),
                   folder / "stacks.parquet")  # fmt: skip
        size = sum(file.stat().st_size for file in (folder / "readings").iterdir())
        data = lake.connect()
        read_s = _read_s(data, folder)
        started, used = time.perf_counter(), time.process_time()
        totals = _totals(data, folder)
        seconds, processor_s = time.perf_counter() - started, time.process_time() - used
        plain_s = _plain_s(totals) / SAMPLE * STACKS
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("year_of_2000_stacks_s", seconds, read_s, target=30.0, is_cost=True, plain="reading the columns alone"),
        Figure("processor_s", processor_s, plain_s, is_cost=True, plain=f"readable form, from {SAMPLE} stacks"),
        Figure("peak_memory_mib", peak_mib, target=4096.0, is_cost=True),
        Figure("stack_hours_per_s", STACKS * HOURS / seconds),
        Figure("kept_bytes_per_hour", size / STACKS / HOURS),
    ]


def _read_s(data: SQLBackend, folder: Path) -> float:
    rows = lake.read(data, folder / "readings")
    started = time.perf_counter()
    lake.execute(data, rows.aggregate(**{name: rows[name].sum() for name in rows.columns}))
    return time.perf_counter() - started


def _totals(data: SQLBackend, folder: Path) -> dict[int, int]:
    tests, stacks = (lake.read(data, folder / name) for name in ("tests.parquet", "stacks.parquet"))
    totals: dict[int, int] = {}
    for first in range(0, STACKS, PART):
        readings = lake.read(data, folder / "readings" / f"{first:05d}.parquet")
        own = [table.filter(table.stack.between(first, first + PART - 1)) for table in (tests, stacks)]
        judged = method.judged(readings, own[0], own[1], RULES, first=FIRST, end=FIRST + HOURS)
        with lake.held(data, judged) as rows:
            years = lake.execute(data, method.annual(method.hours(rows, RULES, first=FIRST)))
        totals |= zip(years["stack"].to_pylist(), years["mass_mg"].to_pylist(), strict=True)
    return totals


# The readable form for the first stacks; its totals must be those of the columns.
def _plain_s(totals: dict[int, int]) -> float:
    rows = _readings(0).to_pylist()[: SAMPLE * HOURS]
    tests = [row for row in _tests().to_pylist() if row["stack"] < SAMPLE]
    started = time.process_time()
    for stack in range(SAMPLE):
        readings = {
            row["hour"]: Reading(**{name: value for name, value in row.items() if name != "stack"})
            for row in rows
            if row["stack"] == stack
        }
        found = [MonitorTest(row["hour"], Check(row["kind"]), bool(row["passed"])) for row in tests
                 if row["stack"] == stack]  # fmt: skip
        hours = cems.hours(readings, found, Stack(stack, **SPANS), RULES, first=FIRST, end=FIRST + HOURS)
        if cems.annual_mg(hours) != totals[stack]:
            raise ValueError(f"stack {stack}: the readable form and the columns differ")
    return time.process_time() - started


# A year of invented readings: 1 % of hours run in part, for each stack a dozen outages of the line and of the gas
# monitor, one stuck stretch, and a few values out of range.
def _readings(first: int) -> pa.Table:
    dice = np.random.default_rng(first)
    count = PART * HOURS
    co2 = dice.integers(112_000, 128_000, count)
    for start in dice.integers(0, count - 60, PART):
        co2[start : start + 8] = co2[start]
    co2[dice.integers(0, count, PART * 5)] = 900_000
    kept = ~_outages(dice, count, 0.12)
    columns = {
        "stack": (np.repeat(np.arange(first, first + PART), HOURS), pa.int32()),
        "hour": (np.tile(np.arange(FIRST, FIRST + HOURS), PART), pa.int32()),
        "operating_min": (np.where(dice.random(count) < 0.01, dice.integers(0, 60, count), 60), pa.int16()),
        "co2_ppm": (co2, pa.int32()),
        "flow_m3_per_h": (dice.integers(810_000, 990_000, count), pa.int32()),
        "temperature_ck": (dice.integers(39_200, 40_800, count), pa.int32()),
        "pressure_pa": (dice.integers(100_100, 101_900, count), pa.int32()),
        "moisture_bp": (dice.integers(700, 1_100, count), pa.int16()),
    }
    silent = _outages(dice, count, 0.08)
    return pa.table(
        {
            name: pa.array(values[kept], kind, mask=silent[kept] if name == "co2_ppm" else None)
            for name, (values, kind) in columns.items()
        }
    )


def _outages(dice: np.random.Generator, count: int, end_share: float) -> npt.NDArray[np.bool_]:
    out = np.zeros(count, bool)
    starts = dice.integers(0, count - 60, PART * 12)
    for start, length in zip(starts, dice.geometric(end_share, len(starts)), strict=True):
        out[start : start + length] = True
    return out


# Drift every day, linearity every quarter, both accuracy audits every half year; one in two hundred is failed.
def _tests() -> pa.Table:
    dice = np.random.default_rng(1)
    every = {Check.DRIFT: 24, Check.LINEARITY: 2100, Check.CO2_ACCURACY: 4300, Check.FLOW_ACCURACY: 4300}
    days = [(check.value, hour) for check, step in every.items() for hour in range(FIRST - step, FIRST + HOURS, step)]
    kinds, hours = (np.array(part) for part in zip(*days, strict=True))
    count = len(days) * STACKS
    return pa.table(
        {
            "stack": pa.array(np.repeat(np.arange(STACKS), len(days)), pa.int32()),
            "hour": pa.array(np.tile(hours, STACKS), pa.int32()),
            "kind": pa.array(np.tile(kinds, STACKS), pa.int8()),
            "passed": pa.array((dice.random(count) > 0.005).astype(int), pa.int8()),
        }
    )
