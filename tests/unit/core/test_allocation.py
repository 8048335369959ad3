"""The annual allowance: methods, order of steps, shares, batches."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tonnebook.bench import entities
from tonnebook.core import trace
from tonnebook.core.allocation import batches, history, incentives, industry, national_power, shares
from tonnebook.core.allocation.annual import annual
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.rules import Status

TIANJIN = {
    "allocation.method.chemical": "HISTORICAL_EMISSIONS",
    "allocation.method.paper": "HISTORICAL_INTENSITY",
    "allocation.method.data_centre": "BENCHMARK",
    "allocation.benchmark.it_electricity": "0.9",
    "allocation.history_years": "3",
    "allocation.trend_trigger_share": "0.30",
    "allocation.control_coefficient.chemical": "0.98",
    "allocation.gap_band_share": "0.20",
    "allocation.incentive.pilot.share": "0.01",
    "allocation.incentive.pilot.cap_t": "5000",
    f"allocation.incentive.{incentives.REDUCTION_AND_RATING}.share": "0.01",
    f"allocation.incentive.{incentives.REDUCTION_AND_RATING}.cap_t": "5000",
    "allocation.order": "BASE | CONTROL_COEFFICIENT | NON_FOSSIL | INCENTIVE | PAID_SHARE | BAND | ROUND_DOWN",
    "mrv.electricity.factor": "0.5",
}
RULES = parameters.rules(TIANJIN)
STEADY = {2023: 100_000, 2024: 100_000, 2025: 100_000}


def _facts(**changes: object) -> EntityFacts:
    given: dict[str, object] = {"entity": "E1", "sector": "chemical", "emissions_t": STEADY}
    return EntityFacts(**{**given, **changes})  # type: ignore[arg-type]


def _code(facts: EntityFacts) -> object:
    with pytest.raises(Refused) as caught:
        annual(facts, RULES)
    return caught.value.code


def test_steps_run_in_the_order_of_the_rule() -> None:
    facts = _facts(determined_t=100_000, market_mwh=Decimal(1000), grounds=frozenset({"pilot"}))
    # 100,000 × 0.98 = 98,000; + 500 t of power; + 1 % of 98,500; inside the band.
    assert annual(facts, RULES).base.whole == 99_485


def test_another_order_is_another_rule_and_no_other_code() -> None:
    order = "BASE | INCENTIVE | CONTROL_COEFFICIENT"
    rules = parameters.rules({**TIANJIN, "allocation.order": order})
    facts = _facts(determined_t=100_000, grounds=frozenset({"pilot"}))
    assert annual(facts, rules).base.whole == 98_980


def test_how_sure_the_order_is_goes_with_every_part_of_the_result() -> None:
    leaf = RULES.leaves["allocation.order"]
    recalled = replace(leaf.values[-1], status=Status.RECALLED)
    rules = replace(RULES, leaves={**RULES.leaves, leaf.path: replace(leaf, values=(recalled,))})
    found = annual(_facts(), rules)
    assert found.base.origin == rules.origin("allocation.order")
    for part in (found.base, found.free, found.paid):
        assert "recalled" in trace.statuses(part)
        assert trace.from_json(trace.to_json(part)) == part


def test_every_allowance_replays_from_its_leaves() -> None:
    found = annual(_facts(determined_t=70_000, grounds=frozenset({"pilot"})), RULES)
    assert trace.replay(found.base) == found.base.value == 84_000
    assert "allocation.gap_band_share" in {origin.path for origin in trace.origins(found.free)}


def test_band_and_top_up_wait_for_the_determined_emission() -> None:
    assert annual(_facts(market_mwh=Decimal(1000)), RULES).base.whole == 98_000


@pytest.mark.parametrize(
    ("determined_t", "output", "added_t"), [(90_000, 100, 980), (90_000, 80, 0), (100_000, 110, 0)]
)
def test_reduction_ground_needs_emission_and_intensity_to_fall(determined_t: int, output: int, added_t: int) -> None:
    facts = _facts(
        outputs={2025: {"resin": Decimal(100)}},
        output={"resin": Decimal(output)},
        determined_t=determined_t,
        grounds=frozenset({incentives.REDUCTION_AND_RATING}),
    )
    assert annual(facts, RULES).base.whole == 98_000 + added_t


def test_intensity_method_adds_up_products() -> None:
    outputs = {year: {"pulp": Decimal(60), "board": Decimal(40)} for year in STEADY}
    facts = _facts(sector="paper", outputs=outputs, output={"pulp": Decimal(30), "board": Decimal(40)})
    assert annual(facts, RULES).base.whole == 70_000


def test_benchmark_method_multiplies_activity() -> None:
    facts = _facts(sector="data_centre", emissions_t={}, output={"it_electricity": Decimal(1001)})
    assert annual(facts, RULES).base.whole == 900


def test_missing_figures_are_refused_by_name() -> None:
    assert _code(_facts(sector="bakery")) is AllocationRefusal.NO_METHOD
    assert _code(_facts(emissions_t={})) is AllocationRefusal.NO_HISTORY
    assert _code(_facts(sector="paper")) is AllocationRefusal.NO_HISTORY
    assert _code(_facts(sector="paper", outputs={2025: {"pulp": Decimal(1)}})) is AllocationRefusal.NO_OUTPUT
    assert _code(_facts(sector="data_centre")) is AllocationRefusal.NO_OUTPUT


def test_the_industry_coefficient_needs_emission_and_intensity_of_the_year() -> None:
    rules = parameters.rules(entities.RULES)
    with pytest.raises(Refused) as early:
        annual(_facts(sector="steel"), rules)
    assert early.value.code is AllocationRefusal.NOT_DETERMINED
    with pytest.raises(Refused) as blind:
        annual(_facts(sector="steel", determined_t=1000), rules)
    assert blind.value.code is AllocationRefusal.NO_INTENSITY
    found = annual(_facts(sector="steel", determined_t=1_000_000, intensity=Decimal("1.5")), rules)
    # E (1 + 0.15 × (1.6 - 1.5) / 1.6), S08.
    assert found.base.whole == 1_009_375


def test_facilities_added_in_the_year_are_outside_its_allowances() -> None:
    rules = parameters.rules(entities.RULES)
    assert annual(_facts(sector="cement", determined_t=1_000, new_facility_t=300), rules).base.whole == 700


def test_the_national_market_caps_the_gap_and_not_the_surplus() -> None:
    rules, unit = parameters.rules(entities.RULES), national_power.Unit("class_2", Decimal(1000))
    assert annual(_facts(sector="power", units=(unit,), determined_t=100), rules).base.whole == 804
    assert annual(_facts(sector="power", units=(unit,), determined_t=2000), rules).base.whole == 1600
    gas = national_power.Unit("class_4", Decimal(1000))
    assert annual(_facts(sector="power", units=(gas,), determined_t=2000), rules).base.whole == 2000


def test_trend_needs_all_base_years() -> None:
    assert not history.is_trend([Decimal(1), Decimal(9)], RULES)
    assert history.is_trend([Decimal(10), Decimal(9), Decimal(6)], RULES)
    assert not history.is_trend([Decimal(10), Decimal(11), Decimal(6)], RULES)


def test_paid_share_stays_under_the_ceiling_and_splits_exactly() -> None:
    rules = parameters.rules({"allocation.paid_share.industry": "0.07", "allocation.paid_share_max": "0.08"})
    share = shares.paid_share("industry", Decimal("1.3"), rules)
    parts = shares.split(trace.given(12_345, "t", zh="", en=""), share)
    assert share.value == Decimal("0.08")
    assert parts.free.whole + parts.paid.whole == 12_345
    assert parts.paid.whole == 987


def test_paid_share_is_zero_where_no_rule_asks_for_one() -> None:
    assert shares.paid_share("industry", Decimal(1), RULES).value == 0


def test_recall_takes_no_more_than_there_is() -> None:
    done = batches.true_up(trace.given(80, "t", zh="", en=""), issued_t=100, held_free_t=15)
    assert (done.issue_t, done.recall_t, done.recall_outstanding_t) == (0, 15, 5)


def test_gas_and_unconventional_coal_have_no_peak_factor() -> None:
    sheet = {"allocation.power.benchmark.class_4": "0.3288"}
    unit = national_power.Unit("class_4", Decimal(1000), load_share=Decimal("0.3"))
    assert national_power.power_allowance(unit, parameters.rules(sheet)).whole == 328


def test_balance_value_hands_out_exactly_what_was_emitted() -> None:
    rules = parameters.rules(
        {
            "allocation.industry.slope": "0.15",
            "allocation.industry.band_share": "0.20",
            "allocation.industry.cap_share": "0.03",
        }
    )
    entities = [(Decimal(1_000_000), Decimal("1.2")), (Decimal(2_000_000), Decimal("1.5")), (Decimal(9), Decimal(40))]
    balance = industry.balance_value(entities, rules)
    alphas = [
        industry.coefficient(
            balance=trace.given(balance, "", zh="平衡值", en="balance value"), intensity=i, rules=rules
        ).value
        for _, i in entities
    ]
    handed = sum((e * alpha for (e, _), alpha in zip(entities, alphas, strict=True)), Decimal(0))
    assert abs(handed) < Decimal("1e-20")


def test_balance_value_refuses_figures_that_are_not_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        industry.balance_value([(Decimal(0), Decimal(1))], RULES)


def test_second_batch_is_expected_to_bring_what_last_year_brought_in_all() -> None:
    assert batches.to_come_t(last_free_t=100, issued_t=70) == 30
    assert batches.to_come_t(last_free_t=100, issued_t=120) == 0
    assert batches.to_come_t(last_free_t=0, issued_t=70) == 0
