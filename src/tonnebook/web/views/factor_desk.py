"""The factor desk of the authority: factors from the data of utilities, values to publish, and whom a value touches."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core import factor_desk as desk
from tonnebook.core.errors import Refused
from tonnebook.core.factor_desk import Scenario
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.web import proposing, years
from tonnebook.web.factor_forms import FactorForm, UtilityForm


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def factors(request: Request) -> HttpResponse:
    """List the published values and the reports that rest on one of them, and propose to publish a value."""
    year, path = years.year_of(request), request.GET.get("path", "").strip()
    form = FactorForm(request.POST or None, initial=_begun(request, path, year))
    if request.method == "POST" and form.is_valid():
        payload = {"region": request.region, "rows": [form.row()]}
        return proposing.propose(request, "emissions.publish_factors", payload)
    touched = emissions.impact(request.region, path, year) if path else ()
    if path:
        trail.listed("factors", rows=len(touched), asked=requests.asked_of(request))
    context = {
        "year": year,
        "path": path,
        "form": form,
        "rows": emissions.published_factors(request.region),
        "expired": emissions.expired(request.region, year),
        "touched": touched,
    }
    return render(request, "web/factors.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@doors.open_to(Role.OFFICER)
def utility_factor(request: Request) -> HttpResponse:
    """Compute the factor of power from the data of utilities, step by step; nothing is stored."""
    form = UtilityForm(request.GET if "generated" in request.GET else None)
    context: dict[str, object] = {"form": form, "year": years.year_of(request)}
    if not form.is_bound:
        return render(request, "web/utility_factor.html", context)
    if not form.is_valid():
        return render(request, "web/utility_factor.html", context, status=422)
    told = form.cleaned_data
    try:
        context["result"] = desk.power_factor(
            told["generated"],
            told["taken_in"],
            sent_out_mwh=told["sent_out_mwh"],
            traded_non_fossil_mwh=told["traded_non_fossil_mwh"],
            scenario=Scenario(told["scenario"]),
        )
    except Refused as error:
        return render(request, "web/utility_factor.html", context, status=form.refuse(error))
    return render(request, "web/utility_factor.html", context)


def _begun(request: Request, path: str, year: int) -> dict[str, object]:
    leaf = emissions.rules_of(request.region, year).leaves.get(path)
    told: dict[str, object] = {"path": path, "first_year": year, "last_year": year}
    if leaf is None:
        return told
    return {**told, "unit": leaf.unit, "zh": leaf.zh, "en": leaf.en, "boundary": leaf.boundary}
