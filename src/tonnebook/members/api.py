"""The API of members: who am I, and approvals by two people."""

from datetime import datetime

from django.http import HttpResponse
from ninja import Router, Schema

from tonnebook.core.api_keys import Scope
from tonnebook.core.approvals import ApprovalRefusal, ApprovalState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, OrganisationKind, Role
from tonnebook.core.trail import LookKind
from tonnebook.faces import api, doors
from tonnebook.faces.api import Digest, Key, Listed, Needs, PageNumber, PageSize, Version, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries, services
from tonnebook.members.queries import ApprovalRow

router = Router(tags=["members"])


class Me(Schema):
    """Who a request acts for, and what its key opens (all scopes for a session)."""

    person: str
    organisation: str
    kind: OrganisationKind
    roles: list[Role]
    region: str
    scopes: list[Scope]


class Approval(Schema):
    """A command that one person proposed and another decides; the digest covers every word of it."""

    number: str
    kind: str
    payload: dict[str, object]
    digest: str
    state: ApprovalState
    initiator: str
    approver: str
    reason: str
    proposed_at: datetime
    expires_at: datetime


class Approving(Schema):
    """What is approved: the digest of exactly what was shown."""

    digest: Digest


class Rejecting(Schema):
    """Why it is rejected; shown to whoever proposed it."""

    reason: Words


class Decided(Schema):
    """How it was decided."""

    approval: str
    state: ApprovalState


@router.get("/me", response=Me, auth=Needs(Scope.READ_ACCOUNTS))
def me(request: Request) -> dict[str, object]:
    """Who am I?"""
    actor = doors.actor_of(request)
    scopes = request.scopes if request.scopes is not None else frozenset(Scope)
    return {
        "person": actor.person,
        "organisation": actor.organisation,
        "kind": actor.kind,
        "roles": sorted(actor.roles),
        "region": actor.region,
        "scopes": sorted(scopes),
    }


@router.get("/approvals", response=Listed[Approval], auth=Needs(Scope.READ_APPROVALS))
def approvals(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """What waits for a second person, or for its execution, in the own region."""
    services.require(doors.actor_of(request), Act.APPROVE)
    rows = queries.open_approvals(request.region)
    for row in rows[(page - 1) * size : page * size]:
        trail.looked(LookKind.APPROVAL, row.number)
    return api.listed(rows, page=page, size=size)


@router.get("/approvals/{number}", response=Approval, auth=Needs(Scope.READ_APPROVALS))
def approval(request: Request, response: HttpResponse, number: Word) -> ApprovalRow:
    """One approval, with its ETag."""
    trail.looked(LookKind.APPROVAL, number)
    return api.show_version(response, _approval(request, number))


@router.post("/approvals/{number}/approve", response=Decided, auth=Needs(Scope.WRITE_APPROVALS))
def approve(request: Request, number: Word, body: Approving, key: Key, version: Version = "") -> dict[str, object]:
    """Approve what somebody else proposed, exactly as it was shown."""
    api.require_version(version, _approval(request, number))
    actor = doors.actor_of(request)
    return dict(services.approve(actor, approval=number, digest=body.digest, key=key, now=request.now))


@router.post("/approvals/{number}/reject", response=Decided, auth=Needs(Scope.WRITE_APPROVALS))
def reject(request: Request, number: Word, body: Rejecting, key: Key, version: Version = "") -> dict[str, object]:
    """Reject a proposal, or take the own one back."""
    api.require_version(version, _approval(request, number))
    actor = doors.actor_of(request)
    return dict(services.reject(actor, approval=number, reason=body.reason, key=key, now=request.now))


def _approval(request: Request, number: str) -> ApprovalRow:
    services.require(doors.actor_of(request), Act.APPROVE)
    row = queries.approval(number)
    if row.region != request.region:
        # An approval of another region is as unknown as none.
        raise Refused(ApprovalRefusal.NO_SUCH_APPROVAL, approval=number)
    return row
