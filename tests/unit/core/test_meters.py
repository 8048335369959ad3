"""Rules of meters and stacks as the rule books of the regions give them."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import cems, meters, trace
from tonnebook.core.cems import Band, Check
from tonnebook.core.meters import MeterKind


def test_the_bands_of_a_region_come_in_the_order_they_are_asked() -> None:
    rules = cems.rules_of(rulebook.at("shanghai", on=date(2026, 1, 1), year=2026))
    assert rules.bands == (
        Band(900_000, 24, 100, 180, is_at_least_mean=False),
        Band(900_000, 87_600, 100, 720, is_at_least_mean=False),
        Band(750_000, 87_600, 100, 2160, is_at_least_mean=False),
    )
    assert (rules.temperature_ck, rules.density_g_per_m3, rules.moisture_bp_max) == (27_300, 1977, 4000)
    assert rules.valid_h[Check.DRIFT] == 26


@pytest.mark.parametrize(("is_export", "expected"), [(True, "995"), (False, "1005")])
def test_doubt_never_makes_fewer_emissions(*, is_export: bool, expected: str) -> None:
    rules = rulebook.at("shanghai", on=date(2026, 1, 1), year=2026)
    read = trace.given(1000, "MWh", zh="读数", en="reading")
    found = meters.counted(read, MeterKind.ELECTRICITY, calibrated=False, is_export=is_export, rules=rules)
    assert found.value == Decimal(expected)
    same = meters.counted(read, MeterKind.ELECTRICITY, calibrated=True, is_export=is_export, rules=rules)
    assert same.value == 1000


def test_a_sector_is_told_which_instruments_it_lacks() -> None:
    rules = rulebook.at("shanghai", on=date(2026, 1, 1), year=2026)
    assert meters.missing_instruments("power", [MeterKind.ELECTRICITY], rules) == (MeterKind.BELT_SCALE,)
    assert meters.missing_instruments("no such sector", [], rules) == ()


def test_a_stack_outside_the_bounds_of_the_columns_is_no_stack() -> None:
    with pytest.raises(ValueError, match="stack 1"):
        cems.Stack(1, cems.CO2_PPM_MAX + 1, 1, 1)


def test_an_hour_is_brought_to_dry_standard_flow_and_weighed() -> None:
    """1,000,000 m3/h at 127 °C, 101,325 Pa and 10 % water are 614,250 m3 dry at 0 °C; 12 % of it is CO2."""
    rules = cems.rules_of(rulebook.at("shanghai", on=date(2026, 1, 1), year=2026))
    flow = cems.dry_flow_dm3_per_h(1_000_000, temperature_ck=40_000, pressure_pa=101_325, moisture_bp=1000, rules=rules)
    assert flow == 614_250_000
    half = cems.mass_mg(flow_dm3_per_h=flow, co2_ppm=120_000, operating_min=30, rules=rules)
    assert half == 614_250_000 * 12 // 100 * 1977 // 2
