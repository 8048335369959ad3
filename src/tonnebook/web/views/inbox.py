"""The inbox of whoever has signed in, and the badge that counts it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.web import inbox as inboxes


@require_GET
@doors.signed_in
def inbox(request: Request) -> HttpResponse:
    """List what waits, where each thing is done, and the days ahead."""
    return render(request, "web/inbox.html", {"inbox": _inbox(request)})


@require_GET
@doors.signed_in
def badge(request: Request) -> HttpResponse:
    """Count what waits; fetched once a page stands, so that no page waits for it."""
    return render(request, "web/parts/_inbox_badge.html", {"count": _inbox(request).count})


def _inbox(request: Request) -> inboxes.Inbox:
    return inboxes.inbox_of(doors.actor_of(request), today=requests.today(request), now=request.now)
