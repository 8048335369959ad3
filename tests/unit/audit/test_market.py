"""What rests in the market is reserved in the registry, to the unit and to the fen."""

from datetime import time

import pytest
from django.db import connections, transaction
from tests.market_stage import FREE, Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.ledger import AccountType, HoldReason
from tonnebook.core.roles import SYSTEM, Role
from tonnebook.journal import queries as journal
from tonnebook.market import queries
from tonnebook.market import services as market
from tonnebook.members import services as members
from tonnebook.registry import services as registry
from tonnebook_audit.auditor import audit


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    """A sell order of which half was bought, a buy order below it, and a bid."""
    stage = Stage()
    with transaction.atomic():
        stage.open()
        stage.issue("North Power", 1000)
        stage.fund("Red River Steel", 100_000_000)
        stage.order("North Power", Side.SELL, 7500, 600)
        stage.order("Red River Steel", Side.BUY, 7500, 300)
        stage.order("Red River Steel", Side.BUY, 7400, 200)
        stage.at(time(9))
        auction = str(stage.announce(AuctionKind.EARLY, 500)["auction"])
        stage.at(time(10))
        stage.bid("Red River Steel", auction, 9000, 100)
    return stage


def found_after(*statements: str) -> list[str]:
    """Alter rows as their owner, with triggers off, and name the checks that find something."""
    with connections["owner"].cursor() as cursor:
        for table in ("registry_hold", "registry_balance", "market_order", "market_bid"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0
    return sorted({one.check for one in audit(journal.audit_url()).breaks})


def test_what_rests_is_reserved(stage: Stage) -> None:
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks["reserved"] == 3
    assert stage.units("North Power") == (700, 300)


def test_a_trade_is_held_against_the_limit_its_order_had_then_not_against_a_later_one(stage: Stage) -> None:
    order = queries.open_orders(stage.cast["North Power"].organisation)[0].number
    total_fen = queries.total_fen("SHEA", side=Side.SELL, price_fen_per_t=7600, quantity_t=500, on=stage.now.date())
    with transaction.atomic():
        market.amend_order(
            stage.cast["North Power"],
            order=order,
            price_fen_per_t=7600,
            quantity_t=500,
            shown_total_fen=total_fen.whole,
            key=stage.key(),
            now=stage.now,
        )
    assert audit(journal.audit_url()).breaks == []
    assert "trade price" in found_after(f"UPDATE market_order SET price_fen_per_t = 7601 WHERE number = '{order}'")


def test_an_order_for_somebody_who_never_agreed_is_found(stage: Stage) -> None:
    member = stage.cast["Lotus Capital"].organisation
    drafts = [members.PersonDraft("lotus", "何莲", "He Lian", member, (Role.TRADER,), "correct horse battery")]
    members.register_people(SYSTEM, drafts=drafts, key=stage.key(), now=stage.now)
    forged = "UPDATE market_order SET person = (SELECT number FROM members_person WHERE username = 'lotus')"
    assert "client" in found_after(f"{forged} WHERE seq = 1")


_HELD = """
UPDATE registry_balance AS balance SET held = balance.held + %d
FROM registry_hold AS hold JOIN registry_asset AS asset ON asset.id = hold.asset_id
WHERE balance.account_id = hold.account_id AND balance.asset_id = hold.asset_id
  AND hold.state = 'ACTIVE' AND hold.reason = '%s' AND asset.code = '%s'
"""
_REMAINING = """
UPDATE registry_hold AS hold SET remaining = remaining + %d, quantity = quantity + 1
FROM registry_asset AS asset
WHERE asset.id = hold.asset_id AND hold.state = 'ACTIVE' AND hold.reason = '%s' AND asset.code = '%s'
"""


@pytest.mark.parametrize(
    ("change", "reason", "asset", "checks"),
    [
        (-1, "ORDER", "SHEA-2026", ["reserved"]),
        (1, "ORDER", "SHEA-2026", ["reserved"]),
        (-1, "BID", "CNY", ["reserved"]),
        (1, "BID", "CNY", ["reserved"]),
        (-2000, "ORDER", "CNY", ["reserved"]),
        # A buyer's reserve may be more than the amount: the fee lies on top.
        (1, "ORDER", "CNY", []),
    ],
)
def test_a_reserve_that_is_not_what_rests_is_found(
    stage: Stage, change: int, reason: str, asset: str, checks: list[str]
) -> None:
    chosen = (change, reason, asset)
    # The quantity is altered with the rest, which the leaf of the hold tells.
    assert found_after(_HELD % chosen, _REMAINING % chosen) == ["hold leaf", *checks]


def test_a_reserve_for_nothing_is_found(stage: Stage) -> None:
    draft = registry.HoldDraft(
        stage.account("North Power", AccountType.HOLDING), FREE.code, 5, HoldReason.ORDER, subject="no order"
    )
    with transaction.atomic():
        registry.place_holds([draft], now=stage.now)
    assert found_after() == ["reserved"]
