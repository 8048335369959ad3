"""Mandates to write reports: the company gives and withdraws them, the writer works on what they cover."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.core.trail import LookKind
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.forms import MandateForm
from tonnebook.web.views import reporting
from tonnebook.web.views.reporting import Sheet


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def mandates(request: Request) -> HttpResponse:
    """List the mandates a company has given, and give another."""
    actor, status = doors.actor_of(request), 200
    firms = members.organisations(request.region, OrganisationKind.REPORT_WRITER)
    form = MandateForm(
        request.POST or None,
        firms=[(firm.uscc, tags.name(firm)) for firm in firms],
        initial={"first_year": years.year_of(request), "last_year": years.year_of(request)},
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                emissions_services.give_mandate(
                    actor, **form.cleaned_data, key=requests.key_of(request), now=request.now
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Given; the firm can work from this moment."))
                return redirect("web:mandates")
    rows, today = emissions.mandates_of(actor.organisation), requests.today(request)
    context = {
        "lines": [(row, row.holds(today)) for row in rows],
        "names": members.organisations_named([row.writer for row in rows]),
        "form": form,
    }
    return render(request, "web/mandates.html", context, status=status)


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def withdraw_mandate(request: Request, number: str) -> HttpResponse:
    """Take a mandate back."""
    actor = doors.actor_of(request)
    emissions_services.withdraw_mandate(actor, mandate=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Withdrawn; from this moment the firm sees none of it."))
    return redirect("web:mandates")


@require_GET
@doors.open_to(Role.REPORT_WRITER)
def writing(request: Request) -> HttpResponse:
    """List the companies and years somebody writes for."""
    actor = doors.actor_of(request)
    rows = emissions.writing(actor.organisation, requests.today(request))
    names = members.organisations_named([row.mandate.entity for row in rows])
    return render(request, "web/writing.html", {"rows": rows, "names": names})


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPORT_WRITER)
def write_draft(request: Request, uscc: str, year: int) -> HttpResponse:
    """Fill in a draft of a company's report and file it for the company to submit."""
    actor = doors.actor_of(request)
    emissions_services.require_mandate(actor, entity=uscc, year=year, now=request.now)
    trail.looked(LookKind.REPORT, f"{uscc}:{year}")

    def file(sheet: Sheet) -> HttpResponse:
        emissions_services.file_draft(
            actor,
            entity=uscc,
            year=year,
            lines=sheet.told(),
            outputs=sheet.made(),
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Filed; the company checks it and submits it by itself."))
        return redirect("web:writing")

    context = {"year": year, "owner": members.organisation(uscc)}
    return reporting.sheet_page(request, uscc, year, emissions.draft_of(uscc, year), context, file)
