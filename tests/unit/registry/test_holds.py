"""Holds end at their hour, by a job, and not before."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from tests.unit.registry.desk import LATER, NOW, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import HoldOwner, HoldReason, HoldState, LedgerRefusal
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


def test_a_hold_that_is_refused_stops_no_other_and_takes_no_subject(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    drafts = [registry.HoldDraft(desk.north, "SHEA-2026", tonnes, HoldReason.ORDER, "") for tonnes in (60, 50, 40)]
    subjects = iter(("O-1", "O-2"))
    with transaction.atomic():
        first, second, third = registry.place_each(drafts, subject=lambda place: next(subjects), now=NOW)
    assert isinstance(second, Refused)
    assert second.code is LedgerRefusal.INSUFFICIENT_FREE
    assert [queries.hold(str(one)).subject for one in (first, third)] == ["O-1", "O-2"]
    assert queries.holdings(desk.north)[0].free == 0


def test_a_hold_keeps_less_and_ends_when_nothing_is_left(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    one, other = desk.hold(desk.north, 60, HoldReason.ORDER), desk.hold(desk.north, 40, HoldReason.ORDER)
    with transaction.atomic():
        registry.lower_holds({one: 25, other: 0}, now=NOW)
    found = [(hold.remaining, hold.state) for hold in map(queries.hold, (one, other))]
    assert found == [(25, HoldState.ACTIVE), (0, HoldState.RELEASED)]
    assert queries.holdings(desk.north)[0].free == 75


def test_a_hold_of_a_court_is_not_lowered_nor_any_beyond_what_it_has(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    court, own = _hold(desk, 30), desk.hold(desk.north, 20, HoldReason.ORDER)
    with pytest.raises(Refused) as caught:
        registry.lower_holds({court: 10}, now=NOW)
    assert caught.value.code is LedgerRefusal.HOLD_OF_ANOTHER
    with pytest.raises(ValueError, match="part"):
        registry.lower_holds({own: 21}, now=NOW)
