"""Place and cancel orders: hold first, match, deliver against payment, and leave the rest in the book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from tonnebook import rulebook
from tonnebook.core import book, clearing, identity, periods, sessions, units
from tonnebook.core.book import Command, CommandKind, MarketRefusal, OrderState, Outcome, Side, Ticket
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind, HoldReason, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.standing import Standing
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Instrument, Order, Trade
from tonnebook.market.services import instruments, locks, standing, voids
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.members import services as members
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry

_FILL_FIELDS = ["filled_t", "turnover_fen", "fee_fen", "state"]


@dataclass(frozen=True, slots=True)
class _Desk:
    # What one request needs to know of the market it acts on; the instrument is locked.
    instrument: Instrument
    rules: RulesAt
    terms: book.Terms
    cash: str
    today: date
    now: datetime


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
    key: str,
    now: datetime,
) -> Answer:
    """Place a limit order for the day; what it meets is traded and settled at once, the rest stays in the book.

    Args:
        actor: trader; the order is its organisation's.
        instrument: code.
        side: buy or sell.
        price_fen_per_t: limit price, fen per tonne.
        quantity_t: tonnes.
        shown_total_fen: the total the trader confirmed, as `queries.total_fen` works it out.
        asset: what a seller delivers, such as "SHEA-2026"; empty for a buyer.
        key: idempotency key.
        now: when.

    Returns:
        `order`, `state`, `filled_t`, `rest_t`, `cancelled_t` (would have met an order of the same ownership group),
        `turnover_fen`, `fee_fen`, `trades` (numbers) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_INSTRUMENT; what `core.book.check_ticket`
            refuses; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE when units, or cash for amount and fee, are not there.
        ValueError: when price or quantity is not positive, or the asset does not fit the side.

    Source: S39 and exchange rules of the region, by `trading.*`.
    """
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    ticket = Ticket(instrument, Side(side), price_fen_per_t, quantity_t, asset, shown_total_fen)
    desk = _desk(instrument, now)
    accounts = instruments.accounts_of(actor, desk.instrument.region)
    own = standing.standings(desk.instrument.region, [actor.organisation], now=now)[actor.organisation]
    if own.refusal is not None:
        raise own.refusal
    book.check_ticket(ticket, desk.terms, _conditions(desk, ticket, accounts, own))
    order, held = _reserve(desk, actor, ticket, accounts)
    resting = {row.seq: row for row in _crossing(desk, order)}
    matched = _match(desk, order, resting)
    trades = _settle(desk, order, resting, matched.fills)
    if matched.outcome is Outcome.SELF_TRADE:
        order.state = OrderState.CANCELLED
    _adjust_hold(desk, order, held)
    receipt = _write(desk, order, trades)
    return {
        "order": order.number,
        "state": str(order.state),
        "filled_t": order.filled_t,
        "rest_t": matched.left_t if matched.outcome is Outcome.RESTS else 0,
        "cancelled_t": matched.left_t if matched.outcome is Outcome.SELF_TRADE else 0,
        "turnover_fen": order.turnover_fen,
        "fee_fen": order.fee_fen,
        "trades": [trade.number for trade in trades],
        "receipt": receipt,
    }


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
    members.require(actor, Act.TRADE)
    own = Order.objects.filter(number=order, organisation=actor.organisation)
    code = own.values_list("instrument__code", flat=True).first()
    if code is None:
        raise Refused(MarketRefusal.NO_SUCH_ORDER, order=order)
    voids.void_orders([locks.lock_market(code)], now=now)
    row = own.get()
    if row.state != OrderState.OPEN:
        raise Refused(MarketRefusal.ORDER_NOT_OPEN, order=order, state=row.state)
    registry.release_holds([row.hold], now=now)
    row.state = OrderState.CANCELLED
    row.save(update_fields=["state"])
    cancelled_t = row.quantity_t - row.filled_t
    entry = journal.Entry("market.order.cancelled", {"order": order, "cancelled_t": cancelled_t})
    return {"order": order, "cancelled_t": cancelled_t, "receipt": journal.append(entry, now=now)}


def _desk(code: str, now: datetime) -> _Desk:
    row = locks.lock_market(code)
    voids.void_orders([row], now=now)
    today = periods.day_of(now)
    rules = rulebook.at(row.region, on=today)
    return _Desk(row, rules, book.terms(rules), rules.text("region.cash"), today, now)


def _conditions(desk: _Desk, ticket: Ticket, accounts: TradingAccounts, own: Standing) -> book.Conditions:
    row, calendar = desk.instrument, rulebook.calendar(desk.instrument.region)
    tradable: frozenset[str] = frozenset()
    sellable_t = None
    if ticket.side is Side.SELL:
        asset = holdings.asset(ticket.asset)
        if asset.scheme == row.scheme and not asset.use_restriction:
            tradable = frozenset({asset.code})
        if not desk.terms.same_day_resale:
            sellable_t = _sellable_t(desk, ticket.asset, accounts)
    return book.Conditions(
        day=desk.today,
        is_day_closed=row.closed_on is not None and row.closed_on >= desk.today,
        is_open=sessions.is_open(desk.terms.sessions, calendar, desk.now),
        opens_at=sessions.next_opening_at(desk.terms.sessions, calendar, desk.now),
        is_halted=row.is_halted,
        previous_close_fen_per_t=row.previous_close_fen_per_t,
        tradable=tradable,
        sellable_t=sellable_t,
        headroom_t=own.headroom_t if row.kind == AssetKind.ALLOWANCE else None,
    )


# What is held for other orders cannot be what was bought today, so today's purchases come out of the free units.
def _sellable_t(desk: _Desk, asset: str, accounts: TradingAccounts) -> int | None:
    bought = Trade.objects.filter(
        instrument=desk.instrument, trading_on=desk.today, asset=asset, buy_order__unit_account=accounts.units
    ).aggregate(quantity=Sum("quantity_t"))["quantity"]
    if not bought:
        return None
    free = {holding.asset.code: holding.free for holding in holdings.holdings(accounts.units)}
    return free.get(asset, 0) - int(bought)


def _reserve(desk: _Desk, actor: Actor, ticket: Ticket, accounts: TradingAccounts) -> tuple[Order, int]:
    desk.instrument.order_seq += 1
    seq = desk.instrument.order_seq
    order = Order(
        number=identity.numbered(f"{desk.instrument.code}-O", seq),
        instrument=desk.instrument,
        seq=seq,
        side=ticket.side,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=accounts.units,
        cash_account=accounts.cash,
        asset=ticket.asset,
        price_fen_per_t=ticket.price_fen_per_t,
        quantity_t=ticket.quantity_t,
        state=OrderState.OPEN,
        trading_on=desk.today,
        at=desk.now,
    )
    needed = _needed(desk, order)
    order.hold = _place_hold(desk, order, needed)
    return order, needed


# Tonnes for a seller, fen with fee for a buyer: what must be reserved for the part of an order still to be filled.
def _needed(desk: _Desk, order: Order) -> int:
    left_t = order.quantity_t - order.filled_t
    if order.side == Side.SELL:
        return left_t
    return clearing.reserve_fen(
        price_fen_per_t=order.price_fen_per_t,
        quantity_t=left_t,
        filled_fen=order.turnover_fen,
        share=desk.terms.fee_share,
    )


def _place_hold(desk: _Desk, order: Order, quantity: int) -> str:
    place = (order.cash_account, desk.cash) if order.side == Side.BUY else (order.unit_account, order.asset)
    draft = registry.HoldDraft(*place, quantity, HoldReason.ORDER, subject=order.number)
    return registry.place_holds([draft], now=desk.now)[0]


@tenancy.everywhere(Why.MARKET)
def _crossing(desk: _Desk, order: Order) -> list[Order]:
    open_ = Order.objects.filter(instrument=desk.instrument, state=OrderState.OPEN, trading_on=desk.today)
    opposite = open_.order_by("seq")
    if order.side == Side.BUY:
        return list(opposite.filter(side=Side.SELL, price_fen_per_t__lte=order.price_fen_per_t))
    return list(opposite.filter(side=Side.BUY, price_fen_per_t__gte=order.price_fen_per_t))


# The book of this moment, filled with what the order may meet.
def _match(desk: _Desk, order: Order, resting: dict[int, Order]) -> book.Result:
    groups = standing.groups([row.organisation for row in (order, *resting.values())])
    band = book.band(desk.instrument.previous_close_fen_per_t, desk.terms)
    filled = book.Book(band, tick_fen=desk.terms.tick_fen, seq=order.seq - 1)
    for row in resting.values():
        left_t = row.quantity_t - row.filled_t
        side, group = Side(row.side), groups[row.organisation]
        filled.rest(book.Order(row.seq, side, group, row.price_fen_per_t, row.quantity_t, left_t))
    command = Command(
        CommandKind.PLACE,
        Side(order.side),
        group=groups[order.organisation],
        price_fen_per_t=order.price_fen_per_t,
        quantity_t=order.quantity_t,
    )
    return filled.apply(command)


@tenancy.everywhere(Why.MARKET)
def _settle(desk: _Desk, order: Order, resting: dict[int, Order], fills: Sequence[book.Fill]) -> list[Trade]:
    if not fills:
        return []
    fees = holdings.system_account(desk.instrument.region, AccountType.FEES)
    trades: list[Trade] = []
    drafts: list[registry.TransferDraft] = []
    for fill in fills:
        trade = _trade(desk, order, resting[fill.maker], fill)
        trades.append(trade)
        drafts.append(_delivery(desk, trade, fees, initiator=order.person))
    for trade, posted in zip(trades, registry.post(drafts, now=desk.now), strict=True):
        trade.transfer = posted.number
    Order.objects.bulk_update([resting[fill.maker] for fill in fills], _FILL_FIELDS)
    return trades


def _trade(desk: _Desk, order: Order, resting: Order, fill: book.Fill) -> Trade:
    buy, sell = (order, resting) if order.side == Side.BUY else (resting, order)
    desk.instrument.trade_seq += 1
    amount_fen = units.amount_fen(price_fen_per_t=fill.price_fen_per_t, quantity_t=fill.quantity_t)
    return Trade(
        number=identity.numbered(f"{desk.instrument.code}-T", desk.instrument.trade_seq),
        instrument=desk.instrument,
        seq=desk.instrument.trade_seq,
        buy_order=buy,
        sell_order=sell,
        asset=sell.asset,
        price_fen_per_t=fill.price_fen_per_t,
        quantity_t=fill.quantity_t,
        buyer_fee_fen=_fill(desk, buy, fill.quantity_t, amount_fen),
        seller_fee_fen=_fill(desk, sell, fill.quantity_t, amount_fen),
        trading_on=desk.today,
        at=desk.now,
    )


def _fill(desk: _Desk, order: Order, quantity_t: int, amount_fen: int) -> int:
    fee_fen = clearing.fee_of_fill_fen(
        filled_before_fen=order.turnover_fen, amount_fen=amount_fen, share=desk.terms.fee_share
    )
    order.filled_t += quantity_t
    order.turnover_fen += amount_fen
    order.fee_fen += fee_fen
    if order.filled_t == order.quantity_t:
        order.state = OrderState.FILLED
    return fee_fen


# Units against cash in one transfer, both out of the holds; the seller's fee comes out of what has just arrived.
def _delivery(desk: _Desk, trade: Trade, fees: str, *, initiator: str) -> registry.TransferDraft:
    buy, sell = trade.buy_order, trade.sell_order
    amount_fen = units.amount_fen(price_fen_per_t=trade.price_fen_per_t, quantity_t=trade.quantity_t)
    legs = [
        registry.Leg(
            sell.unit_account, buy.unit_account, trade.asset, trade.quantity_t, sell.hold, trade.price_fen_per_t
        ),
        registry.Leg(buy.cash_account, sell.cash_account, desk.cash, amount_fen, buy.hold),
    ]
    if trade.buyer_fee_fen:
        legs.append(registry.Leg(buy.cash_account, fees, desk.cash, trade.buyer_fee_fen, buy.hold))
    if trade.seller_fee_fen:
        legs.append(registry.Leg(sell.cash_account, fees, desk.cash, trade.seller_fee_fen))
    return registry.TransferDraft(TransferType.DELIVER_TRADE, tuple(legs), initiator, subject=trade.number)


# After better prices, or when the rest is cancelled, more is held than the rest needs: the difference goes back.
def _adjust_hold(desk: _Desk, order: Order, held: int) -> None:
    spent = order.filled_t if order.side == Side.SELL else order.turnover_fen + order.fee_fen
    needed = _needed(desk, order) if order.state == OrderState.OPEN else 0
    if held - spent > needed:
        registry.release_holds([order.hold], now=desk.now)
        if needed:
            order.hold = _place_hold(desk, order, needed)


def _write(desk: _Desk, order: Order, trades: list[Trade]) -> str:
    desk.instrument.save(update_fields=["order_seq", "trade_seq"])
    order.save(force_insert=True)
    Trade.objects.bulk_create(trades)
    return journal.append_many([_accepted(order), *(_made(trade) for trade in trades)], now=desk.now)[0]


def _accepted(order: Order) -> journal.Entry:
    facts = {
        "order": order.number,
        "instrument": order.instrument.code,
        "seq": order.seq,
        "side": order.side,
        "price_fen_per_t": order.price_fen_per_t,
        "quantity_t": order.quantity_t,
        "filled_t": order.filled_t,
        "state": order.state,
    }
    sealed = {"organisation": order.organisation, "person": order.person, "asset": order.asset, "hold": order.hold}
    return journal.Entry("market.order.accepted", facts, sealed)


def _made(trade: Trade) -> journal.Entry:
    facts = {
        "trade": trade.number,
        "instrument": trade.instrument.code,
        "seq": trade.seq,
        "price_fen_per_t": trade.price_fen_per_t,
        "quantity_t": trade.quantity_t,
        "buy_order": trade.buy_order.number,
        "sell_order": trade.sell_order.number,
        "transfer": trade.transfer,
    }
    fees = {"buyer_fee_fen": trade.buyer_fee_fen, "seller_fee_fen": trade.seller_fee_fen, "asset": trade.asset}
    return journal.Entry("market.trade.made", facts, fees)
