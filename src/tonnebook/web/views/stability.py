"""Market stability: what was found and done, for everybody; the reserve and the next step, for the authority."""

from collections.abc import Mapping
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services
from tonnebook.compliance.queries import FindingRow, InterventionRow
from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.market_stability.interventions import InterventionKind, StabilityRefusal
from tonnebook.core.market_stability.reserve_moves import MOVED_UPON
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.core.roles import Role
from tonnebook.faces import doors, drawings, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries as market
from tonnebook.web import years
from tonnebook.web.proposing import propose
from tonnebook.web.stability_forms import BackOfferForm, InterventionForm, ReserveMoveForm, SubscriptionForm

_KIND_OF: Mapping[PriceMove, InterventionKind] = {
    PriceMove.RISE: InterventionKind.FIXED_PRICE_SALE,
    PriceMove.FALL: InterventionKind.BUY_BACK,
}
_CHART_DAYS = timedelta(days=90)
_KEEPERS = {Role.OFFICER, Role.AUDITOR}


@require_GET
def stability(request: Request) -> HttpResponse:
    """Show findings and interventions to everybody, the reserve and what may be proposed to the authority."""
    return _page(request)


@require_POST
@doors.open_to(Role.OFFICER)
def propose_set_aside(request: Request) -> HttpResponse:
    """Propose to put the reserve of a year's plan into the reserve account."""
    return propose(request, "compliance.set_aside", {"region": request.region, "year": years.year_of(request)})


@require_POST
@doors.open_to(Role.OFFICER)
def propose_intervention(request: Request) -> HttpResponse:
    """Propose what the latest finding calls for."""
    form, found = InterventionForm(request.POST), _actionable(compliance.findings(request.region, 1))
    if found is None:
        return _nothing_called_for(request)
    if not form.is_valid():
        return _page(request, form, 422)
    opens_at, closes_at = form.window()
    payload = {
        "region": request.region,
        "on": found.on.isoformat(),
        "kind": _KIND_OF[found.kind].value,
        "year": years.year_of(request),
        "quantity_t": form.cleaned_data["quantity_t"],
        "opens_at": periods.iso(opens_at),
        "closes_at": periods.iso(closes_at),
    }
    return propose(request, "compliance.intervene", payload)


@require_POST
@doors.open_to(Role.OFFICER)
def propose_move(request: Request) -> HttpResponse:
    """Propose to release units of the reserve to be auctioned, or to withdraw into it what waits for an auction."""
    form, found = ReserveMoveForm(request.POST), _actionable(compliance.findings(request.region, 1))
    if found is None:
        return _nothing_called_for(request)
    if not form.is_valid():
        return _page(request, move_form=form, status=422)
    payload = {
        "region": request.region,
        "on": found.on.isoformat(),
        "kind": MOVED_UPON[found.kind].value,
        "year": years.year_of(request),
        "quantity_t": form.cleaned_data["move_t"],
    }
    return propose(request, "compliance.move_reserve", payload)


@require_GET
def intervention(request: Request, number: str) -> HttpResponse:
    """Show one intervention; who may take part finds the form and their own requests."""
    return _intervention_page(request, _here(request, number))


@require_POST
@doors.open_to(Role.TRADER)
def take_part(request: Request, number: str) -> HttpResponse:
    """Ask for allowances of a sale, or offer some to a buy-back."""
    row, actor = _here(request, number), doors.actor_of(request)
    form = _form_of(row, request)
    if not form.is_valid():
        return _intervention_page(request, row, form, 422)
    asked = {"intervention": number, "quantity_t": form.cleaned_data["quantity_t"]}
    key = requests.key_of(request)
    try:
        if isinstance(form, BackOfferForm):
            price_fen_per_t, asset = form.price_fen_per_t(), form.cleaned_data["asset"]
            services.offer_back(actor, **asked, asset=asset, price_fen_per_t=price_fen_per_t, key=key, now=request.now)
        else:
            services.subscribe(actor, **asked, key=key, now=request.now)
    except Refused as error:
        return _intervention_page(request, row, form, form.refuse(error))
    messages.success(request, gettext("Taken; what it needs is set aside until the intervention is settled."))
    return redirect("web:intervention", number=number)


