"""The authority's desk for objections to allocations: what waits, until when, and a decision to be proposed."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.objections import ObjectionRefusal
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import services as members_services
from tonnebook.web import years


class DecisionForm(forms.Form):
    """What two officers are to decide."""

    is_upheld = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("no", gettext_lazy("reject it")), ("yes", gettext_lazy("uphold it"))],
    )
    due_t = forms.IntegerField(label=gettext_lazy("To be issued in all (t)"), min_value=0)
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


@require_GET
@doors.open_to(Role.OFFICER)
def objections(request: Request) -> HttpResponse:
    """List the objections that wait, the most urgent first."""
    year = years.year_of(request)
    return render(request, "web/objections.html", _context(request, year))


@require_POST
@doors.open_to(Role.OFFICER)
def decide(request: Request, number: str) -> HttpResponse:
    """Propose a decision; it takes effect when a second officer approves it."""
    form, year = DecisionForm(request.POST), years.year_of(request)
    if number not in {row.number for row in compliance.open_objections(request.region, year)}:
        raise Refused(ObjectionRefusal.NO_SUCH_OBJECTION, objection=number)
    if not form.is_valid():
        context = {**_context(request, year), "wrong": number, "form": form}
        return render(request, "web/objections.html", context, status=422)
    payload = {
        "objection": number,
        "is_upheld": form.cleaned_data["is_upheld"] == "yes",
        "due_t": form.cleaned_data["due_t"],
        "reason": form.cleaned_data["reason"],
    }
    members_services.propose(
        doors.actor_of(request),
        kind="compliance.decide_objection",
        payload=payload,
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed. It happens when a second officer has approved exactly this."))
    return redirect("web:approvals")


def _context(request: Request, year: int) -> dict[str, object]:
    rows = compliance.open_objections(request.region, year)
    trail.listed("objections", rows=len(rows), asked=requests.asked_of(request))
    issued = compliance.issued_to([row.entity for row in rows], year)
    desks = [{"row": row, "issued_t": issued.get(row.entity, 0)} for row in rows]
    return {"year": year, "desks": desks, "form": DecisionForm(), "wrong": ""}
