"""The headroom of a year: what was drawn on it, and one more draw to propose to a second officer."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.web import proposing


class DrawForm(forms.Form):
    """A draw for one company."""

    entity = forms.CharField(label=gettext_lazy("Company (unified social credit code)"), max_length=18)
    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    ground = forms.CharField(label=gettext_lazy("Industry and project it is for"), max_length=500)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def headroom(request: Request, year: int) -> HttpResponse:
    """List the draws of a year, and propose one more."""
    form = DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        payload = {"region": request.region, "year": year, **form.cleaned_data}
        return proposing.propose(request, "compliance.draw_headroom", payload)
    rows = compliance.headroom_draws(request.region, year)
    trail.listed("headroom", rows=len(rows))
    context = {
        "year": year,
        "form": form,
        "rows": rows,
        "headroom": compliance.headroom(request.region, year, requests.today(request)),
    }
    return render(request, "web/headroom.html", context, status=422 if request.method == "POST" else 200)
