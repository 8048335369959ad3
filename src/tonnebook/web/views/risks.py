"""Entities at risk: those whose allowances the authority keeps, one more to propose, and the end of a risk."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.core import enforcement
from tonnebook.core.enforcement import RiskGround, RiskRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, labels, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import proposing


class RiskForm(RefusableForm):
    """Who is at risk, and why."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({RiskRefusal.ALREADY_AT_RISK: "entity"})
    entity = forms.CharField(label=gettext_lazy("Company (unified social credit code)"), max_length=18)
    document = forms.CharField(label=gettext_lazy("Document it rests on"), max_length=200)
    field_order = ("entity", "ground")

    def __init__(self, *args: object) -> None:
        """Offer the grounds in words."""
        super().__init__(*args)  # type: ignore[arg-type]
        grounds = [(one.value, labels.label(one)) for one in RiskGround]
        self.fields["ground"] = forms.ChoiceField(label=gettext_lazy("Why it is at risk"), choices=grounds)
        self.order_fields(self.field_order)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def at_risk(request: Request) -> HttpResponse:
    """List the entities at risk, and propose one more."""
    form, status, today = RiskForm(request.POST or None), 200, requests.today(request)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                members.organisation_within(doors.actor_of(request), form.cleaned_data["entity"])
            except Refused as error:
                status = form.refuse(error)
            else:
                payload = {"region": request.region, **form.cleaned_data}
                return proposing.propose(request, "compliance.mark_at_risk", payload)
    rows = compliance.entities_at_risk(request.region)
    trail.listed("at_risk", rows=len(rows))
    is_provided = enforcement.keeps_back(compliance.rules(request.region, today.year, today))
    context = {"form": form if is_provided else None, "rows": rows}
    return render(request, "web/at_risk.html", context, status=status)


@require_POST
@doors.open_to(Role.OFFICER)
def end_risk(request: Request, uscc: str) -> HttpResponse:
    """Propose to end the risk of an entity."""
    owner = members.organisation_within(doors.actor_of(request), uscc)
    return proposing.propose(request, "compliance.end_risk", {"region": owner.region, "entity": uscc})
