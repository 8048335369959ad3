"""One step of a market: any number of instructions checked, reserved, matched, settled and written together.

One instruction, when a page or a program waits for its answer; up to some thousand, when the engine has picked them up.
The number of statements is the same. Reserves are set aside before anything is matched, so what an instruction brings
in is of use from the next step on.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Protocol, TypeAlias

from tonnebook.core import clearing, identity, ledger, units
from tonnebook.core.book import CommandKind, MarketRefusal, OrderState, OrderType, Outcome
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.core.roles import SYSTEM
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Instrument, Order, Trade
from tonnebook.market.services import batches, live, phases, reserves, tidings
from tonnebook.market.services.books import Asked, Met, OpenBook
from tonnebook.market.services.gate import Entry, Gate, Market, Told
from tonnebook.market.services.live import ORDER, LiveOrder, LiveTrade
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry

_CANCELLED = "CANCELLED"
_Row: TypeAlias = LiveOrder | LiveTrade | Instrument
# What reserves no longer need, tonnes or fen, by account, asset and number of the hold.
Freed: TypeAlias = Mapping[tuple[str, str, str], int]


class Books(Protocol):
    """Where a step finds the books."""

    def of(self, market: Market, instrument: Instrument, asked: Sequence[Asked]) -> OpenBook:
        """Give the book of an instrument, with everything in it that the commands may meet."""


@tenancy.everywhere(Why.MARKET)
def carry_out(market: Market, told: Sequence[Told], books: Books) -> list[Answer | Refused]:
    """Do what instructions ask for, inside the caller's command; one that is refused stops no other.

    The step ends before an instruction for which too little is free when one of the same organisation stands before it
    that may bring in more, such as the cancellation it is to replace.

    Args:
        market: under its lock.
        told: at least one, in order of pick-up; an amendment stands alone.
        books: where the books are.

    Returns:
        For each instruction, at least for the first, its answer, as the commands of `orders` give it, or its refusal.
        Those that are left need another step.

    Raises:
        Refused: when an amended order cannot be reserved; its old reserve has then been let go.
        Busy: when a balance was locked by others for more than three seconds.

    Source: S39 and exchange rules of the region, by `trading.*`.
    """
    answers: dict[int, Answer | Refused] = {}
    entries = _reserve(market, _let_in(market, told, answers), answers)
    trades = _match(market, entries, books)
    _deliver(market, trades, _freed(market, entries), initiator=told[0].person if len(told) == 1 else "")
    receipt = _write(market, entries, trades, is_alone=len(told) == 1)
    _tell(market, entries, trades)
    answers |= {entry.place: _answer(entry, receipt) for entry in entries}
    return [answers[place] for place in sorted(answers)]


@tenancy.everywhere(Why.MARKET)
def settle_call(market: Market, instrument: Instrument, orders: Sequence[LiveOrder], met: Sequence[Met]) -> None:
    """Settle what met at the end of a call, inside the caller's command: deliver, set free what is left, write.

    Args:
        market: under its lock.
        instrument: whose call has ended.
        orders: all that were collected; changed.
        met: at one price, in the order of the claims; the taker is the buyer.

    Raises:
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    share, by_pk = market.terms.fee_share, {order.pk: order for order in orders}
    entries = [
        Entry(place, CommandKind.AMEND, order, order.person, reserves.needed(order, share) + order.spent)
        for place, order in enumerate(orders)
    ]
    trades = [_trade(market, instrument, by_pk[one.taker], by_pk[one.maker], one) for one in met]
    _deliver(market, trades, _freed(market, entries), initiator="")
    _write(market, [], trades, is_alone=False)
    _tell(market, [], trades)


def _let_in(market: Market, told: Sequence[Told], answers: dict[int, Answer | Refused]) -> list[Entry]:
    gate, entries = Gate(market, told), []
    for place, one in enumerate(told):
        try:
            entries.append(gate.entry(place, one))
        except Refused as refused:
            answers[place] = refused
    return entries


def _reserve(market: Market, entries: Sequence[Entry], answers: dict[int, Answer | Refused]) -> list[Entry]:
    wanting = [entry for entry in entries if entry.kind is not CommandKind.CANCEL]
    let_go = {entry.order.hold: entry.held for entry in wanting if entry.kind is CommandKind.AMEND}
    registry.lower_holds(let_go, now=market.now)
    wanted = [_wanted(market, entry.order) for entry in wanting]
    hopeful = _hopeful(entries)
    holds = registry.reserve_each(
        wanted, subject=market.region, may_wait=lambda place: wanting[place].place in hopeful, now=market.now
    )
    for entry, one, hold in zip(wanting, wanted, holds, strict=False):
        if isinstance(hold, Refused):
            if entry.kind is CommandKind.AMEND:
                raise hold
            answers[entry.place] = hold
        else:
            _number(entry.order)
            entry.order.hold, entry.held = hold, one.quantity + entry.order.spent
    end = wanting[len(holds)].place if len(holds) < len(wanting) else len(entries) + len(answers)
    for place in [place for place in answers if place >= end]:
        del answers[place]
    let_in = [entry for entry in entries if entry.place < end and entry.place not in answers]
    placed = [entry.order for entry in let_in if entry.kind is CommandKind.PLACE]
    for order, pk in zip(placed, rows.take_ids(Order, len(placed)), strict=True):
        order.pk = pk
    return let_in


