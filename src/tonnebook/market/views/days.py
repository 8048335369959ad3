"""The operator's page of the close of a day: how far it has come, where the books differ, what members net to."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.closing import BLOCKING, DayStep
from tonnebook.core.roles import Role
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries, services
from tonnebook.members import queries as members

_EXPLANATION_MAX = 500


@require_GET
@doors.open_to(Role.EXCHANGE_STAFF)
def closing(request: Request) -> HttpResponse:
    day = _day(request)
    page = pagination.page_of(queries.member_nets(request.region, day), request)
    breaks = queries.breaks(request.region, day)
    done = {row.step: row for row in queries.closing_steps(request.region, day)}
    trail.listed("closing", rows=len(page.rows) + len(breaks), asked=requests.asked_of(request))
    context = {
        "day": day,
        "steps": [(step, done.get(step)) for step in DayStep],
        "breaks": [(row, row.registry - row.other) for row in breaks],
        "unresolved": sum(row.state in BLOCKING for row in breaks),
        "page": page,
        "names": members.organisations_named([row.organisation for row in page.rows]),
        "person": doors.actor_of(request).person,
        "is_closed": DayStep.PUBLISH in done,
        "may_close": day == requests.today(request),
    }
    return render(request, "market/closing.html", context)


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def explain_break(request: Request, number: str) -> HttpResponse:
    actor, row = doors.actor_of(request), queries.day_break(number)
    explanation = request.POST.get("explanation", "").strip()[:_EXPLANATION_MAX]
    if explanation:
        services.explain_break(
            actor, number=number, explanation=explanation, key=requests.key_of(request), now=request.now
        )
        messages.success(request, gettext("The explanation is kept; somebody else resolves it."))
    else:
        messages.error(request, gettext("Say why the books differ and which entries put it right."))
    return _back_to(row.day)


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def resolve_break(request: Request, number: str) -> HttpResponse:
    actor, row = doors.actor_of(request), queries.day_break(number)
    services.resolve_break(actor, number=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("The break is resolved; close the day again."))
    return _back_to(row.day)


def _day(request: Request) -> date:
    try:
        return parse_date(request.GET.get("day", "")) or requests.today(request)
    except ValueError:
        return requests.today(request)


def _back_to(day: date) -> HttpResponse:
    response = redirect("market:closing")
    response["Location"] += f"?day={day.isoformat()}"
    return response
