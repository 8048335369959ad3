"""Hourly readings, accuracy audits and inventories that nobody here wrote."""

import csv
import gzip
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from tonnebook import lake
from tonnebook.core.cems import relative_accuracy_pct

pytestmark = pytest.mark.data


def _thousandths(text: str) -> int:
    return int((Decimal(text) * 1000).quantize(Decimal(1), ROUND_HALF_UP))


def _annual(shared: Path) -> dict[int, dict[str, int]]:
    """Heat input and gross load of a year by unit, in thousandths; a unit may be several boilers."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: {"heat": 0, "load": 0})
    with (shared / "data" / "emissions" / "ny_thermal_units_2019_annual.csv").open() as stream:
        for row in csv.DictReader(stream):
            if row["PTID"]:
                found[int(row["PTID"])]["heat"] += _thousandths(row["Heat Input (MMBtu)"])
                found[int(row["PTID"])]["load"] += _thousandths(row["Gross Load (MWh)"])
    return found


def test_hourly_heat_input_adds_up_to_the_year_and_hourly_power_does_not(shared: Path, tmp_path: Path) -> None:
    """Heat input is an amount of the hour; MW is a rate, and an hour that ran in part has less MWh than its MW."""
    names = ("PTID", "hourlyHeatInput", "hourlyGen")
    with gzip.open(shared / "data" / "emissions" / "ny_thermal_hourly_2019_30units.csv.gz", "rt") as stream:
        rows = [[row[name] for name in names] for row in csv.DictReader(stream)]
    columns = {
        "unit": [int(unit) for unit, _, _ in rows],
        "heat": [_thousandths(heat) for _, heat, _ in rows],
        "power": [_thousandths(power) for _, _, power in rows],
    }
    lake.write(pa.table(columns), tmp_path / "hours.parquet")
    data = lake.connect(memory_mib=512)
    hours = lake.read(data, tmp_path)
    years = hours.group_by("unit").aggregate(
        heat=hours.heat.sum().cast("int64"), power=hours.power.sum().cast("int64"), hours=hours.count()
    )
    annual = _annual(shared)
    found = [row for row in lake.execute(data, years).to_pylist() if annual[row["unit"]]["heat"]]
    assert len(found) == 18
    assert {row["hours"] for row in found} == {8760}
    assert {row["unit"]: row["heat"] for row in found} == {row["unit"]: annual[row["unit"]]["heat"] for row in found}
    apart = [row["unit"] for row in found if row["power"] != annual[row["unit"]]["load"]]
    assert len(apart) >= 14


def test_accuracy_audits_are_reproduced(shared: Path) -> None:
    names = ("MEAN_DIFF", "CONFIDENCE_COEF", "MEAN_RATA_REF_VALUE", "RELATIVE_ACCURACY")
    audits = []
    with (shared / "data" / "emissions" / "epa_CO2_RATA_2010_2021.csv").open() as stream:
        for row in csv.DictReader(stream):
            if all(row[name] for name in names) and Decimal(row[names[2]]):
                audits.append([Decimal(row[name]) for name in names])
    close = [
        abs(relative_accuracy_pct(mean_difference=mean, confidence=spread, reference=reference) - reported)
        <= Decimal("0.06")
        for mean, spread, reference, reported in audits
    ]
    assert len(audits) > 6_400
    assert sum(close) / len(close) >= 0.97


def test_the_inventories_of_provinces_balance(shared: Path) -> None:
    """For every province and fuel the sectors add up to the total; the file holds floats of ten digits."""
    book = openpyxl.load_workbook(
        shared / "data" / "facilities" / "ceads_30_provinces_2019.xlsx", read_only=True, data_only=True
    )
    compared = 0
    for sheet in book.worksheets[1:]:
        rows = [row for row in sheet.iter_rows(values_only=True) if row[0]]
        total = next(row for row in rows if row[0] == "TotalEmissions")
        sectors = rows[rows.index(total) + 1 :]
        for place in range(1, len(total)):
            if total[place] is None:
                continue
            parts = sum(Decimal(str(row[place] or 0)) for row in sectors)
            assert abs(parts - Decimal(str(total[place]))) < Decimal("1e-6"), (sheet.title, place)
            compared += 1
    assert compared >= 30 * 20
