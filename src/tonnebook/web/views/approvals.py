"""Approvals by two people: what exactly will happen, by whom it was proposed, and the second person's decision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import ConsultationRow
from tonnebook.core.consultations import ConsultationSubject
from tonnebook.core.roles import Role
from tonnebook.core.trail import LookKind
from tonnebook.faces import doors, labels, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.members.queries import ApprovalRow
from tonnebook.web import wording
from tonnebook.web.views import consultations

_SIGNERS = (Role.OFFICER, Role.REGISTRAR, Role.EXCHANGE_STAFF)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An approval with what its page shows beside it; of a draft, who was asked and its digest as of now."""

    row: ApprovalRow
    facts: tuple[wording.Fact, ...]
    is_own: bool
    consultations: tuple[ConsultationRow, ...]
    digest: str


@require_GET
@doors.open_to(*_SIGNERS)
def approvals(request: Request) -> HttpResponse:
    """List what waits for a second person or for its execution."""
    actor = doors.actor_of(request)
    rows = members.open_approvals(request.region)
    for row in rows:
        trail.looked(LookKind.APPROVAL, row.number)
    proposals = [_proposal(row, actor.person, requests.today(request)) for row in rows]
    shown = {"proposals": proposals, "is_excused": members.is_excused(actor.person)}
    return render(request, "web/approvals.html", shown)


@require_POST
@doors.open_to(*_SIGNERS)
def decide(request: Request, number: str, execute: Callable[..., Answer]) -> HttpResponse:
    """Approve and execute, execute what was approved before, or reject.

    `execute` is handed in by the root addresses: the table of commands stands above this room.
    """
    actor, key, now = doors.actor_of(request), requests.key_of(request), request.now
    decision = request.POST.get("decision", "")
    if decision == "reject":
        reason = request.POST.get("reason", "").strip()
        members_services.reject(actor, approval=number, reason=reason, key=key, now=now)
        messages.success(request, gettext("Rejected; whoever proposed it sees your reason."))
        return redirect("web:approvals")
    if decision == "approve":
        digest = request.POST.get("digest", "")
        members_services.approve(actor, approval=number, digest=digest, key=key, now=now)
    execute(actor, approval=number, key=f"{key}:execute", now=now)
    done = labels.label(members.approval(number).kind, "command")
    messages.success(request, gettext("Approved by two people and done: %(what)s") % {"what": done})
    return redirect("web:approvals")


# A draft that departments were asked about is approved in sight of their opinions.
def _proposal(row: ApprovalRow, person: str, today: date) -> Proposal:
    asked: tuple[ConsultationRow, ...] = ()
    digest = ""
    if row.kind in _DRAFTS:
        subjects, digest_of = _DRAFTS[row.kind]
        digest = digest_of(row)
        year = int(str(row.payload["year"]))
        asked = compliance.consultations_in(row.region, today, year=year, subjects=subjects)
    return Proposal(row, wording.told(row.payload), row.initiator == person, asked, digest)


def _digest_of_plan(row: ApprovalRow) -> str:
    return rulebook.digest(row.region, overlays=(str(row.payload["overlay"]),))


_DRAFTS: Mapping[str, tuple[tuple[ConsultationSubject, ...], Callable[[ApprovalRow], str]]] = MappingProxyType(
    {
        "compliance.cover": (consultations.OF_LIST, lambda row: str(row.payload.get("digest", ""))),
        "compliance.adopt_plan": (consultations.OF_PLAN, _digest_of_plan),
    }
)
