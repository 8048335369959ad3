"""Re-check opening calls: price and trades worked out again from what was collected."""

import hashlib
import json
from collections import Counter, deque
from typing import Any, NamedTuple

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.report import AuditReport


class _Collected(NamedTuple):
    number: str
    side: str
    price_fen: int
    left_t: int


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check every opening call against its orders, its trades and its leaf."""
    if not rows.exists(connection, "market_openingcall"):
        return
    told = dict(map(_leaf, rows.stream(connection, _LEAVES)))
    for call in rows.stream(connection, _CALLS):
        code, day, collected, reference_fen, low_fen, high_fen, tick_fen, first_seq, price_fen, *sums, made = call
        subject = f"{code} {day} from {first_seq}"
        orders = [_Collected(number, side, int(price), int(left)) for number, side, price, left in collected]
        due, surplus_t = _best(orders, range(low_fen, high_fen + 1, tick_fen), reference_fen)
        trades = _trades(orders, due)
        volume_t = sum(int(quantity) for *_, quantity in trades)
        expected = (due if trades else None, volume_t, surplus_t if trades else 0, len(trades))
        report.compare("opening call", subject, expected=expected, found=(price_fen, *sums))
        report.compare("opening call", subject, expected=trades, found=made or [])
        facts = (price_fen, *sums, hashlib.sha256(_text(collected)).hexdigest())
        logged = told.pop((code, str(first_seq), day), "no leaf")
        report.compare("opening leaf", subject, expected=logged, found=tuple(map(str, facts)))
    for code, first_seq, day in sorted(told):
        report.compare("opening leaf", f"{code} {day} from {first_seq}", expected="a call as logged", found="none")


# Most tonnes, then the smallest surplus, then nearest to the reference, then the lower price.
def _best(orders: list[_Collected], prices: range, reference_fen: int) -> tuple[int, int]:
    bid: Counter[int] = Counter()
    asked: Counter[int] = Counter()
    for one in orders:
        (bid if one.side == "BUY" else asked)[one.price_fen] += one.left_t
    demand_t, supply_t = bid.total(), 0
    found: list[tuple[int, int, int, int, int]] = []
    for price in prices:
        supply_t += asked[price]
        surplus_t = demand_t - supply_t
        found.append((-min(demand_t, supply_t), abs(surplus_t), abs(price - reference_fen), price, surplus_t))
        demand_t -= bid[price]
    *_, price, surplus_t = min(found)
    return price, surplus_t


# Who bids most meets who asks least, of equals who came first; the sort keeps their order.
def _trades(orders: list[_Collected], price_fen: int) -> list[list[str]]:
    buys = deque(sorted(_willing(orders, "BUY", price_fen), key=lambda one: -one.price_fen))
    sells = deque(sorted(_willing(orders, "SELL", price_fen), key=lambda one: one.price_fen))
    trades = []
    while buys and sells:
        quantity_t = min(buys[0].left_t, sells[0].left_t)
        trades.append([buys[0].number, sells[0].number, str(price_fen), str(quantity_t)])
        for side in (buys, sells):
            first = side.popleft()
            if first.left_t > quantity_t:
                side.appendleft(first._replace(left_t=first.left_t - quantity_t))
    return trades


def _willing(orders: list[_Collected], side: str, price_fen: int) -> list[_Collected]:
    return [
        one
        for one in orders
        if one.side == side and (one.price_fen >= price_fen if side == "BUY" else one.price_fen <= price_fen)
    ]


def _text(collected: object) -> bytes:
    return json.dumps(collected, ensure_ascii=False, separators=(",", ":")).encode()


def _leaf(row: tuple[str, str]) -> tuple[tuple[str, str, str], tuple[str, ...]]:
    facts = json.loads(row[0])["facts"]
    told = tuple(str(facts[name]) for name in _FACTS)
    return (facts["instrument"], facts["first_seq"], row[1]), told


_FACTS = ("price_fen_per_t", "volume_t", "surplus_t", "trades", "orders")
_LEAVES = """
SELECT payload, ((payload::jsonb ->> 'at')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date::text
FROM journal_leaf WHERE kind = 'market.call.completed'
"""
_CALLS = """
SELECT instrument.code, call.trading_on::text, call.orders, call.reference_fen_per_t, call.low_fen_per_t,
       call.high_fen_per_t, call.tick_fen, call.first_seq, call.price_fen_per_t, call.volume_t, call.surplus_t,
       call.trades, (
           SELECT json_agg(json_build_array(
               buy.number, sell.number, trade.price_fen_per_t::text, trade.quantity_t::text) ORDER BY trade.seq)
           FROM market_trade AS trade
           JOIN market_order AS buy ON buy.id = trade.buy_order_id
           JOIN market_order AS sell ON sell.id = trade.sell_order_id
           WHERE trade.instrument_id = call.instrument_id AND trade.seq >= call.first_seq
             AND trade.seq < call.first_seq + call.trades
       )
FROM market_openingcall AS call
JOIN market_instrument AS instrument ON instrument.id = call.instrument_id
ORDER BY call.id
"""
