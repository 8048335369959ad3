"""Read clock, actor and region once per request, and turn what goes wrong into the one shape of errors."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from tonnebook import rulebook
from tonnebook.core.errors import Busy, Refused
from tonnebook.core.roles import Unsigned
from tonnebook.core.trail import LookKind
from tonnebook.core.uploads import BYTES_MAX
from tonnebook.faces import problem, requests
from tonnebook.faces.api import BODY_BYTES_MAX
from tonnebook.faces.problem import Problem
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy, trail
from tonnebook.journal.tenancy import Why
from tonnebook.journal.trail import Look
from tonnebook.web import callers, sessions, signing

log = structlog.get_logger(__name__)

# Launcher and load balancers ask this address often; it needs neither clock nor actor nor region.
HEALTH_PATH = "/health"
# A form with the largest file that may be handed in, and some room around it.
_CLOSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
PAGE_BYTES_MAX = BYTES_MAX + 1024 * 1024


class FaceMiddleware:
    """Give every request its clock, actor and region; give every error its page, fragment or problem+json."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Prepare the request and answer it."""
        if request.path == HEALTH_PATH:
            return self.get_response(request)
        unfit = unfit_of(request)
        if unfit is not None:
            return answer(_nobodys(request), unfit)
        asked = cast(Request, request)
        try:
            prepare(asked)
        except OperationalError as error:
            return answer(request, _busy(request, error))
        except Refused as error:
            return answer(request, problem.refused(error))
        with tenancy.acting(tenancy.scope_of(asked.actor)), trail.gathering() as looks:
            response = self.get_response(request)
        try:
            leave_trail(asked, response, tuple(looks))
        except OperationalError as error:
            return answer(request, _busy(request, error))
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and problem.wants_json(request):
            told = answer(request, problem.not_allowed())
            told["Allow"] = response["Allow"]
            return told
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list[object], kwargs: dict[str, object]
    ) -> None:
        """Take the second factor a form carries, once it is known to be a form of ours."""
        del view, args, kwargs
        if request.method == "POST" and request.path != HEALTH_PATH:
            signing.take_proof(cast(Request, request))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Tell refusals and busy books apart from faults; Django's own answers stay Django's."""
        if isinstance(error, Http404 | PermissionDenied):
            return None
        if isinstance(error, Refused):
            return _ask_signature(cast(Request, request), error) or answer(request, problem.refused(error))
        if isinstance(error, Busy | OperationalError):
            return answer(request, _busy(request, error))
        return answer(request, problem.fault(report_of(request, error)))


@tenancy.everywhere(Why.SIGNING_IN)
def prepare(request: Request) -> None:
    """Read clock, demo mark, actor and region into the request."""
    _nobodys(request)
    request.now = journal.now()
    request.is_demo = journal_queries.clock().is_demo
    request.region = region_of(request)
    request.actor, request.scopes = callers.who(request, request.now)
    if request.actor is not None and request.path.startswith(callers.API):
        request.region = request.actor.region or request.region


def leave_trail(request: Request, response: HttpResponse, looks: Sequence[Look]) -> None:
    """Write who looked at what of others, or before which door of ours somebody stood, before the answer leaves.

    By now every transaction of the request has ended: what was rolled back leaves its row, and without a row there is
    no answer.
    """
    actor, match = request.actor, request.resolver_match
    if actor is None or match is None:
        return
    if HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        trail.note(actor, looks, outcome=trail.READ, address=match.view_name, now=request.now)
    elif response.status_code in _CLOSED and not request.is_forged:
        door = Look(
            LookKind.DOOR, " ".join(str(value) for value in match.kwargs.values() if isinstance(value, str | int))
        )
        trail.note(actor, [door], outcome=trail.DENIED, address=match.view_name, now=request.now)


def unfit_of(request: HttpRequest) -> Problem | None:
    """Tell what no page and no operation can take in: too many bytes, or the sign U+0000, which no database stores."""
    is_api = request.path.startswith(callers.API)
    most = BODY_BYTES_MAX if is_api else PAGE_BYTES_MAX
    if requests.whole(request.META.get("CONTENT_LENGTH") or "0", most=most) is None:
        return problem.too_large()
    given = [request.GET] if is_api else [request.GET, request.POST]
    values = [value for some in given for name, listed in some.lists() for value in (name, *listed)]
    is_odd = any("\0" in str(value) for value in (request.path, *values))
    return problem.invalid(gettext("The request holds a sign that no text may hold (U+0000).")) if is_odd else None


def region_of(request: HttpRequest) -> str:
    """Give the region chosen in this session, or the one of this deployment."""
    chosen = request.session.get(sessions.REGION_KEY)
    return chosen if chosen in rulebook.regions() else settings.REGION


def answer(request: HttpRequest, told: Problem) -> HttpResponse:
    """Answer with problem+json to a program, with a fragment to htmx, with a page to a person."""
    if problem.wants_json(request):
        return problem.as_json(told)
    whole_page = not request.headers.get("HX-Request")
    # Without a working database or after a fault the frame itself could fail: those pages stand alone.
    page = "web/error.html" if told.status in (500, 503) else "web/refused.html"
    template = page if whole_page else "web/parts/_refusal.html"
    back = request.headers.get("Referer", "") if request.method == "POST" else ""
    response = render(request, template, {"problem": told, "back": back}, status=told.status)
    if told.status == problem.busy().status:
        response["Retry-After"] = str(problem.RETRY_AFTER_SECONDS)
    return response


def _nobodys(request: HttpRequest) -> HttpRequest:
    # The frame of an error page asks for these even when the request was refused before anybody looked for them.
    known = cast(Request, request)
    known.actor, known.scopes = None, None
    known.is_forged = False
    known.region, known.is_demo, known.proof_error = settings.REGION, False, ""
    known.now = datetime.now(UTC)
    return request


def report_of(request: HttpRequest, error: Exception) -> str:
    """Log a fault in full and give the number under which it can be found."""
    report = uuid.uuid4().hex[:12].upper()
    log.error("fault", report=report, method=request.method, path=request.path, exc_info=error)
    return report


# A person signs on a page of its own; a program and a fragment are told what is missing.
def _ask_signature(request: Request, error: Refused) -> HttpResponse | None:
    if not isinstance(error, Unsigned) or problem.wants_json(request) or request.headers.get("HX-Request"):
        return None
    told = problem.refused(error)
    shown = {"problem": told, "signature": signing.signature(request, error)}
    return render(request, "web/sign.html", shown, status=told.status)


def _busy(request: HttpRequest, error: Exception) -> Problem:
    log.warning("busy", path=request.path, reason=str(error))
    return problem.busy()
