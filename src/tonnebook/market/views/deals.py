"""The pages of agreement transfers: what was agreed, for everybody; proposals, for traders."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook import rulebook
from tonnebook.core import deals as core
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.deal_forms import AcceptanceForm, DealForm, DecliningForm
from tonnebook.market.queries import DealRow, IndicationRow, InstrumentRow
from tonnebook.market.views import traders

_SUMMED_DAYS = 30
_RULES = ("block_min_t", "block_limit_share", "block_free_from_t", "block_sessions")


@require_GET
def blocks(request: Request) -> HttpResponse:
    rows = queries.instruments(request.region)
    if not rows:
        return render(request, "market/not_open.html")
    asked = request.GET.get("instrument", "")
    return _blocks_page(request, next((row for row in rows if row.code == asked), rows[0]))


@require_POST
@doors.open_to(Role.TRADER)
def propose_deal(request: Request, code: str) -> HttpResponse:
    instrument, actor = traders.instrument_here(request, code), doors.actor_of(request)
    form = _form(request, instrument)
    if not form.is_valid():
        return _blocks_page(request, instrument, form, status=422)
    side, price_fen_per_t, quantity_t = form.chosen_side(), form.price_fen_per_t(), form.cleaned_data["quantity_t"]
    total = queries.total_fen(
        code, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=requests.today(request)
    )
    context = {"instrument": instrument, "form": form, "side": side, "price_fen_per_t": price_fen_per_t, "total": total}
    # The proposal comes twice, as an order does: first to be counted up, then with the total its reader has seen.
    if request.POST.get("shown_total_fen") != str(total.whole):
        return render(request, "market/deal_confirm.html", context)
    try:
        answer = services.propose_deal(
            actor,
            instrument=code,
            side=side,
            price_fen_per_t=price_fen_per_t,
            quantity_t=quantity_t,
            asset=form.cleaned_data["asset"],
            counterparty=form.cleaned_data["counterparty"],
            answers=form.cleaned_data["answers"],
            indication=form.cleaned_data["indication"],
            shown_total_fen=total.whole,
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _blocks_page(request, instrument, form, status=form.refuse(error))
    messages.success(request, gettext("Your proposal stands; all it may need is set aside until the close of the day."))
    return redirect("market:deal", number=str(answer["deal"]))


@require_GET
@doors.open_to(Role.TRADER)
def deal(request: Request, number: str) -> HttpResponse:
    return _deal_page(request, _deal_here(request, number))


@require_POST
@doors.open_to(Role.TRADER)
def accept_deal(request: Request, number: str) -> HttpResponse:
    row = _deal_here(request, number)
    form = _acceptance(request, row)
    if not form.is_valid():
        return _deal_page(request, row, form, status=422)
    try:
        services.accept_deal(
            doors.actor_of(request),
            deal=number,
            shown_total_fen=form.cleaned_data["shown_total_fen"],
            asset=form.cleaned_data["asset"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _deal_page(request, row, form, status=form.refuse(error))
    messages.success(request, gettext("Agreed: units and money have changed hands."))
    return redirect("market:deal", number=number)


@require_POST
@doors.open_to(Role.TRADER)
def decline_deal(request: Request, number: str) -> HttpResponse:
    row, form = _deal_here(request, number), DecliningForm(request.POST)
    if not form.is_valid():
        return _deal_page(request, row, declining=form, status=422)
    services.decline_deal(
        doors.actor_of(request), deal=number, **form.cleaned_data, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("The proposal is declined."))
    return redirect("market:deal", number=number)


@require_POST
@doors.open_to(Role.TRADER)
def withdraw_deal(request: Request, number: str) -> HttpResponse:
    services.withdraw_deal(doors.actor_of(request), deal=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("The proposal is withdrawn; what it had set aside is free."))
    return redirect("market:deal", number=number)


def _blocks_page(
    request: Request, instrument: InstrumentRow, form: DealForm | None = None, *, status: int = 200
) -> HttpResponse:
    today, actor = requests.today(request), traders.trader(request)
    rules = rulebook.at(request.region, on=today)
    taken = _taken_up(request, instrument) if actor else None
    terms = core.terms(rules)
    context: dict[str, object] = {
        "instruments": queries.instruments(request.region),
        "instrument": instrument,
        "terms": terms,
        "hours": rules.words("trading.block_sessions" if rules.has("trading.block_sessions") else "trading.sessions"),
        "statuses": {name: rules.status(f"trading.{name}") for name in _RULES if rules.has(f"trading.{name}")},
        "band": queries.block_band(instrument.code, quantity_t=terms.min_t, on=today),
        "days": queries.block_days(
            request.region, from_on=today - timedelta(days=_SUMMED_DAYS), to_on=today + timedelta(days=1)
        ),
        "trades": queries.block_trades(instrument.code),
    }
    if actor is not None:
        context |= {
            "form": form or _form(request, instrument, taken),
            "taken": taken,
            "offers": queries.open_deals(instrument.code, organisation=actor.organisation),
            "deals": queries.own_deals(actor.organisation),
        }
    return render(request, "market/blocks.html", context, status=status)


def _deal_page(
    request: Request,
    row: DealRow,
    form: AcceptanceForm | None = None,
    *,
    declining: DecliningForm | None = None,
    status: int = 200,
) -> HttpResponse:
    own = doors.actor_of(request).organisation
    is_own = row.organisation == own
    may_accept = row.state is core.DealState.PROPOSED and not is_own
    context: dict[str, object] = {"deal": row, "is_own": is_own, "own": own, "side": row.side}
    if may_accept:
        side = core.opposite(row.side)
        total = queries.total_fen(
            row.instrument,
            side=side,
            price_fen_per_t=row.price_fen_per_t,
            quantity_t=row.quantity_t,
            on=requests.today(request),
        )
        instrument = traders.instrument_here(request, row.instrument)
        answer = DealForm(assets=traders.assets(doors.actor_of(request), instrument), initial=_answering(row, side))
        context |= {"form": form or _acceptance(request, row), "side": side, "total": total, "answer": answer}
        context |= {"instrument": instrument, "declining": declining or DecliningForm()}
    return render(request, "market/deal.html", context, status=status)


def _answering(row: DealRow, side: Side) -> dict[str, object]:
    return {"side": side.value, "quantity_t": row.quantity_t, "answers": row.number}


def _form(request: Request, instrument: InstrumentRow, taken: IndicationRow | None = None) -> DealForm:
    given: dict[str, object] = {}
    if taken is not None:
        given = {"side": core.opposite(taken.side).value, "quantity_t": taken.quantity_t, "indication": taken.number}
        given |= {"counterparty": taken.organisation}
    return DealForm(request.POST or None, assets=traders.assets(doors.actor_of(request), instrument), initial=given)


# The indication that a proposal begins with, when its reader comes from the board.
def _taken_up(request: Request, instrument: InstrumentRow) -> IndicationRow | None:
    number = request.GET.get("indication", "")
    standing = queries.indications(instrument.code, on=requests.today(request)) if number else ()
    return next((row for row in standing if row.number == number), None)


def _acceptance(request: Request, row: DealRow) -> AcceptanceForm:
    sells = row.side is Side.BUY
    choices = traders.assets(doors.actor_of(request), traders.instrument_here(request, row.instrument)) if sells else []
    return AcceptanceForm(request.POST or None, assets=choices)


def _deal_here(request: Request, number: str) -> DealRow:
    row = queries.deal(number, organisation=doors.actor_of(request).organisation)
    traders.instrument_here(request, row.instrument)
    return row
