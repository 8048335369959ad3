"""The API of the market: instruments, depth and tape for everybody, own orders for traders."""

from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Self

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field, model_validator

from tonnebook.core.api_keys import Scope
from tonnebook.core.auction import AuctionKind, AuctionState, BidState
from tonnebook.core.book import MarketRefusal, OrderState, Side
from tonnebook.core.errors import Refused
from tonnebook.core.sealed_bids import ENVELOPE_BYTES, VoidReason
from tonnebook.faces import api, doors, requests
from tonnebook.faces.api import Count, Key, Listed, Needs, PageNumber, PageSize, Quantity, Version, Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.queries import AuctionRow, OrderRow

router = Router(tags=["market"])


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


class Placing(Schema):
    """A limit order for the day; `shown_total_fen` is the total its trader confirmed (see /orders/total)."""

    instrument: Word
    side: Side
    price_fen_per_t: Quantity
    quantity_t: Quantity
    shown_total_fen: Count
    asset: Annotated[str, Field(max_length=80)] = ""

    @model_validator(mode="after")
    def asset_fits_side(self) -> Self:
        """Refuse what is no order: a buyer with an asset, or a seller without."""
        if bool(self.asset) != (self.side is Side.SELL):
            raise ValueError("a seller names the asset to deliver, a buyer names none")
        return self


class Placed(Schema):
    """What became of an order at once."""

    order: str
    state: OrderState
    filled_t: int
    rest_t: int
    cancelled_t: int
    turnover_fen: int
    fee_fen: int
    trades: list[str]
    receipt: str = Field(description="Hash of the leaf of its proof.")


class Cancelled(Schema):
    """What was taken back."""

    order: str
    cancelled_t: int
    receipt: str


class Total(Schema):
    """What an order would cost with its fee (buyer), or bring after it (seller)."""

    total_fen: int


class AuctionResult(Schema):
    """What came of an auction; no price when nothing was sold."""

    price_fen_per_t: int | None
    sold_t: int
    unsold_t: int
    demand_t: int
    bidders: int


class Auction(Schema):
    """An auction as announced, where it stands, and its result; bids are encrypted to `opening_key` (see the docs)."""

    number: str
    region: str
    kind: AuctionKind
    year: int
    asset: str
    quantity_t: int
    floor_price_fen_per_t: int
    opens_at: datetime
    closes_at: datetime
    opening_key: str
    state: AuctionState
    result: AuctionResult | None


class Bid(Schema):
    """An own bid; price and quantity are known once the auction has been opened."""

    number: str
    auction: str
    deposit_fen: int
    price_fen_per_t: int | None
    quantity_t: int | None
    awarded_t: int
    state: BidState
    void_reason: VoidReason | None
    receipt: str
    at: datetime


class Bidding(Schema):
    """A sealed bid: HPKE over "price quantity", each of fifteen digits, bound to auction, mark and deposit."""

    envelope: Annotated[str, Field(pattern=f"^[0-9a-f]{{{2 * ENVELOPE_BYTES}}}$")]
    mark: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    deposit_fen: Quantity


class BidTaken(Schema):
    """The number of a bid, and the proof that it was in time."""

    bid: str
    receipt: str = Field(description="Hash of the leaf of its proof.")


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


@router.get("/orders", response=Listed[Order], auth=Needs(Scope.READ_ORDERS))
def orders(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The own orders, newest first, a thousand at most."""
    rows = queries.orders(doors.actor_of(request).organisation, limit=1000)
    return api.listed(rows, page=page, size=size)


@router.get("/orders/total", response=Total, auth=Needs(Scope.READ_ORDERS))
def total(request: Request, instrument: Word, side: Side, price_fen_per_t: Quantity, quantity_t: Quantity) -> Total:
    """The total of an order as the exchange will work it out."""
    traced = queries.total_fen(
        instrument, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=requests.today(request)
    )
    return Total(total_fen=int(traced.value))


@router.get("/orders/{number}", response=Order, auth=Needs(Scope.READ_ORDERS))
def order(request: Request, response: HttpResponse, number: Word) -> OrderRow | HttpResponse:
    """One own order, with its ETag."""
    return api.show_version(request, response, _own_order(request, number))


@router.post("/orders", response=Placed, auth=Needs(Scope.WRITE_ORDERS))
def place(request: Request, body: Placing, key: Key) -> dict[str, object]:
    """Place an order; what it meets is traded and settled at once."""
    answer = services.place_order(
        doors.actor_of(request),
        instrument=body.instrument,
        side=body.side,
        price_fen_per_t=body.price_fen_per_t,
        quantity_t=body.quantity_t,
        shown_total_fen=body.shown_total_fen,
        asset=body.asset,
        key=key,
        now=request.now,
    )
    return dict(answer)


@router.delete("/orders/{number}", response=Cancelled, auth=Needs(Scope.WRITE_ORDERS))
def cancel(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Take what is left of an own order back."""
    api.require_version(version, _own_order(request, number))
    return dict(services.cancel_order(doors.actor_of(request), order=number, key=key, now=request.now))


@router.get("/auctions", response=list[Auction], auth=None)
def auctions(request: Request, region: Word = "") -> list[dict[str, object]]:
    """The auctions of a region, the latest first."""
    return [_auction(row) for row in queries.auctions(region or request.region, now=request.now)]


@router.get("/auctions/{number}", response=Auction, auth=None)
def auction(request: Request, number: Word) -> dict[str, object]:
    """One auction."""
    return _auction(queries.auction(number, now=request.now))


@router.get("/auctions/{number}/bids", response=list[Bid], auth=Needs(Scope.READ_ORDERS))
def bids(request: Request, number: Word) -> list[queries.BidRow]:
    """The own bids in an auction, in order of time."""
    organisation, shown = doors.actor_of(request).organisation, queries.auction(number, now=request.now)
    return [row for row in queries.bids(shown.number, organisation=organisation) if row.organisation == organisation]


@router.post("/auctions/{number}/bids", response=BidTaken, auth=Needs(Scope.WRITE_ORDERS))
def bid(request: Request, number: Word, body: Bidding, key: Key) -> dict[str, object]:
    """Place a sealed bid; its deposit is set aside until the auction is cleared."""
    answer = services.place_bid(
        doors.actor_of(request),
        auction=number,
        envelope=body.envelope,
        mark=body.mark,
        deposit_fen=body.deposit_fen,
        key=key,
        now=request.now,
    )
    return dict(answer)


@router.delete("/bids/{number}", response=BidTaken, auth=Needs(Scope.WRITE_ORDERS))
def withdraw_bid(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Take an own bid back while its auction is open."""
    return dict(services.withdraw_bid(doors.actor_of(request), bid=number, key=key, now=request.now))


def _auction(row: AuctionRow) -> dict[str, object]:
    shown, result = _plain(row), None
    if row.result is not None:
        result = {**_plain(row.result), "price_fen_per_t": row.result.price.whole if row.result.price else None}
    return {**shown, "floor_price_fen_per_t": row.floor_price.whole, "result": result}


def _plain(row: AuctionRow | queries.AuctionResult) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _own_order(request: Request, number: str) -> OrderRow:
    row = queries.order(number)
    if row.organisation != doors.actor_of(request).organisation:
        raise Refused(MarketRefusal.NO_SUCH_ORDER, order=number)
    return row
