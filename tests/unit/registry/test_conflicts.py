"""Every pair of the table of conflicts, walked through the services and looked at in the books."""

from dataclasses import dataclass

import pytest
from django.db import transaction
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import Claim, HoldOwner, HoldReason, HoldState, LedgerRefusal, Meeting
from tonnebook.registry import queries
from tonnebook.registry import services as registry

# What stands for each claim; a bid and a waiting transfer count as sales, and are walked below.
REASON = {
    Claim.SURRENDER: HoldReason.SURRENDER,
    Claim.SALE: HoldReason.ORDER,
    Claim.PLEDGE: HoldReason.PLEDGE,
    Claim.COURT: HoldReason.COURT,
    Claim.RECALL: HoldReason.RECALL,
}
LOT_T = 100


@dataclass(frozen=True)
class Stood:
    """A hold as it stands: set aside, waiting, rank and state."""

    remaining: int
    waiting: int
    rank: int
    state: HoldState


def stands(number: str) -> Stood:
    row = queries.hold(number)
    return Stood(row.remaining, row.waiting, row.rank, row.state)


def let_go(number: str) -> None:
    owner = ledger.TERMS[queries.hold(number).reason].owner
    with transaction.atomic():
        registry.release_holds([number], by=owner, now=NOW)


def amounts(desk: Desk) -> tuple[int, int, int]:
    (holding,) = queries.holdings(desk.north)
    return holding.total, holding.held, holding.free


@pytest.fixture
def lot(desk: Desk) -> Desk:
    desk.allocate(desk.north, LOT_T)
    desk.pay_in(desk.north_cash, LOT_T, "B-LOT")
    return desk


def set_aside(lot: Desk, quantity: int, reason: HoldReason) -> str:
    """Set units aside, or for a bid the money."""
    if reason is HoldReason.BID:
        return lot.hold(lot.north_cash, quantity, reason, "CNY")
    return lot.hold(lot.north, quantity, reason)


def test_the_table_answers_every_pair() -> None:
    assert set(ledger.CONFLICTS) == {(there, comes) for there in Claim for comes in Claim}
    assert set(ledger.TERMS) == set(HoldReason)
    assert all(rule.zh and rule.en and rule.source for rule in ledger.CONFLICTS.values())


def pairs(meeting: Meeting) -> list[tuple[Claim, Claim]]:
    return [pair for pair, rule in ledger.CONFLICTS.items() if rule.meeting is meeting]


@pytest.mark.parametrize(("there", "comes"), pairs(Meeting.REFUSED))
def test_a_refused_claim_changes_nothing(lot: Desk, there: Claim, comes: Claim) -> None:
    first = lot.hold(lot.north, LOT_T, REASON[there])
    with pytest.raises(Refused) as refused:
        lot.hold(lot.north, 1, REASON[comes])
    assert refused.value.code is LedgerRefusal.INSUFFICIENT_FREE
    assert [row.number for row in queries.standing_holds(lot.north)] == [first]
    assert amounts(lot) == (LOT_T, LOT_T, 0)


@pytest.mark.parametrize(("there", "comes"), pairs(Meeting.WAITS))
def test_a_waiting_claim_gets_the_units_when_the_earlier_one_lets_go(lot: Desk, there: Claim, comes: Claim) -> None:
    first, second = lot.hold(lot.north, LOT_T, REASON[there]), lot.hold(lot.north, 60, REASON[comes])
    assert (stands(second).remaining, stands(second).waiting) == (0, 60)
    assert stands(second).state is HoldState.WAITING
    assert stands(second).rank > stands(first).rank
    assert amounts(lot) == (LOT_T, LOT_T, 0)
    let_go(first)
    assert (stands(second).remaining, stands(second).waiting) == (60, 0)
    assert stands(second).state is HoldState.ACTIVE
    assert amounts(lot) == (LOT_T, 60, 40)


@pytest.mark.parametrize(("there", "comes"), pairs(Meeting.TAKES_PRECEDENCE))
def test_a_claim_that_comes_first_makes_the_other_void(lot: Desk, there: Claim, comes: Claim) -> None:
    first, second = lot.hold(lot.north, LOT_T, REASON[there]), lot.hold(lot.north, 60, REASON[comes])
    assert stands(first) == Stood(0, 0, 0, HoldState.OVERRIDDEN)
    assert (stands(second).remaining, stands(second).waiting) == (60, 0)
    assert amounts(lot) == (LOT_T, 60, 40)
    assert queries.overridden_holds() == {first}
    with pytest.raises(Refused) as refused:
        lot.trade(1, hold=first)
    assert refused.value.code is LedgerRefusal.HOLD_OVERRIDDEN


