"""The API of one-way auctions: lots and results for everybody, offers and bids for traders."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.core.auction import BidState
from tonnebook.core.one_way import Pricing, SaleState
from tonnebook.faces import doors
from tonnebook.faces.api import Count, Key, Needs, Quantity, Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services

router = Router()


class Sale(Schema):
    """A lot in a one-way auction; nobody's name."""

    number: str
    instrument: str
    asset: str
    quantity_t: int
    floor_drop: Decimal = Field(description="How far below the previous close the floor lies, as a share.")
    pricing: Pricing
    state: SaleState
    opens_at: datetime | None
    closes_at: datetime | None
    low_fen_per_t: int | None = Field(description="Floor, from the first bid on.")
    high_fen_per_t: int | None = Field(description="Highest bid allowed, from the first bid on.")
    bids: int
    sold_t: int | None


class SaleAward(Schema):
    """What a bid got."""

    price_fen_per_t: int
    quantity_t: int


class SaleBid(Schema):
    """An own bid, and what it got."""

    number: str
    price_fen_per_t: int
    quantity_t: int
    state: BidState
    paid_fen_per_t: int
    awarded_t: int
    fee_fen: int
    at: datetime


class Offering(Schema):
    """A lot to be sold; floor and pricing are among those the rule names."""

    instrument: Word
    asset: Word
    quantity_t: Quantity
    floor_drop: Annotated[Decimal, Field(ge=0, lt=1, max_digits=6, decimal_places=4)]
    pricing: Pricing


class Offered(Schema):
    """A lot that waits to be announced."""

    sale: str
    hold: str
    receipt: str = Field(description="Hash of the leaf of its proof.")


class SaleWithdrawn(Schema):
    """A lot that was withdrawn."""

    sale: str


class SaleBidding(Schema):
    """A bid; `shown_total_fen` as with an order (see /orders/total)."""

    price_fen_per_t: Quantity
    quantity_t: Quantity
    shown_total_fen: Count


class SaleBidTaken(Schema):
    """A bid that stands."""

    bid: str
    hold: str
    receipt: str = Field(description="Hash of the leaf of its proof.")


@router.get("/sales", response=list[Sale], auth=None)
def sales(request: Request, region: Word) -> list[queries.SaleRow]:
    """The lots of a region, those announced last first."""
    del request
    return list(queries.sales(region))


@router.get("/sales/{number}/awards", response=list[SaleAward], auth=None)
def sale_awards(request: Request, number: Word) -> list[queries.SaleAward]:
    """What was sold at which prices, best first."""
    del request
    return list(queries.sale_awards(queries.sale(number).number))


@router.get("/sales/{number}/bids", response=list[SaleBid], auth=Needs(Scope.READ_ORDERS))
def own_sale_bids(request: Request, number: Word) -> list[queries.SaleBidRow]:
    """The own bids for a lot, newest first."""
    return list(queries.own_sale_bids(queries.sale(number).number, doors.actor_of(request).organisation))


@router.post("/sales", response=Offered, auth=Needs(Scope.WRITE_ORDERS))
def offer_sale(request: Request, body: Offering, key: Key) -> dict[str, object]:
    """Offer a lot."""
    return dict(services.offer_sale(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.delete("/sales/{number}", response=SaleWithdrawn, auth=Needs(Scope.WRITE_ORDERS))
def withdraw_sale(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Withdraw an own lot before bids are taken."""
    return dict(services.withdraw_sale(doors.actor_of(request), sale=number, key=key, now=request.now))


@router.post("/sales/{number}/bids", response=SaleBidTaken, auth=Needs(Scope.WRITE_ORDERS))
def bid_in_sale(request: Request, number: Word, body: SaleBidding, key: Key) -> dict[str, object]:
    """Bid for a lot; the bid binds."""
    answer = services.bid_in_sale(doors.actor_of(request), sale=number, **body.dict(), key=key, now=request.now)
    return dict(answer)
