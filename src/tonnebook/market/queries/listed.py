"""What the market can tell of listed trading: quotes, depth, tape, closes and own orders."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from tonnebook import rulebook
from tonnebook.core import book, clearing, periods, sessions, trace
from tonnebook.core.auction import AuctionRefusal
from tonnebook.core.book import MarketRefusal, OrderState, Side
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import DayClose, Instrument, Order, Trade
from tonnebook.market.queries import busts

_REFERENCE_PRICE = "trading.reference_price_fen_per_t"


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """An instrument: code, region, scheme of what is delivered, kind (ALLOWANCE or CREDIT), halted or not."""

    code: str
    region: str
    scheme: str
    kind: str
    is_halted: bool
    previous_close_fen_per_t: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Quote:
    """The state of an instrument at an instant; `last_fen_per_t` is None before the first trade of the day."""

    instrument: str
    last_fen_per_t: int | None
    previous_close_fen_per_t: int
    low_fen_per_t: int
    high_fen_per_t: int
    volume_t: int
    turnover_fen: int
    is_open: bool
    is_halted: bool
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """One price of one side: quantity there, quantity there and at better prices, number of orders."""

    price_fen_per_t: int
    quantity_t: int
    cumulative_t: int
    orders: int


@dataclass(frozen=True, slots=True)
class Depth:
    """The best levels of both sides, best first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as its owner sees it."""

    number: str
    instrument: str
    seq: int
    side: Side
    organisation: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    filled_t: int
    turnover_fen: int
    fee_fen: int
    state: OrderState
    trading_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A trade as the tape shows it: nobody's name; `bust` is the number of what took it back, empty while it stands."""

    number: str
    seq: int
    price_fen_per_t: int
    quantity_t: int
    at: datetime
    bust: str = ""


@dataclass(frozen=True, slots=True)
class OwnTradeRow:
    """A trade as one of its parties sees it: its own side, its own fee, and the transfers that settled or undid it."""

    number: str
    instrument: str
    side: Side
    order: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    fee_fen: int
    at: datetime
    transfer: str
    bust: str = ""


@dataclass(frozen=True, slots=True)
class CloseRow:
    """The close of one instrument on one day."""

    instrument: str
    day: date
    close_fen_per_t: int
    volume_t: int
    turnover_fen: int
    trades: int


def regions() -> tuple[str, ...]:
    """List the regions with a market, by code."""
    return tuple(Instrument.objects.order_by("region").values_list("region", flat=True).distinct())


def instruments(region: str) -> tuple[InstrumentRow, ...]:
    """List the instruments of a region, allowances before credits."""
    rows = Instrument.objects.filter(region=region).order_by("kind", "code")
    return tuple(_instrument_row(row) for row in rows)


def instrument(code: str) -> InstrumentRow:
    """Give one instrument.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    return _instrument_row(_instrument(code))


@tenancy.everywhere(Why.MARKET)
def quote(code: str, *, now: datetime) -> Quote:
    """Give the state of an instrument at an instant.

    Args:
        code: instrument.
        now: aware instant.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    row = _instrument(code)
    today = periods.day_of(now)
    terms = book.terms(rulebook.at(row.region, on=today))
    calendar = rulebook.calendar(row.region)
    band = book.band(row.previous_close_fen_per_t, terms)
    made = Trade.objects.filter(instrument=row, trading_on=today, bust=None)
    sums = made.aggregate(volume=Sum("quantity_t"), turnover=Sum(F("quantity_t") * F("price_fen_per_t")))
    last = made.order_by("-seq").values_list("price_fen_per_t", flat=True).first()
    return Quote(
        instrument=code,
        last_fen_per_t=last,
        previous_close_fen_per_t=row.previous_close_fen_per_t,
        low_fen_per_t=band.low_fen_per_t,
        high_fen_per_t=band.high_fen_per_t,
        volume_t=sums["volume"] or 0,
        turnover_fen=sums["turnover"] or 0,
        is_open=sessions.is_open(terms.sessions, calendar, now),
        is_halted=row.is_halted,
        opens_at=sessions.next_opening_at(terms.sessions, calendar, now),
    )


