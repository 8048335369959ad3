"""What a request carries once the web room's middleware has read session and clock."""

import uuid
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from tonnebook.core import periods
from tonnebook.core.api_keys import Scope
from tonnebook.core.roles import Actor


class Request(HttpRequest):
    """A request with its actor, clock and region.

    Attributes:
        actor: who acts, or None for the public.
        now: the database's clock, read once for this request.
        region: the region whose words and data the page shows.
        is_demo: whether everything shown is simulated.
        is_forged: whether a form or call without our token was turned away.
        proof_error: why the second factor that came with a form was not accepted; empty otherwise.
        scopes: what the key of a program opens; None where a person is signed in, or nobody.
    """

    actor: Actor | None
    now: datetime
    region: str
    is_demo: bool
    is_forged: bool
    proof_error: str
    scopes: frozenset[Scope] | None


def today(request: Request) -> date:
    """Give the day of the request in the region's zone."""
    return periods.day_of(request.now)


def acting_here(request: Request) -> Actor | None:
    """Give the actor where the page shows the actor's own region; elsewhere everybody is the public."""
    actor = request.actor
    return actor if actor is not None and actor.region == request.region else None


def key_of(request: HttpRequest) -> str:
    """Give the idempotency key the form carried, so that a double click has one effect; else a fresh one."""
    return request.POST.get("key") or request.headers.get("Idempotency-Key") or str(uuid.uuid4())


def asked_of(request: HttpRequest) -> str:
    """Give what the address asks a list for: its parameters as written, without the number of the page."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()


def next_of(request: HttpRequest) -> str:
    """Give the address of ours a form or link says to go to afterwards; the first page instead of any other site's."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure())
    return target if is_ours else settings.LOGIN_REDIRECT_URL


def whole(text: str, *, most: int) -> int | None:
    """Read a whole number from 0 to `most` as an address writes it; None for everything else, however long."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else most + 1
    return number if number <= most else None
