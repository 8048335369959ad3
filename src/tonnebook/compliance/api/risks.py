"""Entities at risk: who is marked, by two people, and what is kept back for their duty."""

from datetime import datetime
from typing import cast

from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries, services
from tonnebook.core.api_keys import Scope
from tonnebook.core.canonical import Json
from tonnebook.core.enforcement import RiskGround
from tonnebook.core.roles import Act
from tonnebook.faces import api, doors
from tonnebook.faces.api import Approved, Key, Listed, Needs, PageNumber, PageSize, Proposed, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as people
from tonnebook.members import services as members

router = Router(tags=["compliance"])


class EntityAtRisk(Schema):
    """An entity that is or was held to be at risk, why, and tonnes kept back now."""

    mark: str
    entity: str
    ground: RiskGround
    document: str
    marked_at: datetime
    ended_at: datetime | None
    kept_t: int


class Marking(Schema):
    """Who is at risk of not surrendering, on what ground, by which paper."""

    entity: Word = Field(examples=["91310000MA1FL00010"])
    ground: RiskGround = Field(examples=[RiskGround.BANKRUPTCY])
    document: Words = Field(examples=["court notice 2026-1"])


class MarkingApproved(Marking, Approved):
    """A mark, and the approval of exactly this by two people."""


class Marked(Schema):
    """The mark that stands, and the hash of the leaf of its proof."""

    mark: str
    receipt: str


class RiskEnded(Marked):
    """The mark that has ended, and tonnes that are free again."""

    freed_t: int


@router.get("/entities-at-risk", response=Listed[EntityAtRisk], auth=Needs(Scope.READ_ACCOUNTS))
def entities_at_risk(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The entities of the region that are or were held to be at risk, the latest first."""
    members.require(doors.actor_of(request), Act.FORCE_SURRENDER)
    rows = queries.entities_at_risk(request.region)
    trail.listed("at_risk", rows=len(rows))
    return api.listed(rows, page=page, size=size)


@router.post("/entities-at-risk/propose", response=Proposed, auth=Needs(Scope.WRITE_YEAR))
def propose_mark(request: Request, body: Marking, key: Key) -> dict[str, object]:
    """Propose to hold an entity to be at risk; a second person approves it."""
    return _propose(request, "compliance.mark_at_risk", body.dict(), key)


@router.post("/entities-at-risk", response=Marked, auth=Needs(Scope.WRITE_YEAR))
def mark_at_risk(request: Request, body: MarkingApproved, key: Key) -> dict[str, object]:
    """Hold an entity to be at risk, as two people approved it: from now on what it is issued is kept back."""
    actor = doors.actor_of(request)
    return dict(services.mark_at_risk(actor, region=request.region, **body.dict(), key=key, now=request.now))


@router.post("/entities-at-risk/{entity}/end/propose", response=Proposed, auth=Needs(Scope.WRITE_YEAR))
def propose_end_of_risk(request: Request, entity: Word, key: Key) -> dict[str, object]:
    """Propose to end the risk of an entity; a second person approves it."""
    return _propose(request, "compliance.end_risk", {"entity": entity}, key)


@router.post("/entities-at-risk/{entity}/end", response=RiskEnded, auth=Needs(Scope.WRITE_YEAR))
def end_risk(request: Request, entity: Word, body: Approved, key: Key) -> dict[str, object]:
    """End the risk of an entity, as two people approved it; what was kept back and not taken is free again."""
    told = {"entity": entity, "approval": body.approval}
    return dict(services.end_risk(doors.actor_of(request), region=request.region, **told, key=key, now=request.now))


def _propose(request: Request, kind: str, told: dict[str, object], key: str) -> dict[str, object]:
    actor = doors.actor_of(request)
    members.require(actor, Act.FORCE_SURRENDER)
    people.organisation_within(actor, str(told["entity"]))
    payload = cast(dict[str, Json], {"region": request.region, **told})
    return dict(members.propose(actor, kind=kind, payload=payload, key=key, now=request.now))
