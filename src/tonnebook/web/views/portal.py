"""Signing in through the city's portal, where this deployment has one."""

from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tonnebook.core.errors import Refused
from tonnebook.core.identity_provider import IdentityRefusal
from tonnebook.faces import requests
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.members.services import identities
from tonnebook.web import provider
from tonnebook.web.views.session import step_in

_ATTEMPT_KEY = "portal_attempt"


@require_GET
@never_cache
def portal(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    _require_provider()
    one = provider.attempt()
    address = provider.address(one, callback=_callback(request))
    request.session[_ATTEMPT_KEY] = {**asdict(one), "next": requests.next_of(request)}
    return redirect(address)


@require_GET
@never_cache
@tenancy.everywhere(Why.SIGNING_IN)
def portal_callback(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer, once, and sign in whom it vouches for."""
    _require_provider()
    kept = request.session.pop(_ATTEMPT_KEY, None)
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    if kept is None or not code or not constant_time_compare(kept["state"], state):
        raise Refused(IdentityRefusal.IDENTITY_UNPROVEN)
    target = kept.pop("next")
    vouched = provider.vouched(provider.Attempt(**kept), code=code, callback=_callback(request))
    return step_in(request, identities.person_vouched_for(vouched), target=target)


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("web:portal_callback"))


def _require_provider() -> None:
    if not provider.is_configured():
        raise Http404
