"""The page of what auctions brought in and what it was used for, for everybody; the finance bureau records it here."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.auction import AuctionState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import MAY, Act, Role
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.forms import ReceiptForm, UseForm
from tonnebook.registry import queries as registry


@require_GET
def proceeds(request: Request) -> HttpResponse:
    """Show what auctions brought in, year by year and one by one, and the statement of use."""
    return _page(request)


@require_POST
@doors.open_to(Role.FINANCE_OFFICER)
def record_receipts(request: Request, number: str) -> HttpResponse:
    """Record the treasury's receipts for an auction."""
    row = queries.auction(number, now=request.now)
    if row.region != request.region or row.state is not AuctionState.CLEARED:
        raise Http404
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _page(request, receipts=(number, form), status=422)
    try:
        answer = services.record_receipts(
            doors.actor_of(request),
            auction=number,
            first=form.cleaned_data["first"],
            received_on=form.cleaned_data["received_on"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _page(request, receipts=(number, form), status=form.refuse(error))
    messages.success(
        request,
        gettext("Receipts recorded: %(count)s, the last has number %(last)s.")
        % {"count": answer["receipts"], "last": answer["last"]},
    )
    return redirect("market:proceeds")


@require_POST
@doors.open_to(Role.FINANCE_OFFICER)
def state_use(request: Request) -> HttpResponse:
    """State what a part of the proceeds was used for."""
    form = UseForm(request.POST)
    if not form.is_valid():
        return _page(request, use=form, status=422)
    told = form.cleaned_data
    try:
        services.state_use(
            doors.actor_of(request),
            year=told["year"],
            purpose=told["purpose"],
            amount_fen=form.amount_fen(),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _page(request, use=form, status=form.refuse(error))
    messages.success(request, gettext("The use is stated, and public."))
    return redirect("market:proceeds")


def _page(
    request: Request,
    *,
    receipts: tuple[str, ReceiptForm] | None = None,
    use: UseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, today = requests.acting_here(request), requests.today(request)
    may_record = actor is not None and bool(actor.roles & MAY[Act.RECORD_PROCEEDS])
    page, asked = pagination.page_of(queries.proceeds(request.region), request), dict([receipts] if receipts else ())
    treasury = registry.system_account(request.region, AccountType.TREASURY) if may_record else ""
    context = {
        "years": queries.proceeds_by_year(request.region),
        "uses": queries.uses_of_proceeds(request.region),
        "page": page,
        "open": [
            (row, asked.get(row.auction) or ReceiptForm(initial={"received_on": today}))
            for row in (page.rows if may_record else ())
            if row.receipts < row.winners
        ],
        "use": (use or UseForm(initial={"year": today.year})) if may_record else None,
        "treasury_fen": sum(held.total for held in registry.holdings(treasury)) if treasury else None,
    }
    return render(request, "market/proceeds.html", context, status=status)
