"""The page of the board of surplus and shortfall: quantities for everybody, names and the way to a deal for traders."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.indications import Audience
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.deal_forms import IndicationForm
from tonnebook.market.queries import InstrumentRow
from tonnebook.market.views import traders


@require_GET
def indications(request: Request) -> HttpResponse:
    rows = queries.instruments(request.region)
    if not rows:
        return render(request, "market/not_open.html")
    asked = request.GET.get("instrument", "")
    return _page(request, next((row for row in rows if row.code == asked), rows[0]), IndicationForm())


@require_POST
@doors.open_to(Role.TRADER)
def give_indication(request: Request, code: str) -> HttpResponse:
    instrument, form = traders.instrument_here(request, code), IndicationForm(request.POST)
    if not form.is_valid():
        return _page(request, instrument, form, status=422)
    told = form.cleaned_data
    try:
        services.give_indication(
            doors.actor_of(request),
            instrument=code,
            side=Side(told["side"]),
            quantity_t=told["quantity_t"],
            until_on=told["until_on"],
            audience=Audience(told["audience"]),
            vintage=told["vintage"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _page(request, instrument, form, status=form.refuse(error))
    messages.success(request, gettext("It stands on the board; it binds you to nothing."))
    return _back(code)


@require_POST
@doors.open_to(Role.TRADER)
def withdraw_indication(request: Request, number: str) -> HttpResponse:
    services.withdraw_indication(
        doors.actor_of(request), indication=number, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("It is off the board."))
    return redirect("market:indications")


def _page(request: Request, instrument: InstrumentRow, form: IndicationForm, *, status: int = 200) -> HttpResponse:
    actor, today = traders.trader(request), requests.today(request)
    read = queries.public_indications if actor is None else queries.indications
    standing = read(instrument.code, on=today)
    context: dict[str, object] = {
        "instruments": queries.instruments(request.region),
        "instrument": instrument,
        "sides": [(side, [row for row in standing if row.side is side]) for side in (Side.SELL, Side.BUY)],
        "block_min_t": queries.block_terms(request.region, on=today).min_t,
        "own": actor.organisation if actor else "",
        "form": form if actor else None,
    }
    return render(request, "market/indications.html", context, status=status)


def _back(code: str) -> HttpResponse:
    answer = redirect("market:indications")
    answer["Location"] += f"?instrument={code}"
    return answer
