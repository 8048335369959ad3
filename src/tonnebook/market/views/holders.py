"""The page of large holders: what they hold and have reported, and who is exempt; the authority reads it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries, services
from tonnebook.market.services import standing
from tonnebook.market.supervision_forms import ExemptionForm
from tonnebook.members import queries as member_queries
from tonnebook.members import services as members


@require_GET
@doors.open_to(Role.EXCHANGE_STAFF, Role.OFFICER)
def holders(request: Request) -> HttpResponse:
    return _page(request, ExemptionForm())


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def propose_exemption(request: Request) -> HttpResponse:
    form = ExemptionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        number = _propose(request, form)
    except Refused as error:
        return _page(request, form, status=form.refuse(error))
    words = gettext("Proposed as %(number)s; a second person of the exchange approves it.")
    messages.success(request, words % {"number": number})
    return redirect("market:holders")


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def end_exemption(request: Request, number: str) -> HttpResponse:
    services.end_exemption(doors.actor_of(request), exemption=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("The exemption has ended."))
    return redirect("market:holders")


# What could not be done now is not proposed.
def _propose(request: Request, form: ExemptionForm) -> str:
    actor, told = doors.actor_of(request), form.cleaned_data
    services.check_exemption(
        request.region, told["organisation"], limit_t=told["limit_t"], until_on=told["until_on"], now=request.now
    )
    payload: dict[str, Json] = {**told, "until_on": told["until_on"].isoformat()}
    proposed = members.propose(
        actor, kind="market.exempt_holder", payload=payload, key=requests.key_of(request), now=request.now
    )
    return str(proposed["approval"])


def _page(request: Request, form: ExemptionForm, *, status: int = 200) -> HttpResponse:
    large = standing.large_holders(request.region, now=request.now)
    reports, exemptions = queries.holding_reports(request.region), queries.exemptions(request.region)
    trail.listed("holders", rows=len(large) + len(exemptions))
    today = requests.today(request)
    owners = {uscc for row in large for uscc in row.organisations} | {row.organisation for row in exemptions}
    context = {
        "form": form if Role.EXCHANGE_STAFF in doors.actor_of(request).roles else None,
        "large": [(row, [one for one in reports if one.organisation in row.organisations]) for row in large],
        "exemptions": [(row, row.is_in_force(today)) for row in exemptions],
        "names": member_queries.organisations_named(sorted(owners)),
    }
    return render(request, "market/holders.html", context, status=status)
