"""Freeze switches: what stands still, what goes on, and who may say so."""

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, connections, transaction
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CHEN, CLERK, NOW, ZHOU, Desk

from tonnebook.core.errors import Busy, Refused
from tonnebook.core.ledger import FreezeScope, HoldReason, HoldState, Leg, TransferType
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

TIANJIN = Actor("P-JIN", desks.BUREAU, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), "tianjin")


def stop(scope: FreezeScope, subject: str, actor: Actor = ZHOU, key: str = "stop") -> str:
    told = registry.freeze(
        actor, region="shanghai", scope=scope, subject=subject, reason="a doubt", key=f"{key}-{subject}", now=NOW
    )
    return str(told["freeze"])


def pay(desk: Desk) -> None:
    desk.post(TransferType.DELIVER_TRADE, Leg(desk.north_cash, desk.red_cash, "CNY", 1))


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    desk.allocate(desk.north, 100)
    desk.pay_in(desk.north_cash, 100, "B-1")
    return desk


def test_a_region_stands_still_but_for_allocation_and_surrender(stocked: Desk) -> None:
    stop(FreezeScope.REGION, "shanghai")
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        stocked.trade(1)
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        pay(stocked)
    stocked.allocate(stocked.north, 5)
    stocked.surrender(stocked.north, 5)


@pytest.mark.parametrize("subject", ["SHEA-2026", "SHEA"])
def test_a_product_stands_still_and_the_others_go_on(stocked: Desk, subject: str) -> None:
    stop(FreezeScope.ASSET, subject)
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        stocked.trade(1)
    pay(stocked)


def test_an_account_stands_still_on_both_sides(stocked: Desk) -> None:
    stop(FreezeScope.ACCOUNT, stocked.red)
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        stocked.trade(1)
    stop(FreezeScope.ACCOUNT, stocked.north_cash)
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        pay(stocked)


@pytest.mark.parametrize(("scope", "subject"), [("REGION", "shanghai"), ("ASSET", "CNY"), ("ACCOUNT", "")])
def test_bulk_movements_stand_still_too(stocked: Desk, scope: str, subject: str) -> None:
    stop(FreezeScope(scope), subject or stocked.red_cash)
    movements = [(stocked.north_cash, stocked.red_cash, 1)] * 3
    draft = registry.BulkDraft(TransferType.DELIVER_TRADE, "CNY", movements, "P-ZHOU")
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"), transaction.atomic():
        registry.post_bulk(draft, now=NOW)


def test_a_new_hold_for_a_sale_is_refused_at_once(stocked: Desk) -> None:
    stop(FreezeScope.REGION, "shanghai")
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        stocked.hold(stocked.north, 1, HoldReason.ORDER)
    stocked.hold(stocked.north, 1, HoldReason.SURRENDER)


def test_one_person_stops_and_two_let_it_go_on(stocked: Desk) -> None:
    freeze = stop(FreezeScope.REGION, "shanghai")
    payload = {"freeze": freeze}
    told = members.propose(ZHOU, kind="registry.lift_freeze", payload=payload, key="p", now=NOW)
    approval, digest = str(told["approval"]), str(told["digest"])
    with pytest.raises(Refused, match="NOT_APPROVED"):
        registry.lift_freeze(ZHOU, freeze=freeze, approval=approval, key="l1", now=NOW)
    with pytest.raises(Refused, match="SAME_PERSON"):
        members.approve(ZHOU, approval=approval, digest=digest, key="a1", now=NOW)
    members.approve(CHEN, approval=approval, digest=digest, key="a2", now=NOW)
    registry.lift_freeze(ZHOU, freeze=freeze, approval=approval, key="l2", now=NOW)
    stocked.trade(1)
    (row,) = queries.freezes("shanghai", limit=5)
    assert (row.set_by, row.lifted_by, row.lifted_at) == (ZHOU.person, CHEN.person, NOW)
    with pytest.raises(Refused, match="FREEZE_UNKNOWN"):
        registry.lift_freeze(ZHOU, freeze=freeze, approval=approval, key="l3", now=NOW)


