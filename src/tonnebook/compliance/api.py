"""The API of compliance: how a year is expected to end, and what must be done by when."""

from datetime import date

from ninja import Router, Schema

from tonnebook.compliance import queries
from tonnebook.compliance.queries import Position
from tonnebook.core.api_keys import Scope
from tonnebook.core.early_warning import AtRisk, Basis, Driver
from tonnebook.core.ledger import HoldReason
from tonnebook.core.roles import Act
from tonnebook.core.shortfall import Way
from tonnebook.core.tasks import Task, TaskState
from tonnebook.faces import api, doors, requests
from tonnebook.faces.api import ComplianceYear, Listed, Needs, PageNumber, PageSize
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
