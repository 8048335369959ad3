"""Close a day: orders expire, members are netted, the books compared, and tomorrow's band rests on the close.

Everything up to the last step is worked out anew whenever the close is begun again, so it may be done twice; only a
day without a break that nobody resolved is published, and what is published stays.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from tonnebook import rulebook
from tonnebook.core import book, clearing, closing, sessions, trace
from tonnebook.core.book import MarketRefusal, OrderState
from tonnebook.core.canonical import Json
from tonnebook.core.clearing import DayTotals
from tonnebook.core.closing import BLOCKING, DayStep, MemberTotals
from tonnebook.core.deals import DealState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import ClosingStep, DayClose, Deal, Instrument, MemberNet, Order
from tonnebook.market.services import locks, one_way, quotes, reconciliation, reserves, tidings, voids
from tonnebook.members import services as members
from tonnebook.registry import services as registry


@dataclass(slots=True)
class _Day:
    # The day that is closed: its locked instruments, and the figures of the steps done so far.
    region: str
    day: date
    rows: list[Instrument]
    now: datetime
    figures: dict[DayStep, dict[str, Json]]


@journal.command("market.close_day")
def close_day(actor: Actor, *, region: str, day: date, key: str, now: datetime) -> Answer:
    """Close a trading day of a region: expire what rests in the books, net the members, compare the books, publish.

    Where registry, market and banks differ, the day stays open with its breaks listed; it is closed by closing it again
    once they are gone or two people have resolved them.

    Args:
        actor: exchange staff.
        region: region code.
        day: trading day whose sessions are over.
        key: idempotency key.
        now: when.

    Returns:
        `day`, `expired` (number of orders), `breaks` (numbers of those that keep the day open), `closes` (fen per tonne
        by instrument, empty while there are any) and `receipts` (leaf hashes).

    Raises:
        Refused: NOT_PERMITTED; NOT_A_TRADING_DAY; DAY_ALREADY_CLOSED, also for a day before the last one closed;
            SESSION_NOT_ENDED.

    Source: S39, close price.
    """
    members.require(actor, Act.CLOSE_DAY)
    rows = locks.lock_region(region)
    _check_day(region, rows, day, now)
    voids.void_orders(rows, now=now)
    closed = _Day(region, day, rows, now, {})
    expired = _expire(closed)
    _net_members(closed)
    totals = _totals(closed)
    compared, breaks = reconciliation.compare(region, day, now=now)
    standing = sorted(row.number for row in breaks if row.state in BLOCKING)
    closed.figures[DayStep.RECONCILE] = {"positions": compared, "breaks": len(breaks), "unresolved": len(standing)}
    closes = [] if standing else _publish(closed, totals)
    _note_steps(closed, actor, is_published=not standing)
    entries = [_stopped(closed, len(standing))] if standing else [_closed(close) for close in closes]
    receipts = journal.append_many([*(_expired(order) for order in expired), *entries], now=now)
    return {
        "day": day.isoformat(),
        "expired": len(expired),
        "breaks": list(standing),
        "closes": {close.instrument.code: close.close_fen_per_t for close in closes},
        "receipts": list(receipts[len(expired) :]),
    }


def _check_day(region: str, rows: list[Instrument], day: date, now: datetime) -> None:
    if not rulebook.calendar(region).is_trading_day(day):
        raise Refused(MarketRefusal.NOT_A_TRADING_DAY, day=day)
    if any(row.closed_on is not None and row.closed_on >= day for row in rows):
        raise Refused(MarketRefusal.DAY_ALREADY_CLOSED, day=day)
    if not sessions.has_ended(book.terms(rulebook.at(region, on=day)).sessions, day, now):
        raise Refused(MarketRefusal.SESSION_NOT_ENDED, day=day)


def _expire(closed: _Day) -> list[Order]:
    resting = Order.objects.filter(instrument__in=closed.rows, state=OrderState.OPEN, trading_on__lte=closed.day)
    one_way.clear_due(closed.rows, now=closed.now)
    expired = list(resting.order_by("id"))
    share = book.terms(rulebook.at(closed.region, on=closed.day)).fee_share
    registry.lower_holds(reserves.of(expired, share), now=closed.now)
    resting.update(state=OrderState.EXPIRED)
    for order in expired:
        order.state = OrderState.EXPIRED.value
    tidings.tell_of_orders(expired, (), now=closed.now)
    proposed = Deal.objects.filter(instrument__in=closed.rows, trading_on__lte=closed.day)
    voids.end_deals(proposed, DealState.EXPIRED, now=closed.now)
    closed.figures[DayStep.EXPIRE_ORDERS] = {"orders": len(expired)}
    return expired


# A million trades are added up where they lie; `core.closing.net_members` says what must come of it.
_NET = """
WITH made AS (
    SELECT buy.organisation AS buyer, buy.unit_account AS buyer_units, buy.cash_account AS buyer_cash,
           sell.organisation AS seller, sell.unit_account AS seller_units, sell.cash_account AS seller_cash,
           trade.asset, trade.quantity_t, trade.quantity_t * trade.price_fen_per_t AS amount_fen,
           trade.buyer_fee_fen, trade.seller_fee_fen
    FROM market_trade AS trade
    JOIN market_order AS buy ON buy.id = trade.buy_order_id
    JOIN market_order AS sell ON sell.id = trade.sell_order_id
    WHERE trade.instrument_id = ANY(%(instruments)s) AND trade.trading_on = %(day)s
      AND NOT EXISTS (SELECT FROM market_bust AS bust WHERE bust.trade_id = trade.id)
    UNION ALL
    SELECT CASE side WHEN 'BUY' THEN organisation ELSE taker END,
           CASE side WHEN 'BUY' THEN unit_account ELSE taker_unit_account END,
           CASE side WHEN 'BUY' THEN cash_account ELSE taker_cash_account END,
           CASE side WHEN 'BUY' THEN taker ELSE organisation END,
           CASE side WHEN 'BUY' THEN taker_unit_account ELSE unit_account END,
           CASE side WHEN 'BUY' THEN taker_cash_account ELSE cash_account END,
           asset, quantity_t, quantity_t * price_fen_per_t, buyer_fee_fen, seller_fee_fen
    FROM market_deal
    WHERE instrument_id = ANY(%(instruments)s) AND trading_on = %(day)s AND state = 'SETTLED'
), sides AS (
    SELECT buyer AS organisation, buyer_units AS unit_account, buyer_cash AS cash_account, asset,
           quantity_t AS bought_t, 0 AS sold_t, amount_fen AS bought_fen, 0 AS sold_fen, buyer_fee_fen AS fee_fen
    FROM made
    UNION ALL
    SELECT seller, seller_units, seller_cash, asset, 0, quantity_t, 0, amount_fen, seller_fee_fen FROM made
)
INSERT INTO market_membernet (
    region, day, organisation, unit_account, cash_account, asset,
    trades, bought_t, sold_t, bought_fen, sold_fen, fee_fen
)
SELECT %(region)s, %(day)s, organisation, unit_account, cash_account, asset,
       count(*), sum(bought_t), sum(sold_t), sum(bought_fen), sum(sold_fen), sum(fee_fen)
