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


def _reserve(desk: Desk, *tonnes: int) -> list[str | Refused]:
    wanted = [registry.Wanted(desk.north, "SHEA-2026", quantity_t) for quantity_t in tonnes]
    with transaction.atomic():
        return registry.reserve_each(wanted, subject="shanghai", now=NOW)


def test_orders_of_an_account_share_one_reserve_and_one_that_is_refused_stops_no_other(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    first, second, third = _reserve(desk, 60, 50, 40)
    assert isinstance(second, Refused)
    assert second.code is LedgerRefusal.INSUFFICIENT_FREE
    assert second.facts["free"] == 40
    assert first == third
    assert [(row.remaining, row.subject) for row in queries.standing_holds(desk.north)] == [(100, "shanghai")]
    assert queries.holdings(desk.north)[0].free == 0


def test_a_reserve_grows_with_later_orders_and_a_new_one_follows_when_it_has_ended(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    (first,) = _reserve(desk, 60)
    assert _reserve(desk, 30) == [first]
    with transaction.atomic():
        registry.lower_holds({str(first): 90}, now=NOW)
    assert queries.hold(str(first)).state is HoldState.RELEASED
    (second,) = _reserve(desk, 100)
    assert second != first
    assert _held(desk) == [second]


def test_a_reserve_of_an_account_that_may_not_trade_is_refused(desk: Desk) -> None:
    wanted = [registry.Wanted("SH-HOLDING-999999-00", "SHEA-2026", 1), registry.Wanted(desk.north, "NOTHING", 1)]
    with transaction.atomic():
        answers = registry.reserve_each(wanted, subject="shanghai", now=NOW)
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert codes == [LedgerRefusal.ACCOUNT_UNKNOWN, LedgerRefusal.ASSET_UNKNOWN]


def test_a_court_takes_of_a_reserve_no_more_than_it_needs(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    reserve, _ = _reserve(desk, 50, 40)
    _hold(desk, 30)
    assert queries.holds_that_gave_way() == {reserve: 70}
    assert queries.holdings(desk.north)[0].free == 0
    # The market voids the order of forty: twenty of it are gone, the rest is free.
    with transaction.atomic():
        registry.lower_holds({str(reserve): 40}, now=NOW)
    assert (queries.hold(str(reserve)).remaining, queries.holdings(desk.north)[0].free) == (50, 20)
    assert queries.holds_that_gave_way() == {}


def test_a_reserve_that_a_court_takes_as_a_whole_has_given_way(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    (reserve,) = _reserve(desk, 50)
    _hold(desk, 100)
    assert queries.hold(str(reserve)).state is HoldState.OVERRIDDEN
    assert queries.holds_that_gave_way() == {reserve: 0}
    with transaction.atomic():
        registry.lower_holds({str(reserve): 50}, now=NOW)
    assert queries.holdings(desk.north)[0].free == 0


def test_a_hold_keeps_less_and_ends_when_nothing_is_left(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    one, other = desk.hold(desk.north, 60, HoldReason.ORDER), desk.hold(desk.north, 40, HoldReason.ORDER)
    with transaction.atomic():
        registry.lower_holds({one: 35, other: 40}, now=NOW)
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
