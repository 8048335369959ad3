"""The auditor finds a trade that was taken back by other postings, by one person, or without a word in the log."""

import pytest
from django.db import connections, transaction
from tests.market_stage import Stage
from tests.unit.market.test_busts import bust, correct

from tonnebook.core.book import Side
from tonnebook.journal import queries as journal
from tonnebook.market import queries
from tonnebook_audit.auditor import audit


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    """Three trades, of which one stands, one was taken back and one was corrected."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 1000)
        stage.fund("Red River Steel", 100_000_000)
        for price_fen_per_t in (7500, 7510, 7520):
            stage.order("North Power", Side.SELL, price_fen_per_t, 100)
            stage.order("Red River Steel", Side.BUY, 7600, 100)
        third, second, _ = queries.trades("SHEA")
        bust(stage, second.number)
        correct(stage, third.number, 7600, 50)
    return stage


def found_after(statement: str) -> list[str]:
    """Alter rows as their owner, with triggers off, and name the checks that find something."""
    with connections["owner"].cursor() as cursor:
        for table in ("market_bust", "market_trade", "registry_transfer", "registry_posting", "registry_lot"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE market_bust DROP CONSTRAINT market_bust_two_people")
        cursor.execute(statement)
        assert cursor.rowcount > 0
    return sorted({one.check for one in audit(journal.audit_url()).breaks})


def test_trades_taken_back_and_corrected_are_found_as_they_should_be(stage: Stage) -> None:
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert (report.checks["bust"], report.checks["bust leaf"]) == (4, 2)


def test_the_close_of_such_a_day_is_found_as_it_should_be(stage: Stage) -> None:
    with transaction.atomic():
        stage.now = stage.now.replace(hour=8)
        stage.close_day()
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks["close"] > 0


_FIRST = "WHERE id = (SELECT min(id) FROM market_bust)"


@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        (f"UPDATE market_bust SET approver = initiator {_FIRST}", {"bust", "bust leaf"}),
        (f"UPDATE market_bust SET at = at + interval '1 day' {_FIRST}", {"bust"}),
        (f"UPDATE market_bust SET ground = 'UNLAWFUL' {_FIRST}", {"bust leaf"}),
        (f"UPDATE market_bust SET transfer = 'TR-000000-00' {_FIRST}", {"bust", "bust leaf"}),
        (f"DELETE FROM market_bust {_FIRST}", {"bust", "bust leaf"}),
        (
            "UPDATE market_bust SET replacement_id = NULL WHERE replacement_id IS NOT NULL",
            {"bust leaf", "order"},
        ),
        (
            "UPDATE registry_posting SET quantity = quantity + 1 WHERE transfer_id ="
            " (SELECT min(id) FROM registry_transfer WHERE type = 'BUST_TRADE') AND index = 0",
            {"bust"},
        ),
        (
            "UPDATE registry_lot SET title = 'OPENING' WHERE title = 'ALLOCATED_FREE'",
            {"lot"},
        ),
    ],
)
def test_what_does_not_cancel_a_trade_exactly_is_found(stage: Stage, statement: str, checks: set[str]) -> None:
    assert checks <= set(found_after(statement))
