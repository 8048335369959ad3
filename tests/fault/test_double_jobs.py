"""Dated jobs run by two processes at once: every step and every reminder once; with the guards off, twice (A10)."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.db import connections
from tests.unit.compliance import stage as stages
from tests.unit.compliance import test_transition as leaving
from tests.unit.compliance.stage import NORTH_POWER, REGION, ZHOU, Stage

from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import TransitionStep
from tonnebook.compliance.queries import TaskRow
from tonnebook.compliance.services import reminders, transition
from tonnebook.core.canonical import Json
from tonnebook.core.notices import NoticeKind
from tonnebook.core.transition import TransitionKind
from tonnebook.members import queries as members

PROCESSES = 2
DAY = date(2026, 12, 31)
NOW = datetime(2026, 12, 31, 4, tzinfo=UTC)
REMINDING = datetime(2027, 6, 20, 2, tzinfo=UTC)

pytestmark = pytest.mark.fault


@pytest.fixture
def moved(fresh_database: str) -> Stage:
    """North Power belongs to the national market since 2026 and holds 99 t to convert in three years."""
    stage = stages.open_stage()
    leaving.move(stage, 2026, surplus_t=99)
    leaving.hand_over(stage, NORTH_POWER, datetime(2026, 8, 1, 4, tzinfo=UTC))
    return stage


def _at_once(work: Sequence[Callable[[], int]]) -> list[int]:
    start, outcomes = threading.Barrier(len(work)), list[int]()

    def run(one: Callable[[], int]) -> None:
        try:
            start.wait()
            outcomes.append(one())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def _convert(approval: str, key: str) -> int:
    answer = compliance.run_transition(ZHOU, region=REGION, on=DAY, approval=approval, key=key, now=NOW)
    return int(str(answer["converted_t"]))


def _convert_twice(stage: Stage) -> list[int]:
    payload: dict[str, Json] = {"region": REGION, "on": DAY.isoformat()}
    approvals = [stage.approved("compliance.run_transition", payload, now=NOW) for _ in range(PROCESSES)]
    return _at_once([partial(_convert, approval, stage.key()) for approval in approvals])


def test_two_runs_of_the_dated_steps_convert_once(moved: Stage) -> None:
    assert _convert_twice(moved) == [0, 33]
    assert moved.held(NORTH_POWER) == {"SHEA-2024": 66, "SHEA-2026": 33}
    assert TransitionStep.objects.filter(kind=TransitionKind.CONVERT).count() == 1


def test_two_runs_convert_twice_when_the_guards_are_off(moved: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # In place of the lock both meet, and no constraint says that the step was done.
    meeting = threading.Barrier(PROCESSES)
    monkeypatch.setattr(transition, "_lock", lambda _usccs: meeting.wait())
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE compliance_transitionstep DROP CONSTRAINT compliance_transition_once")
    assert _convert_twice(moved) == [33, 33]
    assert moved.held(NORTH_POWER) == {"SHEA-2024": 33, "SHEA-2026": 66}


@pytest.fixture
def due(fresh_database: str) -> Stage:
    """Two companies have still to surrender."""
    stage = stages.open_stage()
    stage.first_batch()
    stage.determine(red_t=60_000)
    return stage


def _remind_twice() -> list[NoticeKind]:
    _at_once([partial(compliance.remind, region=REGION, now=REMINDING)] * PROCESSES)
    told = (NoticeKind.TASK_DUE, NoticeKind.SHORTFALL_EXPECTED)
    return [row.kind for row in members.notices_of(NORTH_POWER) if row.kind in told]


def test_two_workers_remind_once(due: Stage) -> None:
    assert _remind_twice() == [NoticeKind.SHORTFALL_EXPECTED]


def test_two_workers_remind_twice_when_the_guard_is_off(due: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def every_time(rows: Sequence[TaskRow], *_rest: object, **_place: object) -> list[TaskRow]:
        return list(rows)

    monkeypatch.setattr(reminders, "_first_time", every_time)
    assert _remind_twice() == [NoticeKind.SHORTFALL_EXPECTED] * PROCESSES
