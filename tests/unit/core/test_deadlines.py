"""A deadline moved by notice: whoever asks the rules gets the new day, and the order of the year stays."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import deadlines
from tonnebook.core.deadlines import NOTICES, DeadlineRefusal, Move
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt

TODAY = date(2027, 6, 1)
NAME = "surrender_on"


@pytest.fixture
def rules() -> RulesAt:
    return rulebook.at("shanghai", on=TODAY, year=2026)


def _refusal(rules: RulesAt, to_on: date, *, name: str = NAME, working: bool = True) -> DeadlineRefusal:
    with pytest.raises(Refused) as caught:
        deadlines.check_move(name, to_on, rules, today=TODAY, is_working_day=working)
    assert isinstance(caught.value.code, DeadlineRefusal)
    assert caught.value.zh
    return caught.value.code


def test_the_rules_give_the_new_day_with_the_notice_as_article(rules: RulesAt) -> None:
    move = Move(NAME, rules.day(f"deadline.{NAME}"), date(2027, 7, 9), "沪环气候〔2027〕1号", TODAY)
    after = deadlines.moved(rules, [move])
    assert after.day(f"deadline.{NAME}") == date(2027, 7, 9)
    assert (after.origin(f"deadline.{NAME}").source, after.origin(f"deadline.{NAME}").article) == (NOTICES, move.notice)
    assert after.digest != rules.digest
    assert rules.day(f"deadline.{NAME}") == move.from_on


def test_the_last_move_of_a_deadline_counts(rules: RulesAt) -> None:
    first = Move(NAME, rules.day(f"deadline.{NAME}"), date(2027, 7, 9), "1", TODAY)
    second = Move(NAME, first.to_on, date(2027, 7, 14), "2", TODAY)
    assert deadlines.moved(rules, [first, second]).day(f"deadline.{NAME}") == second.to_on
    assert deadlines.moved(rules, []) is rules


def test_a_move_touches_no_other_year(rules: RulesAt) -> None:
    before = rulebook.at("shanghai", on=TODAY, year=2025).day(f"deadline.{NAME}")
    after = deadlines.moved(rules, [Move(NAME, rules.day(f"deadline.{NAME}"), date(2027, 7, 9), "1", TODAY)])
    leaf = after.leaves[f"deadline.{NAME}"].in_force(TODAY, 2025)
    assert leaf is not None
    assert leaf.value == before.isoformat()


def test_a_move_that_makes_no_sense_is_refused(rules: RulesAt) -> None:
    now_on = rules.day(f"deadline.{NAME}")
    assert _refusal(rules, date(2027, 7, 9), name="dance_on") is DeadlineRefusal.NO_SUCH_DEADLINE
    assert _refusal(rules, now_on) is DeadlineRefusal.SAME_DAY
    assert _refusal(rules, date(2027, 5, 31)) is DeadlineRefusal.DAY_OVER
    assert _refusal(rules, date(2027, 7, 10), working=False) is DeadlineRefusal.NOT_A_WORKING_DAY
    assert _refusal(rules, date(2027, 7, 19)) is DeadlineRefusal.OUT_OF_ORDER
    assert _refusal(rules, date(2027, 6, 2)) is DeadlineRefusal.OUT_OF_ORDER


def test_a_deadline_may_move_up_to_the_next_one_and_no_further() -> None:
    days = {"a": date(2027, 1, 10), "b": date(2027, 1, 20), "c": date(2027, 1, 30)}
    assert deadlines.passes("b", date(2027, 1, 30), days) == ""
    assert deadlines.passes("b", date(2027, 1, 31), days) == "c"
    assert deadlines.passes("b", date(2027, 1, 10), days) == ""
    assert deadlines.passes("b", date(2027, 1, 9), days) == "a"
