"""One-way auctions cleared again by the second pair of eyes, and lots that are reserved."""

from datetime import time

import pytest
from django.db import connections, transaction
from tests.market_stage import MONDAY, Stage
from tests.unit.market import test_one_way as sales

from tonnebook import rulebook
from tonnebook.core import one_way
from tonnebook.core.one_way import Pricing
from tonnebook.journal import queries as journal
from tonnebook_audit.auditor import audit


@pytest.fixture
def stage(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An auction that was cleared at one price, and a lot that waits."""
    stage, terms = Stage(), one_way.terms(rulebook.at("national", on=MONDAY))
    monkeypatch.setattr(one_way, "terms", lambda _: terms)
    with transaction.atomic():
        stage.open()
        stage.issue(sales.NORTH, 300_000)
        for name in (sales.RED, sales.EAST):
            stage.fund(name, sales.MONEY_FEN)
        sale = sales.opened(stage, Pricing.UNIFORM_LOWEST_ACCEPTED)
        sales.bid(stage, sales.RED, sale, 8000, 60_000)
        sales.bid(stage, sales.EAST, sale, 7000, 60_000)
        stage.at(time(11))
        sales.clear(stage, sale)
        sales.offer(stage)
    return stage


def test_a_cleared_auction_is_found_as_it_should_be(stage: Stage) -> None:
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks["sale"] == 2


@pytest.mark.parametrize(
    ("table", "change", "where", "checks"),
    [
        ("deal", "bid_price_fen_per_t = 6700", "seq = 1", ["sale"]),
        ("deal", "bid_t = 70000", "seq = 1", ["sale"]),
        ("sale", "sold_t = 99999", "state = 'CLEARED'", ["sale"]),
        ("sale", "pricing = 'PAY_AS_BID'", "state = 'CLEARED'", ["sale"]),
        ("sale", "quantity_t = 100001", "state = 'OFFERED'", ["reserved"]),
    ],
)
def test_an_altered_auction_is_found(stage: Stage, table: str, change: str, where: str, checks: list[str]) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE market_{table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE market_{table} SET {change} WHERE {where}")
        assert cursor.rowcount > 0
    assert sorted({one.check for one in audit(journal.audit_url()).breaks}) == checks
