"""What is given beside the method: grounds of incentives with their evidence, and draws on the headroom."""

from datetime import datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries, services
from tonnebook.core.api_keys import Scope
from tonnebook.core.roles import Act
from tonnebook.faces import api, doors, requests
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
    Words,
)
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as people
from tonnebook.members import services as members

router = Router(tags=["compliance"])

_Name = Annotated[Word, Field(max_length=60)]
_Evidence = Annotated[Words, Field(min_length=1, max_length=200)]


class Ground(Schema):
    """A ground of an incentive that officers found; `withdrawn_at` is null while it stands."""

    entity: str
    ground: str
    evidence: str
    noted_at: datetime
    withdrawn_at: datetime | None
    reason: str = Field(description="Why it was withdrawn.")


class Noting(Schema):
    """Grounds that were found, with the paper each rests on; all are noted, or none."""

    year: ComplianceYear = Field(examples=[2026])
    grounds: dict[Word, dict[_Name, _Evidence]] = Field(
        min_length=1,
        description="By company, then by name of the ground.",
        examples=[{"91310000MA1FL00010": {"metering": "inspection 2026-7"}}],
    )


class Noted(Schema):
    """How many grounds were noted."""

    grounds: int


class WithdrawingGround(Schema):
    """What the doubt was and what came of it."""

    reason: Words = Field(examples=["The meter was not calibrated."])


class GroundWithdrawn(Schema):
    """The ground that no longer counts, and the hash of the leaf of its proof."""

    ground: str
    receipt: str


class Pot(Schema):
    """The headroom of a year in sums, tonnes."""

    pot_t: int
    drawn_t: int
    left_t: int


class Draw(Schema):
    """A draw on the headroom; `left_t` is what the pot held afterwards, tonnes."""

    number: str
    entity: str
    quantity_t: int
    ground: str
    left_t: int
    transfer: str
    initiator: str
    approver: str
    drawn_at: datetime


class Drawing(Schema):
    """What is drawn, for whom, and for which industry and project."""

    year: ComplianceYear = Field(examples=[2026])
    entity: Word = Field(examples=["91310000MA1FL00010"])
    quantity_t: Quantity = Field(examples=[1000])
    ground: Words = Field(examples=["Integrated circuits, line 2"])


class DrawingApproved(Drawing, Approved):
    """A draw, and the approval of exactly this by two people."""


class Drawn(Schema):
    """The draw that was made, tonnes left in the pot, and the transfer."""

    draw: str
    left_t: int
    transfer: str


@router.get("/grounds", response=Listed[Ground], auth=Needs(Scope.READ_ACCOUNTS))
def grounds(request: Request, year: ComplianceYear, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The grounds noted for companies of the region in a year, the latest first."""
    members.require(doors.actor_of(request), Act.COMPUTE_ALLOCATION)
    rows = queries.grounds_noted(request.region, year)
    trail.listed("grounds", rows=len(rows), asked=requests.asked_of(request))
    return api.listed(rows, page=page, size=size)


@router.post("/grounds", response=Noted, auth=Needs(Scope.WRITE_YEAR))
def note_grounds(request: Request, body: Noting, key: Key) -> dict[str, object]:
    """Note grounds of incentives with their evidence; what is computed from now on is with them."""
    actor = doors.actor_of(request)
    for entity in sorted(body.grounds):
        people.organisation_within(actor, entity)
    return dict(services.record_grounds(actor, **body.dict(), key=key, now=request.now))


@router.post("/grounds/{entity}/{year}/{ground}/withdraw", response=GroundWithdrawn, auth=Needs(Scope.WRITE_YEAR))
def withdraw_ground(
    request: Request, entity: Word, year: int, ground: Word, body: WithdrawingGround, key: Key
) -> dict[str, object]:
    """Withdraw a ground that turns out not to hold; what is computed from now on is without it."""
    actor = doors.actor_of(request)
    people.organisation_within(actor, entity)
    told = {"entity": entity, "ground": ground, "reason": body.reason}
    return dict(services.withdraw_ground(actor, year=year, **told, key=key, now=request.now))


@router.get("/headroom", response=Pot | None, auth=Needs(Scope.READ_ACCOUNTS))
def headroom(request: Request, year: ComplianceYear) -> queries.Headroom | None:
    """The room the plan of a year keeps for strategic emerging and future industries; null where it keeps none."""
    return queries.headroom(request.region, year, requests.today(request))


@router.get("/headroom/draws", response=Listed[Draw], auth=Needs(Scope.READ_ACCOUNTS))
def draws(request: Request, year: ComplianceYear, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """What was drawn on the headroom of a year, the latest first."""
    members.require(doors.actor_of(request), Act.ISSUE_BATCH)
    rows = queries.headroom_draws(request.region, year)
    trail.listed("headroom", rows=len(rows), asked=requests.asked_of(request))
    return api.listed([_told(row) for row in rows], page=page, size=size)


@router.post("/headroom/draws/propose", response=Proposed, auth=Needs(Scope.WRITE_YEAR))
def propose_draw(request: Request, body: Drawing, key: Key) -> dict[str, object]:
    """Propose a draw on the headroom; a second person approves it."""
    actor = doors.actor_of(request)
    members.require(actor, Act.ISSUE_BATCH)
    people.organisation_within(actor, body.entity)
    payload = {"region": request.region, **body.dict()}
    return dict(members.propose(actor, kind="compliance.draw_headroom", payload=payload, key=key, now=request.now))


@router.post("/headroom/draws", response=Drawn, auth=Needs(Scope.WRITE_YEAR))
def draw_headroom(request: Request, body: DrawingApproved, key: Key) -> dict[str, object]:
    """Give a company allowances out of the headroom, as two people approved it."""
    actor = doors.actor_of(request)
    return dict(services.draw_headroom(actor, region=request.region, **body.dict(), key=key, now=request.now))


def _told(row: queries.DrawnRow) -> dict[str, object]:
    shown = ("number", "entity", "quantity_t", "ground", "transfer", "initiator", "approver", "drawn_at")
    return {**{name: getattr(row, name) for name in shown}, "left_t": row.left.whole}
