"""Holds end at their hour, by a job, and not before."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from tests.unit.registry.desk import LATER, NOW, Desk

from tonnebook.core.ledger import HoldOwner, HoldReason
from tonnebook.journal import services as journal
from tonnebook.registry import jobs, queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import holds, locks


def _hold(desk: Desk, quantity_t: int, *, ends: bool = True) -> str:
    reason = HoldReason.COURT
    draft = registry.HoldDraft(desk.north, "SHEA-2026", quantity_t, reason, "Case 7", LATER if ends else None)
    with transaction.atomic():
        return registry.place_holds([draft], now=NOW)[0]


def _held(desk: Desk) -> list[str]:
    return [row.number for row in queries.standing_holds(desk.north)]


def test_a_hold_ends_at_its_hour_and_not_before(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    ending, lasting = _hold(desk, 30), _hold(desk, 20, ends=False)
    assert registry.release_expired(now=LATER - timedelta(microseconds=1)) == 0
    assert _held(desk) == [ending, lasting]
    assert registry.release_expired(now=LATER) == 1
    assert _held(desk) == [lasting]
    assert queries.holdings(desk.north)[0].free == 80
    assert registry.release_expired(now=LATER) == 0


def test_a_hold_that_ends_otherwise_meanwhile_is_passed_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.allocate(desk.north, 100)
    first, _ = _hold(desk, 30), _hold(desk, 20)
    lock = holds._lock

    def meanwhile(numbers: Sequence[str]) -> locks.Locked:
        monkeypatch.setattr(holds, "_lock", lock)
        registry.release_holds([first], by=HoldOwner.COURT, now=NOW)
        return lock(numbers)

    monkeypatch.setattr(holds, "_lock", meanwhile)
    assert registry.release_expired(now=LATER) == 1
    assert _held(desk) == []


def test_the_job_reads_the_clock_and_releases(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.allocate(desk.north, 100)
    _hold(desk, 30)
    monkeypatch.setattr(journal, "now", lambda: LATER)
    jobs.release_expired.func(0)
    assert _held(desk) == []


@pytest.mark.parametrize("reason", [HoldReason.PLEDGE, HoldReason.RECALL])
def test_a_pledge_and_a_recall_are_overdue_at_their_hour_but_stay(desk: Desk, reason: HoldReason) -> None:
    desk.allocate(desk.north, 100)
    with transaction.atomic():
        registry.place_holds([registry.HoldDraft(desk.north, "SHEA-2026", 30, reason, "K-1", LATER)], now=NOW)
    assert registry.release_expired(now=LATER) == 0
    assert len(_held(desk)) == 1
