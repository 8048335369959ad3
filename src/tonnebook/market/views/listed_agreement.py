"""The pages of listed agreement: the orders that can be picked, and the picking in two steps."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.deal_forms import PickForm
from tonnebook.market.views import traders


@require_GET
@doors.open_to(Role.TRADER)
def pick_list(request: Request, code: str) -> HttpResponse:
    instrument = traders.instrument_here(request, code)
    own, today = doors.actor_of(request).organisation, requests.today(request)
    context = {
        "instrument": instrument,
        "mode": queries.listed_mode(request.region, on=today),
        "rows": queries.pick_list(code, organisation=own, on=today),
    }
    return render(request, "market/pick_list.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.TRADER)
def take_order(request: Request, number: str) -> HttpResponse:
    actor = doors.actor_of(request)
    row = queries.pick(number, organisation=actor.organisation)
    instrument = traders.instrument_here(request, row.instrument)
    side = Side.SELL if row.side is Side.BUY else Side.BUY
    assets = traders.assets(doors.actor_of(request), instrument) if side is Side.SELL else []
    form = PickForm(request.POST or None, assets=assets, initial={"quantity_t": row.left_t})
    context: dict[str, object] = {
        "instrument": instrument,
        "row": row,
        "form": form,
        "side": side,
        "price_fen_per_t": row.price_fen_per_t,
    }
    if request.method == "GET" or not form.is_valid():
        return render(request, "market/take_order.html", context, status=422 if form.errors else 200)
    quantity_t = form.cleaned_data["quantity_t"]
    total = queries.total_fen(
        instrument.code,
        side=side,
        price_fen_per_t=row.price_fen_per_t,
        quantity_t=quantity_t,
        on=requests.today(request),
    )
    context["total"] = total
    if request.POST.get("shown_total_fen") != str(total.whole):
        return render(request, "market/take_order.html", context)
    try:
        answer = services.take_order(
            actor,
            order=number,
            quantity_t=quantity_t,
            shown_total_fen=total.whole,
            asset=form.cleaned_data["asset"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return render(request, "market/take_order.html", {**context, "total": None}, status=form.refuse(error))
    return render(request, "market/order_placed.html", {**context, "answer": answer})
