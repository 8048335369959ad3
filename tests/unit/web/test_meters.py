"""The page of meters: what their readings come to, and what verification takes as read."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from tests.unit.web.town import NOW, RED_RIVER, Town

from tonnebook.core.meters import Calibration, MeterKind
from tonnebook.emissions import services as emissions


def test_a_company_sees_its_meters_and_whose_readings_are_looked_at(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    red = town.actor("red")
    site = emissions.FacilityDraft("RR-1", RED_RIVER, "赤水", "Red River", "industry", date(2020, 1, 1))
    emissions.register_facilities(red, drafts=[site], key="register-site", now=NOW)
    draft = emissions.MeterDraft(
        "M-1", site.number, MeterKind.GAS, "m3", "1.0", is_export=False, installed_on=date(2026, 1, 1)
    )
    emissions.register_meters(red, drafts=[draft], key="register-meter", now=NOW)
    one = Calibration(date(2026, 1, 1), date(2026, 12, 31), "a" * 64)
    emissions.record_calibration(red, meter="M-1", calibration=one, key="calibrate-meter", now=NOW)
    emissions.take_readings(red, rows=[emissions.SentReading("M-1", 490_888, 77, 1)], key="take-readings", now=NOW)
    page = town.browser("red").get("/company/meters?year=2026").content.decode()
    assert "M-1" in page
    assert "77" in page
    assert "8759" in page
    assert "M-1" not in town.browser("north").get("/company/meters?year=2026").content.decode()
