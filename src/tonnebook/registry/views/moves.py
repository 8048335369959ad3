"""Moves between own accounts, transfers to other holders, the trusted list, and transfers without a trade."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.roles import MAY, Act
from tonnebook.faces import doors, formats, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import language
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.registry import queries, services
from tonnebook.registry.forms import HandOnForm, MoveForm, TransferForm, TrustForm
from tonnebook.registry.views import steps, ways
from tonnebook.registry.views.holdings import account_here
from tonnebook.registry.views.steps import Lack, Step


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.MOVE])
def move(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    other = ways.counterpart(row)
    if other is None:
        raise Http404
    is_trading = row.type is AccountType.TRADING
    service = services.move_from_trading if is_trading else services.move_to_trading
    form = MoveForm(request.POST or None, assets=choices(number))
    step = Step(
        title=gettext("Move to the registry account") if is_trading else gettext("Move to the trading account"),
        lead=gettext("From %(debit)s to %(credit)s, at once.") % {"debit": number, "credit": other.number},
        button=gettext("Move now"),
        done=gettext("Moved; the units can be used there now."),
        lacks=_no_units(number),
    )
    return steps.take(
        request,
        row,
        form,
        step,
        lambda: service(
            doors.actor_of(request),
            debit=number,
            credit=other.number,
            asset=form.cleaned_data["asset"],
            quantity_t=form.cleaned_data["quantity_t"],
            key=requests.key_of(request),
            now=request.now,
        ),
    )


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.TRANSFER])
def transfer(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    if not ways.has_holder_transfers(request):
        raise Http404
    form = TransferForm(request.POST or None, assets=choices(number))
    step = Step(
        title=gettext("Transfer to another holder"),
        lead=gettext("At once to an account on the trusted list; to any other it waits by the working-hours clock."),
        button=gettext("Transfer"),
        done=gettext("Taken in; under Waiting you see when it takes effect, and can take it back until then."),
        lacks=_no_units(number),
    )
    return steps.take(
        request,
        row,
        form,
        step,
        lambda: services.transfer_to_holder(
            doors.actor_of(request),
            debit=number,
            credit=form.cleaned_data["credit"],
            asset=form.cleaned_data["asset"],
            quantity_t=form.cleaned_data["quantity_t"],
            key=requests.key_of(request),
            now=request.now,
        ),
    )


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.TRUST_ACCOUNT])
def trusted(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    if not ways.has_holder_transfers(request):
        raise Http404
    form = TrustForm(request.POST or None)
    listed = queries.trusted_accounts(number)
    context = {
        "account": row,
        "form": form,
        "rows": listed,
        "names": members.organisations_named([one.organisation for one in listed]),
        "now": request.now,
    }
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/trusted.html", context, status=422 if form.errors else 200)
    try:
        services.trust_account(
            doors.actor_of(request),
            account=number,
            trusted=form.cleaned_data["trusted"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return render(request, "registry/trusted.html", context, status=form.refuse(error))
    messages.success(request, gettext("Added; it counts from the fourth working day on."))
    return redirect("registry:trusted", number=number)


@require_POST
@doors.open_to(*MAY[Act.TRUST_ACCOUNT])
def distrust(request: Request, number: str) -> HttpResponse:
    services.distrust_account(
        doors.actor_of(request),
        account=number,
        trusted=request.POST.get("trusted", ""),
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Taken off the list, at once."))
    return redirect("registry:trusted", number=number)


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.TRANSFER_NON_TRADE])
def hand_on(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    form = HandOnForm(request.POST or None, assets=choices(number))
    step = Step(
        title=gettext("Transfer without a trade"),
        lead=gettext("On documents of the holder that gives; a second person must approve it before it is done."),
        button=gettext("Propose"),
        done=gettext("Proposed; a second person must approve it."),
        lacks=_no_units(number),
    )

    def propose() -> object:
        told = form.cleaned_data
        payload = {
            "region": row.region,
            "type": told["type"],
            "debit": number,
            "credit": told["credit"],
            "asset": told["asset"],
            "quantity": told["quantity_t"],
            "documents": told["documents"].split(),
        }
        actor, key = doors.actor_of(request), requests.key_of(request)
        return members_services.propose(
            actor, kind="registry.transfer_non_trade", payload=payload, key=key, now=request.now
        )

    return steps.take(request, row, form, step, propose)


def choices(number: str) -> list[tuple[str, str]]:
    """Offer the units of an account that are free."""
    return [
        (held.asset.code, f"{held.asset.code} · {formats.tonnes(held.free, language()).text}")
        for held in queries.holdings(number)
        if held.asset.kind is not AssetKind.CASH and held.free
    ]


def _no_units(number: str) -> Lack:
    return Lack(
        title=gettext("No units are free in this account"),
        hint=gettext("What is set aside becomes free when its order, bid or surrender ends."),
        action=gettext("See what is set aside"),
        address=reverse("registry:holds", args=[number]),
    )
