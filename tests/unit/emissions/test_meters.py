"""Meters from the register to a figure that verification may take as read."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from tests.unit.emissions.story import RED_RIVER, STEELWORKER, STRANGER, YEAR, Story

from tonnebook import lake
from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.meters import Calibration, MeterKind, MeterRefusal
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import Actor
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import ReadingBatch

NOW = datetime(2026, 3, 1, tzinfo=UTC)
# The first hour of 2026 in the region's zone, hours since 1970 UTC.
FIRST = 490_888


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return tmp_path


def meter(number: str = "M-1", facility: str = "RR-1") -> emissions.MeterDraft:
    return emissions.MeterDraft(
        number, facility, MeterKind.ELECTRICITY, "Wh", "0.5S", is_export=False, installed_on=date(2026, 1, 1)
    )


def register(story: Story) -> None:
    emissions.register_meters(STEELWORKER, drafts=[meter()], key=story.key(), now=NOW)


def take(story: Story, *rows: tuple[int, int, int]) -> dict[str, object]:
    sent = [emissions.SentReading("M-1", hour, value, version) for hour, value, version in rows]
    return dict(emissions.take_readings(STEELWORKER, rows=sent, key=story.key(), now=NOW))


def calibrate(story: Story, until_on: date) -> None:
    one = Calibration(date(2026, 1, 1), until_on, "a" * 64)
    emissions.record_calibration(STEELWORKER, meter="M-1", calibration=one, key=story.key(), now=NOW)


def refused(code: Refusal, action: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code


def test_readings_twice_late_and_corrected_give_one_figure(story: Story) -> None:
    register(story)
    calibrate(story, date(2027, 1, 1))
    assert take(story, (FIRST + 1, 70, 1), (FIRST, 100, 1), (FIRST, 100, 1))["codes"] == {"ACCEPTED": 2, "DUPLICATE": 1}
    told = take(story, (FIRST, 120, 2), (FIRST + 1, 70, 1), (FIRST, 99, 1), (FIRST - 1, 5, 1))
    assert told["codes"] == {"ACCEPTED": 1, "DUPLICATE": 1, "OUTDATED": 1, "NOT_INSTALLED": 1}
    assert told["refused"] == [[1, "DUPLICATE"], [2, "OUTDATED"], [3, "NOT_INSTALLED"]]
    (figure,) = queries.accepted_figures(RED_RIVER, YEAR)
    assert (figure.amount.value, figure.hours, figure.uncalibrated_days) == (Decimal(190), 2, 0)
    assert figure.missing_h == 8758
    assert not figure.is_taken_as_read


def test_a_whole_calibrated_year_is_taken_as_read(story: Story) -> None:
    register(story)
    calibrate(story, date(2027, 1, 1))
    take(story, *[(FIRST + hour, 1, 1) for hour in range(8760)])
    (figure,) = queries.accepted_figures(RED_RIVER, YEAR)
    assert figure.is_taken_as_read
    assert figure.amount.value == 8760


def test_an_expired_calibration_costs_its_permitted_error_and_shows_it(story: Story) -> None:
    register(story)
    calibrate(story, date(2026, 1, 1))
    take(story, (FIRST, 1000, 1), (FIRST + 24, 1000, 1))
    (figure,) = queries.accepted_figures(RED_RIVER, YEAR)
    assert figure.uncalibrated_days == 1
    assert figure.amount.value == Decimal("2005.0")
    assert trace.replay(figure.amount) == figure.amount.value
    assert [one.path for one in trace.origins(figure.amount)] == ["metering.permitted_error.electricity"]


def test_a_determined_year_takes_no_reading(story: Story) -> None:
    register(story)
    calibrate(story, date(2027, 1, 1))
    take(story, (FIRST, 100, 1))
    before = queries.accepted_figures(RED_RIVER, YEAR)
    story.verified()
    story.determine()
    assert take(story, (FIRST, 999, 9), (FIRST + 5, 1, 1))["codes"] == {"CLOSED": 2}
    assert queries.accepted_figures(RED_RIVER, YEAR) == before


def test_a_file_of_a_batch_that_did_not_end_counts_for_nothing(story: Story, home: Path) -> None:
    register(story)
    told = take(story, (FIRST, 100, 1))
    folder = home / "lake" / "readings" / RED_RIVER
    row = ReadingBatch.objects.get()
    assert lake.digest(folder / f"{row.number}.parquet") == told["digest"] == row.digest
    (folder / "RB-000099-00.parquet").write_bytes((folder / f"{row.number}.parquet").read_bytes())
    (figure,) = queries.accepted_figures(RED_RIVER, YEAR)
    assert figure.hours == 1


def test_the_register_refuses_what_does_not_fit(story: Story) -> None:
    register(story)
    day = NOW.date()

    def record() -> None:
        one = Calibration(day, day, "")
        emissions.record_calibration(STEELWORKER, meter="X", calibration=one, key=story.key(), now=NOW)

    refused(MeterRefusal.METER_EXISTS, lambda: register(story))
    refused(MeterRefusal.NO_SUCH_METER, record)
    refused(MeterRefusal.CALIBRATION_UNFIT, lambda: calibrate(story, date(2025, 1, 1)))
    refused(MeterRefusal.BATCH_EMPTY, lambda: take(story))

    def other(actor: Actor, draft: emissions.MeterDraft) -> None:
        emissions.register_meters(actor, drafts=[draft], key=story.key(), now=NOW)

    refused(ReportingRefusal.NO_SUCH_FACILITY, lambda: other(STEELWORKER, meter("M-2", "X")))
    # What belongs to others answers like what does not exist.
    refused(ReportingRefusal.NO_SUCH_FACILITY, lambda: other(STRANGER, meter("M-2")))
    assert [row.number for row in queries.meters_of(RED_RIVER, day)] == ["M-1"]
