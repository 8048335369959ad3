"""The one shape of all errors."""

import json
from datetime import date

import pytest
from django.test import RequestFactory
from django.utils import translation

from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesRefusal
from tonnebook.faces import problem

SHAPE = {"code", "message", "facts", "article", "transient", "report"}
REFUSED = Refused(RulesRefusal.NO_VALUE_IN_FORCE, path="cap.total_t", region="shanghai", on=date(2026, 1, 1))


def test_a_refusal_is_told_in_the_language_of_the_reader() -> None:
    with translation.override("zh-hans"):
        assert "没有生效的值" in problem.refused(REFUSED).message
    with translation.override("en"):
        assert "has no value in force" in problem.refused(REFUSED).message


@pytest.mark.parametrize(
    "told",
    [problem.refused(REFUSED), problem.busy(), problem.fault("A1B2"), problem.invalid("no")],
    ids=lambda p: p.code,
)
def test_every_problem_leaves_in_the_one_shape(told: problem.Problem) -> None:
    answer = problem.as_json(told)
    body = json.loads(answer.content)
    assert set(body) == SHAPE
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.status_code == told.status


def test_busy_books_say_when_to_try_again() -> None:
    assert problem.as_json(problem.busy())["Retry-After"] == "3"


def test_facts_are_plain_text() -> None:
    assert problem.refused(REFUSED).facts["on"] == "2026-01-01"


def test_programs_are_told_from_people_by_path_and_accept() -> None:
    factory = RequestFactory()
    assert problem.wants_json(factory.get("/api/v1/orders"))
    assert problem.wants_json(factory.get("/", headers={"Accept": "application/json"}))
    assert not problem.wants_json(factory.get("/", headers={"Accept": "text/html,application/json"}))
