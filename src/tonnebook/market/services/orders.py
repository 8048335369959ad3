"""Place, amend and cancel an order: hold first, match, deliver against payment, leave the rest in the book."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tonnebook.core import book
from tonnebook.core.book import CommandKind, Instruction, MarketRefusal, OrderState, OrderType, Side
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Instrument, Order
from tonnebook.market.services import books, gate, instruments, locks, opening, standing, step, voids
from tonnebook.market.services.books import Asked, OpenBook
from tonnebook.market.services.gate import Market, Told
from tonnebook.market.services.live import LiveOrder
from tonnebook.members import services as members


@journal.command("market.place_order")
def place_order(
    actor: Actor,
    *,
    instrument: str,
    side: Side,
    price_fen_per_t: int,
    quantity_t: int,
    shown_total_fen: int,
    asset: str = "",
    order_type: OrderType = OrderType.LIMIT,
    key: str,
    now: datetime,
) -> Answer:
    """Place an order for the day; what it meets is traded and settled at once.

    Args:
        actor: trader; the order is its organisation's.
        instrument: code.
        side: buy or sell.
        price_fen_per_t: limit price, fen per tonne; not read for MARKET_TO_LIMIT, which is reserved at the end of the
            band and then takes the best price of the other side.
        quantity_t: tonnes.
        shown_total_fen: the total the trader confirmed, as `queries.total_fen` works it out.
        asset: what a seller delivers, such as "SHEA-2026"; empty for a buyer.
        order_type: how far it goes and what becomes of the rest.
        key: idempotency key.
        now: when.

    Returns:
        `order`, `state`, `filled_t`, `rest_t`, `cancelled_t` (would have met an order of the same ownership
        group, or may not rest), `turnover_fen`, `fee_fen`, `trades` (numbers) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_INSTRUMENT; what `core.book.check_ticket`
            refuses; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE when units, or cash for amount and fee, are not there.
        ValueError: when price or quantity is not positive, or the asset does not fit the side.

    Source: S39 and exchange rules of the region, by `trading.*`; order types are a design choice.
    """
    del key
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    told = Instruction(
        CommandKind.PLACE,
        instrument,
        Side(side),
        OrderType(order_type),
        price_fen_per_t,
        quantity_t,
        shown_total_fen,
        asset,
    )
    return _at_once(actor, told, instrument, now)


@journal.command("market.amend_order")
def amend_order(
    actor: Actor,
    *,
    order: str,
    price_fen_per_t: int,
    quantity_t: int,
    shown_total_fen: int,
    key: str,
    now: datetime,
) -> Answer:
    """Give an own order another price or quantity.

    Reduced at its price it keeps its place among its equals; otherwise it goes to the back, and trades with what it
    meets.

    Args:
        actor: trader of the organisation whose order it is.
        order: number.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes, with what has been traded.
        shown_total_fen: the total of the whole order that the trader confirmed.
        key: idempotency key.
        now: when.

    Returns:
        As `place_order`.

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_ORDER, also for an order of somebody else;
            ORDER_NOT_OPEN; what `core.book.check_ticket` refuses; AMENDED_BELOW_FILLED; INSUFFICIENT_FREE.
        ValueError: when price or quantity is not positive.

    Source: design choice, no legal source.
    """
    del key
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    told = Instruction(
        CommandKind.AMEND,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        shown_total_fen=shown_total_fen,
        order=order,
    )
    return _at_once(actor, told, _instrument_of(actor, order), now)


@journal.command("market.cancel_order")
def cancel_order(actor: Actor, *, order: str, key: str, now: datetime) -> Answer:
    """Take what is left of an own order out of the book and set its reserve free.

    Args:
        actor: trader of the organisation whose order it is.
        order: number.
        key: idempotency key.
        now: when.

    Returns:
        `order`, `cancelled_t` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_ORDER, also for an order of somebody else; ORDER_NOT_OPEN.

    Source: design choice, no legal source.
    """
    del key
    members.require(actor, Act.TRADE)
    return _at_once(actor, Instruction(CommandKind.CANCEL, order=order), _instrument_of(actor, order), now)


class AtHand:
    """For a single instruction: the readable book, filled with what it may meet and nothing else."""

    def of(self, market: Market, instrument: Instrument, asked: Sequence[Asked]) -> OpenBook:
        """Give the book of an instrument, with everything in it that the one command may meet."""
        (one,) = asked
        own = Q(pk=one.order.pk)
        met = Q(pk__in=()) if one.kind is CommandKind.CANCEL else _crossing(one.order)
        open_ = Order.objects.filter(own | met, instrument=instrument, state=OrderState.OPEN, trading_on=market.today)
        resting = [books.Resting(*row) for row in open_.values_list(*books.Resting._fields)]
        groups = standing.groups([one.order.organisation, *(row.organisation for row in resting)])
        band = book.band(instrument.previous_close_fen_per_t, market.terms)
        return books.filled(band, market.terms_of(instrument), resting, groups, is_compiled=False)


def _crossing(order: LiveOrder) -> Q:
    if order.is_buying:
        return Q(side=Side.SELL, price_fen_per_t__lte=order.price_fen_per_t)
    return Q(side=Side.BUY, price_fen_per_t__gte=order.price_fen_per_t)


def _at_once(actor: Actor, instruction: Instruction, instrument: str, now: datetime) -> Answer:
    locked = locks.lock_market(instrument)
    voids.void_orders(locked, now=now)
    market = gate.enter(locked, now=now)
    opening.catch_up(market)
    accounts = instruments.accounts_of(actor, market.region)
    (answer,) = step.carry_out(market, [Told(instruction, actor.organisation, actor.person, accounts)], AtHand())
    if isinstance(answer, Refused):
        raise answer
    return answer


def _instrument_of(actor: Actor, order: str) -> str:
    own = Order.objects.filter(number=order, organisation=actor.organisation)
    code = own.values_list("instrument__code", flat=True).first()
    if code is None:
        raise Refused(MarketRefusal.NO_SUCH_ORDER, order=order)
    return code