def total_fen(code: str, *, side: Side, price_fen_per_t: int, quantity_t: int, on: date) -> trace.Traced:
    """Work out the total a trader confirms with an order, as `place_order` will check it.

    Args:
        code: instrument.
        side: buy (with fee) or sell (after fee).
        price_fen_per_t: limit price, fen per tonne.
        quantity_t: tonnes.
        on: day whose rules apply.

    Returns:
        Fen, with its trace.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    terms = book.terms(rulebook.at(_instrument(code).region, on=on))
    asset = code if side is Side.SELL else ""
    ticket = book.Ticket(code, side, price_fen_per_t, quantity_t, asset, 0)
    return book.total_fen(ticket, terms)


@tenancy.everywhere(Why.MARKET)
def depth(code: str, *, on: date, levels: int = 5) -> Depth:
    """Give the best price levels of both sides with quantities added up.

    Args:
        code: instrument.
        on: trading day; orders live for one day.
        levels: how many prices of each side.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    row = _instrument(code)
    return Depth(_levels(row, Side.BUY, on, levels), _levels(row, Side.SELL, on, levels))


def open_orders(organisation: str) -> tuple[OrderRow, ...]:
    """List an organisation's orders that rest in a book, newest first."""
    return _order_rows(Order.objects.filter(organisation=organisation, state=OrderState.OPEN))


def orders(organisation: str, limit: int = 50) -> tuple[OrderRow, ...]:
    """List an organisation's orders of whatever state, newest first."""
    return _order_rows(Order.objects.filter(organisation=organisation), limit)


def order(number: str) -> OrderRow:
    """Give one order.

    Raises:
        Refused: NO_SUCH_ORDER when there is none.
    """
    found = _order_rows(Order.objects.filter(number=number))
    if not found:
        raise Refused(MarketRefusal.NO_SUCH_ORDER, order=number)
    return found[0]


@tenancy.everywhere(Why.MARKET)
def trades(code: str, limit: int = 30, *, after_seq: int = 0) -> tuple[TradeRow, ...]:
    """Give the tape of an instrument: its latest trades after a number, newest first, without names."""
    made = Trade.objects.filter(instrument__code=code, seq__gt=after_seq).select_related("bust")
    return tuple(
        TradeRow(row.number, row.seq, row.price_fen_per_t, row.quantity_t, row.at, busts.bust_of(row))
        for row in made.order_by("-seq")[:limit]
    )


@tenancy.everywhere(Why.MARKET)
def own_trades(organisation: str, limit: int = 50) -> tuple[OwnTradeRow, ...]:
    """List an organisation's trades, newest first."""
    is_own = Q(buy_order__organisation=organisation) | Q(sell_order__organisation=organisation)
    rows = Trade.objects.filter(is_own).select_related("instrument", "buy_order", "sell_order", "bust")
    return tuple(_own_trade_row(row, organisation) for row in rows.order_by("-at", "-seq")[:limit])


def closes(code: str, from_on: date, to_on: date) -> tuple[CloseRow, ...]:
    """Give the closes of an instrument on the days `[from_on, to_on)`, oldest first, for charts."""
    return _close_rows(DayClose.objects.filter(instrument__code=code, day__gte=from_on, day__lt=to_on))


def market_day(region: str, day: date) -> tuple[CloseRow, ...]:
    """Give the closes of all instruments of a region on one day, as published."""
    return _close_rows(DayClose.objects.filter(instrument__region=region, day=day))


@tenancy.everywhere(Why.MARKET)
def mean_price(code: str, *, from_on: date, to_on: date) -> trace.Traced | None:
    """Give the mean price as `vwap_fen_per_t` does, None when nothing was traded."""
    made = Trade.objects.filter(instrument__code=code, trading_on__gte=from_on, trading_on__lt=to_on, bust=None)
    sums = made.aggregate(volume=Sum("quantity_t"), turnover=Sum(F("quantity_t") * F("price_fen_per_t")))
    return clearing.vwap(turnover_fen=sums["turnover"], volume_t=sums["volume"]) if sums["volume"] else None


