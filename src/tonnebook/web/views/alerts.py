"""The page of alerts: what somebody must see, and who has answered it."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core import roles
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.members import services as member_services
from tonnebook.web.forms import AnswerForm
from tonnebook.web.views import auditing

_SHOWN = 100
_DRILLS_OF = timedelta(days=30)
_READERS = roles.MAY[Act.ACKNOWLEDGE]


@require_GET
@doors.open_to(*sorted(_READERS))
def alerts(request: Request) -> HttpResponse:
    """Show the alerts, those without an answer first."""
    return _page(request, "", None, 200)


@require_POST
@doors.open_to(*sorted(_READERS))
def acknowledge(request: Request, number: str) -> HttpResponse:
    """Answer one."""
    form = _form(number, request.POST)
    if not form.is_valid():
        return _page(request, number, form, 422)
    words, key = form.cleaned_data["words"], requests.key_of(request)
    try:
        member_services.acknowledge(doors.actor_of(request), alert=number, words=words, key=key, now=request.now)
    except Refused as error:
        return _page(request, number, form, form.refuse(error))
    messages.success(request, gettext("The alert is answered."))
    return redirect("web:alerts")


def _form(number: str, given: QueryDict | None = None) -> AnswerForm:
    # Many forms stand on one page: each field needs an id of its own.
    return AnswerForm(given, auto_id=f"{number}-%s")


def _page(request: Request, asked: str, form: AnswerForm | None, status: int) -> HttpResponse:
    rows = members.alerts(_SHOWN)
    entries = [(row, form if form and row.number == asked else _form(row.number)) for row in rows]
    may_audit = bool(doors.actor_of(request).roles & set(auditing.READERS))
    drills = members.count_drills(since=request.now - _DRILLS_OF)
    context = {"entries": entries, "may_audit": may_audit, "drills": drills}
    return render(request, "web/alerts.html", context, status=status)
