"""The API of compliance: how a year is expected to end, and what must be done by when."""

from datetime import date, datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.queries import Position
from tonnebook.core.api_keys import Scope
from tonnebook.core.carry_over import CarryOverState
from tonnebook.core.early_warning import AtRisk, Basis, Driver
from tonnebook.core.ledger import HoldReason
from tonnebook.core.roles import Act
from tonnebook.core.shortfall import Way
from tonnebook.core.tasks import Task, TaskState
from tonnebook.core.transition import TransitionKind
from tonnebook.faces import api, doors, requests
from tonnebook.faces.api import ComplianceYear, Key, Listed, Needs, PageNumber, PageSize, Quantity, Word
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import services

router = Router(tags=["compliance"])


class DriverLine(Schema):
    """A part of an expected shortfall, tonnes."""

    driver: Driver
    quantity_t: int


class RiskLine(Schema):
    """Units that are set aside, tonnes."""

    reason: HoldReason
    quantity_t: int


class WayLine(Schema):
    """What one way to close the shortfall would cost now; of a fine the smallest and the largest. Never a promise."""

    way: Way
    subject: str
    covered_t: int
    cost_fen: int
    most_fen: int | None


class Outlook(Schema):
    """How a year is expected to end; a warning, never a status."""

    entity: str
    year: int
    basis: Basis
    expected_emission_t: int
    drivers: list[DriverLine]
    shortfall_t: int
    surplus_t: int
    at_risk: list[RiskLine]
    lent_t: int


class TaskLine(Schema):
    """A task of a year: its last day, how much of it is left, where it stands."""

    task: Task
    due_on: date
    working_days_left: int
    left: int
    state: TaskState


class MayCarry(Schema):
    """What an organisation may carry over, from what it sold, bought and held of old vintages; tonnes and days."""

    limit_t: int
    sold_t: int
    bought_t: int
    holding_t: int
    is_on_time: bool
    from_on: date
    to_on: date
    held_on: date
    apply_by: date
    rounds: list[date]


class CarryOverRequest(Schema):
    """A request to carry over; `granted_t` is what came of it, null before its round."""

    number: str
    round_on: date
    limit_t: int
    quantity_t: int
    granted_t: int | None
    state: CarryOverState
    asked_at: datetime


class Asking(Schema):
    """What is asked to be carried over of a year."""

    year: Annotated[int, Field(ge=2005, le=2099)]
    quantity_t: Quantity


class CarryOverAsked(Schema):
    """A request that stands, and the day by which it is decided."""

    request: str
    round_on: date
    receipt: str = Field(description="Hash of the leaf of its proof.")


class CarryOverWithdrawn(Schema):
    """A request that was withdrawn."""

    request: str
    receipt: str


class Carried(Schema):
    """What one act did with an entity's allowances, tonnes; `kind` is null for the carry-over of the settled year."""

    entity: str
    kind: TransitionKind | None
    on: date
    kept_t: int
    converted_t: int
    cancelled_t: int
    returned_t: int
    handed_t: int
    transfer: str
    source: str
    article: str
    status: str


@router.get("/outlook", response=Outlook, auth=Needs(Scope.READ_ACCOUNTS))
def outlook(request: Request, year: ComplianceYear) -> dict[str, object]:
    """What the own organisation is expected to be short of, and what that is made of."""
    entity = doors.actor_of(request).organisation
    place = queries.position(entity, year, requests.today(request))
    return _told(place, queries.units_at_risk({entity: place})[entity])


@router.get("/outlook/ways", response=list[WayLine], auth=Needs(Scope.READ_ACCOUNTS))
def ways_to_close(request: Request, year: ComplianceYear) -> list[dict[str, object]]:
    """What closing the own shortfall would cost: market, next auction, credits, and the fine otherwise."""
    actor = doors.actor_of(request)
    place = queries.position(actor.organisation, year, requests.today(request))
    return [
        {
            "way": one.way,
            "subject": one.subject,
            "covered_t": one.covered_t,
            "cost_fen": one.cost.whole,
            "most_fen": one.most.whole if one.most else None,
        }
        for one in queries.ways_to_close(place, actor.region, now=request.now)
    ]


