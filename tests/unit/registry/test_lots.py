"""Titles in the books: lots follow the balances, and the auditor replays them from the postings."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections, transaction
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, Leg, Lot, Title, TransferType
from tonnebook.journal import queries as journal
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook_audit.auditor import audit

TODAY = periods.day_of(NOW)
FREE = Title.ALLOCATED_FREE


def lots(account: str) -> list[Lot]:
    return [row.lot for row in queries.lots(account, on=TODAY)]


def buy(desk: Desk, quantity_t: int, price_fen_per_t: int, *, days: int = 0) -> None:
    leg = Leg(desk.north, desk.red, "SHEA-2026", quantity_t, price_fen_per_t=price_fen_per_t)
    with transaction.atomic():
        draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-1")
        registry.post([draft], now=NOW + timedelta(days=days))


@pytest.fixture
def holders(desk: Desk) -> Desk:
    """Red River has 10 t free and has bought 5 t at 70 yuan today and 5 t at 60 tomorrow."""
    desk.allocate(desk.north, 100)
    desk.allocate(desk.red, 10)
    buy(desk, 5, 7000)
    buy(desk, 5, 6000, days=1)
    return desk


def test_lots_say_how_and_when_and_for_how_much(holders: Desk) -> None:
    bought = [
        Lot(Title.MARKET, TODAY, 7000, 5),
        Lot(Title.MARKET, TODAY + timedelta(days=1), 6000, 5),
    ]
    assert lots(holders.red) == [Lot(FREE, TODAY, None, 10), *bought]
    assert lots(holders.north) == [Lot(FREE, TODAY, None, 90)]


def test_what_was_received_free_is_surrendered_before_what_was_bought(holders: Desk) -> None:
    holders.surrender(holders.red, 12)
    assert [(lot.title, lot.price_fen_per_t, lot.quantity_t) for lot in lots(holders.red)] == [
        (Title.MARKET, 7000, 3),
        (Title.MARKET, 6000, 5),
    ]
    assert lots(holders.system[AccountType.SURRENDER]) == []


def test_the_same_lot_grows_instead_of_multiplying(holders: Desk) -> None:
    holders.allocate(holders.red, 7)
    buy(holders, 1, 7000)
    assert [lot.quantity_t for lot in lots(holders.red)] == [17, 6, 5]


def test_lots_move_with_the_units_from_one_own_account_to_another(holders: Desk) -> None:
    (trading,) = registry.open_accounts([registry.AccountDraft(AccountType.TRADING, "shanghai", desks.RED)], now=NOW)
    before = lots(holders.red)
    holders.post(TransferType.MOVE_TO_TRADING, Leg(holders.red, trading, "SHEA-2026", 20))
    assert (lots(holders.red), lots(trading)) == ([], before)


def test_one_call_uses_up_what_an_earlier_transfer_of_it_brought(holders: Desk) -> None:
    north, red = holders.north, holders.red
    first = registry.TransferDraft(TransferType.DELIVER_TRADE, (Leg(north, red, "SHEA-2026", 90),), "P-1")
    back = registry.TransferDraft(TransferType.DELIVER_TRADE, (Leg(red, north, "SHEA-2026", 110),), "P-1")
    with transaction.atomic():
        registry.post([first, back], now=NOW)
    assert (lots(red), lots(north)) == ([], [Lot(Title.MARKET, TODAY, None, 110)])


@pytest.fixture
def kept(fresh_database: str) -> Iterator[Desk]:
    desk = desks.open_desk()
    desk.allocate(desk.north, 100)
    desk.allocate(desk.red, 10)
    buy(desk, 5, 7000)
    desk.surrender(desk.red, 12)
    yield desk
    connections.close_all()


@pytest.mark.usefixtures("kept")
def test_the_auditor_finds_lots_in_order() -> None:
    report = audit(journal.audit_url())
    assert [one for one in report.breaks if one.check.startswith("lot")] == []
    assert {"lot", "lot sum", "lots of posting"} <= set(report.checks)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("lot sum", "UPDATE registry_lot SET quantity_t = quantity_t + 1"),
        ("lot", "UPDATE registry_lot SET title = 'AUCTION' WHERE title = 'MARKET'"),
        ("lot", "UPDATE registry_lot SET price_fen_per_t = 1 WHERE title = 'MARKET'"),
        ("lot", "UPDATE registry_posting SET price_fen_per_t = 1 WHERE price_fen_per_t IS NOT NULL"),
        ("lot", "UPDATE registry_posting SET lots = NULL"),
        ("lots of posting", "UPDATE registry_posting SET lots = '[]' WHERE lots <> '[]'"),
    ],
)
def test_an_altered_title_is_found(check: str, statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        for table in ("registry_lot", "registry_posting"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
    assert check in {one.check for one in audit(journal.audit_url()).breaks}
