"""Papers about trading: a member's day with its delivery slips, its invoices, and the fees everybody pays."""

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tonnebook import rulebook
from tonnebook.core import invoices as invoicing
from tonnebook.core.documents import DocumentKind
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import documents, doors, exports, formats, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.queries import SlipRow
from tonnebook.registry import queries as registry

_DAYS = 20
_MONTHS = 12
_MEMBERS = (Role.REPRESENTATIVE, Role.TRADER)
_COLUMNS = (
    "at",
    "trade",
    "is_back",
    "order",
    "side",
    "asset",
    "price_fen_per_t",
    "quantity_t",
    "amount_fen",
    "fee_fen",
    "net_fen",
    "transfer",
)


class SlipForm(forms.Form):
    """The day a slip is asked for, and a trade where it is of one alone."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    trade = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


@require_GET
@doors.open_to(*_MEMBERS)
def slips(request: Request) -> HttpResponse:
    organisation = doors.actor_of(request).organisation
    days = queries.trading_days(organisation, region=request.region, limit=_DAYS)
    form = SlipForm(request.GET or {"day": days[0] if days else requests.today(request)})
    if not form.is_valid():
        return render(request, "market/slips.html", {"form": form, "days": days}, status=422)
    day, trade = form.cleaned_data["day"], form.cleaned_data["trade"]
    told = queries.member_day(organisation, region=request.region, day=day, trade=trade)
    if request.GET.get("format") == "csv":
        return exports.csv_of(f"slip-{trade or day}", _COLUMNS, [_plain(row) for row in told.trades])
    context = {
        "form": form,
        "days": days,
        "day": day,
        "trade": trade,
        "told": told,
        "positions": [(account, held, queries.is_cash(held)) for account, held in told.positions],
        "issued": registry.issued_to(organisation, kind=DocumentKind.DELIVERY_SLIP)[:_DAYS],
    }
    return render(request, "market/slips.html", context)


@require_POST
@doors.open_to(*_MEMBERS)
def issue_slip(request: Request) -> HttpResponse:
    form = SlipForm(request.POST)
    if not form.is_valid():
        raise Http404
    answer = services.issue_slip(
        doors.actor_of(request),
        day=form.cleaned_data["day"],
        trade=form.cleaned_data["trade"],
        language=get_language() or "zh-hans",
        site=request.build_absolute_uri("/").rstrip("/"),
        key=requests.key_of(request),
        now=request.now,
    )
    return _download(str(answer["document"]))


@require_GET
@doors.open_to(*_MEMBERS)
def invoices(request: Request) -> HttpResponse:
    organisation = doors.actor_of(request).organisation
    made = queries.invoices_of(organisation, region=request.region)
    open_months = [month for month in _months(requests.today(request)) if month not in {row.month for row in made}]
    context = {
        "made": made,
        "due": [
            (month, sum(line.charged_fen for line in lines))
            for month in open_months
            if (lines := queries.charged(organisation, region=request.region, month=month))
        ],
        "knows_vat": invoicing.vat_share(rulebook.at(request.region, on=requests.today(request))) is not None,
    }
    return render(request, "market/invoices.html", context)


@require_POST
@doors.open_to(*_MEMBERS)
def issue_invoice(request: Request) -> HttpResponse:
    try:
        month = date.fromisoformat(request.POST.get("month", ""))
    except ValueError:
        raise Http404 from None
    try:
        answer = services.issue_invoice(
            doors.actor_of(request),
            month=month,
            language=get_language() or "zh-hans",
            site=request.build_absolute_uri("/").rstrip("/"),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        messages.error(request, problem.refused(error).message)
        return redirect("market:invoices")
    return _download(str(answer["document"]))


@require_GET
@doors.open_to(*_MEMBERS)
def paper(request: Request) -> HttpResponse:
    asked, organisation = request.GET.get("document", ""), doors.actor_of(request).organisation
    kinds = (DocumentKind.DELIVERY_SLIP, DocumentKind.INVOICE)
    own = {one.number for kind in kinds for one in registry.issued_to(organisation, kind=kind)}
    if asked not in own:
        raise Http404
    return _download(asked)


@require_GET
def fees(request: Request) -> HttpResponse:
    today = requests.today(request)
    rules = rulebook.at(request.region, on=today)
    paths = queries.fee_list(request.region, on=today)
    rows = [(rules.leaves[path], rules.leaves[path].in_force(today, None)) for path in paths]
    context = {"rows": rows, "knows_vat": invoicing.VAT_SHARE in paths}
    return render(request, "market/fees.html", context)


def _download(document: str) -> HttpResponse:
    return documents.attachment(registry.issued_content(document), f"{document}.pdf")


def _months(today: date) -> list[date]:
    months, month = [], invoicing.month_of(today)
    for _ in range(_MONTHS):
        month = invoicing.month_of(month - timedelta(days=1))
        months.append(month)
    return months


def _plain(row: SlipRow) -> dict[str, object]:
    slip = row.slip
    return {
        "at": formats.moment(row.at).text,
        "trade": slip.trade,
        "is_back": "yes" if slip.is_back else "no",
        "order": row.order,
        "side": slip.side.value,
        "asset": row.asset,
        "price_fen_per_t": slip.price_fen_per_t,
        "quantity_t": slip.quantity_t,
        "amount_fen": slip.amount_fen,
        "fee_fen": slip.fee_fen,
        "net_fen": slip.net_fen,
        "transfer": row.transfer,
    }
