"""The pages of one-way auctions: lots and results for everybody, bids for traders, windows for the exchange."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.one_way import OneWayTerms, Pricing
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries, services
from tonnebook.market.queries import InstrumentRow, SaleRow
from tonnebook.market.sale_forms import SaleBidForm, SaleForm, SaleWindowForm
from tonnebook.market.supervision_forms import ReasonForm
from tonnebook.market.views import traders


@require_GET
def sales(request: Request) -> HttpResponse:
    rows = queries.instruments(request.region)
    if not rows:
        return render(request, "market/not_open.html")
    return _sales_page(request, rows[0])


@require_POST
@doors.open_to(Role.TRADER)
def offer_sale(request: Request, code: str) -> HttpResponse:
    instrument, terms = traders.instrument_here(request, code), _terms(request)
    if terms is None:
        raise Http404
    form = SaleForm(request.POST, terms=terms, assets=traders.assets(doors.actor_of(request), instrument))
    if not form.is_valid():
        return _sales_page(request, instrument, form, status=422)
    told = form.cleaned_data
    try:
        answer = services.offer_sale(
            doors.actor_of(request),
            instrument=code,
            asset=told["asset"],
            quantity_t=told["quantity_t"],
            floor_drop=form.drop(),
            pricing=Pricing(told["pricing"]),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _sales_page(request, instrument, form, status=form.refuse(error))
    messages.success(request, gettext("Your lot is offered and set aside; the exchange announces when bids are taken."))
    return redirect("market:sale", number=str(answer["sale"]))


@require_GET
def sale(request: Request, number: str) -> HttpResponse:
    return _sale_page(request, _sale_here(request, number))


@require_POST
@doors.open_to(Role.TRADER)
def withdraw_sale(request: Request, number: str) -> HttpResponse:
    services.withdraw_sale(doors.actor_of(request), sale=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("The lot is withdrawn; its units are free."))
    return redirect("market:sale", number=number)


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def announce_sale(request: Request, number: str) -> HttpResponse:
    form = SaleWindowForm(request.POST)
    if not form.is_valid():
        return _sales_page(request, queries.instruments(request.region)[0], window=form, status=422)
    try:
        services.announce_sale(
            doors.actor_of(request), sale=number, **form.cleaned_data, key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        status = form.refuse(error)
        return _sales_page(request, queries.instruments(request.region)[0], window=form, status=status)
    messages.success(request, gettext("The auction is announced."))
    return redirect("market:sale", number=number)


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def decline_sale(request: Request, number: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _sales_page(request, queries.instruments(request.region)[0], status=422)
    services.decline_sale(
        doors.actor_of(request), sale=number, **form.cleaned_data, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("The lot is declined; its units are free."))
    return redirect("market:sales")


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def clear_sale(request: Request, number: str) -> HttpResponse:
    services.clear_sale(doors.actor_of(request), sale=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("The auction is cleared: units and money have changed hands."))
    return redirect("market:sale", number=number)


@require_POST
@doors.open_to(Role.TRADER)
def bid_in_sale(request: Request, number: str) -> HttpResponse:
    row, form = _sale_here(request, number), SaleBidForm(request.POST)
    if not form.is_valid():
        return _sale_page(request, row, form, status=422)
    price_fen_per_t, quantity_t = form.price_fen_per_t(), form.cleaned_data["quantity_t"]
    total = queries.total_fen(
        row.instrument,
        side=Side.BUY,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        on=requests.today(request),
    )
    # The bid comes twice, as an order does: first to be counted up, then with the total its reader has seen.
    if request.POST.get("shown_total_fen") != str(total.whole):
        context = {"sale": row, "form": form, "price_fen_per_t": price_fen_per_t, "total": total}
        return render(request, "market/sale_confirm.html", context)
    try:
        services.bid_in_sale(
            doors.actor_of(request),
            sale=number,
            price_fen_per_t=price_fen_per_t,
            quantity_t=quantity_t,
            shown_total_fen=total.whole,
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _sale_page(request, row, form, status=form.refuse(error))
    messages.success(request, gettext("Your bid stands until the auction is cleared."))
    return redirect("market:sale", number=number)


def _terms(request: Request) -> OneWayTerms | None:
    return queries.sale_terms(request.region, on=requests.today(request))


def _sales_page(
    request: Request,
    instrument: InstrumentRow,
    form: SaleForm | None = None,
    *,
    window: SaleWindowForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, terms = requests.acting_here(request), _terms(request)
    context: dict[str, object] = {
        "instrument": instrument,
        "terms": terms,
        "sales": queries.sales(request.region),
    }
    if traders.trader(request) is not None and actor is not None and terms is not None:
        offered = form or SaleForm(terms=terms, assets=traders.assets(doors.actor_of(request), instrument))
        context |= {"form": offered, "own_sales": queries.own_sales(actor.organisation)}
    if actor is not None and Role.EXCHANGE_STAFF in actor.roles:
        waiting = queries.offered_sales(request.region)
        trail.listed("one_way", rows=len(waiting))
        context |= {"waiting": waiting, "is_staff": True, "window": window or SaleWindowForm()}
    return render(request, "market/sales.html", context, status=status)


def _sale_page(request: Request, row: SaleRow, form: SaleBidForm | None = None, *, status: int = 200) -> HttpResponse:
    actor, trader = requests.acting_here(request), traders.trader(request)
    context: dict[str, object] = {
        "sale": row,
        "band": queries.sale_band(row.instrument, floor_drop=row.floor_drop, on=requests.today(request)),
        "awards": queries.sale_awards(row.number),
        "is_over": row.is_over(request.now),
        "is_staff": actor is not None and Role.EXCHANGE_STAFF in actor.roles,
        "is_open": row.takes_bids(request.now),
    }
    if trader is not None:
        context["is_own"] = row.organisation == trader.organisation
        context["bids"] = queries.own_sale_bids(row.number, trader.organisation)
        if row.takes_bids(request.now) and not context["is_own"]:
            context["form"] = form or SaleBidForm()
    return render(request, "market/sale.html", context, status=status)


def _sale_here(request: Request, number: str) -> SaleRow:
    actor = requests.acting_here(request)
    row = queries.sale(number, organisation=actor.organisation if actor else "")
    traders.instrument_here(request, row.instrument)
    return row
