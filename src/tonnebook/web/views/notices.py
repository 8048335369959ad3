"""The page of notices: what the authority has notified an organisation of, and the confirmation of its receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core import roles
from tonnebook.core.roles import Act
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.members import services as members_services

_RECIPIENTS = sorted(roles.MAY[Act.CONFIRM_RECEIPT])


@require_GET
@doors.open_to(*_RECIPIENTS)
def notices(request: Request) -> HttpResponse:
    """List the notices, those whose receipt is not confirmed first."""
    rows = members.notices_of(doors.actor_of(request).organisation)
    return render(request, "web/notices.html", {"page": pagination.page_of(rows, request)})


@require_POST
@doors.open_to(*_RECIPIENTS)
def confirm_receipt(request: Request, number: str) -> HttpResponse:
    """Confirm the receipt of one."""
    key = requests.key_of(request)
    members_services.confirm_receipt(doors.actor_of(request), notice=number, key=key, now=request.now)
    messages.success(request, gettext("Received; from this moment the notice counts as served."))
    return redirect("web:notices")
