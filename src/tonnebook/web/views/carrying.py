"""Carrying over: what a holder may ask for and has asked, and a region's list of what became of its surplus."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services
from tonnebook.compliance.queries import CarriedRow, CarryOverRequestRow
from tonnebook.core.carry_over import CarryOverState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, exports, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.web import years
from tonnebook.web.proposing import propose
from tonnebook.web.year_forms import CarryOverForm

_CARRIED = (
    "entity",
    "name_zh",
    "name_en",
    "what",
    "on",
    *compliance.AMOUNTS,
    "transfer",
    "source",
    "article",
    "status",
)
_ASKED = (
    "number",
    "entity",
    "name_zh",
    "name_en",
    "round_on",
    "sold_t",
    "bought_t",
    "holding_t",
    "limit_t",
    "quantity_t",
    "granted_t",
    "state",
    "asked_at",
)
_LISTS = {"carried": _CARRIED, "requests": _ASKED}


@require_GET
@doors.open_to(Role.OFFICER, Role.AUDITOR)
def carried(request: Request) -> HttpResponse:
    """List what became of the surplus of a year, and who asked to carry over."""
    year = years.year_of(request)
    found = compliance.carried_year(request.region, year, now=request.now)
    trail.listed("carried", rows=len(found.rows) + len(found.requests), asked=requests.asked_of(request))
    name = request.GET.get("list", "carried")
    if request.GET.get("format") in ("csv", "xlsx") and name in _LISTS:
        rows = map(_line, found.rows) if name == "carried" else map(_asked, found.requests)
        write = exports.csv_of if request.GET["format"] == "csv" else exports.xlsx_of
        return write(f"{request.region}-{year}-{name}", _LISTS[name], list(rows))
    context = {
        "year": year,
        "found": found,
        "totals": found.totals,
        "page": pagination.page_of(found.rows, request),
        "may_decide": Role.OFFICER in doors.actor_of(request).roles,
    }
    return render(request, "web/carried.html", context)


@require_POST
@doors.open_to(Role.OFFICER)
def propose_round(request: Request) -> HttpResponse:
    """Propose to decide the requests that wait for a round."""
    year = years.year_of(request)
    waiting = compliance.carried_year(request.region, year, now=request.now).waiting
    asked = next((day for day in waiting if day.isoformat() == request.POST.get("round_on")), None)
    if asked is None:
        messages.error(request, gettext("No request waits for this round."))
        return redirect(f"{reverse('web:carried')}?year={year}")
    return propose(request, "compliance.decide_carry_over", {"region": request.region, "year": year, "round_on": asked})


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def own_carry_over(request: Request) -> HttpResponse:
    """Show what may be carried over and why, and take a request for it."""
    year, form = years.year_of(request), CarryOverForm(request.POST or None)
    if request.method == "GET":
        return _own_page(request, year, form)
    if not form.is_valid():
        return _own_page(request, year, form, 422)
    actor, key, asked = doors.actor_of(request), requests.key_of(request), form.cleaned_data
    try:
        services.ask_carry_over(actor, entity=actor.organisation, year=year, **asked, key=key, now=request.now)
    except Refused as error:
        return _own_page(request, year, form, form.refuse(error))
    messages.success(request, gettext("Asked for; the authority decides it in its round."))
    return redirect(f"{reverse('web:own_carry_over')}?year={year}")


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def withdraw(request: Request, number: str) -> HttpResponse:
    """Withdraw an own request that no round has decided."""
    actor, key = doors.actor_of(request), requests.key_of(request)
    services.withdraw_carry_over(actor, request=number, key=key, now=request.now)
    messages.success(request, gettext("Withdrawn; until the last day you may ask again."))
    return redirect(f"{reverse('web:own_carry_over')}?year={years.year_of(request)}")


def _own_page(request: Request, year: int, form: CarryOverForm, status: int = 200) -> HttpResponse:
    entity, today = doors.actor_of(request).organisation, requests.today(request)
    claim = compliance.claim(entity, region=request.region, year=year, now=request.now)
    asked = compliance.carry_over_requests(request.region, year, entity=entity)
    stands = any(one.state is not CarryOverState.WITHDRAWN for one in asked)
    may_ask = claim is not None and not stands and claim.to_on < today <= claim.apply_by and claim.limit.whole > 0
    context = {"year": year, "claim": claim, "requests": asked, "form": form if may_ask else None, "entity": entity}
    return render(request, "web/own_carry_over.html", context, status=status)


def _line(row: CarriedRow) -> dict[str, object]:
    basis = row.basis
    return {
        **{name: getattr(row, name) for name in _CARRIED if hasattr(row, name)},
        "on": row.on.isoformat(),
        "what": labels.label(row.kind) if row.kind else gettext("Carry-over"),
        "source": basis.source if basis else "",
        "article": basis.article if basis else gettext("design choice"),
        "status": basis.status if basis else "",
    }


def _asked(row: CarryOverRequestRow) -> dict[str, object]:
    return {
        **{name: getattr(row, name) for name in _ASKED},
        "round_on": row.round_on.isoformat(),
        "state": labels.label(row.state),
        "asked_at": row.asked_at.isoformat(),
    }
