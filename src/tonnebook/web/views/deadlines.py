"""The days of a compliance year, and moving one by notice: first what it does, then the proposal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import services as members_services
from tonnebook.web import clock
from tonnebook.web.year_forms import MoveForm


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def deadlines(request: Request, year: int) -> HttpResponse:
    """Show the deadlines of a year with those that were moved, and propose to move another."""
    region, shown = request.region, clock.deadlines_of(request.region, year, requests.today(request))
    form = MoveForm(request.POST or None, deadlines=shown)
    context = {"year": year, "deadlines": shown, "moves": compliance.moves(region, year), "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "web/deadlines.html", context, status=200 if request.method == "GET" else 422)
    told = form.cleaned_data
    try:
        effect = compliance.preview_move(region, year, told["name"], to_on=told["to_on"], now=request.now)
    except Refused as error:
        return render(request, "web/deadlines.html", context, status=form.refuse(error))
    if request.POST.get("decision") != "propose":
        return render(request, "web/deadlines.html", {**context, "effect": effect})
    members_services.propose(
        doors.actor_of(request),
        kind="compliance.move_deadline",
        payload={"region": region, "year": year, **told},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed. It happens when a second officer has approved exactly this."))
    return redirect("web:approvals")
