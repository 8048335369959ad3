"""Moves of the reserve: releases to be auctioned and withdrawals, each upon a finding and by two people."""

from datetime import date, datetime
from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field

from tonnebook.compliance import queries, services
from tonnebook.compliance.queries import ReserveMoveRow
from tonnebook.core.api_keys import Scope
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind
from tonnebook.faces import api, doors
from tonnebook.faces.api import (
    Approved,
    ComplianceYear,
    Key,
    Listed,
    Needs,
    PageNumber,
    PageSize,
    Proposed,
    Quantity,
    Word,
)
from tonnebook.faces.requests import Request
from tonnebook.members import services as members

router = Router(tags=["compliance"])


class ReserveMove(Schema):
    """A move of the reserve upon the finding of a day, and the most it might have taken; tonnes."""

    number: str
    kind: ReserveMoveKind
    found_on: date
    year: int
    asset: str
    quantity_t: int
    limit_t: int
    decided_at: datetime


class MovingReserve(Schema):
    """What moves upon which finding."""

    on: date = Field(description="Day of the finding.", examples=["2026-07-01"])
    kind: ReserveMoveKind = Field(examples=[ReserveMoveKind.RELEASE])
    year: ComplianceYear = Field(examples=[2026])
    quantity_t: Quantity = Field(examples=[1000])


class MovingReserveApproved(MovingReserve, Approved):
    """A move, and the approval of exactly this by two people."""


class ReserveMoved(Schema):
    """The move that was made, of which units, and the hash of the leaf of its proof."""

    reserve_move: str
    asset: str
    receipt: str


@router.get("/stability/reserve-moves", response=Listed[ReserveMove], auth=None)
def reserve_moves(
    request: Request, region: Annotated[Word, Query(examples=["shanghai"])], page: PageNumber = 1, size: PageSize = 50
) -> dict[str, object]:
    """The releases to auctions and the withdrawals of a region, the latest first; public, without a key."""
    return api.listed([_told(row) for row in queries.reserve_moves(region)], page=page, size=size)


@router.post("/stability/reserve-moves/propose", response=Proposed, auth=Needs(Scope.WRITE_UNITS))
def propose_reserve_move(request: Request, body: MovingReserve, key: Key) -> dict[str, object]:
    """Propose a move of the reserve upon a finding; a second person approves it."""
    payload = {"region": request.region, **body.dict()}
    actor = doors.actor_of(request)
    return dict(members.propose(actor, kind="compliance.move_reserve", payload=payload, key=key, now=request.now))


@router.post("/stability/reserve-moves", response=ReserveMoved, auth=Needs(Scope.WRITE_UNITS))
def move_reserve(request: Request, body: MovingReserveApproved, key: Key) -> dict[str, object]:
    """Move the reserve as two people approved it."""
    actor = doors.actor_of(request)
    return dict(services.move_reserve(actor, region=request.region, **body.dict(), key=key, now=request.now))


def _told(row: ReserveMoveRow) -> dict[str, object]:
    shown = ("number", "kind", "found_on", "year", "asset", "quantity_t", "decided_at")
    return {**{name: getattr(row, name) for name in shown}, "limit_t": row.limit.whole}
