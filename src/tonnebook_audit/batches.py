"""Re-check what the log says of orders and trades: the lines of a batch under its root, and each trade told once."""

import json
from typing import Any

import psycopg

from tonnebook_audit import rows, tree
from tonnebook_audit.report import AuditReport

_MADE = '"kind":"market.trade.made"'


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check the lines of every batch against its leaf, and every trade against what was told of it."""
    told: dict[str, tuple[str, ...]] = {}
    for number, lines, payload in rows.stream(connection, _BATCHES):
        listed = lines.split("\n")
        facts = json.loads(payload)["facts"] if payload else {}
        root = tree.root_of([tree.leaf_hash(line.encode()) for line in listed]).hex()
        logged = (facts.get("batch"), facts.get("lines"), facts.get("root"))
        report.compare("batch", number, expected=logged, found=(number, str(len(listed)), root))
        told |= dict(_trade(line) for line in listed if _MADE in line)
    told |= dict(_trade(payload) for (payload,) in rows.stream(connection, _LEAVES))
    for number, *facts in rows.stream(connection, _TRADES):
        report.compare("trade leaf", number, expected=told.pop(number, ("no leaf",)), found=tuple(map(str, facts)))
    for number in sorted(told):
        report.compare("trade leaf", number, expected="a trade as logged", found="none")


def _trade(text: str) -> tuple[str, tuple[str, ...]]:
    facts = json.loads(text)["facts"]
    return facts["trade"], tuple(facts[name] for name in _FACTS)


_FACTS = ("instrument", "seq", "price_fen_per_t", "quantity_t", "buy_order", "sell_order", "transfer")
_BATCHES = """
SELECT batch.number, batch.lines, leaf.payload
FROM market_batch AS batch
LEFT JOIN journal_leaf AS leaf
    ON leaf.leaf_hash = decode(batch.leaf_hash, 'hex') AND leaf.kind = 'market.batch.done'
ORDER BY batch.id
"""
_LEAVES = "SELECT payload FROM journal_leaf WHERE kind = 'market.trade.made'"
_TRADES = """
SELECT trade.number, instrument.code, trade.seq, trade.price_fen_per_t, trade.quantity_t, buy.number, sell.number,
       trade.transfer
FROM market_trade AS trade
JOIN market_instrument AS instrument ON instrument.id = trade.instrument_id
JOIN market_order AS buy ON buy.id = trade.buy_order_id
JOIN market_order AS sell ON sell.id = trade.sell_order_id
ORDER BY trade.id
"""
