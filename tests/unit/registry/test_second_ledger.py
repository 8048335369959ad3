"""What people decide one by one is committed only when the second ledger agrees."""

from collections.abc import Callable

import pytest
from django.db import connections
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core import ledger
from tonnebook.core.errors import Fault
from tonnebook.core.ledger import AccountType, HoldReason, Leg, TransferType
from tonnebook.registry import queries
from tonnebook.registry import services as registry

ALTERED = {
    "balance": "UPDATE registry_balance SET total = total + 50 WHERE total = 100",
    "hold": "UPDATE registry_balance SET held = 10 WHERE total = 100",
}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """North Power owns 100 t and Red River 30 t."""
    desk.allocate(desk.north, 100)
    desk.allocate(desk.red, 30)
    return desk


def cancel(desk: Desk, quantity_t: int) -> str:
    """Cancel tonnes of North Power, as two people decide."""
    leg = Leg(desk.north, desk.system[AccountType.CANCELLATION], "SHEA-2026", quantity_t)
    draft = registry.TransferDraft(TransferType.CANCEL, (leg,), "P-ZHOU", "P-CHEN")
    return registry.post([draft], now=NOW)[0].number


def total(account: str) -> int:
    return sum(holding.total for holding in queries.holdings(account))


def disagreed(work: Callable[[], object]) -> set[str]:
    """Do what the second ledger must stop, and name the checks by which it does."""
    with pytest.raises(Fault, match="A14") as stopped:
        work()
    breaks = stopped.value.facts["breaks"]
    assert isinstance(breaks, list)
    return {one.check for one in breaks}


def test_it_agrees_with_what_two_people_rightly_decide(desk: Desk) -> None:
    desk.hold(desk.north, 20, HoldReason.PLEDGE)
    cancel(desk, 30)
    assert total(desk.north) == 70


@pytest.mark.parametrize("check", sorted(ALTERED))
def test_a_balance_that_its_postings_do_not_make_stops_the_proposal(desk: Desk, check: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(ALTERED[check])
    assert check in disagreed(lambda: cancel(desk, 30))


def test_a_lane_only_the_books_allow_stops_the_proposal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.checks, "check_leg", lambda *_, **__: None)
    leg = Leg(desk.north, desk.system[AccountType.RESERVE], "SHEA-2026", 5)
    draft = registry.TransferDraft(TransferType.CANCEL, (leg,), "P-ZHOU", "P-CHEN")
    assert disagreed(lambda: registry.post([draft], now=NOW)) == {"lane"}


def test_a_switch_the_books_overlook_stops_the_proposal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.freeze_by_system("shanghai", reason="synthetic", now=NOW)
    monkeypatch.setattr(ledger.checks, "check_leg", lambda *_, **__: None)
    leg = Leg(desk.north, desk.red, "SHEA-2026", 5)
    draft = registry.TransferDraft(TransferType.TRANSFER, (leg,), "P-ZHOU")
    assert disagreed(lambda: registry.post([draft], now=NOW)) == {"frozen"}


def test_what_one_person_may_not_decide_stops_without_a_second(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "check_people", lambda *_, **__: None)
    leg = Leg(desk.north, desk.system[AccountType.CANCELLATION], "SHEA-2026", 5)
    draft = registry.TransferDraft(TransferType.CANCEL, (leg,), "P-ZHOU")
    assert "second person" in disagreed(lambda: registry.post([draft], now=NOW))


def test_a_source_which_everything_came_from_is_left_to_the_night(desk: Desk) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE registry_balance SET total = total - 7 WHERE is_source")
        assert cursor.rowcount > 0
    desk.allocate(desk.north, 5)
    assert total(desk.north) == 105


def test_what_the_market_makes_by_itself_is_left_to_the_night(desk: Desk) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(ALTERED["hold"])
    leg = Leg(desk.north, desk.red, "SHEA-2026", 5)
    registry.post([registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")], now=NOW)
    assert total(desk.red) == 35
