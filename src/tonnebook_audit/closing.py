"""Re-check closed days: members' nets from the trades, and no day closed over a break that nobody resolved."""

from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check what every closed day says of its members, and what kept it open before."""
    if not rows.exists(connection, "market_closingstep"):
        return
    for region, day, unit_account, cash_account, asset, *figures in rows.stream(connection, _NETS):
        subject = f"{region} {day} {unit_account} {cash_account} {asset}"
        report.compare("member net", subject, expected=tuple(figures[:6]), found=tuple(figures[6:]))
    for number, state, explained_by, resolved_by, is_closed in rows.stream(connection, _BREAKS):
        report.count("day break")
        if is_closed and state in ("OPEN", "EXPLAINED"):
            report.compare("day break", number, expected="resolved before its day closed", found=state)
        if (state == "RESOLVED" and "" in (explained_by, resolved_by)) or explained_by == resolved_by != "":
            report.compare("day break", number, expected="two people", found=f"{explained_by}, {resolved_by}")


# Own sums over trades and deals of closed days, beside what was kept of them; either may be missing.
_NETS = """
WITH closed AS (
    SELECT region, day FROM market_closingstep WHERE step = 'PUBLISH'
), made AS (
    SELECT trade.instrument_id, trade.trading_on, trade.asset, trade.quantity_t, trade.price_fen_per_t,
           trade.buyer_fee_fen, trade.seller_fee_fen, buy.unit_account AS buyer_units, buy.cash_account AS buyer_cash,
           sell.unit_account AS seller_units, sell.cash_account AS seller_cash
    FROM market_trade AS trade
    JOIN market_order AS buy ON buy.id = trade.buy_order_id
    JOIN market_order AS sell ON sell.id = trade.sell_order_id
    WHERE NOT EXISTS (SELECT FROM market_bust AS bust WHERE bust.trade_id = trade.id)
    UNION ALL
    SELECT instrument_id, trading_on, asset, quantity_t, price_fen_per_t, buyer_fee_fen, seller_fee_fen,
           CASE WHEN side = 'BUY' THEN unit_account ELSE taker_unit_account END,
           CASE WHEN side = 'BUY' THEN cash_account ELSE taker_cash_account END,
           CASE WHEN side = 'BUY' THEN taker_unit_account ELSE unit_account END,
           CASE WHEN side = 'BUY' THEN taker_cash_account ELSE cash_account END
    FROM market_deal WHERE state = 'SETTLED'
), expected AS (
    SELECT closed.region, closed.day, side.unit_account, side.cash_account, made.asset, count(*)::int AS trades,
           sum(side.bought * made.quantity_t)::bigint AS bought_t,
           sum((1 - side.bought) * made.quantity_t)::bigint AS sold_t,
           sum(side.bought * made.quantity_t * made.price_fen_per_t)::bigint AS bought_fen,
           sum((1 - side.bought) * made.quantity_t * made.price_fen_per_t)::bigint AS sold_fen,
           sum(side.fee_fen)::bigint AS fee_fen
    FROM made
    JOIN market_instrument AS instrument ON instrument.id = made.instrument_id
    JOIN closed ON closed.region = instrument.region AND closed.day = made.trading_on
    CROSS JOIN LATERAL (VALUES
        (1, made.buyer_units, made.buyer_cash, made.buyer_fee_fen),
        (0, made.seller_units, made.seller_cash, made.seller_fee_fen)
    ) AS side (bought, unit_account, cash_account, fee_fen)
    GROUP BY 1, 2, 3, 4, 5
), kept AS (
    SELECT net.* FROM market_membernet AS net JOIN closed USING (region, day)
)
SELECT region, day, unit_account, cash_account, asset,
       expected.trades, expected.bought_t, expected.sold_t, expected.bought_fen, expected.sold_fen, expected.fee_fen,
       kept.trades, kept.bought_t, kept.sold_t, kept.bought_fen, kept.sold_fen, kept.fee_fen
FROM expected FULL JOIN kept USING (region, day, unit_account, cash_account, asset)
"""
_BREAKS = """
SELECT one.number, one.state, one.explained_by, one.resolved_by,
       EXISTS (SELECT FROM market_closingstep AS step
               WHERE step.region = one.region AND step.day = one.day AND step.step = 'PUBLISH')
FROM market_daybreak AS one
"""
