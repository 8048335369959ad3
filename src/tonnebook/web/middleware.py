"""Read clock, actor and region once per request, and turn what goes wrong into the one shape of errors."""

import uuid
from collections.abc import Callable
from typing import cast

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tonnebook import rulebook
from tonnebook.core.errors import Busy, Refused
from tonnebook.core.roles import Actor, Unsigned
from tonnebook.faces import problem
from tonnebook.faces.problem import Problem
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.members import queries as members
from tonnebook.web import sessions, signing

log = structlog.get_logger(__name__)

# Launcher and load balancers ask this address often; it needs neither clock nor actor nor region.
HEALTH_PATH = "/health"


class FaceMiddleware:
    """Give every request its clock, actor and region; give every error its page, fragment or problem+json."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Prepare the request and answer it."""
        if request.path != HEALTH_PATH:
            try:
                prepare(cast(Request, request))
            except OperationalError as error:
                return answer(request, _busy(request, error))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list[object], kwargs: dict[str, object]
    ) -> None:
        """Take the second factor a form carries, once it is known to be a form of ours."""
        del view, args, kwargs
        if request.method == "POST":
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


def prepare(request: Request) -> None:
    """Read clock, demo mark, actor and region into the request."""
    request.now = journal.now()
    request.is_demo = journal_queries.clock().is_demo
    request.actor = actor_of(request)
    request.region = region_of(request)
    request.proof_error = ""


def actor_of(request: HttpRequest) -> Actor | None:
    """Give the actor of the signed-in person, or None for the public."""
    person = sessions.person_of(request)
    return None if person is None else signing.with_signature(request, members.actor_of(person))


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
