"""What is given and what is bought: the table of 2019 as it ships, and what it asks for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import trace
from tonnebook.core.allocation import bulk, columns, issue
from tonnebook.core.allocation.annual import annual
from tonnebook.core.allocation.assembly import YearFigures, entity_facts
from tonnebook.core.allocation.declarations import FactKind, Fuel, read
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused

RULES = rulebook.at("shanghai", on=date(2019, 12, 31), year=2019)
YEARS = (2016, 2017, 2018)
STEADY = {year: {"resin": Decimal(100)} for year in YEARS}
FALLING = {2016: 102_000, 2017: 100_000, 2018: 98_000}
WORKS = EntityFacts("E1", "industry", FALLING, STEADY, {"resin": Decimal(100)}, direct_share=Decimal("0.75"))
HOTEL = EntityFacts("E2", "building", FALLING)


def test_in_2019_the_table_says_how_much_of_an_annual_allowance_is_given() -> None:
    found = annual(WORKS, RULES)
    assert (found.base.whole, found.free.whole, found.paid.whole) == (100_000, 94_000, 6_000)
    assert trace.replay(found.free) == found.free.value
    assert "S19" in {origin.source for origin in trace.origins(found.free)}


@pytest.mark.parametrize(
    ("changed", "free_t"),
    [
        ({"direct_share": Decimal("0.749999")}, 96_000),
        ({"direct_share": Decimal("0.5")}, 96_000),
        ({"direct_share": Decimal("0.499999")}, 97_500),
        ({"direct_share": Decimal("0.249999")}, 99_500),
        ({"emissions_t": {2016: 102_000, 2017: 98_000, 2018: 100_000}}, 93_000),
        ({"outputs": {**STEADY, 2017: {}}}, 93_000),
    ],
)
def test_each_band_and_a_year_that_did_not_fall_change_it(changed: dict[str, object], free_t: int) -> None:
    assert annual(replace(WORKS, **changed), RULES).free.whole == free_t  # type: ignore[arg-type]


def test_who_is_not_industry_goes_by_its_emission_and_needs_no_share() -> None:
    assert annual(HOTEL, RULES).free.whole == 99_500
    assert annual(replace(HOTEL, emissions_t=dict.fromkeys(YEARS, 100_000)), RULES).free.whole == 99_000


def test_a_share_that_was_not_declared_is_asked_for_one_by_one_and_at_once() -> None:
    silent = replace(WORKS, direct_share=None)
    with pytest.raises(Refused) as refused:
        annual(silent, RULES)
    assert refused.value.code is AllocationRefusal.NO_DIRECT_SHARE
    found = bulk.annual(columns.of([silent, WORKS, HOTEL], YEARS), RULES)
    assert found.refused == {0: AllocationRefusal.NO_DIRECT_SHARE}
    assert list(found.free_t) == [0, 94_000, 99_500]


def test_no_other_year_has_the_table() -> None:
    assert issue.bands("industry", rulebook.at("shanghai", on=date(2020, 12, 31), year=2020)) == ()


def test_a_share_below_the_lowest_band_is_no_share() -> None:
    with pytest.raises(ValueError, match="no band"):
        issue.band_of(Decimal("0.4"), [issue.Band(Decimal("0.5"), "table")])


def test_declared_fuels_make_the_share_and_never_reach_a_band_they_lie_below() -> None:
    fuels = [read(FactKind.FUEL, {"direct_emission_t": text}) for text in ("400000.1", "349999.8")]
    assert fuels[0] == Fuel(Decimal("400000.1"))
    figures = {2018: YearFigures(1_000_000, {"resin": Decimal(1)}, declared=fuels)}
    found = entity_facts("E1", "industry", figures, grounds=(), rules=RULES)
    assert found.direct_share == Decimal("0.749999")
