"""The auditor works an opening call out again and finds what does not follow from the orders it collected."""

from datetime import time

import pytest
from django.db import connections, transaction
from tests.market_stage import Stage
from tests.unit.market.test_opening import called
from tests.unit.market.test_phases import turn

from tonnebook.core.book import Side
from tonnebook.journal import queries as journal
from tonnebook_audit.auditor import audit

__all__ = ["called"]


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    """A call in which 90 t met at 75.00: two buyers, a seller, and one who asked for too much."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 100)
        stage.issue("East Chemicals", 100)
        stage.fund("Red River Steel", 10_000_000)
        stage.fund("Lotus Capital", 10_000_000)
        turn(stage, time(9, 20))
        stage.order("North Power", Side.SELL, 7500, 90)
        stage.order("East Chemicals", Side.SELL, 7700, 50)
        stage.order("Lotus Capital", Side.BUY, 7500, 70)
        stage.order("Red River Steel", Side.BUY, 7600, 60)
        turn(stage, time(9, 30))
    return stage


def found_after(statement: str) -> list[str]:
    """Alter rows as their owner, with triggers off, and name the checks that find something."""
    with connections["owner"].cursor() as cursor:
        for table in ("market_openingcall", "market_trade"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        assert cursor.rowcount > 0
    return sorted({one.check for one in audit(journal.audit_url()).breaks})


def test_a_call_is_found_as_it_should_be(stage: Stage) -> None:
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert (report.checks["opening call"], report.checks["opening leaf"]) == (4, 2)


_CALL = "WHERE volume_t > 0"


@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        (f"UPDATE market_openingcall SET price_fen_per_t = 7510 {_CALL}", {"opening call", "opening leaf"}),
        (f"UPDATE market_openingcall SET surplus_t = 0 {_CALL}", {"opening call", "opening leaf"}),
        (f"UPDATE market_openingcall SET orders = orders - 0 {_CALL}", {"opening call", "opening leaf"}),
        (f"DELETE FROM market_openingcall {_CALL}", {"opening leaf"}),
        ("UPDATE market_trade SET quantity_t = quantity_t - 1 WHERE seq = 1", {"opening call", "trade"}),
        (
            "UPDATE market_trade SET buy_order_id = (SELECT max(buy_order_id) FROM market_trade)",
            {"opening call", "order"},
        ),
    ],
)
def test_what_does_not_follow_from_the_orders_is_found(stage: Stage, statement: str, checks: set[str]) -> None:
    assert checks <= set(found_after(statement))
