"""Re-check trades that were taken back: what the registry moved cancels each exactly, by two people, on its day.

A trade that replaces another is one between the same orders, no larger; each taking back is told in the log once.
"""

import json
from collections import Counter
from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.report import AuditReport

# Legs by transfer: debit, credit, asset and quantity, accounts of the system by type, money by kind.
Legs = dict[str, Counter[tuple[str, ...]]]


def check(connection: psycopg.Connection[Any], moved: Legs, report: AuditReport) -> None:
    """Check every trade taken back against its transfer, its leaf and what replaces it.

    Args:
        connection: to the books.
        moved: legs of the transfers that take trades back.
        report: where breaks go.
    """
    if not rows.exists(connection, "market_bust"):
        return
    told = dict(map(_leaf, rows.stream(connection, _LEAVES)))
    left = set(moved)
    for number, transfer, trade, made, people, is_fit, facts in map(_bust, rows.stream(connection, _BUSTS)):
        left.discard(transfer)
        report.compare("bust", trade, expected=sorted(_back(*made)), found=sorted(moved.get(transfer, Counter())))
        report.compare("bust", number, expected=(True, people[:2]), found=(is_fit, people[2:]))
        report.compare("bust leaf", number, expected=told.pop(number, "no leaf"), found=facts)
    for transfer in sorted(left):
        report.compare("bust", transfer, expected="a trade that it takes back", found="none")
    for number in sorted(told):
        report.compare("bust leaf", number, expected="a trade taken back as logged", found="none")


def _bust(row: tuple[Any, ...]) -> tuple[Any, ...]:
    number, trade, ground, transfer, replacement, initiator, approver, by, approved_by, is_fit, *made = row
    facts = (trade, ground, transfer, replacement, initiator, approver)
    return number, transfer, trade, made, (initiator, approver, by, approved_by), is_fit, facts


# A trade moves no two legs that are alike, so a set tells them all.
def _back(
    buyer: str, seller: str, buyer_cash: str, seller_cash: str, asset: str, quantity_t: int, price_fen: int, *fees: int
) -> set[tuple[str, ...]]:
    legs = {
        (buyer, seller, asset, quantity_t),
        (seller_cash, buyer_cash, "CASH", quantity_t * price_fen),
        ("FEES", buyer_cash, "CASH", fees[0]),
        ("FEES", seller_cash, "CASH", fees[1]),
    }
    return {(debit, credit, code, str(quantity)) for debit, credit, code, quantity in legs if quantity}


def _leaf(row: tuple[str]) -> tuple[str, tuple[str, ...]]:
    facts = json.loads(row[0])["facts"]
    return facts["bust"], tuple(facts[name] for name in _FACTS)


_FACTS = ("trade", "ground", "transfer", "replacement", "by", "approver")
_LEAVES = "SELECT payload FROM journal_leaf WHERE kind = 'market.trade.busted'"
# Fit is what was taken back on its day, before that was closed, by two people, and replaced by nothing but less, or the
# same, between the same orders.
_BUSTS = """
SELECT bust.number, trade.number, bust.ground, bust.transfer, coalesce(other.number, ''), bust.initiator, bust.approver,
       transfer.initiator, transfer.approver,
       (bust.at AT TIME ZONE 'Asia/Shanghai')::date = trade.trading_on AND bust.initiator <> bust.approver
           AND (other.id IS NULL OR (other.buy_order_id, other.sell_order_id, other.asset, other.trading_on)
                = (trade.buy_order_id, trade.sell_order_id, trade.asset, trade.trading_on)
                AND other.quantity_t <= trade.quantity_t AND other.id > trade.id),
       buy.unit_account, sell.unit_account, buy.cash_account, sell.cash_account, trade.asset, trade.quantity_t,
       trade.price_fen_per_t, trade.buyer_fee_fen, trade.seller_fee_fen
FROM market_bust AS bust
JOIN market_trade AS trade ON trade.id = bust.trade_id
JOIN market_order AS buy ON buy.id = trade.buy_order_id
JOIN market_order AS sell ON sell.id = trade.sell_order_id
LEFT JOIN market_trade AS other ON other.id = bust.replacement_id
LEFT JOIN registry_transfer AS transfer ON transfer.number = bust.transfer
ORDER BY bust.id
"""
