"""Serial blocks in the database: joined where they meet, and only there."""

import random
from itertools import pairwise

from django.db import connection
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.registry import models
from tonnebook.registry import services as registry
from tonnebook_audit import serials as auditor
from tonnebook_audit.report import AuditReport

ASSET = "SHEA-2026"


def blocks(account: str) -> list[tuple[int, int]]:
    rows = models.SerialBlock.objects.filter(account__number=account).order_by("serial_from")
    return list(rows.values_list("serial_from", "serial_to"))


def give(debit: str, credit: str, quantity_t: int) -> None:
    leg = Leg(debit, credit, ASSET, quantity_t)
    registry.post([registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-1")], now=NOW)


def test_neighbours_of_one_account_become_one_block(desk: Desk) -> None:
    for _ in range(3):
        desk.allocate(desk.north, 100)
    assert blocks(desk.north) == [(1, 301)]


def test_what_comes_back_closes_the_gap_it_left(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    give(desk.north, desk.red, 10)
    give(desk.north, desk.red, 10)
    assert (blocks(desk.red), blocks(desk.north)) == ([(1, 21)], [(21, 101)])
    give(desk.red, desk.north, 20)
    assert (blocks(desk.red), blocks(desk.north)) == ([], [(1, 101)])


def test_neighbours_of_another_asset_or_account_stay_apart(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    desk.allocate(desk.north, 100, asset="SHCER-2025")
    desk.allocate(desk.red, 100)
    assert (blocks(desk.north), blocks(desk.red)) == ([(1, 101), (101, 201)], [(201, 301)])


def test_what_lies_in_a_terminal_account_is_not_even_joined(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    for _ in range(2):
        desk.surrender(desk.north, 10)
    assert blocks(desk.system[AccountType.SURRENDER]) == [(1, 11), (11, 21)]


def test_random_trades_leave_no_neighbours_and_nothing_for_the_auditor(desk: Desk) -> None:
    chance = random.Random(7)  # noqa: S311  a repeatable sequence, nothing secret
    held_t = {desk.north: 500, desk.red: 0}
    desk.allocate(desk.north, 500)
    for _ in range(40):
        debit, credit = chance.sample(sorted(held_t), 2)
        if held_t[debit]:
            quantity_t = chance.randint(1, held_t[debit])
            give(debit, credit, quantity_t)
            held_t[debit], held_t[credit] = held_t[debit] - quantity_t, held_t[credit] + quantity_t
    for account, total_t in held_t.items():
        found = blocks(account)
        assert sum(end - start for start, end in found) == total_t
        assert all(left[1] < right[0] for left, right in pairwise(found))
    report = AuditReport()
    auditor.check(connection.connection, report)
    assert report.breaks == []