def vwap_fen_per_t(code: str, *, from_on: date, to_on: date, rules: RulesAt) -> trace.Traced:
    """Give the volume-weighted mean price of listed trades on the days `[from_on, to_on)`.

    Args:
        code: instrument.
        from_on: first day.
        to_on: day after the last.
        rules: where the reference price stands that is used when nothing was traded.

    Returns:
        Fen per tonne, halves up to the fen; the trace says which of both it is, and the reference price keeps its
        status badge.

    Raises:
        Refused: NO_FLOOR_PRICE when nothing was traded and there is no reference price.
    """
    mean = mean_price(code, from_on=from_on, to_on=to_on)
    if mean is not None:
        return mean
    if not rules.has(_REFERENCE_PRICE):
        raise Refused(AuctionRefusal.NO_FLOOR_PRICE, from_on=from_on, to_on=to_on)
    return rules.number(_REFERENCE_PRICE)


def _instrument(code: str) -> Instrument:
    row = Instrument.objects.filter(code=code).first()
    if row is None:
        raise Refused(MarketRefusal.NO_SUCH_INSTRUMENT, instrument=code)
    return row


def _instrument_row(row: Instrument) -> InstrumentRow:
    return InstrumentRow(
        row.code, row.region, row.scheme, row.kind, row.is_halted, row.previous_close_fen_per_t, row.closed_on
    )


def _levels(row: Instrument, side: Side, on: date, levels: int) -> tuple[Level, ...]:
    best_first = "-price_fen_per_t" if side is Side.BUY else "price_fen_per_t"
    found = (
        Order.objects.filter(instrument=row, side=side, state=OrderState.OPEN, trading_on=on)
        .values("price_fen_per_t")
        .annotate(quantity=Sum(F("quantity_t") - F("filled_t")), orders=Count("id"))
        .order_by(best_first)[:levels]
    )
    out: list[Level] = []
    cumulative_t = 0
    for level in found:
        cumulative_t += level["quantity"]
        out.append(Level(level["price_fen_per_t"], level["quantity"], cumulative_t, level["orders"]))
    return tuple(out)


def _order_rows(found: "QuerySet[Order]", limit: int | None = None) -> tuple[OrderRow, ...]:
    return tuple(
        OrderRow(
            number=row.number,
            instrument=row.instrument.code,
            seq=row.seq,
            side=Side(row.side),
            organisation=row.organisation,
            asset=row.asset,
            price_fen_per_t=row.price_fen_per_t,
            quantity_t=row.quantity_t,
            filled_t=row.filled_t,
            turnover_fen=row.turnover_fen,
            fee_fen=row.fee_fen,
            state=OrderState(row.state),
            trading_on=row.trading_on,
            at=row.at,
        )
        for row in found.select_related("instrument").order_by("-at", "-seq")[:limit]
    )


def _own_trade_row(row: Trade, organisation: str) -> OwnTradeRow:
    is_buyer = row.buy_order.organisation == organisation
    own = row.buy_order if is_buyer else row.sell_order
    return OwnTradeRow(
        number=row.number,
        instrument=row.instrument.code,
        side=Side(own.side),
        order=own.number,
        asset=row.asset,
        price_fen_per_t=row.price_fen_per_t,
        quantity_t=row.quantity_t,
        fee_fen=row.buyer_fee_fen if is_buyer else row.seller_fee_fen,
        at=row.at,
        transfer=row.transfer,
        bust=busts.bust_of(row),
    )


def _close_rows(found: "QuerySet[DayClose]") -> tuple[CloseRow, ...]:
    return tuple(
        CloseRow(row.instrument.code, row.day, row.close_fen_per_t, row.volume_t, row.turnover_fen, row.trades)
        for row in found.select_related("instrument").order_by("day", "instrument__kind", "instrument__code")
    )
