"""A closed day as the auditor sees it: members' nets from the trades, and breaks resolved by two people."""

from datetime import time

import pytest
from django.db import connections, transaction
from tests.market_stage import FREE, MONDAY, REGION, Stage
from tests.unit.market.test_reconciliation import moved, settle, stopped_by

from tonnebook.core.book import Side
from tonnebook.journal import queries as journal
from tonnebook.market import queries
from tonnebook_audit.auditor import audit


@pytest.fixture
def closed(fresh_database: str) -> Stage:
    """A day with one trade and one delivery without any, explained, resolved and closed."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 1000)
        stage.fund("Red River Steel", 100_000_000)
        stage.order("North Power", Side.SELL, 7500, 300)
        stage.order("Red River Steel", Side.BUY, 7500, 300)
        moved(stage, "North Power", "Red River Steel", 7)
    stage.at(time(15))
    for number in stopped_by(stage):
        settle(stage, number)
    assert stopped_by(stage) == []
    return stage


def found_after(statement: str) -> list[str]:
    """Alter rows as their owner, with triggers off, and name the checks that find something."""
    with connections["owner"].cursor() as cursor:
        for table in ("market_membernet", "market_daybreak"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        assert cursor.rowcount > 0
    return sorted({one.check for one in audit(journal.audit_url()).breaks})


# The delivery without a trade is what the auditor finds by itself, whatever people said of it.
@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        ("UPDATE market_membernet SET trades = trades", ["trade"]),
        ("UPDATE market_membernet SET bought_fen = bought_fen + 1 WHERE bought_t > 0", ["member net", "trade"]),
        ("DELETE FROM market_membernet WHERE sold_t > 0", ["member net", "trade"]),
        ("UPDATE market_daybreak SET state = 'OPEN'", ["day break", "trade"]),
        ("UPDATE market_daybreak SET state = 'GONE', resolved_by = explained_by", ["day break", "trade"]),
    ],
)
def test_a_closed_day_is_checked_from_its_trades_and_its_breaks(
    closed: Stage, statement: str, checks: list[str]
) -> None:
    assert len(queries.member_nets(REGION, MONDAY)) == 2
    assert closed.units("Red River Steel", FREE.code) == (307, 0)
    assert found_after(statement) == checks