@require_POST
@doors.open_to(Role.TRADER)
def withdraw_request(request: Request, number: str) -> HttpResponse:
    """Withdraw an own request."""
    actor, key = doors.actor_of(request), requests.key_of(request)
    services.withdraw_request(actor, request=number, key=key, now=request.now)
    messages.success(request, gettext("Withdrawn; what was set aside is free again."))
    return redirect("web:intervention", number=number.rpartition("-R")[0])


@require_POST
@doors.open_to(Role.OFFICER)
def settle_intervention(request: Request, number: str) -> HttpResponse:
    """Settle an intervention whose window is over."""
    row, actor = _here(request, number), doors.actor_of(request)
    services.settle_intervention(actor, intervention=row.number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Settled: units against money, and everything else set free."))
    return redirect("web:intervention", number=number)


def _nothing_called_for(request: Request) -> HttpResponse:
    messages.error(request, gettext("The latest finding calls for nothing, or something was decided upon it."))
    return redirect("web:stability")


def _page(
    request: Request,
    form: InterventionForm | None = None,
    status: int = 200,
    *,
    move_form: ReserveMoveForm | None = None,
) -> HttpResponse:
    today, found = requests.today(request), compliance.findings(request.region)
    scheme = compliance.rules(request.region, today.year, today).text("region.scheme")
    closes = market.closes(scheme, today - _CHART_DAYS, today + timedelta(days=1))
    context: dict[str, object] = {
        "findings": found,
        "interventions": compliance.interventions(request.region),
        "moves": compliance.reserve_moves(request.region),
        "line": drawings.line([(row.day.isoformat(), row.close_fen_per_t) for row in closes]),
    }
    roles = request.actor.roles if request.actor else frozenset()
    if roles & _KEEPERS:
        context["reserve"] = compliance.reserve(request.region)
    if Role.OFFICER in roles:
        year, actionable = years.year_of(request), _actionable(found)
        context |= {"year": year, "is_set_aside": year in compliance.years_set_aside(request.region)}
        if actionable:
            start = {"quantity_t": actionable.traces["quantity"].whole}
            context |= {"actionable": actionable, "kind": _KIND_OF[actionable.kind]}
            context["form"] = form or InterventionForm(initial=start)
            move = MOVED_UPON[actionable.kind]
            limit = compliance.move_limit(move, compliance.rules(request.region, year, today))
            proposal = {"move_t": min(start["quantity_t"], limit.whole)}
            context |= {"move": move, "move_limit": limit}
            context["move_form"] = move_form or ReserveMoveForm(initial=proposal)
    return render(request, "web/stability.html", context, status=status)


# Only the latest finding is acted upon from the page; the service lets older ones through for so many days.
def _actionable(found: tuple[FindingRow, ...]) -> FindingRow | None:
    latest = found[0] if found else None
    is_used = latest and (latest.intervention or latest.reserve_move)
    return latest if latest and latest.kind in _KIND_OF and not is_used else None


# What belongs to another region is answered like what does not exist.
def _here(request: Request, number: str) -> InterventionRow:
    row = compliance.intervention(number)
    if row.region != request.region:
        raise Refused(StabilityRefusal.NO_SUCH_INTERVENTION, intervention=number)
    return row


def _form_of(row: InterventionRow, request: Request) -> SubscriptionForm:
    given = request.POST if request.method == "POST" else None
    return SubscriptionForm(given) if row.kind is InterventionKind.FIXED_PRICE_SALE else BackOfferForm(given)


def _intervention_page(
    request: Request, row: InterventionRow, form: SubscriptionForm | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"intervention": row, "is_over": request.now >= row.closes_at}
    actor = request.actor
    if actor and Role.TRADER in actor.roles:
        context["own"] = compliance.requests_of(row.number, actor.organisation)
        context["form"] = form or (_form_of(row, request) if row.is_open(request.now) else None)
    if actor and actor.roles & _KEEPERS:
        asked = compliance.requests_of(row.number)
        trail.listed("requests", rows=len(asked), asked=requests.asked_of(request))
        context |= {"asked": asked, "may_settle": Role.OFFICER in actor.roles and row.settled_at is None}
    return render(request, "web/intervention.html", context, status=status)
