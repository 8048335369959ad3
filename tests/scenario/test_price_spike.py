"""A price spike, told on committed books: found, decided by two, sold at a fixed price, nothing broken."""

from datetime import time, timedelta

from django.db import transaction
from tests.market_stage import FREE, MONDAY, REGION
from tests.stability_stage import ASSET, SALE, StabilityStage, opened
from tests.unit.audit import owner

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import periods
from tonnebook.core.book import Side
from tonnebook.core.ledger import AccountType
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.journal import queries as journal
from tonnebook.market import services as market
from tonnebook_audit import auditor

MONEY_FEN = 10**11


def test_a_spike_is_found_sold_into_and_leaves_no_break(fresh_database: str) -> None:
    del fresh_database
    with transaction.atomic():
        stage = opened()
        _provide(stage)
    stage.set_aside()
    reserve_t = stage.reserve_t()
    calendar, day, price_fen = rulebook.calendar(REGION), MONDAY, 7_400
    found: list[PriceMove] = []
    while PriceMove.RISE not in found:
        stage.at(time(10), day)
        stage.order("North Power", Side.SELL, price_fen, 10)
        stage.order("Red River Steel", Side.BUY, price_fen, 10)
        stage.at(time(15, 30), day)
        market.close_day(stage.cast["Exchange"], region=REGION, day=day, key=stage.key(), now=stage.now)
        compliance.record_due_findings(region=REGION, now=stage.now)
        found = [row.kind for row in queries.findings(REGION)][::-1]
        last, price_fen = day, price_fen * 103 // 100
        day += timedelta(days=1)
        while not calendar.is_trading_day(day):
            day += timedelta(days=1)
    assert found == [PriceMove.TOO_FEW_CLOSES] * 10 + [PriceMove.RISE]

    opens_at = periods.instant(day, time(10))
    number = str(stage.decide(SALE, 50, on=last, opens_at=opens_at)["intervention"])
    fixed_fen = queries.intervention(number).price.whole
    stage.at(time(10, 30), day)
    for name in ("Red River Steel", "North Power", "East Chemicals"):
        stage.subscribe(name, number, 10)
    assert _looked() == _OPEN
    assert owner.found_after(f"{_REQUEST} quantity_t = quantity_t + 1") == {"reserved"}
    stage.at(time(12), day)
    assert compliance.settle_due_interventions(region=REGION, now=stage.now) == 1
    assert compliance.settle_due_interventions(region=REGION, now=stage.now) == 0
    assert stage.has("East Chemicals", AccountType.HOLDING, ASSET) == (10, 0)
    assert stage.has("East Chemicals", AccountType.CLIENT_CASH, "CNY") == (MONEY_FEN - 10 * fixed_fen, 0)
    assert stage.reserve_t() == reserve_t - 30
    assert stage.has("North Power", AccountType.HOLDING, FREE.code) == (10_000 - 110, 0)
    assert _looked() == _SETTLED
    assert {statement: owner.found_after(statement) for statement in _ALTERED} == _ALTERED


def _provide(stage: StabilityStage) -> None:
    for name in ("Red River Steel", "North Power", "East Chemicals"):
        stage.fund(name, MONEY_FEN)
    stage.issue("North Power", 10_000)


# No break, and which of our checks have looked.
def _looked() -> set[str]:
    report = auditor.audit(journal.audit_url(), **journal.signer().keys)
    assert report.breaks == []
    return set(report.checks) & (_OPEN | _SETTLED)


_REQUEST = "UPDATE compliance_interventionrequest SET"
_OPEN = {"set aside", "finding", "intervention", "reserved"}
_SETTLED = {"set aside", "finding", "intervention", "served"}
_ALTERED = {
    "UPDATE compliance_setaside SET quantity_t = quantity_t + 1": {"set aside", "trace"},
    "DELETE FROM compliance_setaside": {"set aside"},
    f"{_REQUEST} served_t = served_t - 1 WHERE seq = 1": {"served", "intervention"},
    f"{_REQUEST} transfer = '', served_t = 0 WHERE seq = 1": {"served", "intervention"},
    "UPDATE compliance_intervention SET paid_fen = paid_fen + 1": {"intervention"},
    "UPDATE compliance_intervention SET price_fen_per_t = price_fen_per_t + 1": {"trace"},
    """UPDATE compliance_stabilityfinding SET traces = jsonb_set(traces, '{change,value}', '"0.5"')
       WHERE kind = 'RISE'""": {"finding"},
}
