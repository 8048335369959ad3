"""The API of the board of surplus and shortfall: quantities for everybody, names for those who may trade."""

from datetime import date, datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.core import roles
from tonnebook.core.api_keys import Scope
from tonnebook.core.book import Side
from tonnebook.core.indications import Audience
from tonnebook.core.roles import Act
from tonnebook.faces import doors, requests
from tonnebook.faces.api import Key, Needs, Quantity, Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services

router = Router()


class PublicIndication(Schema):
    """What somebody has to spare (SELL) or looks for (BUY); it binds nobody."""

    number: str
    instrument: str
    side: Side
    quantity_t: int
    vintage: int | None
    until_on: date
    at: datetime


class Indication(PublicIndication):
    """The same with who gave it."""

    organisation: str
    audience: Audience


class Indicating(Schema):
    """What is declared, until when and for whom."""

    instrument: Word
    side: Side
    quantity_t: Quantity
    until_on: date
    audience: Audience
    vintage: Annotated[int | None, Field(ge=2013, le=2100, description="Compliance year; none for any.")] = None


class Indicated(Schema):
    """An indication that stands, or has been withdrawn."""

    indication: str
    receipt: str = Field(description="Hash of the leaf of its proof.")


@router.get("/instruments/{code}/indications", response=list[PublicIndication], auth=None)
def public_indications(request: Request, code: Word) -> list[queries.IndicationRow]:
    """The board as the public reads it, newest first."""
    return list(queries.public_indications(code, on=requests.today(request)))


@router.get("/indications", response=list[Indication], auth=Needs(Scope.READ_ORDERS))
def indications(request: Request, instrument: Word) -> list[queries.IndicationRow]:
    """The board as those who may trade read it, newest first."""
    roles.check(doors.actor_of(request), Act.TRADE)
    return list(queries.indications(instrument, on=requests.today(request)))


@router.post("/indications", response=Indicated, auth=Needs(Scope.WRITE_ORDERS))
def give_indication(request: Request, body: Indicating, key: Key) -> dict[str, object]:
    """Declare a surplus or a shortfall."""
    return dict(services.give_indication(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.delete("/indications/{number}", response=Indicated, auth=Needs(Scope.WRITE_ORDERS))
def withdraw_indication(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Take an own indication off the board."""
    answer = services.withdraw_indication(doors.actor_of(request), indication=number, key=key, now=request.now)
    return dict(answer)
