"""Early warning: what is expected and what covers it."""

import pytest

from tonnebook.core import early_warning, trace
from tonnebook.core.early_warning import Basis, Driver, Known, Means
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import AssetKey, AssetKind, HoldReason
from tonnebook.core.surrender import Duty, Lot

RULES = parameters.rules(
    {
        "region.scheme": "SHEA",
        "surrender.credit_limit_share": "0.05",
        "surrender.credit_limit_base": "DETERMINED",
        "surrender.credit_schemes": "SHCER",
        "surrender.vintage.oldest_year": "2025",
    }
)
A24, A25, A26, A27 = (
    AssetKey(f"SHEA-{year}", AssetKind.ALLOWANCE, "SHEA", year, "FREE") for year in (2024, 2025, 2026, 2027)
)
CREDIT = AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025)


@pytest.mark.parametrize(
    ("known", "basis", "emission_t"),
    [
        (Known(determined_t=9, reported_t=8, filed_t=7, filed_months=1, all_months=12, last_t=6), Basis.DETERMINED, 9),
        (Known(reported_t=8, filed_t=7, filed_months=1, all_months=12, last_t=6), Basis.REPORTED, 8),
        (Known(filed_t=400, filed_months=3, all_months=12, last_t=1000), Basis.FILED, 1150),
        (Known(filed_t=400, filed_months=3, all_months=12, last_t=1001), Basis.FILED, 1151),
        (Known(filed_t=400, filed_months=3, all_months=12), Basis.FILED, 1600),
        (Known(filed_t=400, filed_months=12, all_months=12, last_t=1), Basis.FILED, 400),
        (Known(filed_months=3, all_months=12, last_t=6), Basis.LAST_YEAR, 6),
        (Known(), Basis.NOTHING, 0),
    ],
)
def test_the_surest_figure_is_expected(known: Known, basis: Basis, emission_t: int) -> None:
    expected = early_warning.expected_emission(known)
    assert (expected.basis, expected.emission.whole) == (basis, emission_t)
    assert trace.replay(expected.emission) == emission_t


def test_the_drivers_make_up_the_shortfall_and_it_replays() -> None:
    lots = [Lot(A26, 500), Lot(A25, 100), Lot(A24, 70), Lot(A27, 30), Lot(CREDIT, 90)]
    duty = Duty(0, issued_t=800, recall_outstanding_t=10, surrendered_t=40, credits_t=20)
    found = early_warning.outlook(Known(last_t=1000), duty, Means(lots, [Lot(A26, 60)], 50), RULES)
    assert {driver.value: one.whole for driver, one in found.drivers} == {
        "EMISSION": 1000,
        "RECALL_OWED": 10,
        "SURRENDERED": 40,
        "OF_THE_YEAR": 500,
        "CARRIED_OVER": 100,
        "IN_TRADING": 60,
        "CREDITS": 30,
        "TO_COME": 50,
    }
    assert [driver for driver, _ in found.drivers] == list(Driver)
    assert (found.shortfall.whole, found.surplus.whole) == (1010 - 780, 0)
    assert found.idle_t == 70 + 30 + 60
    assert trace.replay(found.shortfall) == 230


@pytest.mark.parametrize(("held_t", "shortfall_t", "surplus_t"), [(99, 1, 0), (100, 0, 0), (101, 0, 1)])
def test_one_tonne_decides_between_shortfall_and_surplus(held_t: int, shortfall_t: int, surplus_t: int) -> None:
    found = early_warning.outlook(Known(determined_t=100), Duty(0), Means([Lot(A26, held_t)]), RULES)
    assert (found.shortfall.whole, found.surplus.whole) == (shortfall_t, surplus_t)


@pytest.mark.parametrize(("pledged_t", "covering_t"), [(6, 9), (7, 10), (8, 10)])
def test_units_at_risk_cover_no_more_than_what_is_missing(pledged_t: int, covering_t: int) -> None:
    found = early_warning.outlook(Known(determined_t=10), Duty(0), Means(), RULES)
    held = {HoldReason.PLEDGE: pledged_t, HoldReason.COURT: 1, HoldReason.SURRENDER: 50, HoldReason.BID: 50}
    risk = early_warning.at_risk(found, held, lent_t=2)
    assert risk.by_reason == ((HoldReason.COURT, 1), (HoldReason.PLEDGE, pledged_t))
    assert (risk.total_t, risk.covering.whole) == (pledged_t + 3, covering_t)
    assert trace.replay(risk.covering) == covering_t
