"""The pages of the market: quotes, book and ticket for everybody and for traders, and the auctions."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.core import auction as auction_rules
from tonnebook.core import book, periods, sealed_bids
from tonnebook.core.auction import AuctionState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.roles import Actor, Role
from tonnebook.faces import doors, drawings, formats, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import language
from tonnebook.market import queries, services
from tonnebook.market.forms import AnnouncementForm, SealedBidForm, ShareForm, TicketForm
from tonnebook.market.queries import AuctionRow, InstrumentRow
from tonnebook.market.services import instruments
from tonnebook.members import services as members
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import Holding

# As far back as the chart of closes goes.
_CHART_DAYS = 180
_TAPE_ROWS = 10
_OWN_TRADES = 10


@require_GET
def market(request: Request) -> HttpResponse:
    rows = queries.instruments(request.region)
    if not rows:
        return render(request, "market/not_open.html")
    asked = request.GET.get("instrument", "")
    chosen = next((row for row in rows if row.code == asked), rows[0])
    return _market_page(request, chosen)


@require_GET
def board(request: Request, code: str) -> HttpResponse:
    instrument = _instrument_here(request, code)
    return render(request, "market/_board.html", {**_board(request, instrument), **_own(request)})


@require_POST
@doors.open_to(Role.TRADER)
def place_order(request: Request, code: str) -> HttpResponse:
    instrument, actor = _instrument_here(request, code), doors.actor_of(request)
    form = _ticket(request, instrument)
    if not form.is_valid():
        return _market_page(request, instrument, form, status=422)
    side, price_fen_per_t, quantity_t = form.chosen_side(), form.price_fen_per_t(), form.cleaned_data["quantity_t"]
    total = queries.total_fen(
        code, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=requests.today(request)
    )
    context = {"instrument": instrument, "form": form, "side": side, "price_fen_per_t": price_fen_per_t, "total": total}
    # The ticket comes twice: first to be counted up and shown, then with the total its reader has seen.
    if request.POST.get("shown_total_fen") != str(total.whole):
        return render(request, "market/order_confirm.html", context)
    try:
        answer = services.place_order(
            actor,
            instrument=code,
            side=side,
            price_fen_per_t=price_fen_per_t,
            quantity_t=quantity_t,
            asset=form.cleaned_data["asset"],
            shown_total_fen=total.whole,
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _market_page(request, instrument, form, status=form.refuse(error))
    return render(request, "market/order_placed.html", {**context, "answer": answer})


@require_POST
@doors.open_to(Role.TRADER)
def cancel_order(request: Request, number: str) -> HttpResponse:
    actor = doors.actor_of(request)
    answer = services.cancel_order(actor, order=number, key=requests.key_of(request), now=request.now)
    withdrawn = formats.tonnes(int(str(answer["cancelled_t"])), language()).text
    messages.success(
        request, gettext("Withdrawn from the book: %(quantity)s. Its reserve is free.") % {"quantity": withdrawn}
    )
    return redirect("market:market")


@require_GET
def auctions(request: Request) -> HttpResponse:
    rows = queries.auctions(request.region, now=request.now)
    return render(request, "market/auctions.html", {"auctions": rows, "may_announce": _may_announce(request)})


@require_GET
def auction(request: Request, number: str) -> HttpResponse:
    return _auction_page(request, _auction_here(request, number))


@require_GET
def auction_state(request: Request, number: str) -> HttpResponse:
    row = _auction_here(request, number)
    return render(request, "market/_auction_state.html", {"auction": row, "now": request.now})


@require_POST
@doors.open_to(Role.TRADER)
def place_bid(request: Request, number: str) -> HttpResponse:
    row, actor = _auction_here(request, number), doors.actor_of(request)
    form = SealedBidForm(request.POST)
    if not form.is_valid():
        return _auction_page(request, row, form, status=422)
    try:
        answer = services.place_bid(
            actor,
            auction=number,
            envelope=form.cleaned_data["envelope"],
            mark=form.cleaned_data["mark"],
            deposit_fen=form.deposit_fen(),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _auction_page(request, row, form, status=form.refuse(error))
    return render(request, "market/bid_placed.html", {"auction": row, "form": form, "answer": answer})


@require_POST
@doors.open_to(*auction_rules.KEEPERS)
def hand_in_share(request: Request, number: str) -> HttpResponse:
    row, actor = _auction_here(request, number), doors.actor_of(request)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _auction_page(request, row, share=form, status=422)
    try:
        answer = services.hand_in_share(
            actor, auction=number, words=form.cleaned_data["words"], key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        return _auction_page(request, row, share=form, status=form.refuse(error))
    messages.success(
        request,
        gettext("Your share is taken. Shares given: %(given)s of %(needed)s.")
        % {"given": answer["shares"], "needed": sealed_bids.OFFICERS_NEEDED},
    )
    return redirect("market:auction", number=row.number)


@require_GET
def auction_file(request: Request, number: str) -> HttpResponse:
    row = _auction_here(request, number)
    response = JsonResponse(queries.auction_file(row.number, now=request.now), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{row.number}.json"'
    return response


@require_POST
@doors.open_to(Role.TRADER)
def withdraw_bid(request: Request, number: str) -> HttpResponse:
    actor, row = doors.actor_of(request), _auction_here(request, request.POST.get("auction", ""))
    services.withdraw_bid(actor, bid=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Your bid is withdrawn; its money is free again."))
    return redirect("market:auction", number=row.number)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER, Role.EXCHANGE_STAFF)
def announce(request: Request) -> HttpResponse:
    form = AnnouncementForm(request.POST or None, initial={"year": requests.today(request).year})
    if request.method == "GET" or not form.is_valid():
        return render(request, "market/announce.html", {"form": form}, status=422 if form.errors else 200)
    opens_at, closes_at = form.window()
    told = form.cleaned_data
    try:
        auction_rules.check_announcement(opens_at=opens_at, closes_at=closes_at, now=request.now)
        proposed = members.propose(
            doors.actor_of(request),
            kind="market.announce_auction",
            payload={
                "region": request.region,
                "kind": told["kind"],
                "year": told["year"],
                "quantity_t": told["quantity_t"],
                "opens_at": periods.iso(opens_at),
                "closes_at": periods.iso(closes_at),
                "opening_key": sealed_bids.check_key(told["opening_key"]),
            },
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return render(request, "market/announce.html", {"form": form}, status=form.refuse(error))
    messages.success(
        request,
        gettext("Proposed as %(number)s. A second person approves it; then the auction is announced.")
        % {"number": proposed["approval"]},
    )
    return redirect("market:auctions")


def _market_page(
    request: Request, instrument: InstrumentRow, form: TicketForm | None = None, *, status: int = 200
) -> HttpResponse:
    today = requests.today(request)
    closes = queries.closes(instrument.code, today - timedelta(days=_CHART_DAYS), today + timedelta(days=1))
    context = {
        "instruments": queries.instruments(request.region),
        "terms": book.terms(rulebook.at(request.region, on=today)),
        "sessions": rulebook.at(request.region, on=today).words("trading.sessions"),
        "line": drawings.line([(row.day.isoformat(), row.close_fen_per_t) for row in closes]),
        "auctions": [row for row in queries.auctions(request.region, now=request.now) if row.result is None],
        "form": form or (_ticket(request, instrument) if _trader(request) else None),
        **_board(request, instrument),
        **_own(request),
    }
    return render(request, "market/market.html", context, status=status)


def _board(request: Request, instrument: InstrumentRow) -> dict[str, object]:
    quote = queries.quote(instrument.code, now=request.now)
    depth = queries.depth(instrument.code, on=requests.today(request))
    last = quote.last_fen_per_t
    return {
        "instrument": instrument,
        "quote": quote,
        "change_fen_per_t": None if last is None else last - quote.previous_close_fen_per_t,
        "asks": depth.asks[::-1],
        "bids": depth.bids,
        "deepest_t": max((level.cumulative_t for level in (*depth.asks, *depth.bids)), default=1),
        "trades": queries.trades(instrument.code, _TAPE_ROWS),
    }


# What belongs to the trader who looks, and to nobody else: orders, trades, money and units.
def _own(request: Request) -> dict[str, object]:
    actor = _trader(request)
    if actor is None:
        return {"is_trader": False}
    cash = registry.holdings_of([actor.organisation], AccountType.CLIENT_CASH)[actor.organisation]
    return {
        "is_trader": True,
        "orders": queries.open_orders(actor.organisation),
        "own_trades": queries.own_trades(actor.organisation, _OWN_TRADES),
        "free_fen": sum(held.free for held in cash),
        "units": _units(actor),
    }


def _ticket(request: Request, instrument: InstrumentRow) -> TicketForm:
    actor = doors.actor_of(request)
    choices = [
        (held.asset.code, f"{held.asset.code} · {formats.tonnes(held.free, language()).text}")
        for held in _units(actor)
        if held.asset.scheme == instrument.scheme and not held.asset.use_restriction
    ]
    return TicketForm(request.POST or None, assets=choices)


def _units(actor: Actor) -> list[Holding]:
    try:
        account = instruments.accounts_of(actor, actor.region).units
    except Refused:
        return []
    return [held for held in registry.holdings(account) if held.asset.kind is not AssetKind.CASH]


def _auction_page(
    request: Request,
    row: AuctionRow,
    form: SealedBidForm | None = None,
    *,
    share: ShareForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = requests.acting_here(request)
    organisation, roles = (actor.organisation, actor.roles) if actor else ("", frozenset())
    bids = queries.bids(row.number, organisation=organisation)
    rules = rulebook.at(row.region, on=periods.day_of(row.opens_at), year=row.year)
    may_bid = _trader(request) is not None and row.state is AuctionState.OPEN
    is_closed, has_shares = row.state is AuctionState.CLOSED, row.shares >= sealed_bids.OFFICERS_NEEDED
    context = {
        "auction": row,
        "now": request.now,
        "terms": auction_rules.terms(rules, row.kind),
        "own_bids": [bid for bid in bids if organisation and bid.organisation == organisation],
        "page": pagination.page_of(bids if row.result else (), request),
        "form": (form or SealedBidForm()) if may_bid or form else None,
        "share": (share or ShareForm()) if is_closed and roles & auction_rules.KEEPERS else None,
        "shares_needed": sealed_bids.OFFICERS_NEEDED,
        "may_clear": is_closed and has_shares and Role.EXCHANGE_STAFF in roles,
        "may_withdraw": row.state is AuctionState.OPEN,
        **_own(request),
    }
    return render(request, "market/auction.html", context, status=status)


def _trader(request: Request) -> Actor | None:
    actor = requests.acting_here(request)
    return actor if actor is not None and Role.TRADER in actor.roles else None


def _may_announce(request: Request) -> bool:
    actor = requests.acting_here(request)
    return actor is not None and bool(actor.roles & {Role.OFFICER, Role.EXCHANGE_STAFF})


def _instrument_here(request: Request, code: str) -> InstrumentRow:
    row = queries.instrument(code)
    if row.region != request.region:
        raise Http404
    return row


def _auction_here(request: Request, number: str) -> AuctionRow:
    row = queries.auction(number, now=request.now)
    if row.region != request.region:
        raise Http404
    return row
