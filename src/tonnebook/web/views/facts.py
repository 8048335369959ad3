"""Facts of an allowance beyond the report: what a company declares, and which of it the authority lets count."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core.allocation.declarations import FactKind
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.web import years
from tonnebook.web.fact_forms import FactForm

_BASE_YEARS = 4


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def own_facts(request: Request) -> HttpResponse:
    """List what the company declared, and declare one more."""
    actor, year = doors.actor_of(request), years.year_of(request)
    asked = request.GET.get("kind", "")
    kind = FactKind(asked) if asked in set(FactKind) else FactKind.POWER
    rules = compliance.rules(request.region, year, requests.today(request))
    form = FactForm(
        request.POST or None,
        kind=kind,
        years=range(year, year - _BASE_YEARS, -1),
        classes=rules.below("allocation.power.benchmark"),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                compliance_services.declare_facts(
                    actor,
                    entity=actor.organisation,
                    facts=[form.draft()],
                    key=requests.key_of(request),
                    now=request.now,
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Declared. It counts once the authority has accepted it."))
                return redirect("web:own_facts")
    context = {
        "year": year,
        "kind": kind,
        "kinds": list(FactKind),
        "form": form,
        "rows": compliance.declarations_of(actor.organisation),
    }
    return render(request, "web/own_facts.html", context, status=status)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def facts(request: Request) -> HttpResponse:
    """List the facts that wait, and decide on those that are ticked."""
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        try:
            answer = compliance_services.decide_facts(
                doors.actor_of(request),
                region=request.region,
                declarations=request.POST.getlist("declaration"),
                is_accepted=request.POST.get("decision") == "accept",
                reason=request.POST.get("reason", ""),
                key=requests.key_of(request),
                now=request.now,
            )
        except Refused as error:
            refused = problem.refused(error)
            context, status = {"problem": refused}, refused.status
        else:
            messages.success(request, gettext("Decided: %(decided)s facts.") % answer)
            return redirect("web:facts")
    rows = compliance.waiting_declarations(request.region)
    trail.listed("facts", rows=len(rows))
    return render(request, "web/facts.html", {**context, "rows": rows}, status=status)
