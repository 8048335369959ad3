"""Official papers: the list, the draft, the page on which a second person signs, and the paper with its twins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core import canonical, papers, seals
from tonnebook.core.approvals import ApprovalState
from tonnebook.core.errors import Refused
from tonnebook.core.papers import Draft, PaperRefusal
from tonnebook.core.roles import MAY, Act, Role
from tonnebook.core.seals import SealKind
from tonnebook.core.trail import LookKind
from tonnebook.core.uploads import PAPERS, DocumentPurpose
from tonnebook.faces import documents, doors, pagination, requests, uploads
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.members.queries import PaperCopy
from tonnebook.web import papers as drafting
from tonnebook.web import wording
from tonnebook.web.forms import DraftForm, PaperChoiceForm, PrintForm, SealForm

_KIND = "members.issue_paper"
_ISSUERS = sorted(MAY[Act.ISSUE_PAPER])
_READERS = (*_ISSUERS, Role.AUDITOR, Role.REPRESENTATIVE, Role.TRADER)


@require_GET
@doors.open_to(*_READERS)
def index(request: Request) -> HttpResponse:
    """List the papers: to an organisation its own, to those who issue and audit them all, and what waits."""
    actor = doors.actor_of(request)
    may_issue, rows = bool(actor.roles & MAY[Act.ISSUE_PAPER]), members.papers_within(actor)
    waiting = [row for row in members.open_approvals(request.region) if row.kind == _KIND] if may_issue else []
    context = {
        "page": pagination.page_of(rows, request),
        "names": members.organisations_named([row.addressee for row in rows]),
        "waiting": [(row, members.organisation(str(row.payload["organisation"]))) for row in waiting],
        "sent_back": members.rejected_approvals(actor.person, _KIND) if may_issue else (),
        "may_issue": may_issue,
        "is_keeper": members.keeps_papers(actor),
    }
    return render(request, "web/papers.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(*_ISSUERS)
def draft(request: Request) -> HttpResponse:
    """Draft a paper: choose kind and company, write the text, hand it over to a second person."""
    told = request.GET.dict() or {"year": str(request.now.year), "language": get_language() or "zh-hans"}
    choice = PaperChoiceForm(told) if "kind" in told else PaperChoiceForm(initial=told)
    if not choice.is_bound or not choice.is_valid():
        status = 422 if choice.errors else 200
        return render(request, "web/draft_paper.html", {"choice": choice}, status=status)
    chosen = choice.cleaned_data
    # What lies outside is answered like what does not exist.
    entity = members.organisation_within(doors.actor_of(request), chosen["entity"])
    matter = drafting.Matter(entity, chosen["year"], requests.today(request))
    begun = drafting.begin(chosen["kind"], matter, language=chosen["language"])
    books = canonical.digest((begun.figures, begun.annexes))
    form = DraftForm(request.POST or None, initial=_said_before(request) or _said(begun.subject, begun.paragraphs))
    if request.method == "POST" and form.is_valid():
        if request.POST.get("books") == books:
            written = replace(begun, subject=form.cleaned_data["subject"], paragraphs=form.paragraphs())
            return _handed_over(request, written, entity.uscc)
        form.add_error(None, gettext("The books have moved since you looked: please look at the values once more."))
    context = {"choice": choice, "form": form, "entity": entity, "paper": begun, "books": books}
    return render(request, "web/draft_paper.html", context, status=422 if form.errors else 200)


@require_GET
@doors.open_to(*_ISSUERS)
def waiting(request: Request, number: str) -> HttpResponse:
    """Show what waits for a signature as it would be printed, and what signing does, in words."""
    actor, row = doors.actor_of(request), members.approval(number)
    if row.kind != _KIND or row.region != request.region:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=number)
    trail.looked(LookKind.APPROVAL, number)
    context = {
        "row": row,
        "paper": drafting.proposed(row.payload),
        "facts": wording.told(row.payload),
        "is_own": row.initiator == actor.person,
        "is_open": row.state is ApprovalState.OPEN,
        "is_excused": members.is_excused(actor.person),
    }
    return render(request, "web/waiting_paper.html", context)


@require_GET
@doors.open_to(*_READERS)
def paper(request: Request, number: str) -> HttpResponse:
    """Show a paper to whom it is addressed and to those who issue and audit papers."""
    return _page(request, members.paper_within(doors.actor_of(request), number))


@require_GET
@doors.open_to(*_READERS)
def file(request: Request, number: str, form: str) -> HttpResponse:
    """Hand out a paper as PDF, Word or OFD file."""
    told = members.paper_file_within(doors.actor_of(request), number, form)
    return documents.attachment(told.content, told.name, mime=told.mime)


@require_POST
@doors.open_to(*_ISSUERS)
def seal(request: Request, number: str) -> HttpResponse:
    """Put the body's electronic seal under a paper."""
    copy, form = members.paper_within(doors.actor_of(request), number), SealForm(request.POST)
    if form.is_valid():
        try:
            members_services.seal_paper(
                doors.actor_of(request),
                paper=copy.row.number,
                signature="".join(form.cleaned_data["signature"].split()),
                key=requests.key_of(request),
                now=request.now,
            )
        except Refused as error:
            return _page(request, copy, seal_form=form, status=form.refuse(error))
        messages.success(request, gettext("Sealed; everybody can check the seal."))
        return redirect("web:paper", number=copy.row.number)
    return _page(request, copy, seal_form=form, status=422)


