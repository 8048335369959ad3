"""Pages of what a trader has sent to the market: the day's, and what became of each."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries


@require_GET
@doors.open_to(Role.TRADER)
def commands(request: Request) -> HttpResponse:
    organisation = doors.actor_of(request).organisation
    rows = queries.commands(organisation, request.region, on=requests.today(request))
    return render(request, "market/commands.html", {"rows": rows})


@require_GET
@doors.open_to(Role.TRADER)
def command(request: Request, number: str) -> HttpResponse:
    row = queries.command(number)
    if row.organisation != doors.actor_of(request).organisation:
        raise Http404
    return render(request, "market/command.html", {"row": row})
