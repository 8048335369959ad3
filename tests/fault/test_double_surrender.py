"""Eight threads surrender the same obligation at once: one passes; with the guard off, more than one does."""

import threading
from collections.abc import Sequence

import pytest
from django.db import connections
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import NEXT_SUMMER, RED_RIVER, STEELWORKER, YEAR, Stage

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.services import surrenders
from tonnebook.core.errors import Refused
from tonnebook.core.surrender import SurrenderRefusal

THREADS = 8
OBLIGATION_T = 1_000

pytestmark = pytest.mark.fault


@pytest.fixture
def due(fresh_database: str) -> Stage:
    """Red River owes 1,000 t and holds 70,000 t: its holding alone would cover every one of the eight."""
    stage = stages.open_stage()
    stage.first_batch()
    stage.determine(red_t=OBLIGATION_T)
    return stage


def _submit(number: int, start: threading.Barrier, outcomes: list[object]) -> None:
    try:
        start.wait()
        compliance.submit_surrender(
            STEELWORKER,
            entity=RED_RIVER,
            year=YEAR,
            lines=[compliance.SurrenderLine("SHEA-2026", OBLIGATION_T)],
            shown_total_t=OBLIGATION_T,
            key=f"thread-{number:08d}",
            now=NEXT_SUMMER,
        )
        outcomes.append("DONE")
    except Refused as refused:
        outcomes.append(refused.code)
    finally:
        connections.close_all()


def _race() -> list[object]:
    start, outcomes = threading.Barrier(THREADS), list[object]()
    threads = [threading.Thread(target=_submit, args=(number, start, outcomes)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_eight_threads_surrender_an_obligation_once(due: Stage) -> None:
    outcomes = _race()
    assert outcomes.count("DONE") == 1
    assert outcomes.count(SurrenderRefusal.BEYOND_OBLIGATION) == THREADS - 1
    place = queries.position(RED_RIVER, YEAR, NEXT_SUMMER.date())
    assert place.submitted_t == OBLIGATION_T


def test_the_race_is_there_when_the_guard_is_off(due: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # In place of the lock all threads meet: each has passed it before any goes on to look at what is owed.
    meeting = threading.Barrier(THREADS)

    def no_lock(usccs: Sequence[str], year: int) -> None:
        meeting.wait()

    monkeypatch.setattr(surrenders, "lock_obligations", no_lock)
    assert _race().count("DONE") > 1
