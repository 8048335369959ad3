"""What the close of a day with a million trades takes: expired, netted, compared with the registry, published."""

import time
from datetime import timedelta

from django.db import connections, transaction

from tonnebook import scratch
from tonnebook.bench import crowd
from tonnebook.bench.report import Figure
from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.market import services as market
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft

MEMBERS = 1_000
TRADES = 1_000_000
# Trades that one order made, and trades that one transfer settled.
_OF_ORDER, _OF_TRANSFER = 10, 1_000
_ASSET = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE", "")
_EXCHANGE = Actor("P-BENCH", "", OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), crowd.REGION)

# Everybody sells to the next, all in a ring: gross a million trades, net nothing but the fees. Rows are written as the
# engine and the registry write them, without the balances, which end where they were.
_DAY = """
CREATE TEMPORARY TABLE member AS
SELECT row_number() OVER (ORDER BY units.id) - 1 AS place, units.organisation_id AS organisation,
       units.id AS units_id, units.number AS units, cash.id AS cash_id, cash.number AS cash
FROM registry_account AS units
JOIN registry_account AS cash ON cash.organisation_id = units.organisation_id AND cash.type = 'CLIENT_CASH'
WHERE units.type = 'HOLDING';
ALTER TABLE market_order DISABLE TRIGGER USER;
ALTER TABLE market_trade DISABLE TRIGGER USER;
ALTER TABLE registry_transfer DISABLE TRIGGER USER;
ALTER TABLE registry_posting DISABLE TRIGGER USER;
INSERT INTO market_order (number, instrument_id, seq, side, organisation, person, unit_account, cash_account, asset,
    price_fen_per_t, quantity_t, filled_t, turnover_fen, fee_fen, state, hold, trading_on, at, priority)
SELECT side.word || n, instrument.id, 2 * n + side.place, side.word, member.organisation, 'P', member.units,
       member.cash, side.asset, 7500, {of_order}, {of_order}, 7500 * {of_order}, 6 * {of_order}, 'FILLED', '',
       '{day}', '{at}', n
FROM generate_series(0, {trades} / {of_order} - 1) AS n
CROSS JOIN (VALUES (0, 'SELL', '{asset}'), (1, 'BUY', '')) AS side (place, word, asset)
JOIN member ON member.place = (n + side.place) % {members}
CROSS JOIN (SELECT id FROM market_instrument WHERE code = 'SHEA') AS instrument;
INSERT INTO market_trade (number, instrument_id, seq, buy_order_id, sell_order_id, asset, price_fen_per_t, quantity_t,
    buyer_fee_fen, seller_fee_fen, trading_on, at, transfer)
SELECT 'T' || n, sell.instrument_id, n, buy.id, sell.id, '{asset}', 7500, 1, 6, 6, '{day}', '{at}',
       'B' || n / {of_transfer}
FROM generate_series(0, {trades} - 1) AS n
JOIN market_order AS sell ON sell.number = 'SELL' || n / {of_order}
JOIN market_order AS buy ON buy.number = 'BUY' || n / {of_order};
INSERT INTO registry_transfer (number, type, initiator, approver, subject, note, at, leaf_hash)
SELECT 'B' || n, 'DELIVER_TRADE', 'SYSTEM', '', '', '', '{at}', ''
FROM generate_series(0, {trades} / {of_transfer} - 1) AS n;
INSERT INTO registry_posting (transfer_id, index, debit_account_id, credit_account_id, asset_id, quantity, debit_after,
    credit_after)
SELECT transfer.id, 4 * n + leg.place, leg.debit, leg.credit, asset.id, leg.quantity, 0, 0
FROM generate_series(0, {trades} - 1) AS n
JOIN registry_transfer AS transfer ON transfer.number = 'B' || n / {of_transfer}
JOIN member AS seller ON seller.place = (n / {of_order}) % {members}
JOIN member AS buyer ON buyer.place = (n / {of_order} + 1) % {members}
CROSS JOIN (SELECT id FROM registry_account WHERE type = 'FEES') AS fees
CROSS JOIN LATERAL (VALUES
    (0, seller.units_id, buyer.units_id, '{asset}', 1), (1, buyer.cash_id, seller.cash_id, 'CNY', 7500),
    (2, buyer.cash_id, fees.id, 'CNY', 6), (3, seller.cash_id, fees.id, 'CNY', 6)
) AS leg (place, debit, credit, asset, quantity)
JOIN registry_asset AS asset ON asset.code = leg.asset;
ALTER TABLE market_order ENABLE TRIGGER USER;
ALTER TABLE market_trade ENABLE TRIGGER USER;
ALTER TABLE registry_transfer ENABLE TRIGGER USER;
ALTER TABLE registry_posting ENABLE TRIGGER USER;
"""
_PLAIN = """
SELECT buy.organisation, sell.organisation, trade.asset, sum(trade.quantity_t),
       sum(trade.quantity_t * trade.price_fen_per_t)
FROM market_trade AS trade
JOIN market_order AS buy ON buy.id = trade.buy_order_id
JOIN market_order AS sell ON sell.id = trade.sell_order_id
GROUP BY buy.organisation, sell.organisation, trade.asset
"""


def measure() -> list[Figure]:
    """Close a day of a million trades among a thousand members in a scratch database.

    Returns:
        Figures with their references and targets.

    Raises:
        RuntimeError: when the books of the bench differ; a day that stays open is not what is measured.
    """
    with scratch.scratch_database("bench_close"):
        _trade()
        plain_s, close_s = _plain_s(), _close_s()
    sums = "trades joined with their orders and added up, nothing else"
    return [Figure("close_1m_trades_s", close_s, plain_s, target=60, is_cost=True, plain=sums)]


def _trade() -> None:
    crowd.open_crowd(MEMBERS)
    with transaction.atomic():
        registry.ensure_assets([_ASSET], now=crowd.NOW)
        codes = [crowd.code(count) for count in range(MEMBERS)]
        registry.open_accounts([AccountDraft(AccountType.HOLDING, crowd.REGION, code) for code in codes], now=crowd.NOW)
    market.open_instruments(_EXCHANGE, region=crowd.REGION, key="bench-instruments", now=crowd.NOW)
    facts = {"day": periods.day_of(crowd.NOW), "at": crowd.NOW, "asset": _ASSET.code, "members": MEMBERS}
    with connections["owner"].cursor() as cursor:
        day = _DAY.format(trades=TRADES, of_order=_OF_ORDER, of_transfer=_OF_TRANSFER, **facts)
        for statement in filter(None, map(str.strip, day.split(";"))):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _close_s() -> float:
    day, now = periods.day_of(crowd.NOW), crowd.NOW + timedelta(hours=8)
    started = time.perf_counter()
    answer = market.close_day(_EXCHANGE, region=crowd.REGION, day=day, key="bench-close", now=now)
    took = time.perf_counter() - started
    if answer["breaks"]:
        raise RuntimeError(f"the books of the bench differ: {answer['breaks']}")
    return took


def _plain_s() -> float:
    started = time.perf_counter()
    with connections["owner"].cursor() as cursor:
        cursor.execute(_PLAIN)
        cursor.fetchall()
    return time.perf_counter() - started
