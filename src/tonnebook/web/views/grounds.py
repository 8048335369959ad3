"""Grounds of incentives: what officers found for companies, one more to note, and a withdrawal with its reason."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core.allocation.incentives import GroundRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, formats, pagination, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members

_REASON_MAX = 400


class GroundForm(RefusableForm):
    """A ground found for one company."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({GroundRefusal.GROUND_NOTED: "ground"})
    entity = forms.CharField(label=gettext_lazy("Company (unified social credit code)"), max_length=18)
    evidence = forms.CharField(label=gettext_lazy("Document it rests on"), max_length=200)
    field_order = ("entity", "ground")

    def __init__(self, *args: object, choices: Sequence[tuple[str, str]]) -> None:
        """Offer the grounds the rules of the year know."""
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["ground"] = forms.ChoiceField(label=gettext_lazy("Ground"), choices=choices)
        self.order_fields(self.field_order)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def grounds(request: Request, year: int) -> HttpResponse:
    """List the grounds noted for a year, and note one more."""
    words = _words(request, year)
    form, status = GroundForm(request.POST or None, choices=list(words.items())), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            try:
                members.organisation_within(doors.actor_of(request), told["entity"])
                compliance_services.record_grounds(
                    doors.actor_of(request),
                    year=year,
                    grounds={told["entity"]: {told["ground"]: told["evidence"]}},
                    key=requests.key_of(request),
                    now=request.now,
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Noted."))
                return redirect("web:grounds", year)
    rows = compliance.grounds_noted(request.region, year)
    trail.listed("grounds", rows=len(rows))
    page = pagination.page_of(rows, request)
    context = {
        "year": year,
        "form": form if words else None,
        "page": page,
        "rows": [(row, words.get(row.ground, row.ground)) for row in page.rows],
    }
    return render(request, "web/grounds.html", context, status=status)


@require_POST
@doors.open_to(Role.OFFICER)
def withdraw_ground(request: Request, year: int, uscc: str, ground: str) -> HttpResponse:
    """Withdraw a ground that turns out not to hold."""
    actor = doors.actor_of(request)
    members.organisation_within(actor, uscc)
    compliance_services.withdraw_ground(
        actor,
        entity=uscc,
        year=year,
        ground=ground,
        reason=request.POST.get("reason", "")[:_REASON_MAX],
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Withdrawn; what is computed from now on is without it."))
    return redirect("web:grounds", year)


# What the rule book calls the number that each ground earns.
def _words(request: Request, year: int) -> dict[str, str]:
    rules = compliance.rules(request.region, year, requests.today(request))
    paths = {one: f"allocation.incentive.{one}.share" for one in rules.below("allocation.incentive")}
    paths |= {one: f"allocation.paid_incentive.{one}" for one in rules.below("allocation.paid_incentive")}
    named = {one: rules.number(path) for one, path in paths.items()}
    is_chinese = formats.is_chinese(get_language())
    return {one: number.zh if is_chinese else number.en for one, number in named.items()}
