"""Properties of allowances: free and paid add up, more emission never gives less, the band holds, batches settle."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import surrender, trace
from tonnebook.core.allocation import batches, history, industry, shares
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import AssetKey, AssetKind

TONNES = st.integers(0, 10**9)
SHARE = st.decimals(0, "0.08", places=4)
INDUSTRY = parameters.rules(
    {
        "allocation.industry.slope": "0.15",
        "allocation.industry.band_share": "0.20",
        "allocation.industry.cap_share": "0.03",
    }
)
RULES = parameters.rules(
    {
        "allocation.gap_band_share": "0.20",
        "allocation.history_years": "3",
        "allocation.trend_trigger_share": "0.30",
        "allocation.first_batch_share": "0.7",
        "region.scheme": "SHEA",
        "surrender.credit_limit_share": "0.05",
        "surrender.credit_limit_base": "DETERMINED",
        "surrender.credit_schemes": "SHCER",
        "surrender.order": "OWN_SURRENDER | CREDIT | ALLOWANCE_OLDEST_FIRST",
        "surrender.status_rule": "YEARLY",
    }
)


def _tonnes(amount: int) -> trace.Traced:
    return trace.given(amount, "t", zh="给定", en="given")


@given(TONNES, SHARE)
def test_free_and_paid_add_up_and_paid_stays_under_its_share(amount: int, share: Decimal) -> None:
    parts = shares.split(_tonnes(amount), trace.given(share, "", zh="比例", en="share"))
    assert parts.free.whole + parts.paid.whole == amount
    assert 0 <= parts.paid.whole <= amount * share


@given(TONNES, TONNES)
def test_band_keeps_gap_and_surplus_within_a_fifth(amount: int, emission_t: int) -> None:
    found = batches.band(_tonnes(amount), emission_t, RULES).whole
    # Where no whole number lies between both ends (a few tonnes of emission), the upper end wins.
    assert 5 * found <= 6 * emission_t
    assert 5 * found >= 4 * emission_t or emission_t < 5
    if 4 * emission_t <= 5 * amount <= 6 * emission_t:
        assert found == amount


@given(st.lists(st.integers(1, 10**7), min_size=3, max_size=3), st.integers(0, 10**6))
def test_base_grows_with_every_year_of_a_steady_history(years: list[int], more_t: int) -> None:
    mean = sum(years) // 3
    before = history.historical_emissions(dict.fromkeys(range(2023, 2026), mean), RULES).value
    after = history.historical_emissions(dict.fromkeys(range(2023, 2026), mean + more_t), RULES).value
    assert after - before == more_t


@given(TONNES, TONNES, TONNES)
def test_both_batches_together_give_the_annual_free_allowance(free_t: int, last_t: int, held_t: int) -> None:
    first = batches.first_batch(last_t, RULES).whole
    assert 10 * first <= 7 * last_t < 10 * (first + 1)
    done = batches.true_up(_tonnes(free_t), issued_t=first, held_free_t=held_t)
    assert first + done.issue_t - done.recall_t - done.recall_outstanding_t == free_t
    assert done.recall_t <= held_t
    assert not (done.issue_t and done.recall_t)


@given(
    st.lists(st.tuples(st.integers(1, 10**7).map(Decimal), st.decimals("0.1", "10", places=3)), min_size=1, max_size=8)
)
def test_balance_value_hands_out_what_was_emitted(entities: list[tuple[Decimal, Decimal]]) -> None:
    balance = industry.balance_value(entities, INDUSTRY)
    handed = sum(
        (
            e
            * industry.coefficient(
                balance=trace.given(balance, "", zh="平衡值", en="balance value"), intensity=i, rules=INDUSTRY
            ).value
            for e, i in entities
        ),
        Decimal(0),
    )
    assert abs(handed) < Decimal("1e-15")


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_proposal_always_passes_its_own_check(due_t: int, new_t: int, old_t: int, credit_t: int) -> None:
    lots = [
        surrender.Lot(AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026), new_t),
        surrender.Lot(AssetKey("SHEA-2025", AssetKind.ALLOWANCE, "SHEA", 2025), old_t),
        surrender.Lot(AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025), credit_t),
    ]
    duty = surrender.Duty(due_t)
    lines = surrender.propose(duty, lots, RULES)
    total_t = sum(line.quantity_t for line in lines)
    assert total_t == min(due_t, new_t + old_t + min(credit_t, due_t * 5 // 100))
    if lines:
        surrender.check(duty, lines, lots, shown_total_t=total_t, rules=RULES)
