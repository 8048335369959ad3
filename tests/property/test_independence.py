"""Independence over random graphs of relations: the answer is that of a plain search, at any size of the graph."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import independence
from tonnebook.core.errors import Refused
from tonnebook.core.independence import IndependenceRefusal, Limits, Relations, Standing, Task

FIRMS = [f"F{number}" for number in range(8)]
PEOPLE = ["P1", "P2", "P3"]
YEAR, TODAY = 2026, date(2027, 3, 1)
LIMITS = Limits(advised_years=3, rotation_years=3)
STANDING = Standing(True, None, date(2020, 1, 1), date(2030, 1, 1), frozenset({"steel"}))

graphs = st.dictionaries(st.sampled_from(FIRMS), st.sampled_from([*FIRMS, "G1", "G2"]), max_size=8).map(
    lambda edges: {one: above for one, above in edges.items() if one != above}
)
relations = st.builds(
    Relations,
    controllers=graphs,
    advised=st.dictionaries(st.sampled_from(FIRMS), st.integers(YEAR - 6, YEAR), max_size=3),
    verified_years=st.frozensets(st.integers(YEAR - 6, YEAR - 1)),
    conflicts=st.frozensets(st.sampled_from(PEOPLE)),
)
tasks = st.builds(
    Task,
    entity=st.sampled_from(FIRMS),
    year=st.just(YEAR),
    sector=st.just("steel"),
    body=st.sampled_from(FIRMS),
    people=st.frozensets(st.sampled_from(PEOPLE)),
    today=st.just(TODAY),
)


def connected(one: str, other: str, controllers: dict[str, str]) -> bool:
    """The plain truth: two firms are of one house when control joins them, in any direction and over any others."""
    seen, waiting = {one}, [one]
    while waiting:
        here = waiting.pop()
        near = {above for below, above in controllers.items() if below == here}
        near |= {below for below, above in controllers.items() if above == here}
        waiting += near - seen
        seen |= near
    return other in seen


def expected(task: Task, found: Relations) -> bool:
    controllers = dict(found.controllers)
    if connected(task.body, task.entity, controllers):
        return False
    for adviser, last in found.advised.items():
        if last > YEAR - LIMITS.advised_years and connected(task.body, adviser, controllers):
            return False
    if {YEAR - 1, YEAR - 2, YEAR - 3} <= found.verified_years:
        return False
    return not task.people & found.conflicts


@given(tasks, relations)
def test_a_body_is_free_exactly_when_a_plain_search_finds_no_tie(task: Task, found: Relations) -> None:
    assert independence.is_free(task, STANDING, found, LIMITS) is expected(task, found)


@given(tasks, relations, st.sampled_from(FIRMS), st.sampled_from(FIRMS))
def test_a_further_tie_never_frees_anybody(task: Task, found: Relations, below: str, above: str) -> None:
    if below == above or below in found.controllers:
        return
    more = Relations({**found.controllers, below: above}, found.advised, found.verified_years, found.conflicts)
    if not independence.is_free(task, STANDING, found, LIMITS):
        assert not independence.is_free(task, STANDING, more, LIMITS)


@given(tasks, relations)
def test_whoever_is_refused_is_told_one_reason_and_whoever_is_free_none(task: Task, found: Relations) -> None:
    if independence.is_free(task, STANDING, found, LIMITS):
        independence.check(task, STANDING, found, LIMITS)
        return
    with pytest.raises(Refused) as refused:
        independence.check(task, STANDING, found, LIMITS)
    assert isinstance(refused.value.code, IndependenceRefusal)
