"""Pages of members that act for clients, and of those they act for."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import Actor, Role
from tonnebook.core.trail import LookKind
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.journal.services import Answer
from tonnebook.market import queries, services
from tonnebook.market.supervision_forms import ClientForm
from tonnebook.market.views import traders
from tonnebook.members import queries as members
from tonnebook.registry import queries as registry

_TRADES = 50


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE, Role.TRADER)
def clients(request: Request) -> HttpResponse:
    form, status = ClientForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            asked = {**form.cleaned_data, "key": requests.key_of(request), "now": request.now}
            try:
                services.ask_client(doors.actor_of(request), **asked)
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Asked for; it is for them to agree."))
                return redirect("market:clients")
    rows = queries.clients(request.region)
    context = {
        "form": form,
        "rows": rows,
        "names": members.organisations_named([*(row.client for row in rows), *(row.member for row in rows)]),
        "own": doors.actor_of(request).organisation,
    }
    return render(request, "market/clients.html", context, status=status)


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def agree_client(request: Request, uscc: str) -> HttpResponse:
    actor = doors.actor_of(request)
    return _turned(request, services.agree_client, actor, member=uscc)


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def end_client(request: Request, uscc: str) -> HttpResponse:
    actor = doors.actor_of(request)
    # Named in the address is the other one, whichever of the two that is.
    is_member = any(row.client == uscc for row in queries.clients(request.region))
    pair = (actor.organisation, uscc) if is_member else (uscc, actor.organisation)
    return _turned(request, services.end_client, actor, member=pair[0], client=pair[1])


@require_GET
@doors.open_to(Role.TRADER)
def client(request: Request, uscc: str) -> HttpResponse:
    with services.acting_for(doors.actor_of(request), uscc) as actor:
        trail.looked(LookKind.ORGANISATION, uscc)
        context = {
            "client": members.organisation(uscc),
            "cash": registry.holdings_of([uscc], AccountType.CLIENT_CASH)[uscc],
            "units": traders.units(actor),
            "orders": queries.open_orders(uscc),
            "trades": queries.own_trades(uscc, _TRADES),
        }
        return render(request, "market/client.html", context)


def _turned(request: Request, service: Callable[..., Answer], actor: Actor, **pair: str) -> HttpResponse:
    service(actor, **pair, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Done; it stands in the public log."))
    return redirect("market:clients")
