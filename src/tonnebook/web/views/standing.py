"""Where an entity's year stands and why: its events, what is missing, and a figure that is replaced."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core import year_status
from tonnebook.core.errors import Refused
from tonnebook.core.objections import ObjectionSubject
from tonnebook.core.roles import Role
from tonnebook.core.surrender import StatusCode
from tonnebook.core.year_status import Mark
from tonnebook.emissions import queries as emissions
from tonnebook.faces import documents, doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.registry import queries as registry
from tonnebook.web import years
from tonnebook.web.views import objections
from tonnebook.web.year_forms import RedetermineForm

READERS = (Role.REPRESENTATIVE, Role.OFFICER, Role.AUDITOR, Role.REGISTRAR)


@require_GET
@doors.open_to(*READERS)
def standing(request: Request, uscc: str) -> HttpResponse:
    """Show where the year of one entity stands, from what has happened to it."""
    owner, year = members.organisation_within(doors.actor_of(request), uscc), years.year_of(request)
    found = compliance.history(uscc, region=owner.region, year=year, now=request.now)
    context = {
        "owner": owner,
        "year": year,
        "history": found,
        "marks": [mark for mark in Mark if mark in found.standing.marks],
        "missing": year_status.missing(found.standing),
        "carried": compliance.carry_over_traces(uscc, year),
        "files": [one for one in compliance.penalty_files_of(uscc) if one.year == year],
        "may_certify": found.standing.letter is StatusCode.A and Mark.SETTLED in found.standing.marks,
        "may_replace": Role.OFFICER in doors.actor_of(request).roles and found.standing.figure_t is not None,
        "is_own": uscc == doors.actor_of(request).organisation,
        **objections.told(ObjectionSubject.DETERMINATION, uscc, year, request),
    }
    return render(request, "web/standing.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def redetermine(request: Request, uscc: str) -> HttpResponse:
    """Show what another figure would change, then propose it to a second officer."""
    owner, year = members.organisation_within(doors.actor_of(request), uscc), years.year_of(request)
    form = RedetermineForm(request.POST or None)
    before = compliance.history(uscc, region=owner.region, year=year, now=request.now).standing
    context = {"owner": owner, "year": year, "form": form, "before": before}
    if request.method == "GET" or not form.is_valid():
        return render(request, "web/redetermine.html", context, status=200 if request.method == "GET" else 422)
    told = form.cleaned_data
    try:
        emissions.require_replaceable(uscc, year, **told)
    except Refused as error:
        return render(request, "web/redetermine.html", context, status=form.refuse(error))
    if request.POST.get("decision") != "propose":
        effect = year_status.supplement(before, figure_t=told["determined_t"])
        return render(request, "web/redetermine.html", {**context, "effect": effect})
    members_services.propose(
        doors.actor_of(request),
        kind="emissions.redetermine",
        payload={"region": owner.region, "year": year, "entity": uscc, **told},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed. It happens when a second officer has approved exactly this."))
    return redirect("web:approvals")


@require_POST
@doors.open_to(Role.REPRESENTATIVE, Role.OFFICER, Role.REGISTRAR)
def certificate(request: Request, uscc: str) -> HttpResponse:
    """Make the certificate of a year that is met, and hand it over as a file."""
    members.organisation_within(doors.actor_of(request), uscc)
    answer = compliance_services.issue_certificate(
        doors.actor_of(request),
        entity=uscc,
        year=years.year_of(request),
        language=get_language() or "zh-hans",
        site=request.build_absolute_uri("/").rstrip("/"),
        key=requests.key_of(request),
        now=request.now,
    )
    document = str(answer["document"])
    return documents.attachment(registry.issued_content(document), document)
