"""The pages of listed trading: quotes, book and ticket."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook import rulebook
from tonnebook.core import book, quotes, sessions
from tonnebook.core.book import CommandKind, Instruction, OrderType
from tonnebook.core.errors import Refused
from tonnebook.core.quotes import Interval
from tonnebook.core.roles import Actor, Role
from tonnebook.faces import doors, drawings, formats, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import language
from tonnebook.market import queries, services
from tonnebook.market.forms import TicketForm
from tonnebook.market.queries import InstrumentRow
from tonnebook.market.views import traders

# As far back as the chart of closes goes.
_CHART_DAYS = 180
_TAPE_ROWS = 10
_DAY = timedelta(days=1)


@require_GET
def market(request: Request) -> HttpResponse:
    rows = queries.instruments(request.region)
    if not rows:
        return render(request, "market/not_open.html")
    asked = request.GET.get("instrument", "")
    chosen = next((row for row in rows if row.code == asked), rows[0])
    with traders.trading(request) as actor:
        return _market_page(request, chosen, actor)


@require_GET
def board(request: Request, code: str) -> HttpResponse:
    with traders.trading(request) as actor:
        return _board_part(request, traders.instrument_here(request, code), actor)


@require_POST
@doors.open_to(Role.TRADER)
def check_order(request: Request, code: str) -> HttpResponse:
    """While a ticket is being filled in: what it would cost, or why it would be refused."""
    instrument = traders.instrument_here(request, code)
    with traders.acting(request) as actor:
        form = _ticket(request, instrument, actor)
        if not form.is_valid():
            return render(request, "market/_check.html")
        context: dict[str, object] = {"side": form.chosen_side()}
        try:
            context["total"] = services.check_order(
                actor,
                instrument=instrument.code,
                side=form.chosen_side(),
                price_fen_per_t=form.price_fen_per_t(),
                quantity_t=form.cleaned_data["quantity_t"],
                asset=form.cleaned_data["asset"],
                now=request.now,
            )
        except Refused as error:
            context["refusal"] = problem.refused(error)
        return render(request, "market/_check.html", context)


@require_POST
@doors.open_to(Role.TRADER)
def place_order(request: Request, code: str) -> HttpResponse:
    with traders.acting(request) as actor:
        return _place(request, traders.instrument_here(request, code), actor)


def _place(request: Request, instrument: InstrumentRow, actor: Actor) -> HttpResponse:
    form = _ticket(request, instrument, actor)
    if not form.is_valid():
        return _market_page(request, instrument, actor, form, status=422)
    side, price_fen_per_t, quantity_t = form.chosen_side(), form.price_fen_per_t(), form.cleaned_data["quantity_t"]
    total = queries.total_fen(
        instrument.code, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=requests.today(request)
    )
    context = {
        "instrument": instrument,
        "form": form,
        "side": side,
        "price_fen_per_t": price_fen_per_t,
        "total": total,
        "client": traders.client_of(request, actor),
    }
    # The ticket comes twice: first to be counted up and shown, then with the total its reader has seen. Who has seen it
    # beside the ticket already may do without the second time.
    if request.POST.get("confirm") or request.POST.get("shown_total_fen") != str(total.whole):
        return render(request, "market/order_confirm.html", context)
    try:
        terms = (price_fen_per_t, quantity_t, total.whole, form.cleaned_data["asset"])
        told = Instruction(CommandKind.PLACE, instrument.code, side, OrderType.LIMIT, *terms)
        key = requests.key_of(request)
        sent = services.send_orders(actor, region=instrument.region, told=[told], key=key, now=request.now)
        answer = services.only_answer(services.outcome(sent))
    except Refused as error:
        return _market_page(request, instrument, actor, form, status=form.refuse(error))
    if "order" not in answer:
        # The engine has not come to it yet: that page says when it has.
        return redirect(traders.address(request, "market:command", answer["command"]))
    return render(request, "market/order_placed.html", {**context, "answer": answer})


@require_POST
@doors.open_to(Role.TRADER)
def cancel_order(request: Request, number: str) -> HttpResponse:
    with traders.acting(request) as actor:
        answer = services.cancel_order(actor, order=number, key=requests.key_of(request), now=request.now)
        withdrawn = formats.tonnes(int(str(answer["cancelled_t"])), language()).text
        told = gettext("Withdrawn from the book: %(quantity)s. Its reserve is free.") % {"quantity": withdrawn}
        if request.headers.get("HX-Request"):
            instrument = queries.instrument(queries.order(number).instrument)
            return _board_part(request, instrument, actor, told=told)
    messages.success(request, told)
    return redirect(traders.address(request, "market:market"))


def _market_page(
    request: Request,
    instrument: InstrumentRow,
    actor: Actor | None,
    form: TicketForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    today = requests.today(request)
    closes = queries.closes(instrument.code, today - timedelta(days=_CHART_DAYS), today + timedelta(days=1))
    context = {
        "instruments": queries.instruments(request.region),
        "terms": book.terms(rulebook.at(request.region, on=today)),
        "sessions": rulebook.at(request.region, on=today).words("trading.sessions"),
        "intervals": [(one, _words_of(one)) for one in Interval],
        "rising": request.COOKIES.get("rising", "red"),
        "line": drawings.line([(row.day.isoformat(), row.close_fen_per_t) for row in closes]),
        "auctions": [row for row in queries.auctions(request.region, now=request.now) if row.result is None],
        "form": form or (_ticket(request, instrument, actor) if actor else None),
        **_board(request, instrument),
        **traders.own(request, actor),
    }
    return render(request, "market/market.html", context, status=status)


def _board_part(request: Request, instrument: InstrumentRow, actor: Actor | None, *, told: str = "") -> HttpResponse:
    context = {**_board(request, instrument), **traders.own(request, actor), "told": told, "is_part": True}
    return render(request, "market/_board.html", context)


def _board(request: Request, instrument: InstrumentRow) -> dict[str, object]:
    today = requests.today(request)
    quote = queries.quote(instrument.code, now=request.now)
    depth = queries.depth(instrument.code, on=today)
    terms = book.terms(rulebook.at(instrument.region, on=today))
    closes_at = sessions.closing_at(terms.sessions, request.now) if quote.is_open else None
    bar = next(iter(queries.bars(instrument.code, Interval.DAY, from_on=today, to_on=today + _DAY)), None)
    last = quote.last_fen_per_t
    return {
        "instrument": instrument,
        "quote": quote,
        "stand": queries.phase_of(instrument.code, now=request.now),
        "change_fen_per_t": None if last is None else last - quote.previous_close_fen_per_t,
        "today": bar if bar is not None and bar.trades else None,
        "mean_fen_per_t": quotes.mean_fen_per_t(bar) if bar is not None else None,
        "closes_at": closes_at,
        "seconds_left": int(((closes_at or quote.opens_at) - request.now).total_seconds()),
        "asks": depth.asks[::-1],
        "bids": depth.bids,
        "deepest_t": max((level.cumulative_t for level in (*depth.asks, *depth.bids)), default=1),
        "trades": queries.trades(instrument.code, _TAPE_ROWS),
        "stream": f"{settings.STREAM_URL}/{instrument.region}?instrument={instrument.code}" * bool(settings.STREAM_URL),
    }


def _words_of(interval: Interval) -> str:
    if interval.minutes is not None:
        return gettext("%(count)d min") % {"count": interval.minutes}
    return {Interval.DAY: gettext("day"), Interval.WEEK: gettext("week"), Interval.MONTH: gettext("month")}[interval]


def _ticket(request: Request, instrument: InstrumentRow, actor: Actor) -> TicketForm:
    return TicketForm(request.POST or None, assets=traders.assets(actor, instrument))
