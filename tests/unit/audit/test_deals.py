"""What was agreed outside the book is what moved, within its rule, and what is proposed is reserved."""

from datetime import time

import pytest
from django.db import connections, transaction
from tests.market_stage import Stage

from tonnebook.core.book import Side
from tonnebook.journal import queries as journal
from tonnebook_audit.auditor import audit


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    """A deal that was settled, and a proposal of either side that stands."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.at(time(14, 30))
        stage.issue("North Power", 300_000)
        stage.fund("Red River Steel", 10_000_000_000)
        stage.accept("Red River Steel", stage.propose("North Power", Side.SELL, 7500, 100_000))
        stage.propose("North Power", Side.SELL, 7600, 100_000)
        stage.propose("Red River Steel", Side.BUY, 7300, 100_000)
    return stage


def test_deals_and_proposals_are_found_as_they_should_be(stage: Stage) -> None:
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert (report.checks["trade"], report.checks["reserved"]) == (1, 2)


@pytest.mark.parametrize(
    ("change", "where", "checks"),
    [
        ("price_fen_per_t = 7501", "SETTLED", ["trade"]),
        ("quantity_t = 100001", "SETTLED", ["trade"]),
        ("buyer_fee_fen = 1", "SETTLED", ["trade"]),
        ("taker_unit_account = unit_account", "SETTLED", ["trade"]),
        ("transfer = 'T-0'", "SETTLED", ["trade"]),
        ("state = 'WITHDRAWN'", "PROPOSED", ["reserved"]),
        ("quantity_t = 100001", "PROPOSED", ["reserved"]),
    ],
)
def test_an_altered_deal_is_found(stage: Stage, change: str, where: str, checks: list[str]) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE market_deal DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE market_deal SET {change} WHERE state = %s", [where])
        assert cursor.rowcount > 0
    assert sorted({one.check for one in audit(journal.audit_url()).breaks}) == checks
