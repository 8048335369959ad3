"""The opening call of a region that has one: ended, once it has lasted its time, by whoever locks the market first.

Where a region has no call, nothing here does anything.
"""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import book, canonical, periods, phases, roles
from tonnebook.core.book import OrderState
from tonnebook.core.phases import Phase
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Instrument, OpeningCall, Order
from tonnebook.market.services import books, gate, live, locks, standing, step
from tonnebook.market.services import phases as turning
from tonnebook.market.services.gate import Market
from tonnebook.market.services.live import LiveOrder


@journal.command("market.turn_phases")
def turn_phases(actor: Actor, *, region: str, key: str, now: datetime) -> Answer:
    """Take the instruments of a region to the phase the clock has them in, and end halts and calls that are over.

    Args:
        actor: exchange staff; the job acts as the system.
        region: region code.
        key: idempotency key.
        now: when.

    Returns:
        `turned`: the phase entered last, by instrument; those that stay are missing.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION.

    Source: S39, trading hours; the phases are a design choice (invariant B11).
    """
    del key
    roles.check(actor, Act.SUPERVISE, region=region)
    rows = locks.lock_region(region)
    before = {row.code: row.phase for row in rows}
    turning.turn(rows, now=now)
    if rows:
        open_due(gate.enter(rows, now=now))
    return {"turned": {row.code: row.phase for row in rows if row.phase != before[row.code]}}


def is_due(region: str, *, now: datetime) -> bool:
    """Say whether an instrument of a region waits for its call to be ended."""
    return any(_is_over(row, now) for row in Instrument.objects.filter(region=region, phase=Phase.CALL))


def catch_up(market: Market) -> None:
    """Turn the phases of a market that has a call, and end a call that is over, before orders are taken in.

    The call decides whether orders meet at once, so an order must not come between its end and the job that turns the
    phases.

    Args:
        market: under its lock.

    Raises:
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    if phases.hours(rulebook.at(market.region, on=market.today)).has_call:
        turning.turn(list(market.instruments.values()), now=market.now)
        open_due(market)


@tenancy.everywhere(Why.MARKET)
def open_due(market: Market) -> None:
    """End the calls of a market that are over: what was collected meets at one price, and continuous trading begins.

    Args:
        market: under its lock.

    Raises:
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source (invariant B11).
    """
    for row in market.instruments.values():
        if _is_over(row, market.now):
            _open(market, row)


def _is_over(row: Instrument, now: datetime) -> bool:
    hours = phases.hours(rulebook.at(row.region, on=periods.day_of(now)))
    return phases.is_call_over(Phase(row.phase), row.phase_at, hours, rulebook.calendar(row.region), now)


def _open(market: Market, row: Instrument) -> None:
    open_ = Order.objects.filter(instrument=row, state=OrderState.OPEN, trading_on=market.today)
    orders = live.read(open_.order_by("priority", "seq"), [row])
    groups = standing.groups(list(dict.fromkeys(order.organisation for order in orders)))
    band = book.band(row.previous_close_fen_per_t, market.terms)
    resting = [books.resting(order) for order in orders]
    collected = books.filled(band, market.terms_of(row), resting, groups, is_compiled=False)
    surplus_t, met = collected.end_call(reference_fen_per_t=row.previous_close_fen_per_t)
    made = OpeningCall.objects.create(
        instrument=row,
        price_fen_per_t=met[0].price_fen_per_t if met else None,
        volume_t=sum(one.quantity_t for one in met),
        surplus_t=surplus_t,
        reference_fen_per_t=row.previous_close_fen_per_t,
        low_fen_per_t=band.low_fen_per_t,
        high_fen_per_t=band.high_fen_per_t,
        tick_fen=market.terms.tick_fen,
        first_seq=row.trade_seq + 1,
        trades=len(met),
        orders=[_collected(order) for order in orders],
        trading_on=market.today,
        at=market.now,
    )
    # Whoever keeps the book in memory sees that it is another one now, also when nothing has met.
    row.command_seq += 1
    row.save(update_fields=["command_seq"])
    turning.complete_call(row, now=market.now)
    step.settle_call(market, row, orders, met)
    journal.append(_told(made), now=market.now)


# What the price follows from: number, side, price and tonnes that were open.
def _collected(order: LiveOrder) -> list[str]:
    return [order.number, order.side, str(order.price_fen_per_t), str(order.quantity_t - order.filled_t)]


def _told(made: OpeningCall) -> journal.Entry:
    facts = {
        "instrument": made.instrument.code,
        "price_fen_per_t": made.price_fen_per_t,
        "volume_t": made.volume_t,
        "surplus_t": made.surplus_t,
        "first_seq": made.first_seq,
        "trades": made.trades,
        "orders": canonical.digest(made.orders),
    }
    return journal.Entry("market.call.completed", facts)
