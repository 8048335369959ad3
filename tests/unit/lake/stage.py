"""A few invented stacks with everything that happens to readings: gaps, runs, values out of range, late tests."""

import random
from pathlib import Path

import pyarrow as pa

from tonnebook import lake
from tonnebook.core.cems import Band, Check, Rules

FIRST, END, STACKS = 500_000, 500_300, 4

RULES = Rules(
    temperature_ck=27_300,
    pressure_pa=101_325,
    density_g_per_m3=1964,
    moisture_bp_max=4000,
    stuck_h=4,
    valid_h={Check.DRIFT: 30, Check.LINEARITY: 250, Check.CO2_ACCURACY: 300, Check.FLOW_ACCURACY: 300},
    initial_h=10,
    bands=(
        Band(950_000, 6, 0, 0, is_at_least_mean=False),
        Band(900_000, 9000, 90, 72, is_at_least_mean=True),
        Band(700_000, 9000, 100, 50, is_at_least_mean=False),
    ),
)


def write(folder: Path) -> None:
    """Write readings, tests and stacks as Parquet files."""
    dice = random.Random(7)  # noqa: S311  invented readings
    readings = [row for stack in range(STACKS) for row in _readings(stack, dice)]
    dice.shuffle(readings)
    tests = [
        {"stack": stack, "hour": hour, "kind": check.value, "passed": int(dice.random() > 0.05)}
        for stack in range(STACKS)
        for check in Check
        for hour in range(FIRST - 200, END, 24 if check is Check.DRIFT else 190)
    ]
    stacks = [
        {
            "stack": stack,
            "co2_ppm_max": 200_000,
            "flow_m3_per_h_max": 2_000_000,
            "dry_flow_dm3_per_h_max": 1_500_000_000,
        }
        for stack in range(STACKS)
    ]
    for name, rows in (("readings", readings), ("tests", tests), ("stacks", stacks)):
        lake.write(pa.Table.from_pylist(rows), folder / f"{name}.parquet")


def _readings(stack: int, dice: random.Random) -> list[dict[str, int | None]]:
    rows, stays = [], 0
    for hour in range(FIRST, END):
        stays = stays - 1 if stays else (dice.randrange(12) if dice.random() < 0.02 else 0)
        if stays and stack % 2:
            continue
        rows.append(
            {
                "stack": stack,
                "hour": hour,
                "operating_min": 0 if dice.random() < 0.02 else dice.choice([60, 60, 60, 25]),
                "co2_ppm": 120_000 if stays else dice.choice([dice.randrange(90_000, 140_000), None, 300_000, 99_000]),
                "flow_m3_per_h": dice.randrange(800_000, 1_000_000),
                "temperature_ck": dice.randrange(38_000, 42_000),
                "pressure_pa": dice.randrange(100_000, 102_000),
                "moisture_bp": dice.randrange(700, 1100),
            }
        )
    return rows