# Those before which an instruction of the same organisation stands that may bring in what they lack.
def _hopeful(entries: Sequence[Entry]) -> set[int]:
    brought: dict[str, set[str]] = defaultdict(set)
    found = set()
    for entry in entries:
        order = entry.order
        if brought[order.organisation] - {order.side}:
            found.add(entry.place)
        brought[order.organisation].add(order.side if entry.kind is CommandKind.PLACE else _CANCELLED)
    return found


def _wanted(market: Market, order: LiveOrder) -> registry.Wanted:
    return registry.Wanted(*_place(market, order), reserves.needed(order, market.terms.fee_share))


# The account and the asset that an order draws on.
def _place(market: Market, order: LiveOrder) -> tuple[str, str]:
    return (order.cash_account, market.cash) if order.is_buying else (order.unit_account, order.asset)


# Orders are numbered without gaps: only one whose reserve is there gets a number.
def _number(order: LiveOrder) -> None:
    if not order.number:
        order.instrument.order_seq += 1
        order.seq = order.instrument.order_seq
        order.number = identity.numbered(f"{order.instrument.code}-O", order.seq)


def _match(market: Market, entries: Sequence[Entry], books: Books) -> list[LiveTrade]:
    trades = []
    for instrument in market.instruments.values():
        own = [entry for entry in entries if entry.order.instrument is instrument]
        if not own:
            continue
        asked = [Asked(entry.kind, entry.order) for entry in own]
        open_book = books.of(market, instrument, asked)
        results, met = open_book.run(asked)
        orders = _touched(instrument, own, met, open_book)
        trades += _trades(market, instrument, own, orders, met)
        for entry, (outcome, left_t) in zip(own, results, strict=True):
            instrument.command_seq += 1
            _conclude(entry, outcome, left_t)
        open_book.keep(orders.values())
    return trades


# The orders of the entries and those they met, by id; what the book has not kept is read.
def _touched(
    instrument: Instrument, entries: Sequence[Entry], met: Sequence[Met], open_book: OpenBook
) -> dict[int, LiveOrder]:
    orders = {entry.order.pk: entry.order for entry in entries}
    others = {one.maker for one in met} - orders.keys()
    orders |= {pk: open_book.live[pk] for pk in others & open_book.live.keys()}
    if unknown := others - orders.keys():
        orders |= {order.pk: order for order in live.read(Order.objects.filter(pk__in=unknown), [instrument])}
    for order in orders.values():
        order.instrument = instrument
    return orders


def _trades(
    market: Market,
    instrument: Instrument,
    entries: Sequence[Entry],
    orders: Mapping[int, LiveOrder],
    met: Sequence[Met],
) -> list[LiveTrade]:
    own = {entry.order.pk: entry for entry in entries if entry.kind is not CommandKind.CANCEL}
    trades = []
    for one in met:
        taker, maker = own[one.taker], orders[one.maker]
        trades.append(_trade(market, instrument, taker.order, maker, one))
        taker.trades.append(trades[-1])
    return trades


def _trade(market: Market, instrument: Instrument, taker: LiveOrder, maker: LiveOrder, met: Met) -> LiveTrade:
    buy, sell = (taker, maker) if taker.is_buying else (maker, taker)
    instrument.trade_seq += 1
    amount_fen = units.amount_fen(price_fen_per_t=met.price_fen_per_t, quantity_t=met.quantity_t)
    number = identity.numbered(f"{instrument.code}-T", instrument.trade_seq)
    buyer_fee_fen = _fill(market, buy, met.quantity_t, amount_fen)
    seller_fee_fen = _fill(market, sell, met.quantity_t, amount_fen)
    # By place, in the order of the columns: this runs for every trade.
    who, terms = (buy, sell, sell.asset), (met.price_fen_per_t, met.quantity_t, buyer_fee_fen, seller_fee_fen)
    return LiveTrade(number, instrument, instrument.trade_seq, *who, *terms, market.today, market.now)


