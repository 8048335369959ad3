"""Propose a command that two people approve, from whatever page prepares it."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import services as members


def propose(request: Request, kind: str, payload: Mapping[str, object]) -> HttpResponse:
    """Propose a command with exactly its arguments, and lead to the page where a second officer finds it."""
    members.propose(doors.actor_of(request), kind=kind, payload=payload, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Proposed. It happens when a second officer has approved exactly this."))
    return redirect("web:approvals")
