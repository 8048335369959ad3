"""Ownership groups, holding limits by initial allowance, and standings by place."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnebook import rulebook
from tonnebook.core import standing
from tonnebook.core.barred import BarRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.standing import HoldingLimits, Position, Standing, Use

LIMITS = HoldingLimits(100_000, 1_000_000, 1_000_000, 3_000_000, 5_000_000, 3_000_000)
NAMES = [f"ORGANISATION-{count}" for count in range(6)]


def test_shanghai_states_its_limits_and_the_national_market_none() -> None:
    assert standing.read(rulebook.at("shanghai", on=date(2026, 3, 2))) == LIMITS
    assert standing.read(rulebook.at("national", on=date(2026, 3, 2))) is None


@pytest.mark.parametrize(
    ("initial_t", "limit_t"),
    [(0, 1_000_000), (100_000, 1_000_000), (100_001, 3_000_000), (1_000_000, 3_000_000), (1_000_001, 5_000_000)],
)
def test_the_limit_of_a_covered_entity_goes_by_its_initial_allowance(initial_t: int, limit_t: int) -> None:
    assert standing.limit_t(LIMITS, is_covered=True, initial_t=initial_t) == limit_t


def test_the_limit_of_an_investor_is_one_whatever_it_was_given() -> None:
    assert standing.limit_t(LIMITS, is_covered=False, initial_t=2_000_000) == 3_000_000


def test_a_group_uses_what_it_holds_most_of_one_vintage_and_all_it_may_still_buy() -> None:
    mother = Position(is_covered=True, initial_t=60_000, held_t={2025: 500, 2026: 100}, buying_t=30)
    daughter = Position(is_covered=True, initial_t=60_000, held_t={2026: 450}, buying_t=7)
    assert standing.use(LIMITS, [mother, daughter]) == Use(3_000_000, 550 + 37)
    assert standing.use(LIMITS, [mother]) == Use(1_000_000, 500 + 30)


def test_a_group_with_one_covered_member_goes_by_allowances() -> None:
    assert standing.use(LIMITS, [Position(), Position(is_covered=True, initial_t=5)]).limit_t == 1_000_000


def test_who_has_more_than_the_limit_may_buy_nothing_rather_than_less_than_nothing() -> None:
    assert Use(1_000_000, 1_000_001).headroom_t == 0
    assert Standing(0, use=Use(10, 4)).headroom_t == 6
    assert Standing(0).headroom_t is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8))
def test_two_are_of_one_group_exactly_when_a_chain_of_control_ties_them(ties: list[tuple[str, str]]) -> None:
    found = standing.groups(NAMES, ties)
    reach = np.eye(len(NAMES), dtype=bool)
    for one, other in ties:
        reach[NAMES.index(one), NAMES.index(other)] = reach[NAMES.index(other), NAMES.index(one)] = True
    for _ in NAMES:
        reach = reach @ reach
    for row, one in enumerate(NAMES):
        for column, other in enumerate(NAMES):
            assert (found[one] == found[other]) == reach[row, column]
    assert sorted(set(found.values())) == list(range(len(set(found.values()))))


def test_columns_share_one_headroom_among_a_group_and_tell_who_is_refused() -> None:
    refusal = Refused(BarRefusal.BARRED_KIND, kind="VERIFIER")
    laid_out = standing.columns(
        {"A": Standing(4, use=Use(10, 3)), "B": Standing(9, refusal), "C": Standing(4, use=Use(10, 3))}
    )
    assert laid_out.group.tolist() == [0, 1, 0]
    assert laid_out.is_refused.tolist() == [False, True, False]
    assert laid_out.headroom_t.tolist() == [7, np.iinfo(np.int64).max]
    assert (laid_out.place, laid_out.refusals) == ({"A": 0, "B": 1, "C": 2}, {"B": refusal})
