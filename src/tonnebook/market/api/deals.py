"""The API of agreement transfers: what was agreed for everybody, proposals for traders."""

from datetime import date, datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.core.book import Side
from tonnebook.core.deals import DealState
from tonnebook.faces import api, doors
from tonnebook.faces.api import Count, Key, Listed, Needs, PageNumber, PageSize, Quantity, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services

router = Router()

_Code = Annotated[str, Field(max_length=80)]


class BlockTrade(Schema):
    """A deal as it is published; it never enters the close."""

    number: str
    price_fen_per_t: int
    quantity_t: int
    at: datetime


class Deal(Schema):
    """A proposal, and what became of it; who made one for everybody is told to its parties alone."""

    number: str
    instrument: str
    side: Side = Field(description="Of who proposed.")
    organisation: str
    counterparty: str
    answers: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    state: DealState
    trading_on: date
    at: datetime
    taker: str
    fee_fen: int
    transfer: str
    settled_at: datetime | None
    reason: str = Field(description="Why it was declined.")


class Proposing(Schema):
    """A proposal; `shown_total_fen` as with an order (see /orders/total)."""

    instrument: Word
    side: Side
    price_fen_per_t: Quantity
    quantity_t: Quantity
    shown_total_fen: Count
    asset: _Code = ""
    counterparty: Annotated[_Code, Field(description="Unified social credit code; empty for everybody.")] = ""
    answers: Annotated[_Code, Field(description="Number of the proposal it answers.")] = ""
    indication: Annotated[_Code, Field(description="Number of the indication it takes up.")] = ""


class Accepting(Schema):
    """The acceptance of a proposal as it stands; a seller names the asset to deliver."""

    shown_total_fen: Count
    asset: _Code = ""


class Declining(Schema):
    """Why a proposal is declined."""

    reason: Annotated[Words, Field(min_length=1)]


class DealProposed(Schema):
    """A proposal that stands."""

    deal: str
    hold: str
    receipt: str = Field(description="Hash of the leaf of its proof.")


class Settled(Schema):
    """A deal that was settled."""

    deal: str
    transfer: str
    turnover_fen: int
    fee_fen: int
    receipt: str


class Ended(Schema):
    """A proposal that was declined or withdrawn."""

    deal: str
    receipt: str


@router.get("/instruments/{code}/blocks", response=list[BlockTrade], auth=None)
def block_trades(request: Request, code: Word) -> list[queries.BlockRow]:
    """The latest deals, newest first."""
    del request
    return list(queries.block_trades(code))


@router.get("/instruments/{code}/proposals", response=list[Deal], auth=Needs(Scope.READ_ORDERS))
def proposals(request: Request, code: Word) -> list[queries.DealRow]:
    """What the own organisation could accept now."""
    return list(queries.open_deals(code, organisation=doors.actor_of(request).organisation))


@router.get("/deals", response=Listed[Deal], auth=Needs(Scope.READ_ORDERS))
def deals(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The own proposals and deals, newest first, a thousand at most."""
    rows = queries.own_deals(doors.actor_of(request).organisation, limit=1000)
    return api.listed(rows, page=page, size=size)


@router.get("/deals/{number}", response=Deal, auth=Needs(Scope.READ_ORDERS))
def deal(request: Request, number: Word) -> queries.DealRow:
    """One proposal that the own organisation may read."""
    return queries.deal(number, organisation=doors.actor_of(request).organisation)


@router.post("/deals", response=DealProposed, auth=Needs(Scope.WRITE_ORDERS))
def propose_deal(request: Request, body: Proposing, key: Key) -> dict[str, object]:
    """Propose a deal to somebody or to everybody."""
    answer = services.propose_deal(doors.actor_of(request), **body.dict(), key=key, now=request.now)
    return dict(answer)


@router.post("/deals/{number}/accept", response=Settled, auth=Needs(Scope.WRITE_ORDERS))
def accept_deal(request: Request, number: Word, body: Accepting, key: Key) -> dict[str, object]:
    """Accept a proposal; units and money change hands at once."""
    answer = services.accept_deal(
        doors.actor_of(request),
        deal=number,
        shown_total_fen=body.shown_total_fen,
        asset=body.asset,
        key=key,
        now=request.now,
    )
    return dict(answer)


@router.post("/deals/{number}/decline", response=Ended, auth=Needs(Scope.WRITE_ORDERS))
def decline_deal(request: Request, number: Word, body: Declining, key: Key) -> dict[str, object]:
    """Decline a proposal made to the own organisation."""
    answer = services.decline_deal(doors.actor_of(request), deal=number, reason=body.reason, key=key, now=request.now)
    return dict(answer)


@router.delete("/deals/{number}", response=Ended, auth=Needs(Scope.WRITE_ORDERS))
def withdraw_deal(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Withdraw an own proposal."""
    return dict(services.withdraw_deal(doors.actor_of(request), deal=number, key=key, now=request.now))
