"""Who may use an account, and what holders apply for about their accounts: asked, checked, approved by a second person.

An appointment and its end are applications, with documents, as on the pages; anything else that is asked for on the
pages is listed here, checked and granted as well.
"""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.core.applications import ApplicationKind, ApplicationState
from tonnebook.core.canonical import Json
from tonnebook.core.representation import Right
from tonnebook.faces import api, doors
from tonnebook.faces.api import Key, Listed, Needs, PageNumber, PageSize, Version, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.registry import queries, services
from tonnebook.registry.queries import ApplicationRow

router = Router(tags=["registry"])

# A document travels in a body of its own; an application names a few.
_DOCUMENTS_MAX = 20


class Representative(Schema):
    """Somebody who may use the account, since when; `ended_at` is null while they may."""

    person: str
    rights: list[Right] = Field(alias="sorted_rights")
    appointed_at: datetime
    ended_at: datetime | None


class Ending(Schema):
    """On what grounds: numbers of documents of the own organisation, such as the resolution that says so."""

    documents: list[Word] = Field(min_length=1, max_length=_DOCUMENTS_MAX)


class Appointing(Ending):
    """Who shall use the account, and what for."""

    person: Word
    rights: list[Right] = Field(min_length=1)


class Applied(Schema):
    """What was asked, and about which account."""

    application: str
    account: str


class Application(Schema):
    """What a holder asks about an account, and how far it is; the digest covers all that is asked."""

    number: str
    kind: ApplicationKind
    organisation: str
    account: str
    details: dict[str, object]
    documents: list[str]
    state: ApplicationState
    asked_by: str
    asked_at: datetime
    checked_by: str
    approval: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    digest: str


class Checked(Schema):
    """The proposal that a second person approves; `/approvals` shows all it covers, and its digest."""

    application: str
    approval: str


class Refusing(Schema):
    """Why, and what to do about it; whoever asked reads it."""

    reason: Words


class Granting(Schema):
    """The approval, by two people, of exactly what is asked."""

    approval: Word


class ApplicationDecided(Schema):
    """The state it is in now."""

    application: str
    state: ApplicationState


@router.get("/accounts/{number}/representatives", response=Listed[Representative], auth=Needs(Scope.READ_MANDATES))
def representatives(request: Request, number: Word, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """Everybody who may or once might use an account, newest first; where nobody may by name, the roles decide."""
    row = queries.account_within(doors.actor_of(request), number)
    return api.listed(queries.representatives(row.number), page=page, size=size)


@router.post("/accounts/{number}/representatives", response=Applied, auth=Needs(Scope.WRITE_MANDATES))
def appoint(request: Request, number: Word, body: Appointing, key: Key) -> dict[str, object]:
    """Apply for somebody to use the own account; two people of the registry decide."""
    details: dict[str, Json] = {"person": body.person, "rights": [right.value for right in body.rights]}
    return _ask(request, number, ApplicationKind.APPOINT, details, body.documents, key)


@router.post("/accounts/{number}/representatives/{person}/end", response=Applied, auth=Needs(Scope.WRITE_MANDATES))
def end_appointment(request: Request, number: Word, person: Word, body: Ending, key: Key) -> dict[str, object]:
    """Apply for somebody to use the own account no more; two people of the registry decide."""
    return _ask(request, number, ApplicationKind.REMOVE, {"person": person}, body.documents, key)


@router.get("/applications", response=Listed[Application], auth=Needs(Scope.READ_MANDATES))
def applications(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """What the own organisation has asked, newest first; to the registry, what of the region is still to decide."""
    return api.listed(queries.applications_within(doors.actor_of(request)), page=page, size=size)


@router.get("/applications/{number}", response=Application, auth=Needs(Scope.READ_MANDATES))
def application(request: Request, response: HttpResponse, number: Word) -> ApplicationRow | HttpResponse:
    """One application, with its ETag."""
    return api.show_version(request, response, queries.application_within(doors.actor_of(request), number))


@router.delete("/applications/{number}", response=ApplicationDecided, auth=Needs(Scope.WRITE_MANDATES))
def withdraw_application(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Take an own application back."""
    row = _seen(request, number, version)
    actor = doors.actor_of(request)
    return dict(services.withdraw_application(actor, application=row.number, key=key, now=request.now))


@router.post("/applications/{number}/check", response=Checked, auth=Needs(Scope.WRITE_MANDATES))
def check_application(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Find an application in order and propose to grant it; a second person approves."""
    row = _seen(request, number, version)
    actor = doors.actor_of(request)
    return dict(services.check_application(actor, application=row.number, key=key, now=request.now))


@router.post("/applications/{number}/refuse", response=ApplicationDecided, auth=Needs(Scope.WRITE_MANDATES))
def refuse_application(
    request: Request, number: Word, body: Refusing, key: Key, version: Version = ""
) -> dict[str, object]:
    """Refuse an application with a reason."""
    row = _seen(request, number, version)
    actor = doors.actor_of(request)
    answer = services.refuse_application(actor, application=row.number, reason=body.reason, key=key, now=request.now)
    return dict(answer)


@router.post("/applications/{number}/grant", response=Applied, auth=Needs(Scope.WRITE_MANDATES))
def grant_application(
    request: Request, number: Word, body: Granting, key: Key, version: Version = ""
) -> dict[str, object]:
    """Do what an application asks, as two people approved it."""
    row = _seen(request, number, version)
    answer = services.grant_application(
        doors.actor_of(request),
        region=row.region,
        application=row.number,
        application_kind=row.kind,
        account=row.account,
        details=row.details,
        documents=row.documents,
        approval=body.approval,
        key=key,
        now=request.now,
    )
    return dict(answer)


def _ask(
    request: Request, account: str, kind: ApplicationKind, details: Mapping[str, Json], documents: list[str], key: str
) -> dict[str, object]:
    actor = doors.actor_of(request)
    row = queries.account_known_to(actor, account)
    answer = services.apply_for_change(
        actor, account=row.number, kind=kind, details=details, documents=documents, key=key, now=request.now
    )
    return dict(answer)


def _seen(request: Request, number: str, version: str) -> ApplicationRow:
    row = queries.application_within(doors.actor_of(request), number)
    api.require_version(version, row)
    return row
