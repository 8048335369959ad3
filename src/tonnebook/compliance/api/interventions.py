"""Taking part in an intervention: ask for allowances of a sale from the reserve, offer some to a buy-back."""

from datetime import datetime

from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries, services
from tonnebook.core.api_keys import Scope
from tonnebook.core.errors import Refused
from tonnebook.core.market_stability.interventions import RequestState, StabilityRefusal
from tonnebook.faces import doors
from tonnebook.faces.api import Key, Needs, Quantity, Word
from tonnebook.faces.requests import Request

router = Router(tags=["compliance"])


class InterventionRequest(Schema):
    """What the own organisation asked for or offered, and got; tonnes, and fen per tonne."""

    number: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    served_t: int
    state: RequestState
    at: datetime


class Subscribing(Schema):
    """How much is asked for at the fixed price."""

    quantity_t: Quantity = Field(examples=[500])


class OfferingBack(Subscribing):
    """What is offered, and the price that is wanted for a tonne."""

    asset: Word = Field(examples=["SHEA-2026"])
    price_fen_per_t: Quantity = Field(examples=[7000])


class Requested(Schema):
    """The request that stands or was withdrawn, and the hash of the leaf of its proof."""

    request: str
    receipt: str


@router.get(
    "/stability/interventions/{number}/requests",
    response=list[InterventionRequest],
    auth=Needs(Scope.READ_ORDERS),
)
def intervention_requests(request: Request, number: Word) -> list[queries.RequestRow]:
    """What the own organisation asked of an intervention, in order of time."""
    return list(queries.requests_of(_here(request, number), doors.actor_of(request).organisation))


@router.post("/stability/interventions/{number}/subscribe", response=Requested, auth=Needs(Scope.WRITE_ORDERS))
def subscribe(request: Request, number: Word, body: Subscribing, key: Key) -> dict[str, object]:
    """Ask for allowances of a sale from the reserve; their price is set aside until it is settled."""
    told = {"intervention": _here(request, number), **body.dict()}
    return dict(services.subscribe(doors.actor_of(request), **told, key=key, now=request.now))


@router.post("/stability/interventions/{number}/offer", response=Requested, auth=Needs(Scope.WRITE_ORDERS))
def offer_back(request: Request, number: Word, body: OfferingBack, key: Key) -> dict[str, object]:
    """Offer allowances to a buy-back; they are set aside until it is settled."""
    told = {"intervention": _here(request, number), **body.dict()}
    return dict(services.offer_back(doors.actor_of(request), **told, key=key, now=request.now))


@router.post("/stability/requests/{number}/withdraw", response=Requested, auth=Needs(Scope.WRITE_ORDERS))
def withdraw_request(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Withdraw an own request while its intervention takes requests; what it reserved is free again."""
    actor = doors.actor_of(request)
    return dict(services.withdraw_request(actor, request=number, key=key, now=request.now))


# What belongs to another region is answered like what does not exist.
def _here(request: Request, number: str) -> str:
    if queries.intervention(number).region != request.region:
        raise Refused(StabilityRefusal.NO_SUCH_INTERVENTION, intervention=number)
    return number
