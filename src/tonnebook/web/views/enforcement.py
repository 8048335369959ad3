"""Forced surrender: what could be taken from an entity, shown before it is proposed to a second officer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, formats, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.web import years


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def forced(request: Request, uscc: str) -> HttpResponse:
    """Show which units would be taken, from where, and propose exactly that."""
    owner = members.organisation_within(doors.actor_of(request), uscc)
    year = years.year_of(request)
    context: dict[str, object] = {"owner": owner, "year": year}
    try:
        found = compliance.forced_takings(uscc, region=owner.region, year=year, now=request.now)
    except Refused as error:
        if request.method == "POST":
            raise
        told = error.zh if formats.is_chinese(get_language() or "") else error.en
        return render(request, "web/forced.html", {**context, "refusal": told})
    if request.method == "GET":
        return render(request, "web/forced.html", {**context, "found": found})
    members_services.propose(
        doors.actor_of(request),
        kind="compliance.force_surrender",
        payload={"region": owner.region, "entity": uscc, "year": year, "quantity_t": found.total_t},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed. It happens when a second officer has approved exactly this."))
    return redirect("web:approvals")
