"""Leaving a regional market: stepped conversion, cancelling what was received free, the last duty."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import trace, transition
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import Lot, Title
from tonnebook.core.rules import RulesAt

THREE = parameters.rules({"carry_over.convert_within_years": "3"})
TIANJIN = rulebook.at("tianjin", on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("surplus_t", "parts"), [(0, [0, 0, 0]), (1, [0, 0, 1]), (2, [0, 1, 1]), (3, [1, 1, 1]), (100, [33, 33, 34])]
)
def test_a_surplus_is_converted_in_three_equal_steps(surplus_t: int, parts: list[int]) -> None:
    steps = transition.conversion_steps(surplus_t=surplus_t, from_year=2026, rules=THREE)
    assert [step.quantity.whole for step in steps] == parts
    assert [step.due_on for step in steps] == [date(year, 12, 31) for year in (2026, 2027, 2028)]
    assert all(trace.replay(step.quantity) == step.quantity.value for step in steps)


def test_a_step_is_due_from_its_day_until_it_is_done() -> None:
    steps = transition.conversion_steps(surplus_t=9, from_year=2026, rules=THREE)
    first, second, _ = steps
    assert transition.due_steps(steps, done=[], today=date(2026, 12, 30)) == ()
    assert transition.due_steps(steps, done=[], today=date(2026, 12, 31)) == (first,)
    assert transition.due_steps(steps, done=[first.due_on], today=date(2027, 12, 31)) == (second,)


@pytest.mark.parametrize(
    ("sector", "from_year", "due_on"),
    [
        ("steel", 2025, date(2027, 10, 31)),
        ("power", 2026, date(2027, 10, 31)),
        ("chemical", 2026, date(2028, 12, 31)),
        ("chemical", 2028, date(2030, 12, 31)),
    ],
)
def test_tianjin_cancels_by_a_fixed_day_or_within_three_years(sector: str, from_year: int, due_on: date) -> None:
    assert transition.cancel_free_due_on(sector=sector, from_year=from_year, rules=TIANJIN) == due_on


def test_only_what_the_holder_itself_received_free_is_cancelled() -> None:
    day = date(2026, 6, 1)
    lots = [Lot(title, day, None, 10) for title in Title] + [Lot(Title.ALLOCATED_FREE, date(2026, 7, 1), None, 5)]
    found = transition.received_free(lots)
    assert found.whole == trace.replay(found) == 15
    assert transition.received_free([]).whole == 0


def _closing(**changes: str) -> RulesAt:
    return parameters.rules({"coverage.closure_returns_rest": "yes", **changes})


@pytest.mark.parametrize(("free_t", "back_t"), [(99, 0), (100, 0), (101, 1), (250, 150)])
def test_closing_gives_back_the_rest_of_the_year(free_t: int, back_t: int) -> None:
    found = transition.exit_duty(emission_t=100, free_of_year_t=free_t, free_later_t=0, rules=_closing())
    assert (found.surrender.whole, found.give_back.whole) == (100, back_t)


def test_half_of_later_years_is_taken_back_where_the_rule_says_so() -> None:
    rules = _closing(**{"coverage.closure_returns_rest": "no", "coverage.closure_recall_share": "0.5"})
    found = transition.exit_duty(emission_t=100, free_of_year_t=250, free_later_t=101, rules=rules)
    assert found.give_back.whole == trace.replay(found.give_back) == 50


def test_a_missing_rule_of_closure_is_named() -> None:
    with pytest.raises(Refused) as caught:
        transition.exit_duty(
            emission_t=1, free_of_year_t=1, free_later_t=0, rules=rulebook.at("eu", on=date(2006, 1, 1))
        )
    assert caught.value.facts["path"] == "coverage.closure_returns_rest"
