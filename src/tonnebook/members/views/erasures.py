"""Erase private fields from the log: find what is kept about a person, and propose to destroy it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tonnebook.core.roles import MAY, Act
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries, services
from tonnebook.members.forms import ErasureForm
from tonnebook.members.queries import ABOUT_PEOPLE


@require_http_methods(["GET", "POST"])
@never_cache
@doors.open_to(*sorted(MAY[Act.ERASE]))
def erasure(request: Request) -> HttpResponse:
    person = request.GET.get("person", "").strip()
    found = queries.private_leaves(person, region=request.region) if person else ()
    trail.listed("private fields", rows=len(found), asked=person)
    offered = [one.leaf for one in found]
    about = [one.leaf for one in found if one.kind in ABOUT_PEOPLE]
    form = ErasureForm(request.POST or None, offered=offered, initial={"leaves": about})
    context = {"person": person, "found": found, "chosen": form["leaves"].value() or [], "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "members/erasure.html", context, status=422 if form.errors else 200)
    told = {"leaves": sorted(form.cleaned_data["leaves"]), "reason": form.cleaned_data["reason"]}
    services.propose(
        doors.actor_of(request),
        kind="members.erase_secrets",
        payload=told,
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed; a second person approves it."))
    return redirect("web:approvals")
