"""The API of paid auctions: announcements and results for everybody, own bids for traders."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.core.auction import AuctionKind, AuctionState, BidState
from tonnebook.core.sealed_bids import ENVELOPE_BYTES, VoidReason
from tonnebook.faces import doors
from tonnebook.faces.api import Key, Needs, Quantity, Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.queries import AuctionRow

router = Router()


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
