"""Consultation: an officer circulates a draft and answers; a department reads its part and gives its opinion."""

from collections.abc import Collection
from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core.consultations import ConsultationSubject, OpinionKind, OpinionState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.faces import doors, labels, pagination, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members import services as membership
from tonnebook.web import years

_WORDS_MAX = 4000
OF_LIST = (ConsultationSubject.COVERAGE,)
OF_PLAN = (ConsultationSubject.PLAN, ConsultationSubject.BENCHMARKS)


class OpinionForm(RefusableForm):
    """What a department says of a draft."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Your opinion"), choices=lambda: [(one.value, labels.label(one)) for one in OpinionKind]
    )
    words = forms.CharField(
        label=gettext_lazy("What should change, and why"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=_WORDS_MAX,
        required=False,
    )


@require_GET
@doors.open_to(Role.OFFICER)
def consultations(request: Request) -> HttpResponse:
    """List what was circulated, with the opinions and which of them still wait for an answer."""
    rows = compliance.consultations_in(request.region, requests.today(request))
    trail.listed("consultations", rows=len(rows), asked=requests.asked_of(request))
    context = {
        "page": pagination.page_of(rows, request, size=20),
        "departments": departments(request.region, requests.today(request)),
    }
    return render(request, "web/consultations.html", context)


@require_POST
@doors.open_to(Role.OFFICER)
def circulate(request: Request, year: int) -> HttpResponse:
    """Circulate the draft of a list or a plan to the departments that are ticked."""
    told = request.POST
    if told.get("subject") not in set(ConsultationSubject):
        raise Http404
    answer = compliance_services.consult(
        doors.actor_of(request),
        region=request.region,
        year=year,
        subject=ConsultationSubject(told["subject"]),
        overlay=told.get("overlay", "").replace("\r\n", "\n"),
        departments=told.getlist("department"),
        words=told.get("words", "")[:_WORDS_MAX],
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Circulated: %(consultation)s; opinions until %(answer_until)s.") % answer)
    return redirect("web:consultations")


@require_POST
@doors.open_to(Role.OFFICER)
def answer(request: Request, number: str, uscc: str) -> HttpResponse:
    """Answer the opinion of a department."""
    compliance_services.answer_opinion(
        doors.actor_of(request),
        consultation=number,
        department=uscc,
        is_accepted=request.POST.get("decision") == "accept",
        reason=request.POST.get("reason", "")[:_WORDS_MAX],
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Answered; the department is told."))
    return redirect("web:consultations")


@require_POST
@doors.open_to(Role.OFFICER)
def set_remit(request: Request, uscc: str) -> HttpResponse:
    """Propose the sectors a department looks after."""
    actor, sectors = doors.actor_of(request), request.POST.getlist("sector")
    membership.check_remit(actor, department=uscc, sectors=sectors, now=request.now)
    told = {"region": request.region, "department": uscc, "sectors": sectors}
    membership.propose(actor, kind="members.set_remit", payload=told, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Proposed; a second person must approve it."))
    return redirect("web:consultations")


@require_GET
@doors.open_to(Role.SECTOR_OFFICER)
def sector(request: Request) -> HttpResponse:
    """Show a department what it is asked about, and the companies of its sectors, to be read only."""
    actor, year, today = doors.actor_of(request), years.year_of(request), requests.today(request)
    own = [row for row in compliance.covered(request.region, year) if row.sector in actor.remit]
    trail.listed("sector", rows=len(own), asked=requests.asked_of(request))
    page = pagination.page_of(own, request)
    asked = compliance.consultations_of(actor.organisation, today)
    context = {
        "year": year,
        "organisation": members.organisation(actor.organisation),
        "remit": sorted(actor.remit),
        "page": page,
        "positions": compliance.positions(
            [row.entity for row in page.rows], region=request.region, year=year, today=today
        ),
        "asked": asked,
        "awaited": sum(one.state is OpinionState.AWAITED for row in asked for one in row.opinions),
    }
    return render(request, "web/sector.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.SECTOR_OFFICER)
def opinion(request: Request, number: str) -> HttpResponse:
    """Show what the own department was sent of a draft, and take its opinion."""
    actor = doors.actor_of(request)
    form, status = OpinionForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            compliance_services.give_opinion(
                actor,
                consultation=number,
                kind=OpinionKind(form.cleaned_data["kind"]),
                words=form.cleaned_data["words"],
                key=requests.key_of(request),
                now=request.now,
            )
        except Refused as error:
            status = form.refuse(error)
        else:
            messages.success(request, gettext("Given; the authority answers it."))
            return redirect("web:opinion", number)
    rows = compliance.consultations_of(actor.organisation, requests.today(request))
    row = next((one for one in rows if one.number == number), None)
    if row is None:
        raise Http404
    (own,) = row.opinions
    context = {"row": row, "own": own, "form": form, "page": pagination.page_of(own.sent, request)}
    return render(request, "web/opinion.html", context, status=status)


def departments(region: str, today: date) -> list[dict[str, object]]:
    """List the sector departments of a region, each with its sectors and those it might have."""
    known = members.organisations(region, OrganisationKind.SECTOR_DEPARTMENT)
    remits = members.remits(*(one.uscc for one in known))
    codes = compliance.rules(region, today.year, today).below("words.sector")
    return [
        {
            "row": one,
            "sectors": [(code, tags.sector_word(code, region), code in remits.get(one.uscc, ())) for code in codes],
        }
        for one in known
    ]


def told(request: Request, year: int, *, digest: str, subjects: Collection[ConsultationSubject]) -> dict[str, object]:
    """Give what the page of a draft shows: what was circulated of it, who can be asked, and whether it changed since.

    Args:
        request: of an officer.
        year: compliance year.
        digest: of the draft as it is now; empty before it reads well.
        subjects: what it may be circulated as.
    """
    today = requests.today(request)
    return {
        "consultations": compliance.consultations_in(request.region, today, year=year, subjects=subjects),
        "departments": departments(request.region, today),
        "subjects": subjects,
        "digest": digest,
    }
