"""What is set aside in an account, for whom and in which order; registrars freeze, immobilise and lift it here.

A pledgee finds what is pledged to it on a page of its own.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind, HoldOwner, HoldReason, HoldType
from tonnebook.core.roles import Role
from tonnebook.core.uploads import PAPERS, DocumentPurpose
from tonnebook.faces import doors, pagination, requests, uploads
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.registry import queries, services
from tonnebook.registry.forms import CourtFreezeForm, ImmobiliseForm
from tonnebook.registry.queries import AccountRow, HoldRow
from tonnebook.registry.views.holdings import account_here, owner_of

_COURT_ROLES = (Role.OFFICER, Role.REGISTRAR)
# What is lifted here, and the command that two people approve for it.
_LIFTED_BY = {
    HoldReason.COURT: "registry.lift_court_freeze",
    **dict.fromkeys(ledger.IMMOBILISING, "registry.release_immobilised"),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A hold as the list shows it: who owns it, whether it counts money, and whether it can be lifted here."""

    row: HoldRow
    owner: HoldOwner
    owner_name: str
    is_cash: bool
    may_lift: bool


@require_GET
@doors.open_to(*Role)
def holds(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    may_freeze = bool(row.organisation and doors.actor_of(request).roles & set(_COURT_ROLES))
    rows = queries.standing_holds(number)
    cash = {one.asset.code for one in queries.holdings(number) if one.asset.kind is AssetKind.CASH}
    named = members.organisations_named([one.owner for one in rows if one.reason is HoldReason.PLEDGE])
    claims = [
        Claim(
            row=one,
            owner=ledger.TERMS[one.reason].owner,
            owner_name=tags.name(named[one.owner]) if one.owner in named else one.owner,
            is_cash=one.asset in cash,
            may_lift=may_freeze and one.reason in _LIFTED_BY,
        )
        for one in rows
    ]
    context = {
        "account": row,
        "owner": owner_of(row),
        "claims": claims,
        "may_freeze": may_freeze,
        "may_immobilise": row.gives(HoldType.PLEDGE) and bool(_assets(number, of_units=True)),
    }
    return render(request, "registry/holds.html", context)


@require_GET
@doors.open_to(*Role)
def pledges(request: Request) -> HttpResponse:
    """Show a pledgee what is pledged to it, in whoever's accounts."""
    rows = queries.pledges_to(doors.actor_of(request).organisation)
    trail.listed("pledges", rows=len(rows))
    page = pagination.page_of(rows, request)
    names = members.organisations_named([row.holder for row in page.rows])
    return render(request, "registry/pledges.html", {"page": page, "names": names})


@require_http_methods(["GET", "POST"])
@doors.open_to(*_COURT_ROLES)
def freeze(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    form = CourtFreezeForm(request.POST or None, request.FILES or None, assets=_assets(number))
    context = {"account": row, "owner": owner_of(row), "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/freeze_by_court.html", context, status=422 if form.errors else 200)
    try:
        answer = _freeze(request, row, form)
    except Refused as error:
        return render(request, "registry/freeze_by_court.html", context, status=form.refuse(error))
    told = gettext("Frozen as %(hold)s; what is not free yet waits with rank %(rank)s.")
    messages.success(request, told % {"hold": answer["hold"], "rank": answer["rank"]})
    return redirect("registry:holds", number=number)


@require_http_methods(["GET", "POST"])
@doors.open_to(*_COURT_ROLES)
def immobilise(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    form = ImmobiliseForm(request.POST or None, request.FILES or None, assets=_assets(number, of_units=True))
    context = {"account": row, "owner": owner_of(row), "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/immobilise.html", context, status=422 if form.errors else 200)
    try:
        answer = _immobilise(request, row, form)
    except Refused as error:
        return render(request, "registry/immobilise.html", context, status=form.refuse(error))
    told = gettext("Immobilised as %(hold)s; what is not free yet waits with rank %(rank)s.")
    messages.success(request, told % {"hold": answer["hold"], "rank": answer["rank"]})
    return redirect("registry:holds", number=number)


@require_POST
@doors.open_to(*_COURT_ROLES)
def lift(request: Request, number: str, hold: str) -> HttpResponse:
    account_here(request, number)
    notice = request.POST.get("notice", "").strip()
    if not notice:
        messages.error(request, gettext("Give the number of the notice by which it is let go."))
        return redirect("registry:holds", number=number)
    members_services.propose(
        doors.actor_of(request),
        kind=_LIFTED_BY.get(queries.hold(hold).reason, "registry.lift_court_freeze"),
        payload={"hold": hold, "notice": notice},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed; a second person approves it."))
    return redirect("web:approvals")


def _freeze(request: Request, row: AccountRow, form: CourtFreezeForm) -> Answer:
    key, told = requests.key_of(request), form.cleaned_data
    return services.freeze_by_court(
        doors.actor_of(request),
        account=row.number,
        asset=told["asset"],
        quantity=form.quantity(is_cash=queries.asset(told["asset"]).kind is AssetKind.CASH),
        court=told["court"],
        notice=told["notice"],
        documents=[_paper(request, row, form, DocumentPurpose.JUDGMENT)],
        expires_on=told["expires_on"],
        key=key,
        now=request.now,
    )


def _immobilise(request: Request, row: AccountRow, form: ImmobiliseForm) -> Answer:
    key, told = requests.key_of(request), form.cleaned_data
    return services.immobilise(
        doors.actor_of(request),
        account=row.number,
        asset=told["asset"],
        quantity_t=told["quantity_t"],
        ground=HoldReason(told["ground"]),
        keeper=told["keeper"],
        contract=told["contract"],
        documents=[_paper(request, row, form, DocumentPurpose.CONTRACT)],
        key=key,
        now=request.now,
    )


def _paper(request: Request, row: AccountRow, form: RefusableForm, purpose: DocumentPurpose) -> str:
    kept = members_services.keep_document(
        doors.actor_of(request),
        organisation=row.organisation,
        upload=uploads.accept(form.cleaned_data["paper"], kinds=PAPERS),
        purpose=purpose,
        key=f"{requests.key_of(request)}:paper",
        now=request.now,
    )
    return str(kept["document"])


def _assets(number: str, *, of_units: bool = False) -> list[tuple[str, str]]:
    held = (one.asset for one in queries.holdings(number))
    return [(one.code, one.code) for one in held if not (of_units and one.kind is AssetKind.CASH)]