def _fill(market: Market, order: LiveOrder, quantity_t: int, amount_fen: int) -> int:
    fee_fen = clearing.fee_of_fill_fen(
        filled_before_fen=order.turnover_fen, amount_fen=amount_fen, share=market.terms.fee_share
    )
    order.filled_t += quantity_t
    order.turnover_fen += amount_fen
    order.fee_fen += fee_fen
    if order.filled_t == order.quantity_t:
        order.state = OrderState.FILLED.value
    return fee_fen


def _conclude(entry: Entry, outcome: Outcome, left_t: int) -> None:
    order = entry.order
    entry.outcome, entry.left_t = outcome, left_t
    if outcome is Outcome.RESTS:
        order.priority = order.instrument.command_seq
        if entry.kind is CommandKind.PLACE and order.order_type == OrderType.MARKET_TO_LIMIT:
            order.price_fen_per_t = entry.trades[0].price_fen_per_t
    elif outcome not in (Outcome.FILLED, Outcome.REDUCED, Outcome.NOT_RESTING):
        order.state = OrderState.CANCELLED.value


# Units against cash in one transfer, both out of the holds; the seller's fee comes out of what has just arrived. The
# trades of a batch are delivered by one transfer, in the name of the system, which also sets free what is freed.
def _deliver(market: Market, trades: Sequence[LiveTrade], freed: Freed, *, initiator: str) -> None:
    if not trades or initiator:
        _deliver_each(market, trades, initiator)
        registry.lower_holds({hold: quantity for (*_, hold), quantity in freed.items()}, now=market.now)
        return
    draft = registry.DeliveryDraft(
        [_delivery(trade) for trade in trades],
        market.cash,
        holdings.system_account(market.region, AccountType.FEES),
        SYSTEM.person,
        subject=trades[0].number,
        freed=freed,
    )
    number = registry.deliver_trades(draft, now=market.now).number
    for trade in trades:
        trade.transfer = number


def _deliver_each(market: Market, trades: Sequence[LiveTrade], initiator: str) -> None:
    if not trades:
        return
    fees = holdings.system_account(market.region, AccountType.FEES)
    drafts = [
        registry.TransferDraft(
            TransferType.DELIVER_TRADE,
            ledger.legs_of(_delivery(trade), cash=market.cash, fees=fees),
            initiator,
            subject=trade.number,
        )
        for trade in trades
    ]
    for trade, posted in zip(trades, registry.post(drafts, now=market.now), strict=True):
        trade.transfer = posted.number


def _delivery(trade: LiveTrade) -> ledger.Delivery:
    buy, sell = trade.buy_order, trade.sell_order
    units = (sell.unit_account, buy.unit_account, trade.asset, trade.quantity_t, trade.price_fen_per_t, sell.hold)
    paid = (buy.cash_account, sell.cash_account, buy.hold, trade.buyer_fee_fen, trade.seller_fee_fen)
    return ledger.Delivery(*units, *paid)


# After better prices, or when the rest is cancelled, more is held than the rest needs: the difference goes back.
def _freed(market: Market, entries: Sequence[Entry]) -> Freed:
    freed: Counter[tuple[str, str, str]] = Counter()
    for entry in entries:
        order = entry.order
        if order.is_open and not order.filled_t:
            # What rests as it came needs what was set aside for it.
            continue
        place = (*_place(market, order), order.hold)
        needed = reserves.needed(order, market.terms.fee_share) if order.is_open else 0
        if entry.kind is not CommandKind.CANCEL:
            freed[place] += entry.held - order.spent - needed
        elif entry.outcome is Outcome.CANCELLED:
            freed[place] += entry.held
    return {place: quantity for place, quantity in freed.items() if quantity}


# The breaker looks at what was traded, and members hear what became of their orders.
def _tell(market: Market, entries: Sequence[Entry], trades: Sequence[LiveTrade]) -> None:
    for instrument in market.instruments.values():
        made = [trade.price_fen_per_t for trade in trades if trade.instrument is instrument]
        phases.watch(instrument, made, now=market.now)
    changed = {entry.order.pk: entry.order for entry in entries if entry.outcome is not Outcome.NOT_RESTING}
    changed |= {order.pk: order for trade in trades for order in (trade.buy_order, trade.sell_order)}
    tidings.tell_of_orders(changed.values(), trades, now=market.now)