@require_POST
@doors.open_to(*_ISSUERS)
def bind_print(request: Request, number: str) -> HttpResponse:
    """Keep the scan of the stamped print as the paper's twin."""
    copy, form = members.paper_within(doors.actor_of(request), number), PrintForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, copy, print_form=form, status=422)
    actor, printed, key = doors.actor_of(request), form.cleaned_data["printed"], requests.key_of(request)
    try:
        # Looked at before the scan is kept, so that no scan of another paper is.
        papers.check_print(copy.row.number, digest=copy.row.digest, printed=printed)
        upload = uploads.accept(form.cleaned_data["scan"], kinds=PAPERS)
        kept = members_services.keep_document(
            actor,
            organisation=actor.organisation,
            upload=upload,
            purpose=DocumentPurpose.STAMPED_PRINT,
            key=f"{key}:scan",
            now=request.now,
        )
        members_services.bind_print(
            actor, paper=copy.row.number, printed=printed, document=str(kept["document"]), key=key, now=request.now
        )
    except Refused as error:
        return _page(request, copy, print_form=form, status=form.refuse(error))
    messages.success(request, gettext("The stamped print is bound to the paper."))
    return redirect("web:paper", number=copy.row.number)


def _said(subject: str, paragraphs: Sequence[str]) -> dict[str, str]:
    return {"subject": subject, "text": "\n".join(paragraphs)}


# What came back from the second person is taken up again as it was written.
def _said_before(request: Request) -> dict[str, str] | None:
    rows = {row.number: row.payload for row in members.rejected_approvals(doors.actor_of(request).person, _KIND)}
    found = rows.get(request.GET.get("again", ""))
    return _said(str(found["subject"]), cast(list[str], found["paragraphs"])) if found else None


def _handed_over(request: Request, draft: Draft, organisation: str) -> HttpResponse:
    actor, site = doors.actor_of(request), request.build_absolute_uri("/").rstrip("/")
    answer = members_services.propose(
        actor,
        kind=_KIND,
        payload=members_services.paper_payload(
            draft, region=request.region, issuer=actor.organisation, organisation=organisation, site=site
        ),
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Handed over; a second person reads and signs it."))
    return redirect("web:waiting_paper", number=str(answer["approval"]))


def _page(
    request: Request,
    copy: PaperCopy,
    *,
    seal_form: SealForm | None = None,
    print_form: PrintForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, bound = doors.actor_of(request), {twin.kind for twin in copy.row.twins}
    may_bind = bool(actor.roles & MAY[Act.SEAL]) and actor.organisation == copy.row.issuer
    is_own = copy.addressee == actor.organisation
    context = {
        "copy": copy,
        "paper": drafting.shown(copy.content),
        "twins": copy.row.twins,
        "message": seals.message(copy.row.digest).decode(),
        "seal_form": (seal_form or SealForm()) if may_bind and SealKind.ELECTRONIC not in bound else None,
        "print_form": (print_form or PrintForm()) if may_bind and SealKind.PAPER not in bound else None,
        "may_confirm": is_own and copy.served_at is None and bool(actor.roles & MAY[Act.CONFIRM_RECEIPT]),
    }
    return render(request, "web/paper.html", context, status=status)
