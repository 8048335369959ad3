"""A penalty: the range of the regime in force on the day of the breach, and the order of the steps."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import penalty, trace
from tonnebook.core.errors import Refused
from tonnebook.core.penalty import NEXT, STEP_WORDS, PenaltyRefusal, PenaltyStep, Regime
from tonnebook.core.rules import RulesRefusal

PRICE = trace.given(9850, "fen/t", zh="均价", en="mean price")


# The three national regimes, on the last and first day of each.
@pytest.mark.parametrize(
    ("on", "regime", "range_yuan", "cut_t"),
    [
        (date(2021, 2, 1), Regime.FIXED_FINE, (20_000, 30_000), 1_000),
        (date(2024, 4, 30), Regime.FIXED_FINE, (20_000, 30_000), 1_000),
        (date(2024, 5, 1), Regime.PRICE_MULTIPLE, (492_500, 985_000), 1_000),
        (date(2026, 8, 14), Regime.PRICE_MULTIPLE, (492_500, 985_000), 1_000),
    ],
)
def test_the_day_of_the_breach_chooses_the_regime(
    on: date, regime: Regime, range_yuan: tuple[int, int], cut_t: int
) -> None:
    found = penalty.surrender_range(rulebook.at("national", on=on), shortfall_t=1_000, mean_price=PRICE)
    assert found.regime is regime
    assert (found.smallest.whole, found.largest.whole) == tuple(yuan * 100 for yuan in range_yuan)
    assert found.cut is not None
    assert found.cut.whole == cut_t
    assert all(trace.replay(one) == one.value for one in (found.smallest, found.largest, found.cut))


def test_a_regime_that_was_not_found_is_refused_by_its_path() -> None:
    for region, on in (("national", date(2026, 8, 15)), ("shanghai", date(2025, 4, 1))):
        with pytest.raises(Refused) as caught:
            penalty.regime_of(rulebook.at(region, on=on))
        assert caught.value.code is RulesRefusal.NO_VALUE_IN_FORCE
        assert caught.value.facts["path"] == "penalty.surrender.fine_min_yuan"


def test_shanghai_until_decree_20_fines_fixed_sums_and_never_multiplies_a_price() -> None:
    found = penalty.surrender_range(rulebook.at("shanghai", on=date(2025, 3, 31)), shortfall_t=1, mean_price=PRICE)
    assert (found.smallest.whole, found.largest.whole, found.cut) == (5_000_000, 10_000_000, None)
    assert {one.status for one in trace.origins(found.smallest)} == {"recalled"}


def test_tianjin_before_2025_fined_no_money() -> None:
    found = penalty.surrender_range(rulebook.at("tianjin", on=date(2025, 6, 19)), shortfall_t=5)
    assert (found.regime, found.smallest.whole, found.largest.whole) == (Regime.NO_SUPPORT, 0, 0)
    assert found.years_without_support is not None
    assert found.years_without_support.whole == 3
    with pytest.raises(Refused, match="NO_SUCH_PARAMETER"):
        penalty.regime_of(rulebook.at("tianjin", on=date(2025, 6, 20)))


def test_a_multiple_needs_a_price() -> None:
    with pytest.raises(ValueError, match="price"):
        penalty.surrender_range(rulebook.at("national", on=date(2025, 1, 1)), shortfall_t=1)


@pytest.mark.parametrize(
    ("deadline", "first"),
    [
        (date(2024, 12, 31), date(2024, 12, 1)),
        (date(2027, 6, 30), date(2027, 6, 1)),
        (date(2026, 11, 15), date(2026, 10, 16)),
        (date(2026, 3, 30), date(2026, 2, 28)),
    ],
)
def test_the_price_window_is_the_month_that_ends_with_the_deadline(deadline: date, first: date) -> None:
    window = penalty.price_window(deadline)
    assert (window.from_on, deadline in window, window.to_on > deadline) == (first, True, True)


def test_every_step_leads_to_the_end_and_the_end_leads_nowhere() -> None:
    assert NEXT.keys() == STEP_WORDS.keys() == set(PenaltyStep)
    ends = {step for step, following in NEXT.items() if not following}
    assert ends == {PenaltyStep.PAID, PenaltyStep.CLOSED}
    for step in PenaltyStep:
        reached, left = {step}, [step]
        while left:
            left = [new for one in left for new in NEXT[one] if new not in reached]
            reached.update(left)
        assert reached & ends


@pytest.mark.parametrize(
    ("state", "step", "ground", "fine_fen", "expected"),
    [
        (PenaltyStep.OPENED, PenaltyStep.DECIDED, "x", 500, PenaltyRefusal.STEP_NOT_NEXT),
        (PenaltyStep.DECIDED, PenaltyStep.CLOSED, "x", None, PenaltyRefusal.STEP_NOT_NEXT),
        (PenaltyStep.OPENED, PenaltyStep.ORDERED, " ", None, PenaltyRefusal.GROUND_MISSING),
        (PenaltyStep.HEARD, PenaltyStep.DECIDED, "x", 99, PenaltyRefusal.OUTSIDE_RANGE),
        (PenaltyStep.HEARD, PenaltyStep.DECIDED, "x", 1_001, PenaltyRefusal.OUTSIDE_RANGE),
    ],
)
def test_a_step_out_of_order_without_ground_or_range_is_refused(
    state: PenaltyStep, step: PenaltyStep, ground: str, fine_fen: int | None, expected: PenaltyRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        penalty.check_step("PF-1", state, step, ground=ground, fine_fen=fine_fen, allowed=(100, 1_000))
    assert caught.value.code is expected
    assert caught.value.zh


@pytest.mark.parametrize("fine_fen", [100, 1_000])
def test_both_ends_of_the_range_may_be_decided(fine_fen: int) -> None:
    step = PenaltyStep.DECIDED
    penalty.check_step("PF-1", PenaltyStep.WAIVED, step, ground="轻微", fine_fen=fine_fen, allowed=(100, 1_000))


def test_only_a_decision_names_a_fine() -> None:
    for step, fine_fen in ((PenaltyStep.DECIDED, None), (PenaltyStep.ORDERED, 100)):
        with pytest.raises(ValueError, match="decision"):
            penalty.check_step("PF-1", PenaltyStep.HEARD, step, ground="x", fine_fen=fine_fen, allowed=(0, 100))
