"""The API of members: who am I, approvals by two people, official papers, documents handed in."""

from datetime import datetime
from typing import cast

from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.urls import reverse
from ninja import Router, Schema

from tonnebook.core.api_keys import Scope
from tonnebook.core.approvals import ApprovalRefusal, ApprovalState
from tonnebook.core.errors import Refused
from tonnebook.core.papers import PaperForm, PaperKind
from tonnebook.core.roles import Act, OrganisationKind, Role
from tonnebook.core.seals import SealKind
from tonnebook.core.trail import LookKind
from tonnebook.core.uploads import PAPERS, DocumentPurpose, UploadKind
from tonnebook.faces import api, documents, doors, uploads
from tonnebook.faces.api import Base64, Digest, Key, Listed, Needs, PageNumber, PageSize, Version, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries, services
from tonnebook.members.queries import ApprovalRow, PaperCopy

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


class ApprovalDecided(Schema):
    """How it was decided."""

    approval: str
    state: ApprovalState


class Twin(Schema):
    """A seal with the key it was checked with, or the digest of the scan of a stamped print."""

    kind: SealKind
    digest: str
    public_key: str
    signature: str
    scan_sha256: str
    file_sha256: str | None
    bound_at: datetime
    leaf: str


class PaperLine(Schema):
    """An official paper in a list; `served_at` is null until its receipt was confirmed."""

    number: str
    kind: PaperKind
    issuer: str
    addressee: str
    subject: str
    issued_at: datetime
    served_at: datetime | None
    digest: str
    leaf: str


class Paper(PaperLine):
    """An official paper: all it says (`content`, which the digest covers), its seals, and where its files lie.

    A paper issued before there was the form has no OFD file, and `ofd_sha256` is null.
    """

    content: dict[str, object]
    twins: list[Twin]
    pdf: str
    pdf_sha256: str
    docx: str
    docx_sha256: str
    ofd: str
    ofd_sha256: str | None
    ofd_sm3: str | None


class HandingIn(Schema):
    """A document of the own organisation, its content in Base64, and what it is to show."""

    name: Word
    purpose: DocumentPurpose
    content: Base64


class HandedIn(Schema):
    """The number to name it by, and the SHA-256 of its content."""

    document: str
    sha256: str


class Document(Schema):
    """A document that was handed in; `at` is when."""

    number: str
    purpose: DocumentPurpose
    name: str
    kind: UploadKind
    sha256: str
    size: int
    at: datetime


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
def approval(request: Request, response: HttpResponse, number: Word) -> ApprovalRow | HttpResponse:
    """One approval, with its ETag."""
    trail.looked(LookKind.APPROVAL, number)
    return api.show_version(request, response, _approval(request, number))


@router.post("/approvals/{number}/approve", response=ApprovalDecided, auth=Needs(Scope.WRITE_APPROVALS))
def approve(request: Request, number: Word, body: Approving, key: Key, version: Version = "") -> dict[str, object]:
    """Approve what somebody else proposed, exactly as it was shown."""
    api.require_version(version, _approval(request, number))
    actor = doors.actor_of(request)
    return dict(services.approve(actor, approval=number, digest=body.digest, key=key, now=request.now))


@router.post("/approvals/{number}/reject", response=ApprovalDecided, auth=Needs(Scope.WRITE_APPROVALS))
def reject(request: Request, number: Word, body: Rejecting, key: Key, version: Version = "") -> dict[str, object]:
    """Reject a proposal, or take the own one back."""
    api.require_version(version, _approval(request, number))
    actor = doors.actor_of(request)
    return dict(services.reject(actor, approval=number, reason=body.reason, key=key, now=request.now))


@router.get("/papers", response=Listed[PaperLine], auth=Needs(Scope.READ_PAPERS))
def papers(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The official papers to the own organisation, newest first; to who issues and audits, those of the region."""
    rows = queries.papers_within(doors.actor_of(request))
    return api.listed([_line(row) for row in rows], page=page, size=size)


@router.get("/papers/{number}", response=Paper, auth=Needs(Scope.READ_PAPERS))
def paper(request: Request, response: HttpResponse, number: Word) -> dict[str, object] | HttpResponse:
    """One official paper, with its ETag."""
    copy = queries.paper_within(doors.actor_of(request), number)
    files = {form.value.lower(): _file_of(number, form) for form in PaperForm}
    sums = {f"{form}_sha256": getattr(copy.row, f"{form}_sha256") for form in files} | {"ofd_sm3": copy.row.ofd_sm3}
    told = {**_line(copy), **files, **sums, "content": copy.content, "twins": copy.row.twins}
    return api.show_version(request, response, told)


@router.get("/papers/{number}/files/{form}", auth=Needs(Scope.READ_PAPERS))
def paper_file(request: Request, number: Word, form: Word) -> HttpResponse:
    """One official paper as `pdf`, `docx`, `ofd`, `signing` (what a seal signs) or `sealed` (OFD); ETag: SHA-256."""
    told = queries.paper_file_within(doors.actor_of(request), number, form)
    tag = f'"{told.sha256}"'
    answer = api.unchanged(request, tag) or documents.attachment(told.content, told.name, mime=told.mime)
    answer["ETag"] = tag
    return answer


@router.get("/documents", response=Listed[Document], auth=Needs(Scope.READ_MANDATES))
def documents_handed_in(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The documents of the own organisation, newest first, without their content."""
    return api.listed(queries.documents(doors.actor_of(request).organisation), page=page, size=size)


@router.post("/documents", response=HandedIn, auth=Needs(Scope.WRITE_MANDATES))
def hand_in(request: Request, body: HandingIn, key: Key) -> dict[str, object]:
    """Hand in a document of the own organisation, to be named where papers are asked for."""
    actor = doors.actor_of(request)
    services.require(actor, Act.KEEP_DOCUMENT, organisation=actor.organisation)
    upload = uploads.accept(ContentFile(body.content, name=body.name), kinds=PAPERS)
    kept = services.keep_document(
        actor, organisation=actor.organisation, upload=upload, purpose=body.purpose, key=key, now=request.now
    )
    return dict(kept)


def _line(copy: PaperCopy) -> dict[str, object]:
    row, draft = copy.row, cast(dict[str, object], copy.content["draft"])
    return {
        "number": row.number,
        "kind": row.kind,
        "issuer": row.issuer,
        "addressee": copy.addressee,
        "subject": draft["subject"],
        "issued_at": row.issued_at,
        "served_at": copy.served_at,
        "digest": row.digest,
        "leaf": row.leaf,
    }


def _file_of(number: str, form: PaperForm) -> str:
    return reverse("api:paper_file", kwargs={"number": number, "form": form.value.lower()})


def _approval(request: Request, number: str) -> ApprovalRow:
    services.require(doors.actor_of(request), Act.APPROVE)
    row = queries.approval(number)
    if row.region != request.region:
        # An approval of another region is as unknown as none.
        raise Refused(ApprovalRefusal.NO_SUCH_APPROVAL, approval=number)
    return row
