"""The bridge from a cap to the city's dual control."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import dual_control, trace
from tonnebook.core.dual_control import Bridge


def bridge(cap_t: int, year: int, region: str = "shanghai") -> Bridge | None:
    return dual_control.bridge(cap_t, year=year, rules=rulebook.at(region, on=date(year, 7, 1), year=year))


def test_the_intensity_target_sets_the_budget_until_the_limit_of_the_total_is_smaller() -> None:
    # 190 Mt x (1.05 x 0.96) ^ years is above the limit of 187 Mt from the start, so the limit decides.
    found = bridge(100_000_000, 2027)
    assert found is not None
    assert found.budget.whole == 102_850_000
    assert found.room.whole == 2_850_000
    assert found.is_within


def test_a_cap_above_the_budget_is_told() -> None:
    found = bridge(102_850_001, 2027)
    assert found is not None
    assert found.room.value == -1
    assert not found.is_within


def test_the_budget_can_be_worked_out_again_and_says_how_sure_it_is() -> None:
    found = bridge(100_000_000, 2028)
    assert found is not None
    assert trace.replay(found.budget) == found.budget.value
    assert trace.statuses(found.budget) == ("scenario",)


def test_output_grows_and_intensity_falls_year_by_year() -> None:
    found = bridge(1, 2027)
    assert found is not None
    text = str(trace.to_json(found.budget))
    # 190 Mt times 1.05 squared times 0.96 squared.
    assert str(Decimal(190_000_000) * Decimal("1.1025") * Decimal("0.9216"))[:9] in text


@pytest.mark.parametrize(("year", "region"), [(2024, "shanghai"), (2026, "national"), (2026, "eu")])
def test_without_targets_there_is_no_bridge(year: int, region: str) -> None:
    assert bridge(1, year, region) is None
