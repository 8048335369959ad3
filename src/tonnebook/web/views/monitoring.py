"""The data quality plan: the company writes it, prefilled from the year before, and sees how far it has come."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.core import plan_versions
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.queries import PlanRow
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.web import years
from tonnebook.web.forms import PlanForm


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def data_quality_plan(request: Request) -> HttpResponse:
    """Write the data quality plan of a year; the form begins with this year's or last year's plan, else a template."""
    actor, year = doors.actor_of(request), years.year_of(request)
    plan = emissions.plan_of(actor.organisation, year)
    last = plan or emissions.plan_of(actor.organisation, year - 1)
    form = PlanForm(request.POST or None, initial=_beginning(request, last))
    if request.method == "POST" and form.is_valid():
        answer = emissions_services.submit_data_quality_plan(
            actor,
            entity=actor.organisation,
            year=year,
            sections=form.sections(),
            key=requests.key_of(request),
            now=request.now,
        )
        told = gettext("Submitted as version %(version)s; an officer reads and approves it.")
        messages.success(request, told % {"version": answer["version"]})
        return redirect(f"{reverse('web:data_quality_plan')}?year={year}")
    versions = emissions.plan_versions(actor.organisation, year)
    older = versions[1].sections if len(versions) > 1 else None
    changes = plan_versions.changes(older, versions[0].sections) if older is not None else ()
    context = {"year": year, "plan": plan, "last": last, "form": form, "versions": versions, "changes": changes}
    return render(request, "web/data_quality_plan.html", context, status=422 if form.errors else 200)


def _beginning(request: Request, last: PlanRow | None) -> dict[str, str]:
    if last:
        return {**last.sections, "quantities": last.sections.get("data", "")}
    actor = doors.actor_of(request)
    places = emissions.facilities_of(actor.organisation)
    names = gettext(", ").join(tags.name(one) for one in places)
    return {
        "boundary": gettext("Legal boundary of the company; facilities: %(names)s") % {"names": names or "—"},
        "sources": gettext("Fuels, processes, purchased electricity and heat: one line for each"),
        "quantities": gettext(
            "For each quantity: the meter, how often it is read, and the document it is checked against"
        ),
        "missing_data": gettext("When a reading is missing: the higher value of the periods before and after"),
    }
