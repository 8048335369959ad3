"""The API of listed trading: instruments, depth and tape for everybody, own orders for traders."""

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Field, Router, Schema

from tonnebook.core.api_keys import Scope
from tonnebook.core.book import MarketRefusal, OrderState, Side
from tonnebook.core.busts import BustGround
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.faces import api, doors, requests
from tonnebook.faces.api import Key, Listed, Needs, PageNumber, PageSize, Quantity, Text, Version, Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.queries import OrderRow

router = Router()


class Instrument(Schema):
    """What is traded."""

    code: str
    scheme: str
    kind: str
    is_halted: bool
    previous_close_fen_per_t: int


class Quote(Schema):
    """The state of an instrument now; prices in fen per tonne."""

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


class Level(Schema):
    """One price of one side."""

    price_fen_per_t: int
    quantity_t: int
    cumulative_t: int
    orders: int


class Depth(Schema):
    """The best levels of both sides, best first."""

    bids: list[Level]
    asks: list[Level]


class Trade(Schema):
    """A trade as the tape shows it."""

    number: str
    seq: int
    price_fen_per_t: int
    quantity_t: int
    at: datetime
    bust: str = Field(description="Number of what took it back; empty while it stands.")


class Bust(Schema):
    """A trade that was taken back, and the right one in its place if there is one."""

    number: str
    trade: str
    ground: BustGround
    price_fen_per_t: int
    quantity_t: int
    replacement: str
    right_price_fen_per_t: int | None
    right_quantity_t: int | None
    at: datetime


class Order(Schema):
    """An own order."""

    number: str
    instrument: str
    seq: int
    side: Side
    asset: str
    price_fen_per_t: int
    quantity_t: int
    filled_t: int
    turnover_fen: int
    fee_fen: int
    state: OrderState
    trading_on: date
    at: datetime


class Cancelled(Schema):
    """What was taken back."""

    order: str
    cancelled_t: int
    receipt: str


class Total(Schema):
    """What an order would cost with its fee (buyer), or bring after it (seller)."""

    total_fen: int


@router.get("/instruments", response=list[Instrument], auth=None)
def instruments(request: Request, region: Word = "") -> list[queries.InstrumentRow]:
    """What is traded in a region."""
    return list(queries.instruments(region or request.region))


@router.get("/instruments/{code}", response=Quote, auth=None)
def quote(request: Request, code: Word) -> queries.Quote:
    """The state of an instrument now."""
    return queries.quote(code, now=request.now)


@router.get("/instruments/{code}/depth", response=Depth, auth=None)
def depth(request: Request, code: Word) -> queries.Depth:
    """The five best prices of both sides."""
    return queries.depth(code, on=requests.today(request))


@router.get("/instruments/{code}/trades", response=list[Trade], auth=None)
def trades(request: Request, code: Word) -> list[queries.TradeRow]:
    """The latest trades, newest first."""
    del request
    return list(queries.trades(code))


@router.get("/instruments/{code}/busts", response=list[Bust], auth=None)
def busts(request: Request, code: Word, day: date | None = None) -> list[queries.BustRow]:
    """The trades of a day, today unless another is asked for, that were taken back."""
    return list(queries.busts_of(code, day=day or requests.today(request)))


@router.get("/orders", response=Listed[Order], auth=Needs(Scope.READ_ORDERS))
def orders(request: Request, page: PageNumber = 1, size: PageSize = 50, client: Text = "") -> dict[str, object]:
    """The own orders, newest first, a thousand at most; those of a client for the member that trades for it."""
    with services.acting_for(doors.actor_of(request), client) as actor:
        rows = queries.orders(actor.organisation, limit=1000)
    return api.listed(rows, page=page, size=size)


@router.get("/orders/total", response=Total, auth=Needs(Scope.READ_ORDERS))
def total(request: Request, instrument: Word, side: Side, price_fen_per_t: Quantity, quantity_t: Quantity) -> Total:
    """The total of an order as the exchange will work it out."""
    traced = queries.total_fen(
        instrument, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=requests.today(request)
    )
    return Total(total_fen=int(traced.value))


@router.get("/orders/{number}", response=Order, auth=Needs(Scope.READ_ORDERS))
def order(request: Request, response: HttpResponse, number: Word, client: Text = "") -> OrderRow | HttpResponse:
    """One own order, with its ETag."""
    with services.acting_for(doors.actor_of(request), client) as actor:
        return api.show_version(request, response, _own_order(actor, number))


@router.delete("/orders/{number}", response=Cancelled, auth=Needs(Scope.WRITE_ORDERS))
def cancel(request: Request, number: Word, key: Key, version: Version = "", client: Text = "") -> dict[str, object]:
    """Take what is left of an own order back."""
    with services.acting_for(doors.actor_of(request), client) as actor:
        api.require_version(version, _own_order(actor, number))
        return dict(services.cancel_order(actor, order=number, key=key, now=request.now))


def _own_order(actor: Actor, number: str) -> OrderRow:
    row = queries.order(number)
    if row.organisation != actor.organisation:
        raise Refused(MarketRefusal.NO_SUCH_ORDER, order=number)
    return row
