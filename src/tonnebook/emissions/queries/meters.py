"""Meters, their calibrations, and what their readings come to: what verification may take as read."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.conf import settings
from ibis.backends.sql import SQLBackend

from tonnebook import lake, rulebook
from tonnebook.core import meters, periods, trace
from tonnebook.core.meters import Calibration, MeterKind
from tonnebook.core.trace import Traced
from tonnebook.emissions import models
from tonnebook.emissions.models import Determination, Meter, ReadingBatch
from tonnebook.lake.methods import readings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_NAMES = ("meter", "hour", "value", "version")


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A meter, and whether a calibration holds on the day asked about."""

    number: str
    facility: str
    kind: MeterKind
    unit: str
    accuracy_class: str
    is_export: bool
    installed_on: date
    calibrations: tuple[Calibration, ...]
    calibrated: bool


@dataclass(frozen=True, slots=True)
class MeteredFigure:
    """What a meter's accepted readings of a year come to.

    Attributes:
        meter: number.
        facility: number.
        amount: what counts, with its trace; days without a valid calibration stand in it on their careful side.
        hours: hours with a reading.
        missing_h: hours of the year without one, from the day the meter was installed.
        uncalibrated_days: days with readings and without a valid calibration.
    """

    meter: str
    facility: str
    amount: Traced
    hours: int
    missing_h: int
    uncalibrated_days: int

    @property
    def is_taken_as_read(self) -> bool:
        """Say whether verification may take the figure without looking into it: whole, and calibrated throughout."""
        return not self.missing_h and not self.uncalibrated_days


def meters_of(entity: str, today: date) -> tuple[MeterRow, ...]:
    """List the meters of a company by number, with their calibrations."""
    calibrations = _calibrations(entity)
    return tuple(
        MeterRow(
            row.number,
            row.facility.number,
            MeterKind(row.kind),
            row.unit,
            row.accuracy_class,
            row.is_export,
            row.installed_on,
            tuple(calibrations[row.pk]),
            meters.is_calibrated(calibrations[row.pk], today),
        )
        for row in Meter.objects.filter(entity__uscc=entity).select_related("facility").order_by("number")
    )


def accepted_figures(entity: str, year: int) -> tuple[MeteredFigure, ...]:
    """Compute what the accepted readings of each meter of a company come to in a year.

    Verification may take those as read that say so: metered data accepted on the day they came are not gathered again.

    Args:
        entity: unified social credit code.
        year: calendar year in the region's zone.

    Returns:
        One figure for each meter that has readings in the year, by number.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE as `core.meters.counted`.

    Source: S01 item 11 (direct acceptance of metered data in verification).
    """
    rows = {row.pk: row for row in Meter.objects.filter(entity__uscc=entity).select_related("facility")}
    calibrations = _calibrations(entity)
    by_day = _by_day(entity, year)
    figures = [_figure(rows[pk], by_day[pk], calibrations[pk], year) for pk in by_day if pk in rows]
    return tuple(sorted(figures, key=lambda one: one.meter))


def meter_keys(entity: str) -> dict[str, int]:
    """Give the keys by which columns know a company's meters, by number."""
    return dict(Meter.objects.filter(entity__uscc=entity).values_list("number", "pk"))


def meter_spans(entity: str) -> pa.Table:
    """Give, for columns, from which hour each meter of a company is installed and before which its readings are closed.

    Closed is every year whose figure is determined, and all before it.
    """
    years = Determination.objects.filter(entity__uscc=entity).values_list("year", flat=True)
    closed = _first_hour(date(max(years) + 1, 1, 1)) if years else 0
    rows = list(Meter.objects.filter(entity__uscc=entity).values_list("pk", "installed_on"))
    columns = {
        "meter": [pk for pk, _ in rows],
        "from_hour": [_first_hour(day) for _, day in rows],
        "until_hour": [_first_hour(date.max - timedelta(days=1))] * len(rows),
        "closed_before_hour": [closed] * len(rows),
    }
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


def reading_years(hours: Iterable[int]) -> frozenset[int]:
    """Give the years, in the region's zone, that hours since 1970 UTC lie in."""
    return frozenset((_EPOCH + hour * _HOUR).astimezone(periods.ZONE).year for hour in {min(hours), max(hours)})


def stored_readings(data: SQLBackend, entity: str) -> ir.Table:
    """Give what counts of all readings of a company so far, on an engine: of each meter and hour the highest version.

    Files that no batch names, because their transaction did not end, are not read.
    """
    batches = ReadingBatch.objects.filter(entity__uscc=entity, accepted__gt=0).values_list("number", flat=True)
    folder = settings.HOME / "lake" / "readings" / entity
    tables = [lake.read(data, folder / f"{number}.parquet") for number in batches]
    nothing = ibis.memtable(pa.table({name: pa.array([], pa.int64()) for name in _NAMES}))
    return readings.counting(ibis.union(*tables) if len(tables) > 1 else (tables or [nothing])[0])


def _by_day(entity: str, year: int) -> dict[int, dict[date, tuple[int, int]]]:
    data = lake.connect(settings.LAKE)
    first, end = _first_hour(date(year, 1, 1)), _first_hour(date(year + 1, 1, 1))
    rows = stored_readings(data, entity)
    rows = rows.filter((rows.hour >= first) & (rows.hour < end))
    rows = rows.mutate(day=lake.floor_div(rows.hour - first, 24))
    days = rows.group_by("meter", "day").aggregate(value=rows.value.sum().cast("int64"), hours=rows.count())
    found: dict[int, dict[date, tuple[int, int]]] = defaultdict(dict)
    for row in lake.execute(data, days).to_pylist():
        found[row["meter"]][date(year, 1, 1) + timedelta(days=row["day"])] = (row["value"], row["hours"])
    return found


def _figure(
    row: Meter, by_day: dict[date, tuple[int, int]], calibrations: list[Calibration], year: int
) -> MeteredFigure:
    parts = []
    good = {day for day in by_day if meters.is_calibrated(calibrations, day)}
    rules = rulebook.at(row.region, on=date(year, 12, 31), year=year)
    for calibrated, days in ((True, good), (False, by_day.keys() - good)):
        if days:
            read = trace.given(
                sum(by_day[day][0] for day in days),
                row.unit,
                zh=f"{row.number} 读数合计",
                en=f"readings of {row.number}",
            )
            parts.append(
                meters.counted(read, MeterKind(row.kind), calibrated=calibrated, is_export=row.is_export, rules=rules)
            )
    begins = max(date(year, 1, 1), row.installed_on)
    expected_h = _first_hour(date(year + 1, 1, 1)) - _first_hour(begins)
    hours = sum(count for _, count in by_day.values())
    amount = trace.total(parts, row.unit, zh="全年计量合计", en="metered in the year")
    return MeteredFigure(row.number, row.facility.number, amount, hours, expected_h - hours, len(by_day.keys() - good))


def _calibrations(entity: str) -> dict[int, list[Calibration]]:
    found: dict[int, list[Calibration]] = defaultdict(list)
    for row in models.Calibration.objects.filter(meter__entity__uscc=entity).order_by("from_on", "pk"):
        found[row.meter_id].append(Calibration(row.from_on, row.until_on, row.certificate_digest))
    return found


# Hours since 1970 UTC at which a day of the region begins.
def _first_hour(day: date) -> int:
    begins = datetime(day.year, day.month, day.day, tzinfo=periods.ZONE)
    return (begins - _EPOCH) // _HOUR
