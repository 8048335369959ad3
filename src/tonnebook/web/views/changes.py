"""What happens to companies within a year: the changes recorded, and one more to propose to a second officer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.core.allocation.changes import Change, ChangeKind, ChangeRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, labels, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.web import proposing

_PLACES = 6


class ChangeForm(RefusableForm):
    """A change of one company."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            ChangeRefusal.CHANGE_NOT_YET: "on",
            ChangeRefusal.CHANGE_TOO_LATE: "on",
            ChangeRefusal.WRONG_SHARE: "share",
            ChangeRefusal.SUCCESSOR_NEEDED: "successor",
            ChangeRefusal.NO_SUCCESSOR: "successor",
            ChangeRefusal.DOCUMENT_NEEDED: "document",
            ChangeRefusal.ALREADY_GONE: "entity",
        }
    )
    entity = forms.CharField(label=gettext_lazy("Company (unified social credit code)"), max_length=18)
    on = forms.DateField(
        label=gettext_lazy("First day it is so"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    share = forms.DecimalField(
        label=gettext_lazy("Share of its past that is given up (1 is all of it)"),
        initial=1,
        min_value=0,
        max_digits=_PLACES + 1,
        decimal_places=_PLACES,
    )
    successor = forms.CharField(
        label=gettext_lazy("Who takes it over (code; empty for nobody)"), max_length=18, required=False
    )
    document = forms.CharField(label=gettext_lazy("Document it rests on"), max_length=200)
    field_order = ("entity", "kind")

    def __init__(self, *args: object) -> None:
        """Offer the kinds of change in words."""
        super().__init__(*args)  # type: ignore[arg-type]
        kinds = [(one.value, labels.label(one)) for one in ChangeKind]
        self.fields["kind"] = forms.TypedChoiceField(
            label=gettext_lazy("What happened"), choices=kinds, coerce=ChangeKind
        )
        self.order_fields(self.field_order)

    def change(self) -> Change:
        """Give the change that core looks at; it has no number yet."""
        told = self.cleaned_data
        return Change("", told["entity"], told["kind"], told["on"], told["share"], told["successor"])


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def changes(request: Request) -> HttpResponse:
    """List the changes of the region, and propose one more once it would be recorded."""
    form, status = ChangeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told, today = form.cleaned_data, requests.today(request)
            try:
                compliance.require_recordable(request.region, form.change(), document=told["document"], today=today)
            except Refused as error:
                status = form.refuse(error)
            else:
                return proposing.propose(request, "compliance.record_change", {"region": request.region, **told})
    rows = compliance.entity_changes(request.region)
    trail.listed("changes", rows=len(rows))
    return render(request, "web/changes.html", {"form": form, "rows": rows}, status=status)
