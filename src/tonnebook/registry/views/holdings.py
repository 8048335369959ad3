"""Holdings, cash in, voluntary cancellation, and the directory of accounts."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core import ledger
from tonnebook.core.applications import ApplicationKind
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, AssetKind, Block, Lot, TransferType
from tonnebook.core.roles import MAY, Act, Role
from tonnebook.faces import doors, formats, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import language
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.registry import queries, services
from tonnebook.registry.forms import CashInForm, RetireForm
from tonnebook.registry.queries import AccountRow, Holding, HoldRow
from tonnebook.registry.views import ways
from tonnebook.registry.views.ways import Way

_RETIRABLE = (AccountType.HOLDING, AccountType.PROJECT)


@dataclass(frozen=True, slots=True)
class Part:
    """One asset of an account: the holding, whether it is money, what is set aside, its lots and its serial numbers."""

    holding: Holding
    is_cash: bool
    holds: tuple[HoldRow, ...]
    lots: tuple[Lot, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Drawer:
    """An account with everything in it and what the person who looks may do with it."""

    account: AccountRow
    parts: tuple[Part, ...]
    may_retire: bool
    may_cash_in: bool
    ways: tuple[Way, ...]


@require_GET
@doors.open_to(*Role)
def holdings(request: Request) -> HttpResponse:
    actor = doors.actor_of(request)
    if actor.roles & (queries.KEEPERS | {Role.EXCHANGE_STAFF}):
        return _directory(request)
    context = {
        "drawers": [_drawer(request, row) for row in queries.accounts_within(actor)],
        "of_others": queries.accounts_of_others(actor),
        "may_apply": Role.REPRESENTATIVE in actor.roles,
        "is_pledgee": bool(queries.pledges_to(actor.organisation)),
    }
    return render(request, "registry/holdings.html", context)


@require_GET
@doors.open_to(*Role)
def account(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    is_own, roles = _is_own(request, row), doors.actor_of(request).roles
    may_ask = is_own and Role.REPRESENTATIVE in roles and row.state is not AccountState.CLOSED
    context = {
        "drawer": _drawer(request, row),
        "owner": owner_of(row),
        "is_own": is_own,
        "states": queries.state_changes(number),
        "shows_people": not is_own,
        "may_set_state": bool(roles & MAY[Act.RESTRICT] and ledger.settable(row.state)),
        "representatives": queries.representatives(number),
        "changes": [kind for kind in ApplicationKind if kind is not ApplicationKind.OPEN] if may_ask else [],
    }
    return render(request, "registry/account.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.EXCHANGE_STAFF)
def cash_in(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    form = CashInForm(request.POST or None)
    context = {"account": row, "owner": owner_of(row), "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/cash_in.html", context, status=422 if form.errors else 200)
    amount_fen = form.amount_fen()
    if request.POST.get("shown_amount_fen") != str(amount_fen):
        return render(request, "registry/cash_in_confirm.html", {**context, "amount_fen": amount_fen})
    try:
        services.cash_in(
            doors.actor_of(request),
            account=number,
            amount_fen=amount_fen,
            bank_reference=form.cleaned_data["bank_reference"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return render(request, "registry/cash_in.html", context, status=form.refuse(error))
    messages.success(request, gettext("Booked; the client can use the money now."))
    return redirect("registry:account", number=number)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def retire(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    form = RetireForm(request.POST or None, assets=_choices(number))
    context = {"account": row, "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/retire.html", context, status=422 if form.errors else 200)
    told = form.cleaned_data
    if request.POST.get("shown_quantity_t") != str(told["quantity_t"]):
        return render(request, "registry/retire_confirm.html", context)
    try:
        answer = services.retire(
            doors.actor_of(request),
            account=number,
            asset=told["asset"],
            quantity_t=told["quantity_t"],
            beneficiary=told["beneficiary"],
            purpose=told["purpose"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return render(request, "registry/retire.html", context, status=form.refuse(error))
    return render(request, "registry/retired.html", {**context, "answer": answer})


def _directory(request: Request) -> HttpResponse:
    actor = doors.actor_of(request)
    asked, type_ = request.GET.get("q", "").strip(), request.GET.get("type", "")
    types = tuple(AccountType) if actor.roles & queries.KEEPERS else queries.CASH_TYPES
    chosen = [one for one in types if type_ in ("", one.value)]
    rows = queries.directory(request.region, types=chosen, words=asked)
    trail.listed("accounts", rows=len(rows), asked=requests.asked_of(request))
    page = pagination.page_of(rows, request)
    context = {
        "page": page,
        "names": members.organisations_named([row.organisation for row in page.rows if row.organisation]),
        "types": types,
        "type": type_,
        "asked": asked,
        "may_decide": bool(actor.roles & {Role.OFFICER, Role.REGISTRAR}),
        "sees_banks": bool(actor.roles & {*MAY[Act.KEEP_BANKS], Role.AUDITOR}),
    }
    return render(request, "registry/directory.html", context)


def account_here(request: Request, number: str) -> AccountRow:
    """Give an account that whoever asks may look into, or refuse as if there were none."""
    return queries.account_within(doors.actor_of(request), number)


def _is_own(request: Request, row: AccountRow) -> bool:
    return bool(row.organisation) and row.organisation == doors.actor_of(request).organisation


def _drawer(request: Request, row: AccountRow) -> Drawer:
    roles = doors.actor_of(request).roles
    holds, lots = queries.standing_holds(row.number), queries.lots(row.number, on=requests.today(request))
    # Serial numbers of units in use are for the registrar and the authority only.
    sees_serials = bool(roles & queries.KEEPERS)
    parts = tuple(
        Part(
            holding=held,
            is_cash=held.asset.kind is AssetKind.CASH,
            holds=tuple(hold for hold in holds if hold.asset == held.asset.code),
            lots=tuple(one.lot for one in lots if one.asset == held.asset.code),
            blocks=queries.blocks_of(row.number, held.asset.code) if sees_serials else (),
        )
        for held in queries.holdings(row.number)
    )
    return Drawer(
        account=row,
        parts=parts,
        may_retire=row.gives(TransferType.RETIRE)
        and row.type in _RETIRABLE
        and Role.REPRESENTATIVE in roles
        and bool(parts),
        may_cash_in=row.takes(TransferType.CASH_IN)
        and row.type is AccountType.CLIENT_CASH
        and Role.EXCHANGE_STAFF in roles,
        ways=ways.ways(request, row),
    )


def owner_of(row: AccountRow) -> members.OrganisationRow | None:
    """Give the organisation an account belongs to; the system's own have none."""
    return members.organisation(row.organisation) if row.organisation else None


def _choices(number: str) -> list[tuple[str, str]]:
    return [
        (held.asset.code, f"{held.asset.code} · {formats.tonnes(held.free, language()).text}")
        for held in queries.holdings(number)
        if held.asset.kind is not AssetKind.CASH and held.free
    ]
