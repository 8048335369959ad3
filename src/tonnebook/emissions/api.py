"""The API of emissions: the mandates by which a company lets a report writer draft its reports."""

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.emissions import queries, services
from tonnebook.emissions.queries import MandateRow
from tonnebook.faces import api, doors
from tonnebook.faces.api import Key, Listed, Needs, PageNumber, PageSize, Version, Word
from tonnebook.faces.requests import Request

router = Router(tags=["emissions"])


class Mandate(Schema):
    """A mandate of a company to a report writer for whole years; `withdrawn_at` is null until it is taken back."""

    number: str
    entity: str
    writer: str
    first_year: int
    last_year: int
    until_on: date
    given_at: datetime
    withdrawn_at: datetime | None


class Giving(Schema):
    """Who may draft the own reports of which years, and until when."""

    writer: Word
    first_year: int = Field(ge=2005, le=2099)
    last_year: int = Field(ge=2005, le=2099)
    until_on: date


class Given(Schema):
    """The mandate that was given or withdrawn."""

    mandate: str


@router.get("/mandates", response=Listed[Mandate], auth=Needs(Scope.READ_MANDATES))
def mandates(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The mandates the own organisation has given or was given, newest first, those that are over too."""
    return api.listed(queries.mandates_within(doors.actor_of(request)), page=page, size=size)


@router.get("/mandates/{number}", response=Mandate, auth=Needs(Scope.READ_MANDATES))
def mandate(request: Request, response: HttpResponse, number: Word) -> MandateRow | HttpResponse:
    """One mandate, with its ETag."""
    return api.show_version(request, response, queries.mandate_within(doors.actor_of(request), number))


@router.post("/mandates", response=Given, auth=Needs(Scope.WRITE_MANDATES))
def give_mandate(request: Request, body: Giving, key: Key) -> dict[str, object]:
    """Let a report writer draft the own reports; the firm can work from this moment."""
    return dict(services.give_mandate(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.delete("/mandates/{number}", response=Given, auth=Needs(Scope.WRITE_MANDATES))
def withdraw_mandate(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Take a mandate back; from this moment the firm sees nothing of it, and what it drafted stays."""
    actor = doors.actor_of(request)
    api.require_version(version, queries.mandate_within(actor, number))
    return dict(services.withdraw_mandate(actor, mandate=number, key=key, now=request.now))
