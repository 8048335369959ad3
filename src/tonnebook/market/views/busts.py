"""The exchange's page of the trades of a day: who made them, and how one is taken back or corrected by two people."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries, services
from tonnebook.market.supervision_forms import BustForm
from tonnebook.members import queries as member_queries
from tonnebook.members import services as members

_TRADES = 200


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.EXCHANGE_STAFF)
def trades(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request, BustForm(initial={"trade": request.GET.get("trade", "")}))
    form = BustForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        number = _propose(request, form)
    except Refused as error:
        return _page(request, form, status=form.refuse(error))
    words = gettext("Proposed as %(number)s; a second person of the exchange approves it.")
    messages.success(request, words % {"number": number})
    return redirect("market:trades")


# What could not be done now is not proposed.
def _propose(request: Request, form: BustForm) -> str:
    actor, told, right = doors.actor_of(request), form.cleaned_data, form.right()
    services.check_bust(actor, trade=told["trade"], right=right, now=request.now)
    payload: dict[str, Json] = {name: told[name] for name in ("trade", "ground", "reason")}
    kind = "market.bust_trade"
    if right is not None:
        kind = "market.correct_trade"
        payload |= {"price_fen_per_t": right[0], "quantity_t": right[1]}
    proposed = members.propose(actor, kind=kind, payload=payload, key=requests.key_of(request), now=request.now)
    return str(proposed["approval"])


def _page(request: Request, form: BustForm, *, status: int = 200) -> HttpResponse:
    today = requests.today(request)
    made = queries.trades_on(request.region, today, limit=_TRADES)
    trail.listed("trades", rows=len(made))
    context = {
        "form": form,
        "trades": made,
        "names": member_queries.organisations_named(sorted({uscc for row in made for uscc in (row.buyer, row.seller)})),
        "busts": queries.busts_on(request.region, day=today),
    }
    return render(request, "market/trades.html", context, status=status)