_TRADE = (
    *("number", "instrument_id", "seq", "buy_order_id", "sell_order_id", "asset", "price_fen_per_t", "quantity_t"),
    *("buyer_fee_fen", "seller_fee_fen", "trading_on", "at", "transfer"),
)
_OF_TRADE = ("number", "instrument.id", "seq", "buy_order.pk", "sell_order.pk", *_TRADE[5:])
_OF_ORDER = tuple({"instrument_id": "instrument.id", "id": "pk"}.get(name, name) for name in ORDER)
_CHANGED = ("pk", "price_fen_per_t", "quantity_t", "filled_t", "turnover_fen", "fee_fen", "state", "hold", "priority")
_CHANGE = """
UPDATE market_order AS placed
SET price_fen_per_t = new.price, quantity_t = new.quantity, filled_t = new.filled, turnover_fen = new.turnover,
    fee_fen = new.fee, state = new.state, hold = new.hold, priority = new.priority
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
            %s::text[], %s::bigint[]) AS new (id, price, quantity, filled, turnover, fee, state, hold, priority)
WHERE placed.id = new.id
"""
_NUMBERS = """
UPDATE market_instrument AS instrument SET order_seq = new.orders, trade_seq = new.trades, command_seq = new.commands
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS new (id, orders, trades, commands)
WHERE instrument.id = new.id
"""


def _write(market: Market, entries: Sequence[Entry], trades: Sequence[LiveTrade], *, is_alone: bool) -> str:
    done = [entry for entry in entries if entry.outcome is not Outcome.NOT_RESTING]
    if not (done or trades):
        return ""
    placed = {entry.order.pk: entry.order for entry in done if entry.kind is CommandKind.PLACE}
    touched = {entry.order.pk: entry.order for entry in done}
    touched |= {order.pk: order for trade in trades for order in (trade.buy_order, trade.sell_order)}
    changed = [order for pk, order in touched.items() if pk not in placed]
    instruments = {entry.order.instrument.code: entry.order.instrument for entry in done}
    instruments |= {trade.instrument.code: trade.instrument for trade in trades}
    changes = [*map(_told, done), *map(trade_made, trades)]
    change = rows.Write(_CHANGE, _columns(changed, _CHANGED)) if changed else None
    if is_alone:
        leaves = journal.prepare(changes, now=market.now)
        joined = [leaves.write, change]
    else:
        leaves, batch = batches.bundled(market.region, changes, now=market.now)
        # Each with a statement of its own: what joins long texts and columns with others is planned anew every time.
        rows.write(batch)
        rows.write(change)
        joined = [leaves.write]
    rows.write(
        *joined,
        rows.insertion_of_many(Order, ORDER, _rows(placed.values(), _OF_ORDER)),
        rows.insertion_of_many(Trade, _TRADE, _rows(trades, _OF_TRADE)),
        rows.Write(_NUMBERS, _columns(instruments.values(), ("pk", "order_seq", "trade_seq", "command_seq"))),
    )
    return leaves.hashes[0]


def _rows(found: Iterable[_Row], columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    return map(attrgetter(*columns), found)


def _columns(found: Iterable[_Row], columns: Sequence[str]) -> list[list[object]]:
    return [list(column) for column in zip(*_rows(found, columns), strict=True)]


_TOLD = {
    CommandKind.PLACE: "market.order.accepted",
    CommandKind.AMEND: "market.order.amended",
    CommandKind.CANCEL: "market.order.cancelled",
}


def _told(entry: Entry) -> journal.Entry:
    order = entry.order
    if entry.kind is CommandKind.CANCEL:
        return journal.Entry(_TOLD[entry.kind], {"order": order.number, "cancelled_t": entry.left_t})
    facts = {
        "order": order.number,
        "instrument": order.instrument.code,
        "seq": order.seq,
        "side": order.side,
        "order_type": OrderType(order.order_type).name,
        "price_fen_per_t": order.price_fen_per_t,
        "quantity_t": order.quantity_t,
        "filled_t": order.filled_t,
        "state": order.state,
    }
    sealed = {"organisation": order.organisation, "person": entry.person, "asset": order.asset, "hold": order.hold}
    return journal.Entry(_TOLD[entry.kind], facts, sealed)


def trade_made(trade: LiveTrade | Trade) -> journal.Entry:
    """Write that a trade was made."""
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


def _answer(entry: Entry, receipt: str) -> Answer | Refused:
    order = entry.order
    if entry.outcome is Outcome.NOT_RESTING:
        return Refused(MarketRefusal.ORDER_NOT_OPEN, order=order.number, state=order.state)
    if entry.kind is CommandKind.CANCEL:
        return {"order": order.number, "cancelled_t": entry.left_t, "receipt": receipt}
    return {
        "order": order.number,
        "state": order.state,
        "filled_t": order.filled_t,
        "rest_t": entry.left_t if order.is_open else 0,
        "cancelled_t": 0 if order.is_open else entry.left_t,
        "turnover_fen": order.turnover_fen,
        "fee_fen": order.fee_fen,
        "trades": [trade.number for trade in entry.trades],
        "receipt": receipt,
    }