@pytest.mark.parametrize("comes", Claim)
def test_no_claim_meets_another_while_enough_is_free(lot: Desk, comes: Claim) -> None:
    first = lot.hold(lot.north, 40, HoldReason.ORDER)
    second = lot.hold(lot.north, 60, REASON[comes])
    assert stands(first).remaining == 40
    assert (stands(second).remaining, stands(second).waiting) == (60, 0)


@pytest.mark.parametrize("reason", [HoldReason.BID, HoldReason.DELIVERY])
def test_a_bid_and_a_waiting_transfer_give_way_like_an_order(lot: Desk, reason: HoldReason) -> None:
    first = set_aside(lot, LOT_T, reason)
    place = (lot.north_cash, "CNY") if reason is HoldReason.BID else (lot.north, "SHEA-2026")
    lot.hold(place[0], 1, HoldReason.COURT, place[1])
    assert stands(first).state is HoldState.OVERRIDDEN


def test_no_more_orders_give_way_than_the_court_needs_and_the_newest_first(lot: Desk) -> None:
    old, new = (lot.hold(lot.north, 50, HoldReason.ORDER) for _ in range(2))
    lot.hold(lot.north, 50, HoldReason.COURT)
    assert (stands(old).state, stands(new).state) == (HoldState.ACTIVE, HoldState.OVERRIDDEN)


def test_courts_queue_in_order_and_what_comes_later_goes_to_the_first(lot: Desk) -> None:
    first = lot.hold(lot.north, 130, HoldReason.COURT)
    second = lot.hold(lot.north, 40, HoldReason.COURT)
    third = lot.hold(lot.north, 20, HoldReason.RECALL)
    assert [stands(one).rank for one in (first, second, third)] == [1, 2, 3]
    assert (stands(first).remaining, stands(first).waiting) == (100, 30)
    lot.allocate(lot.north, 50)
    assert (stands(first).remaining, stands(second).remaining, stands(third).remaining) == (130, 20, 0)
    let_go(first)
    assert [stands(one).remaining for one in (second, third)] == [40, 20]
    assert amounts(lot) == (150, 60, 90)


def test_a_waiting_freeze_can_be_lifted_before_it_got_anything(lot: Desk) -> None:
    lot.hold(lot.north, LOT_T, HoldReason.COURT)
    second = lot.hold(lot.north, 10, HoldReason.COURT)
    let_go(second)
    assert stands(second) == Stood(0, 0, 2, HoldState.RELEASED)


def test_a_later_pledge_waits_for_no_more_than_the_earlier_ones_have_to_let_go(lot: Desk) -> None:
    lot.hold(lot.north, 70, HoldReason.PLEDGE)
    lot.hold(lot.north, 90, HoldReason.PLEDGE)
    with pytest.raises(Refused) as refused:
        lot.hold(lot.north, 41, HoldReason.PLEDGE)
    assert refused.value.code is LedgerRefusal.INSUFFICIENT_FREE
    lot.hold(lot.north, 40, HoldReason.PLEDGE)


def test_only_its_owner_lets_a_hold_go(lot: Desk) -> None:
    for reason, terms in ledger.TERMS.items():
        number = set_aside(lot, 1, reason)
        for other in set(HoldOwner) - {terms.owner}:
            with pytest.raises(Refused) as refused, transaction.atomic():
                registry.release_holds([number], by=other, now=NOW)
            assert refused.value.code is LedgerRefusal.HOLD_OF_ANOTHER
        let_go(number)


def test_what_rested_on_a_hold_that_gave_way_can_still_be_closed(lot: Desk) -> None:
    first = lot.hold(lot.north, LOT_T, HoldReason.DELIVERY)
    second = lot.hold(lot.north, LOT_T, HoldReason.COURT)
    with transaction.atomic():
        registry.release_holds([first], now=NOW)
    assert stands(second).remaining == LOT_T
    assert amounts(lot) == (LOT_T, LOT_T, 0)