@router.get("/outlooks", response=Listed[Outlook], auth=Needs(Scope.READ_ACCOUNTS))
def outlooks(request: Request, year: ComplianceYear, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """How the year is expected to end for every covered entity of the region, the largest shortfall first."""
    actor = doors.actor_of(request)
    services.require(actor, Act.READ_ALL)
    rows = queries.outlooks(actor.region, year, requests.today(request))
    trail.listed("outlooks", rows=len(rows), asked=requests.asked_of(request))
    return api.listed([_told(row.position, row.at_risk) for row in rows], page=page, size=size)


@router.get("/tasks", response=list[TaskLine], auth=Needs(Scope.READ_ACCOUNTS))
def tasks(request: Request, year: ComplianceYear) -> tuple[queries.TaskRow, ...]:
    """What the own organisation must do in a compliance year, and by when."""
    actor = doors.actor_of(request)
    whose = {actor.kind: [actor.organisation]}
    return queries.task_list(actor.region, year, requests.today(request), whose=whose)


@router.get("/carry-over", response=MayCarry | None, auth=Needs(Scope.READ_ACCOUNTS))
def may_carry_over(request: Request, year: ComplianceYear) -> dict[str, object] | None:
    """What the own organisation may carry over of a year that the rules limit, and what it rests on."""
    actor = doors.actor_of(request)
    found = queries.claim(actor.organisation, region=actor.region, year=year, now=request.now)
    if found is None:
        return None
    return {
        **{name: getattr(found.dealings, name) for name in ("sold_t", "bought_t", "holding_t", "is_on_time")},
        **{name: getattr(found, name) for name in ("from_on", "to_on", "held_on", "apply_by", "rounds")},
        "limit_t": found.limit.whole,
    }


@router.get("/carry-over/requests", response=list[CarryOverRequest], auth=Needs(Scope.READ_ACCOUNTS))
def own_carry_over_requests(request: Request, year: ComplianceYear) -> list[queries.CarryOverRequestRow]:
    """What the own organisation has asked to carry over of a year."""
    actor = doors.actor_of(request)
    return list(queries.carry_over_requests(actor.region, year, entity=actor.organisation))


@router.post("/carry-over/requests", response=CarryOverAsked, auth=Needs(Scope.WRITE_UNITS))
def ask_carry_over(request: Request, body: Asking, key: Key) -> dict[str, object]:
    """Ask to carry over old vintages."""
    actor = doors.actor_of(request)
    answer = compliance.ask_carry_over(actor, entity=actor.organisation, **body.dict(), key=key, now=request.now)
    return dict(answer)


@router.post("/carry-over/requests/{number}/withdraw", response=CarryOverWithdrawn, auth=Needs(Scope.WRITE_UNITS))
def withdraw_carry_over(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Withdraw a request that no round has decided."""
    actor = doors.actor_of(request)
    return dict(compliance.withdraw_carry_over(actor, request=number, key=key, now=request.now))


@router.get("/carried", response=Listed[Carried], auth=Needs(Scope.READ_ACCOUNTS))
def carried(request: Request, year: ComplianceYear, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """What became of the surplus of the region's companies in a year, by which rule."""
    actor = doors.actor_of(request)
    services.require(actor, Act.READ_ALL)
    rows = queries.carried_year(actor.region, year, now=request.now).rows
    trail.listed("carried", rows=len(rows), asked=requests.asked_of(request))
    return api.listed([_done(row) for row in rows], page=page, size=size)


def _done(row: queries.CarriedRow) -> dict[str, object]:
    basis = row.basis
    return {
        **{name: getattr(row, name) for name in ("entity", "kind", "on", *queries.AMOUNTS, "transfer")},
        "source": basis.source if basis else "",
        "article": basis.article if basis else "",
        "status": basis.status if basis else "",
    }


def _told(place: Position, risk: AtRisk) -> dict[str, object]:
    return {
        "entity": place.entity,
        "year": place.year,
        "basis": place.outlook.expected.basis,
        "expected_emission_t": place.expected_t,
        "drivers": [{"driver": driver, "quantity_t": one.whole} for driver, one in place.outlook.drivers],
        "shortfall_t": place.gap_t,
        "surplus_t": place.outlook.surplus.whole,
        "at_risk": [{"reason": reason, "quantity_t": quantity_t} for reason, quantity_t in risk.by_reason],
        "lent_t": risk.lent_t,
    }
