"""The officer's year: its acts in order, each with one button in words of what will happen."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core import reporting
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import annual, proposing, years


@require_GET
@doors.open_to(Role.OFFICER)
def year(request: Request) -> HttpResponse:
    """Show the acts of a compliance year and where each stands."""
    chosen = years.year_of(request)
    known = annual.facts(request, chosen)
    context = {
        "year": chosen,
        "acts": annual.acts(known),
        "progress": known.progress,
        "covered": known.covered,
    }
    return render(request, "web/year.html", context)


@require_POST
@doors.open_to(Role.OFFICER)
def act(request: Request, year: int, code: str) -> HttpResponse:
    """Do an act of the year, or propose it where it needs two people."""
    if code not in _ACTS:
        raise Http404
    return _ACTS[code](request, year)


@require_GET
@doors.open_to(Role.OFFICER)
def batch(request: Request, year: int, batch: str) -> HttpResponse:
    """Show what a batch gives each company, every figure explained, before and after it is issued."""
    chosen = _batch_of(batch)
    sums = compliance.year_state(request.region, year).batches.get(chosen)
    if sums is None:
        return _to_year(year)
    state = _state_asked(request)
    count = {
        AllocationState.PREVIEWED: sums.previewed,
        AllocationState.WITHHELD: sums.withheld,
        AllocationState.ISSUED: sums.issued,
    }
    total = count[state] if state else sum(count.values())
    trail.listed("allocations", rows=total, asked=requests.asked_of(request))
    page = pagination.page_of(range(total), request)
    rows = compliance.allocations(
        request.region,
        year,
        chosen,
        state=state,
        rows=slice(page.rows[0], page.rows[-1] + 1) if page.rows else slice(0),
    )
    rules = compliance.rules(request.region, year, requests.today(request))
    issued_t = compliance.issued_t(request.region, year)
    context = {
        "year": year,
        "batch": chosen,
        "sums": sums,
        "rows": rows,
        "page": page,
        "state": state,
        "cap_t": rules.integer("allocation.cap_t") if rules.has("allocation.cap_t") else None,
        "issued_t": issued_t,
        "headroom": compliance.headroom(request.region, year, requests.today(request)),
        "total": compliance.region_total(request.region, year, requests.today(request)),
    }
    return render(request, "web/batch.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def plans(request: Request) -> HttpResponse:
    """List the data quality plans that wait, to be read; approve the ticked ones or all."""
    chosen = years.year_of(request)
    waiting = emissions.submitted_plans(request.region, chosen)
    if request.method == "POST":
        ticked = [row.entity for row in waiting] if request.POST.get("all") else request.POST.getlist("entity")
        answer = emissions_services.approve_data_quality_plans(
            doors.actor_of(request),
            region=request.region,
            year=chosen,
            entities=ticked,
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Approved: %(count)s plans.") % {"count": answer["approved"]})
        return _to_year(chosen)
    trail.listed("plans", rows=len(waiting), asked=requests.asked_of(request))
    page = pagination.page_of(waiting, request)
    names = members.organisations_named([row.entity for row in page.rows])
    return render(request, "web/plans.html", {"year": chosen, "page": page, "names": names})


def _compute(batch: Batch) -> Callable[[Request, int], HttpResponse]:
    def compute(request: Request, year: int) -> HttpResponse:
        compliance_services.compute_allocation(
            doors.actor_of(request),
            region=request.region,
            year=year,
            batch=batch,
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Computed. Nothing is issued yet; look at the figures first."))
        return redirect("web:batch", year=year, batch=batch.value)

    return compute


def _issue(batch: Batch) -> Callable[[Request, int], HttpResponse]:
    def issue(request: Request, year: int) -> HttpResponse:
        payload = {"region": request.region, "year": year, "batch": batch.value}
        return proposing.propose(request, "compliance.issue_batch", payload)

    return issue


def _assign(request: Request, year: int) -> HttpResponse:
    bodies = [one.uscc for one in members.organisations(request.region, OrganisationKind.VERIFIER)]
    if not bodies:
        messages.error(request, gettext("No verification body is registered in this region; ask the registrar."))
        return _to_year(year)
    answer = emissions_services.assign_verifiers(
        doors.actor_of(request),
        region=request.region,
        year=year,
        assignments=reporting.in_turn(emissions.unassigned(request.region, year), bodies),
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Assigned: %(count)s reports.") % {"count": answer["assigned"]})
    return _to_year(year)


def _determine(request: Request, year: int) -> HttpResponse:
    entities = list(emissions.determinable(request.region, year))
    return proposing.propose(
        request, "emissions.determine", {"region": request.region, "year": year, "entities": entities}
    )


def _settle(request: Request, year: int) -> HttpResponse:
    compliance_services.settle_status(
        doors.actor_of(request), region=request.region, year=year, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("The result of the year is settled."))
    return _to_year(year)


def _carry_over(request: Request, year: int) -> HttpResponse:
    return proposing.propose(request, "compliance.carry_over", {"region": request.region, "year": year})


def _batch_of(text: str) -> Batch:
    if text not in set(Batch):
        raise Http404
    return Batch(text)


def _state_asked(request: Request) -> AllocationState | None:
    asked = request.GET.get("state", "")
    return AllocationState(asked) if asked in set(AllocationState) else None


def _to_year(year: int) -> HttpResponse:
    return redirect(f"{reverse('web:year')}?year={year}")


_ACTS: Mapping[str, Callable[[Request, int], HttpResponse]] = MappingProxyType(
    {
        "first": _compute(Batch.FIRST),
        "second": _compute(Batch.SECOND),
        "issue_first": _issue(Batch.FIRST),
        "issue_second": _issue(Batch.SECOND),
        "assign": _assign,
        "determine": _determine,
        "settle": _settle,
        "carry_over": _carry_over,
    }
)