FROM sides
GROUP BY organisation, unit_account, cash_account, asset
ORDER BY organisation, unit_account, cash_account, asset
"""


@tenancy.everywhere(Why.MARKET)
def _net_members(closed: _Day) -> None:
    MemberNet.objects.filter(region=closed.region, day=closed.day).delete()
    instruments = [row.pk for row in closed.rows]
    with connection.cursor() as cursor:
        cursor.execute(_NET, {"region": closed.region, "day": closed.day, "instruments": instruments})
    kept = MemberNet.objects.filter(region=closed.region, day=closed.day).order_by("id")
    totals = {
        (f"{row.unit_account} {row.cash_account}", row.asset): MemberTotals(
            row.bought_t, row.sold_t, row.bought_fen, row.sold_fen, row.fee_fen
        )
        for row in kept
    }
    closing.check_nets(totals)
    members_there = {row.organisation for row in kept}
    closed.figures[DayStep.NET_MEMBERS] = {
        "members": len(members_there),
        "gross_t": sum(one.bought_t for one in totals.values()),
        "net_t": sum(max(one.net_t, 0) for one in totals.values()),
        "gross_fen": sum(one.bought_fen for one in totals.values()),
        "fee_fen": sum(one.fee_fen for one in totals.values()),
    }


_TOTALS = """
SELECT instrument_id, count(*), sum(quantity_t), sum(quantity_t * price_fen_per_t)
FROM market_trade AS trade WHERE instrument_id = ANY(%s) AND trading_on = %s
  AND NOT EXISTS (SELECT FROM market_bust AS bust WHERE bust.trade_id = trade.id)
