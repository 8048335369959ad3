"""Pages of what a trader has sent to the market: the day's, and what became of each."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries
from tonnebook.market.views import traders


@require_GET
@doors.open_to(Role.TRADER)
def commands(request: Request) -> HttpResponse:
    with traders.acting(request) as actor:
        rows = queries.commands(actor.organisation, request.region, on=requests.today(request))
        return render(request, "market/commands.html", {"rows": rows, "client": traders.client_of(request, actor)})


@require_GET
@doors.open_to(Role.TRADER)
def command(request: Request, number: str) -> HttpResponse:
    with traders.acting(request) as actor:
        row = queries.command(number)
        if row.organisation != actor.organisation:
            raise Http404
        return render(request, "market/command.html", {"row": row, "client": traders.client_of(request, actor)})
