"""The district authority's pages: its own district's companies, their reports, and the first check of each."""

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow
from tonnebook.web import years


@require_GET
@doors.open_to(Role.DISTRICT_OFFICER)
def district(request: Request) -> HttpResponse:
    """List the covered companies of the own district, those to be checked first."""
    actor, year = doors.actor_of(request), years.year_of(request)
    own = own_companies(request, year)
    rows = emissions.district_reports(list(own), year)
    rows = tuple(sorted(rows, key=lambda row: (not row.report, row.check is not None)))
    trail.listed("district", rows=len(rows), asked=requests.asked_of(request))
    counts = Counter("missing" if not row.report else "checked" if row.check else "waiting" for row in rows)
    context = {
        "year": year,
        "district": actor.district,
        "page": pagination.page_of(rows, request),
        "names": own,
        "counts": counts,
    }
    return render(request, "web/district.html", context)


def own_companies(request: Request, year: int) -> dict[str, OrganisationRow]:
    """Give the covered companies of the district that whoever asks looks after, by code."""
    district = doors.actor_of(request).district
    covered = members.organisations_named(compliance.covered_codes(request.region, year))
    return {uscc: row for uscc, row in covered.items() if row.district == district}


@require_POST
@doors.open_to(Role.DISTRICT_OFFICER)
def first_check(request: Request, number: str) -> HttpResponse:
    """Note whether a report of the own district is complete."""
    emissions_services.first_check(
        doors.actor_of(request),
        report=number,
        is_complete=request.POST.get("is_complete") == "yes",
        note=request.POST.get("note", "")[:_NOTE_MAX],
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Noted; the authority and the company see it."))
    return redirect("web:home")


_NOTE_MAX = 2000
