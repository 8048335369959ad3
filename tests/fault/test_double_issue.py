"""Two officers at once: a batch goes out once, without the lock twice (A5); computed by both it is kept once.

Two imports at once do not pass the total together, nor two without a plan, nor beside one that is just adopted.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connections
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import CHEN, NORTH_POWER, RED_RIVER, REGION, SPRING, YEAR, ZHOU, Stage

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.services import issuing
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused

OFFICERS = 2

pytestmark = pytest.mark.fault


@pytest.fixture
def computed(fresh_database: str) -> Stage:
    """The first batch is computed, 70,000 t for Red River."""
    stage = stages.open_stage()
    stage.cover()
    stage.adopt()
    stage.compute()
    return stage


def _issue(approval: str, key: str) -> object:
    return compliance.issue_batch(
        ZHOU, region=REGION, year=YEAR, batch=Batch.FIRST, approval=approval, key=key, now=SPRING
    )


def _race(stage: Stage) -> list[object]:
    payload: dict[str, Json] = {"region": REGION, "year": YEAR, "batch": "FIRST"}
    approvals = [stage.approved("compliance.issue_batch", payload) for _ in range(OFFICERS)]
    return _at_once([partial(_issue, one, stage.key()) for one in approvals])


def _at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    start, outcomes = threading.Barrier(OFFICERS), list[object]()

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
            outcomes.append("DONE")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_batch_goes_out_once(computed: Stage) -> None:
    assert sorted(map(str, _race(computed))) == sorted(["DONE", str(AllocationRefusal.ALREADY_ISSUED)])
    assert computed.held(RED_RIVER) == {"SHEA-2026": 70_000}


def test_a_batch_computed_twice_at_once_is_kept_once(computed: Stage) -> None:
    before = queries.allocations(REGION, YEAR, Batch.FIRST)
    works = [computed.compute] * OFFICERS
    assert _at_once(works) == ["DONE", "DONE"]
    assert queries.allocations(REGION, YEAR, Batch.FIRST) == before


def test_a_batch_goes_out_twice_when_the_guard_is_off(computed: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # In place of the lock both officers meet, so that neither sees what the other is about to issue.
    meeting = threading.Barrier(OFFICERS)

    def no_lock(region: str, year: int) -> None:
        meeting.wait()

    monkeypatch.setattr(issuing, "lock_plan", no_lock)
    assert _race(computed) == ["DONE", "DONE"]
    assert computed.held(RED_RIVER) == {"SHEA-2026": 140_000}


@pytest.fixture
def small_total(fresh_database: str) -> Stage:
    """A plan whose total is 500 t."""
    stage = stages.open_stage()
    stage.adopt(rulebook.overlay(REGION, YEAR).replace('value: "79000000"', 'value: "500"'))
    return stage


def _take_over(stage: Stage, entity: str) -> Callable[[], object]:
    rows, key = [compliance.IssuedRow(entity, 300)], stage.key()
    whole = partial(compliance.import_allocations, ZHOU, region=REGION, year=YEAR)
    return partial(whole, rows=rows, approver=CHEN.person, key=key, now=SPRING)


def test_two_imports_do_not_pass_the_total_together(small_total: Stage) -> None:
    works = [_take_over(small_total, entity) for entity in (RED_RIVER, NORTH_POWER)]
    assert sorted(map(str, _at_once(works))) == sorted(["DONE", str(AllocationRefusal.CAP_EXCEEDED)])


def test_two_imports_pass_the_total_when_the_guard_is_off(small_total: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(OFFICERS)
    monkeypatch.setattr(issuing, "lock_year", lambda region, year: meeting.wait())
    works = [_take_over(small_total, entity) for entity in (RED_RIVER, NORTH_POWER)]
    assert _at_once(works) == ["DONE", "DONE"]


def test_two_imports_without_a_plan_issue_once(fresh_database: str) -> None:
    stage = stages.open_stage()
    works = [_take_over(stage, RED_RIVER) for _ in range(OFFICERS)]
    assert sorted(map(str, _at_once(works))) == sorted(["DONE", str(AllocationRefusal.ALREADY_ISSUED)])
    assert stage.held(RED_RIVER) == {"SHEA-2026": 300}
