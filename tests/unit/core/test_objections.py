"""The days of an objection, and what a decision may be."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import objections
from tonnebook.core.errors import Refused
from tonnebook.core.objections import ObjectionRefusal

RULES = rulebook.at("shanghai", on=date(2027, 6, 1), year=2026)
CALENDAR = rulebook.calendar("shanghai")
FRIDAY = date(2026, 3, 6)


def test_seven_working_days_to_object_and_ten_to_decide() -> None:
    assert objections.object_until(FRIDAY, RULES, CALENDAR) == date(2026, 3, 17)
    assert objections.decide_until(date(2026, 3, 17), RULES, CALENDAR) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("today", "reason", "code"),
    [
        (date(2026, 3, 18), "figures", ObjectionRefusal.OBJECTION_TOO_LATE),
        (date(2026, 3, 17), "  ", ObjectionRefusal.NO_GROUND_GIVEN),
    ],
)
def test_an_objection_needs_its_days_and_its_words(today: date, reason: str, code: ObjectionRefusal) -> None:
    last_on = objections.object_until(FRIDAY, RULES, CALENDAR)
    objections.check_filing(last_on, today=date(2026, 3, 17), reason="figures")
    with pytest.raises(Refused) as caught:
        objections.check_filing(last_on, today=today, reason=reason)
    assert caught.value.code is code


@pytest.mark.parametrize(("is_upheld", "due_t"), [(True, 100), (False, 101), (True, -1)])
def test_a_decision_names_other_tonnes_exactly_when_it_upholds(*, is_upheld: bool, due_t: int) -> None:
    objections.check_decision(is_upheld=True, due=101, standing=100, reason="right")
    objections.check_decision(is_upheld=False, due=100, standing=100, reason="wrong")
    with pytest.raises(Refused) as caught:
        objections.check_decision(is_upheld=is_upheld, due=due_t, standing=100, reason="so")
    assert caught.value.code is ObjectionRefusal.NOTHING_TO_CORRECT


def test_a_line_of_the_list_is_decided_by_its_stage() -> None:
    objections.check_decision(is_upheld=True, due="OUT", standing="ALLOWANCES", reason="closed")
    with pytest.raises(Refused) as caught:
        objections.check_decision(is_upheld=True, due="OUT", standing="OUT", reason="closed")
    assert caught.value.facts == {"standing": "OUT"}


def test_a_decision_says_why() -> None:
    with pytest.raises(Refused) as caught:
        objections.check_decision(is_upheld=False, due=1, standing=1, reason="")
    assert caught.value.code is ObjectionRefusal.NO_GROUND_GIVEN
