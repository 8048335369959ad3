"""Facts are assembled from what is known of each year; what is not known yet is stood in for by the last that is."""

from decimal import Decimal

import pytest

from tonnebook.core.allocation import assembly
from tonnebook.core.allocation.assembly import YearFigures
from tonnebook.core.allocation.declarations import ProductLine
from tonnebook.core.allocation.national_power import Unit
from tonnebook.core.examples import parameters

YEAR = 2027
RULES = parameters.rules({}, year=YEAR)
UNIT = Unit("class_1", Decimal(5))


def _year(determined_t: int | None, made: str = "0", *declared: Unit | ProductLine) -> YearFigures:
    return YearFigures(determined_t, {"goods": Decimal(made)}, declared=declared)


@pytest.mark.parametrize(("last", "made"), [(2026, "7"), (2025, "9")])
def test_the_last_determined_year_stands_in_for_one_that_is_not(last: int, made: str) -> None:
    figures = {2024: _year(10, "3"), last: _year(10, made, UNIT), YEAR: _year(None)}
    facts = assembly.entity_facts("E", "industry", figures, grounds=(), rules=RULES)
    assert facts.output == {"goods": Decimal(made)}
    assert facts.units == (UNIT,)
    assert (facts.determined_t, sorted(facts.emissions_t)) == (None, [2024, last])


def test_the_year_itself_counts_once_it_is_determined() -> None:
    figures = {2026: _year(10, "7", UNIT), YEAR: _year(20, "8")}
    facts = assembly.entity_facts("E", "industry", figures, grounds=("metering",), rules=RULES)
    assert (facts.output, facts.determined_t) == ({"goods": Decimal(8)}, 20)
    assert facts.grounds == {"metering"}
    assert facts.units == ()


@pytest.mark.parametrize(("emission_t", "intensity"), [("1", "0.333333333"), ("2", "0.666666667"), ("3", "1")])
def test_the_intensity_of_the_main_product_is_rounded_to_nine_places(emission_t: str, intensity: str) -> None:
    lines = (
        ProductLine("iron", Decimal(3), Decimal(emission_t)),
        ProductLine("slag", Decimal(1), Decimal(100)),
        ProductLine("ore", Decimal(50)),
    )
    facts = assembly.entity_facts("E", "steel", {YEAR: _year(9, "0", *lines)}, grounds=(), rules=RULES)
    assert facts.intensity == Decimal(intensity)
