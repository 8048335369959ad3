"""Two officers issue one batch at the same moment on two approvals: it goes out once; without the lock, twice (A5)."""

import threading

import pytest
from django.db import connections
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import RED_RIVER, REGION, SPRING, YEAR, ZHOU, Stage

from tonnebook.compliance import services as compliance
from tonnebook.compliance.services import allocations
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


def _issue(approval: str, key: str, start: threading.Barrier, outcomes: list[object]) -> None:
    try:
        start.wait()
        compliance.issue_batch(
            ZHOU, region=REGION, year=YEAR, batch=Batch.FIRST, approval=approval, key=key, now=SPRING
        )
        outcomes.append("DONE")
    except Refused as refused:
        outcomes.append(refused.code)
    finally:
        connections.close_all()


def _race(stage: Stage) -> list[object]:
    payload: dict[str, Json] = {"region": REGION, "year": YEAR, "batch": "FIRST"}
    approvals = [stage.approved("compliance.issue_batch", payload) for _ in range(OFFICERS)]
    start, outcomes = threading.Barrier(OFFICERS), list[object]()
    threads = [threading.Thread(target=_issue, args=(one, stage.key(), start, outcomes)) for one in approvals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_batch_goes_out_once(computed: Stage) -> None:
    assert sorted(map(str, _race(computed))) == sorted(["DONE", str(AllocationRefusal.ALREADY_ISSUED)])
    assert computed.held(RED_RIVER) == {"SHEA-2026": 70_000}


def test_a_batch_goes_out_twice_when_the_guard_is_off(computed: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # In place of the lock both officers meet, so that neither sees what the other is about to issue.
    meeting = threading.Barrier(OFFICERS)

    def no_lock(region: str, year: int) -> None:
        meeting.wait()

    monkeypatch.setattr(allocations, "_locked_plan", no_lock)
    assert _race(computed) == ["DONE", "DONE"]
    assert computed.held(RED_RIVER) == {"SHEA-2026": 140_000}
