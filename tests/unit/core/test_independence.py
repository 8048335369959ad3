"""Who may verify whom: each reason by itself, their order, and the days and years on the edge."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tonnebook.core import independence
from tonnebook.core.errors import Refused
from tonnebook.core.independence import IndependenceRefusal, Limits, Relations, Standing, Task

TODAY = date(2027, 3, 1)
TASK = Task("MILL", 2026, "steel", "BODY", frozenset({"P1", "P2"}), TODAY)
STANDING = Standing(True, None, TODAY, TODAY, frozenset({"steel"}))
CLEAN = Relations({}, {}, frozenset(), frozenset())
LIMITS = Limits(advised_years=3, rotation_years=3)


def refusal(task: Task = TASK, standing: Standing | None = STANDING, relations: Relations = CLEAN) -> object:
    with pytest.raises(Refused) as refused:
        independence.check(task, standing, relations, LIMITS)
    assert not independence.is_free(task, standing, relations, LIMITS)
    return refused.value.code


def test_a_body_without_any_tie_is_free_on_the_first_and_last_day_of_its_accreditation() -> None:
    independence.check(TASK, STANDING, CLEAN, LIMITS)
    over = replace(STANDING, suspended_until_on=TODAY - timedelta(days=1))
    independence.check(TASK, over, CLEAN, LIMITS)


@pytest.mark.parametrize(
    ("code", "standing"),
    [
        (IndependenceRefusal.BODY_NOT_ADMITTED, None),
        (IndependenceRefusal.BODY_NOT_ADMITTED, replace(STANDING, is_admitted=False)),
        (IndependenceRefusal.BODY_SUSPENDED, replace(STANDING, suspended_until_on=TODAY)),
        (IndependenceRefusal.ACCREDITATION_OVER, replace(STANDING, until_on=TODAY - timedelta(days=1))),
        (IndependenceRefusal.ACCREDITATION_OVER, replace(STANDING, from_on=TODAY + timedelta(days=1))),
        (IndependenceRefusal.SECTOR_NOT_QUALIFIED, replace(STANDING, sectors=frozenset({"paper"}))),
    ],
)
def test_a_body_that_is_not_fit_is_refused(code: IndependenceRefusal, standing: Standing | None) -> None:
    assert refusal(standing=standing) is code


@pytest.mark.parametrize(
    ("code", "relations"),
    [
        (IndependenceRefusal.SAME_HOUSE, replace(CLEAN, controllers={"MILL": "GROUP", "BODY": "X", "X": "GROUP"})),
        (IndependenceRefusal.SAME_HOUSE, replace(CLEAN, controllers={"BODY": "MILL"})),
        (IndependenceRefusal.ADVISED_LATELY, replace(CLEAN, advised={"BODY": 2024})),
        (IndependenceRefusal.ADVISED_LATELY, replace(CLEAN, advised={"PEN": 2026}, controllers={"PEN": "BODY"})),
        (IndependenceRefusal.ROTATION_DUE, replace(CLEAN, verified_years=frozenset({2023, 2024, 2025}))),
        (IndependenceRefusal.STAFF_CONFLICT, replace(CLEAN, conflicts=frozenset({"P2"}))),
    ],
)
def test_a_tie_is_refused(code: IndependenceRefusal, relations: Relations) -> None:
    assert refusal(relations=relations) is code


@pytest.mark.parametrize(
    "relations",
    [
        replace(CLEAN, advised={"BODY": 2023}),
        replace(CLEAN, advised={"PEN": 2026}),
        replace(CLEAN, verified_years=frozenset({2022, 2023, 2025})),
        replace(CLEAN, conflicts=frozenset({"P3"})),
        replace(CLEAN, controllers={"MILL": "GROUP", "BODY": "HOLDING"}),
    ],
)
def test_what_lies_far_enough_back_or_elsewhere_is_no_tie(relations: Relations) -> None:
    independence.check(TASK, STANDING, relations, LIMITS)


def test_a_ring_of_control_is_one_house_from_wherever_one_looks() -> None:
    ring = {"A": "B", "B": "C", "C": "A", "D": "A"}
    assert {independence.house_of(one, ring) for one in "ABCD"} == {"A"}


def test_reasons_come_in_the_order_of_the_enum() -> None:
    everything = Relations({"MILL": "BODY"}, {"BODY": 2026}, frozenset({2023, 2024, 2025}), frozenset({"P1"}))
    bad = Standing(True, TODAY, TODAY, TODAY - timedelta(days=1), frozenset())
    codes = [refused.code for refused in independence._reasons(TASK, bad, everything, LIMITS)]
    assert codes == list(IndependenceRefusal)[1:]
