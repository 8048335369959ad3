"""Close a day: day orders expire, the close is worked out, and tomorrow's band rests on it."""

from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import book, clearing, sessions, trace
from tonnebook.core.book import MarketRefusal, OrderState
from tonnebook.core.clearing import DayTotals, Traded
from tonnebook.core.deals import DealState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import DayClose, Deal, Instrument, Order, Trade
from tonnebook.market.services import locks, quotes, voids
from tonnebook.members import services as members
from tonnebook.registry import services as registry


@journal.command("market.close_day")
def close_day(actor: Actor, *, region: str, day: date, key: str, now: datetime) -> Answer:
    """Close a trading day of a region: expire what rests in the books, work out the closes, publish them.

    Args:
        actor: exchange staff.
        region: region code.
        day: trading day whose sessions are over.
        key: idempotency key.
        now: when.

    Returns:
        `day`, `expired` (number of orders), `closes` (fen per tonne by instrument) and `receipts` (leaf hashes).

    Raises:
        Refused: NOT_PERMITTED; NOT_A_TRADING_DAY; DAY_ALREADY_CLOSED, also for a day before the last one closed;
            SESSION_NOT_ENDED.

    Source: S39, close price.
    """
    members.require(actor, Act.CLOSE_DAY)
    rows = locks.lock_region(region)
    _check_day(region, rows, day, now)
    voids.void_orders(rows, now=now)
    expired = _expire(rows, day, now)
    voids.end_deals(Deal.objects.filter(instrument__in=rows, trading_on__lte=day), DealState.EXPIRED, now=now)
    totals = _totals(rows, day)
    closes = [_close(row, day, totals[row.pk]) for row in rows]
    DayClose.objects.bulk_create(closes)
    quotes.keep_day(rows, day)
    for close in closes:
        close.instrument.previous_close_fen_per_t = close.close_fen_per_t
        close.instrument.closed_on = day
    Instrument.objects.bulk_update(rows, ["previous_close_fen_per_t", "closed_on"])
    receipts = journal.append_many([*(_expired(order) for order in expired), *map(_closed, closes)], now=now)
    return {
        "day": day.isoformat(),
        "expired": len(expired),
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


def _expire(rows: list[Instrument], day: date, now: datetime) -> list[Order]:
    resting = Order.objects.filter(instrument__in=rows, state=OrderState.OPEN, trading_on__lte=day)
    expired = list(resting.order_by("id"))
    registry.release_holds([order.hold for order in expired], now=now)
    resting.update(state=OrderState.EXPIRED)
    return expired


def _totals(rows: list[Instrument], day: date) -> dict[int, DayTotals]:
    made: dict[int, list[Traded]] = {row.pk: [] for row in rows}
    trades = Trade.objects.filter(instrument__in=rows, trading_on=day)
    for pk, price_fen_per_t, quantity_t in trades.values_list("instrument_id", "price_fen_per_t", "quantity_t"):
        made[pk].append(Traded(price_fen_per_t, quantity_t))
    return {
        row.pk: clearing.close_of_day(made[row.pk], previous_close_fen_per_t=row.previous_close_fen_per_t)
        for row in rows
    }


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