GROUP BY instrument_id
"""


@tenancy.everywhere(Why.MARKET)
def _totals(closed: _Day) -> dict[int, DayTotals]:
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [[row.pk for row in closed.rows], closed.day])
        made = {pk: (trades, int(volume_t), int(fen)) for pk, trades, volume_t, fen in cursor.fetchall()}
    closed.figures[DayStep.CLOSE_PRICES] = {"trades": sum(trades for trades, *_ in made.values())}
    totals = {}
    for row in closed.rows:
        trades, volume_t, turnover_fen = made.get(row.pk, (0, 0, 0))
        totals[row.pk] = clearing.close_of_day(
            volume_t=volume_t,
            turnover_fen=turnover_fen,
            trades=trades,
            previous_close_fen_per_t=row.previous_close_fen_per_t,
        )
    return totals


def _publish(closed: _Day, totals: dict[int, DayTotals]) -> list[DayClose]:
    closes = [_close(row, closed.day, totals[row.pk]) for row in closed.rows]
    DayClose.objects.bulk_create(closes)
    quotes.keep_day(closed.rows, closed.day)
    for close in closes:
        close.instrument.previous_close_fen_per_t = close.close_fen_per_t
        close.instrument.closed_on = closed.day
    Instrument.objects.bulk_update(closed.rows, ["previous_close_fen_per_t", "closed_on"])
    closed.figures[DayStep.PUBLISH] = {"instruments": len(closes)}
    return closes


# Kept anew each time, in order: how far the close has come can be looked at, and what it came to.
def _note_steps(closed: _Day, actor: Actor, *, is_published: bool) -> None:
    done = [step for step in DayStep if step in closed.figures]
    steps = [
        ClosingStep(
            region=closed.region,
            day=closed.day,
            step=step,
            is_done=step is not DayStep.RECONCILE or is_published,
            figures=closed.figures[step],
            by=actor.person,
            at=closed.now,
        )
        for step in done
    ]
    ClosingStep.objects.bulk_create(
        steps,
        update_conflicts=True,
        unique_fields=["region", "day", "step"],
        update_fields=["is_done", "figures", "by", "at"],
    )


def _close(row: Instrument, day: date, totals: DayTotals) -> DayClose:
    return DayClose(
        instrument=row,
        day=day,
        close_fen_per_t=totals.close.whole,
        volume_t=totals.volume_t,
        turnover_fen=totals.turnover_fen,
        trades=totals.trades,
        trace=trace.to_json(totals.close),
    )


def _expired(order: Order) -> journal.Entry:
    facts = {"order": order.number, "expired_t": order.quantity_t - order.filled_t}
    return journal.Entry("market.order.expired", facts)


def _stopped(closed: _Day, breaks: int) -> journal.Entry:
    return journal.Entry("market.day.stopped", {"region": closed.region, "day": closed.day, "breaks": breaks})


def _closed(close: DayClose) -> journal.Entry:
    facts = {
        "instrument": close.instrument.code,
        "day": close.day,
        "close_fen_per_t": close.close_fen_per_t,
        "volume_t": close.volume_t,
        "turnover_fen": close.turnover_fen,
        "trades": close.trades,
    }
    return journal.Entry("market.day.closed", facts)
