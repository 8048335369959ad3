"""Who gets in: the people and organisations of a region, and what a registrar does about their access."""

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.core import invitations
from tonnebook.core.errors import Refused
from tonnebook.core.roles import MAY, Act
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries, services
from tonnebook.members.forms import OrganisationForm, PersonForm

_KEEPERS = sorted(MAY[Act.REGISTER])
_REASON_MAX = 200


@require_http_methods(["GET", "POST"])
@doors.open_to(*_KEEPERS)
def people(request: Request) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _people(request, form, status=422 if form.errors else 200)
    actor, told = doors.actor_of(request), {"region": request.region, **form.cleaned_data}
    try:
        services.check_people(actor, [form.draft()])
        services.propose(
            actor, kind="members.admit_person", payload=told, key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        return _people(request, form, status=form.refuse(error))
    messages.success(request, gettext("Proposed; a second person must approve it."))
    return redirect("members:people")


@require_POST
@never_cache
@doors.open_to(*_KEEPERS)
def draw_code(request: Request, number: str) -> HttpResponse:
    code = invitations.written(secrets.token_bytes(invitations.CODE_BYTES))
    services.draw_code(
        doors.actor_of(request),
        person=number,
        digest=invitations.digest(code),
        key=requests.key_of(request),
        now=request.now,
    )
    return render(request, "members/first_code.html", {"number": number, "code": code})


@require_POST
@doors.open_to(*_KEEPERS)
def end_person(request: Request, number: str) -> HttpResponse:
    key, reason = requests.key_of(request), request.POST.get("reason", "")[:_REASON_MAX]
    services.end_person(doors.actor_of(request), person=number, reason=reason, key=key, now=request.now)
    messages.success(request, gettext("Done; from this moment it counts no more."))
    return redirect("members:people")


@require_POST
@doors.open_to(*_KEEPERS)
def readmit_person(request: Request, number: str) -> HttpResponse:
    actor = doors.actor_of(request)
    services.check_person(actor, number)
    told = {"region": request.region, "person": number, "reason": request.POST.get("reason", "")[:_REASON_MAX]}
    services.propose(
        actor,
        kind="members.readmit_person",
        payload=told,
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed; a second person must approve it."))
    return redirect("members:people")


@require_http_methods(["GET", "POST"])
@doors.open_to(*_KEEPERS)
def organisations(request: Request) -> HttpResponse:
    form, status = OrganisationForm(request.POST or None, sectors=_sectors(request)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            actor, told = doors.actor_of(request), {"region": request.region, **form.cleaned_data}
            try:
                services.check_organisations(actor, [form.draft(request.region)])
                services.propose(
                    actor,
                    kind="members.register_organisation",
                    payload=told,
                    key=requests.key_of(request),
                    now=request.now,
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Proposed; a second person must approve it."))
                return redirect("members:organisations")
    rows = queries.organisations(request.region)
    trail.listed("organisations", rows=len(rows))
    context = {"form": form, "page": pagination.page_of(rows, request)}
    return render(request, "members/organisations.html", context, status=status)


def _people(request: Request, form: PersonForm, *, status: int) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    count = queries.count_people(request.region, words)
    trail.listed("people", rows=count, asked=requests.asked_of(request))
    page = pagination.page_from(
        request,
        count=count,
        rows=lambda first, limit: queries.people_in(request.region, words, first=first, limit=limit, now=request.now),
    )
    context = {
        "form": form,
        "page": page,
        "asked": words,
        "me": doors.actor_of(request).person,
        "names": queries.organisations_named([row.organisation for row in page.rows]),
    }
    return render(request, "members/people.html", context, status=status)


def _sectors(request: Request) -> list[tuple[str, str]]:
    today = requests.today(request)
    codes = rulebook.at(request.region, on=today, year=today.year).below("words.sector")
    return [(code, tags.sector_word(code, request.region)) for code in codes]
