"""Factors computed from the data of utilities, and what is refused before one is published."""

from decimal import Decimal

import pytest

from tonnebook.core import factor_desk, trace, units
from tonnebook.core.errors import Refused
from tonnebook.core.factor_desk import FactorRefusal, FactorRow, Scenario, Source
from tonnebook.core.methods import Boundary

COAL = Source("coal", Decimal(600), Decimal("0.9"))
WIND = Source("wind", Decimal(200), Decimal(0), is_non_fossil=True)
GRID = Source("north", Decimal(200), Decimal("0.6"))


def factor(scenario: Scenario = Scenario.LOCATION, sent: str = "0", traded: str = "0", *more: Source) -> trace.Traced:
    return factor_desk.power_factor(
        [COAL, WIND, *more],
        [GRID],
        sent_out_mwh=Decimal(sent),
        traded_non_fossil_mwh=Decimal(traded),
        scenario=scenario,
    )


@pytest.mark.parametrize(
    ("scenario", "sent", "traded", "expected"),
    [
        (Scenario.LOCATION, "0", "0", "0.6600"),
        (Scenario.LOCATION, "250", "100", "0.6600"),
        (Scenario.RESIDUAL, "0", "100", "0.7333"),
        (Scenario.RESIDUAL, "0", "0", "0.6600"),
    ],
)
def test_the_factor_of_power_is_emissions_over_what_counts(
    scenario: Scenario, sent: str, traded: str, expected: str
) -> None:
    result = factor(scenario, sent, traded)
    assert format(units.half_up(result.value, 4), "f") == expected
    assert trace.replay(trace.from_json(trace.to_json(result))) == result.value


def test_no_power_is_counted_twice_or_lost_between_users_of_both_kinds() -> None:
    # What users of traded power emit (nothing) and what the others emit by the residual factor is all there is.
    left = factor(Scenario.RESIDUAL, "0", "100").value * 900
    assert units.half_up(left, 20) == Decimal(660)


def test_the_factor_of_heat_bears_what_is_lost_on_the_way() -> None:
    result = factor_desk.heat_factor([Source("boiler", Decimal(1000), Decimal("0.09"))], losses_gj=Decimal(100))
    assert units.half_up(result.value, 4) == Decimal("0.1")
    with pytest.raises(Refused, match="NO_ENERGY"):
        factor_desk.heat_factor([Source("boiler", Decimal(100), Decimal("0.09"))], losses_gj=Decimal(100))


@pytest.mark.parametrize(
    ("scenario", "sent", "traded", "more", "code"),
    [
        (Scenario.LOCATION, "1000", "0", (), FactorRefusal.NO_ENERGY),
        (Scenario.LOCATION, "-1", "0", (), FactorRefusal.FIGURE_NEGATIVE),
        (Scenario.RESIDUAL, "0", "201", (), FactorRefusal.MORE_THAN_GENERATED),
        (Scenario.RESIDUAL, "800", "200", (), FactorRefusal.NO_ENERGY),
        (Scenario.LOCATION, "0", "0", (Source("x", Decimal(1), Decimal(-1)),), FactorRefusal.FIGURE_NEGATIVE),
    ],
)
def test_data_that_cannot_be_is_refused(
    scenario: Scenario, sent: str, traded: str, more: tuple[Source, ...], code: FactorRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        factor(scenario, sent, traded, *more)
    assert caught.value.code is code


def row(**changed: object) -> FactorRow:
    told: dict[str, object] = {
        "path": "mrv.electricity.factor", "first_year": 2026, "last_year": 2026, "value": Decimal("0.4"),
        "unit": "tCO2/MWh", "boundary": Boundary.CONSUMPTION, "document": "test notice", "article": "1",
        "zh": "因子", "en": "factor",
    }  # fmt: skip
    return FactorRow(**{**told, **changed})  # type: ignore[arg-type]


def check(one: FactorRow, current: str | None = None) -> None:
    now = None if current is None else Decimal(current)
    factor_desk.check_row(1, one, unit="tCO2/MWh", current=now, years_ahead=5, this_year=2026)


@pytest.mark.parametrize(
    ("changed", "current", "code"),
    [
        ({"path": "surrender.credit_limit_share"}, None, FactorRefusal.FACTOR_WRONG),
        ({"value": Decimal(-1)}, None, FactorRefusal.FACTOR_WRONG),
        ({"unit": "tCO2/GJ"}, None, FactorRefusal.FACTOR_WRONG),
        ({"last_year": 2032}, None, FactorRefusal.FACTOR_WRONG),
        ({"last_year": 2025}, None, FactorRefusal.FACTOR_WRONG),
        ({}, "0.40", FactorRefusal.SAME_FACTOR),
        ({}, "0.42", FactorRefusal.REASON_MISSING),
    ],
)
def test_a_row_that_may_not_be_published_is_refused(
    changed: dict[str, object], current: str | None, code: FactorRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        check(row(**changed), current)
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


def test_a_new_value_and_a_correction_with_its_reason_may_be_published() -> None:
    check(row())
    check(row(reason="misprint in the notice"), "0.42")
