"""Who leaves the market: the steps done, and the next one to propose to a second officer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import services as members_services

_RUN = "compliance.run_transition"


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def leaving(request: Request) -> HttpResponse:
    """List who leaves, and propose the step that is asked for."""
    rows = compliance.leaving(request.region)
    if request.method == "GET":
        trail.listed("leaving", rows=len(rows))
        return render(request, "web/leaving.html", {"rows": rows, "today": requests.today(request)})
    asked = request.POST.get("entity", "")
    kind = next((row.command for row in rows if row.entity == asked and row.command), "" if asked else _RUN)
    if not kind:
        messages.error(request, gettext("Nothing is left to propose for this company."))
        return redirect("web:leaving")
    payload: dict[str, object] = {"region": request.region}
    payload |= {"on": requests.today(request)} if kind == _RUN else {"entity": asked}
    key = requests.key_of(request)
    members_services.propose(doors.actor_of(request), kind=kind, payload=payload, key=key, now=request.now)
    messages.success(request, gettext("Proposed. It happens when a second officer has approved exactly this."))
    return redirect("web:approvals")
