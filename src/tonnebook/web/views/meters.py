"""Meters of a company: whether their calibrations hold, and what their readings of a year come to."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.web import years


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def meters(request: Request) -> HttpResponse:
    """List a company's meters with what their readings of a year come to."""
    actor, year = doors.actor_of(request), years.year_of(request)
    figures = {one.meter: one for one in emissions.accepted_figures(actor.organisation, year)}
    rows = emissions.meters_of(actor.organisation, requests.today(request))
    context = {"year": year, "lines": [(row, figures.get(row.number)) for row in rows]}
    return render(request, "web/meters.html", context)
