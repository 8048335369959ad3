"""The page of the freeze switches: stop at once, propose to let it go on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.roles import MAY, Act, Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import services as members_services
from tonnebook.registry import queries, services
from tonnebook.registry.forms import FreezeForm

_SHOWN = 100


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER, Role.REGISTRAR, Role.EXCHANGE_STAFF, Role.AUDITOR)
def freezes(request: Request) -> HttpResponse:
    actor = doors.actor_of(request)
    may_freeze = bool(actor.roles & MAY[Act.FREEZE])
    form = FreezeForm(request.POST or None, region=request.region) if may_freeze else None
    status = 200
    if request.method == "POST" and form is not None:
        status = 422
        if form.is_valid():
            try:
                told, key = form.cleaned_data, requests.key_of(request)
                services.freeze(actor, region=request.region, **told, key=key, now=request.now)
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("It stands still; allocation and surrender go on."))
                return redirect("registry:freezes")
    rows = queries.freezes(request.region, limit=_SHOWN)
    context = {"rows": rows, "form": form, "may_freeze": may_freeze}
    return render(request, "registry/freezes.html", context, status=status)


@require_POST
@doors.open_to(Role.OFFICER, Role.REGISTRAR)
def lift(request: Request, number: str) -> HttpResponse:
    queries.freeze_in_force(number, region=request.region)
    members_services.propose(
        doors.actor_of(request),
        kind="registry.lift_freeze",
        payload={"freeze": number},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed; a second person approves it."))
    return redirect("web:approvals")
