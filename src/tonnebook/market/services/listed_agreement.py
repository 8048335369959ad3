"""Listed agreement: pick an order out of the best five levels of the other side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tonnebook.core import book
from tonnebook.core import listed_agreement as core
from tonnebook.core.book import CommandKind, Instruction, MarketRefusal, Mode, OrderState, Side
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Instrument, Order
from tonnebook.market.services import books, gate, instruments, locks, opening, standing, step, voids
from tonnebook.market.services.books import Asked, OpenBook
from tonnebook.market.services.gate import Market, Told
from tonnebook.members import services as members


@journal.command("market.take_order")
def take_order(
    actor: Actor, *, order: str, quantity_t: int, shown_total_fen: int, asset: str = "", key: str, now: datetime
) -> Answer:
    """Pick an order among the best five levels of the other side; it trades at its own price, at once.

    Args:
        actor: trader.
        order: number of the order that is picked.
        quantity_t: tonnes, at most what it has left.
        shown_total_fen: the total the trader confirmed, as `queries.total_fen` works it out at the order's price.
        asset: what is delivered, when a buyer's order is picked; empty otherwise.
        key: idempotency key.
        now: when.

    Returns:
        As `orders.place_order`, of the taker's own order.

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_ORDER; what `core.listed_agreement.take` refuses;
            what `core.book.check_ticket` refuses; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE.
        ValueError: when the quantity is not positive, or the asset does not fit the side.

    Source: S39, listed agreement, by `trading.listed_mode`.
    """
    del key
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    with tenancy.everywhere(Why.MARKET):
        code = Order.objects.filter(number=order).values_list("instrument__code", flat=True).first()
        if code is None:
            raise Refused(MarketRefusal.NO_SUCH_ORDER, order=order)
        locked = locks.lock_market(code)
        voids.void_orders(locked, now=now)
        market = gate.enter(locked, now=now)
        opening.catch_up(market)
        maker = _picked(market, actor, order, quantity_t)
    told = Instruction(
        CommandKind.PLACE,
        code,
        Side.SELL if maker.side == Side.BUY else Side.BUY,
        price_fen_per_t=maker.price_fen_per_t,
        quantity_t=quantity_t,
        shown_total_fen=shown_total_fen,
        asset=asset,
    )
    accounts = instruments.accounts_of(actor, market.region)
    (answer,) = step.carry_out(market, [Told(told, actor.organisation, actor.person, accounts)], _Picked(maker))
    if isinstance(answer, Refused):
        raise answer
    return answer


class _Picked:
    # For a taker: nothing can be met but the order that was picked.
    def __init__(self, maker: Order) -> None:
        self._maker = maker

    def of(self, market: Market, instrument: Instrument, asked: Sequence[Asked]) -> OpenBook:
        (one,) = asked
        groups = standing.groups([one.order.organisation, self._maker.organisation])
        band = book.band(instrument.previous_close_fen_per_t, market.terms)
        terms = replace(market.terms, mode=Mode.AUTOMATIC)
        return books.filled(band, terms, [books.resting(self._maker)], groups, is_compiled=False)


# The order, once the book says that this taker may pick that much of it.
def _picked(market: Market, actor: Actor, number: str, quantity_t: int) -> Order:
    maker = Order.objects.get(number=number)
    instrument = next(row for row in market.instruments.values() if row.pk == maker.instrument_id)
    side = Order.objects.filter(instrument=instrument, side=maker.side, state=OrderState.OPEN, trading_on=market.today)
    rows = list(side.order_by("priority", "seq"))
    groups = standing.groups([actor.organisation, *(row.organisation for row in rows)])
    found = book.Book(
        book.band(instrument.previous_close_fen_per_t, market.terms), mode=market.terms_of(instrument).mode
    )
    for row in rows:
        left_t = row.quantity_t - row.filled_t
        group = groups[row.organisation]
        found.rest(book.Order(row.seq, Side(row.side), group, row.price_fen_per_t, row.quantity_t, left_t))
    core.take(found, maker.seq, order=number, group=groups[actor.organisation], quantity_t=quantity_t)
    return maker