def test_what_stands_still_is_named_rightly_and_once(stocked: Desk) -> None:
    stop(FreezeScope.ASSET, "SHEA")
    with pytest.raises(Refused, match="FREEZE_SET_ALREADY"):
        stop(FreezeScope.ASSET, "SHEA", key="again")
    for scope, subject in ((FreezeScope.REGION, "tianjin"), (FreezeScope.ASSET, "GOLD")):
        with pytest.raises(Refused, match="FREEZE_SUBJECT_UNKNOWN"):
            stop(scope, subject)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        stop(FreezeScope.ACCOUNT, "SH-HOLDING-999999-00")


def test_only_who_keeps_the_books_of_the_region_stops_them(stocked: Desk) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        stop(FreezeScope.REGION, "shanghai", CLERK)
    with pytest.raises(Refused, match="NOT_YOUR_REGION"):
        stop(FreezeScope.REGION, "shanghai", TIANJIN)


def test_the_system_stops_a_region_once(stocked: Desk) -> None:
    first = registry.freeze_by_system("shanghai", reason="B02", now=NOW)
    assert first
    assert registry.freeze_by_system("shanghai", reason="B02", now=NOW) is None
    assert queries.freezes("shanghai", limit=5)[0].set_by == "SYSTEM"


def test_a_switch_is_lifted_by_somebody_or_stands(stocked: Desk) -> None:
    stop(FreezeScope.REGION, "shanghai")
    with pytest.raises(DatabaseError, match="registry_freeze_lifted_by_somebody"), transaction.atomic():
        connection.cursor().execute("UPDATE registry_freezeswitch SET lifted_at = set_at")


@pytest.fixture
def open_desk(fresh_database: str) -> Iterator[Desk]:
    opened = desks.open_desk()
    opened.pay_in(opened.north_cash, 10_000, "B-1")
    opened.pay_in(opened.red_cash, 1, "B-2")
    yield opened
    connections.close_all()


def test_no_transfer_ends_after_the_switch_has_been_set(open_desk: Desk) -> None:
    # Every transfer notes whether the switch had been set, and told so, before the transfer began.
    is_set, slips, done = threading.Event(), [0], [0]

    def spend() -> None:
        try:
            for _ in range(60):
                before = is_set.is_set()
                try:
                    pay(open_desk)
                except (Refused, Busy, DatabaseError):
                    continue
                slips[0] += before
                done[0] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    while done[0] < 20:
        pass
    stop(FreezeScope.REGION, "shanghai")
    is_set.set()
    counted = done[0]
    for thread in threads:
        thread.join()
    assert slips == [0]
    # Those that had been posted before the switch was told may have been counted a moment later.
    assert done[0] - counted <= len(threads)


@pytest.mark.parametrize(("held", "switched"), [("unit", "unit"), ("unit", "cash"), ("cash", "unit"), ("cash", "cash")])
def test_what_rests_on_a_switched_account_or_would_come_into_it_is_void(desk: Desk, held: str, switched: str) -> None:
    desk.allocate(desk.north, 10)
    desk.pay_in(desk.north_cash, 10, "B-1")
    accounts = {"unit": desk.north, "cash": desk.north_cash}
    asset = "SHEA-2026" if held == "unit" else "CNY"
    resting = desk.hold(accounts[held], 5, HoldReason.ORDER, asset)
    pledged = desk.hold(desk.north, 1, HoldReason.PLEDGE)
    stop(FreezeScope.ACCOUNT, accounts[switched])
    assert queries.hold(resting).state is HoldState.OVERRIDDEN
    assert queries.hold(pledged).state is HoldState.ACTIVE


@pytest.mark.parametrize(("scope", "subject"), [(FreezeScope.REGION, "shanghai"), (FreezeScope.ASSET, "SHEA")])
def test_orders_wait_for_the_end_of_a_switch_that_stops_their_whole_market(
    desk: Desk, scope: FreezeScope, subject: str
) -> None:
    desk.allocate(desk.north, 10)
    resting = desk.hold(desk.north, 5, HoldReason.ORDER)
    stop(scope, subject)
    assert queries.hold(resting).state is HoldState.ACTIVE


def test_orders_of_others_stay_when_an_account_is_switched_off(desk: Desk) -> None:
    desk.allocate(desk.red, 10)
    resting = desk.hold(desk.red, 5, HoldReason.ORDER)
    stop(FreezeScope.ACCOUNT, desk.north)
    assert queries.hold(resting).state is HoldState.ACTIVE
