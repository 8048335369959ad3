"""Pages for what has no page: unknown addresses, forbidden doors, forms from elsewhere, and our own failures."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from tonnebook.faces import problem
from tonnebook.faces.problem import Problem
from tonnebook.faces.requests import Request
from tonnebook.web import middleware


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: there is no such page, or it is not yours to know of; both look the same."""
    del exception
    message = gettext("There is no such page. Check the address, or search above for a number.")
    return middleware.answer(request, Problem(code="NOT_FOUND", message=message, status=404))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    del exception
    message = gettext("This page is open to other roles. Sign in as somebody who may see it.")
    return middleware.answer(request, Problem(code="FORBIDDEN", message=message, status=403))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that did not come from our own page of this session."""
    del reason
    cast(Request, request).is_forged = True
    message = gettext("This form is too old or came from another site. Go back, reload the page and send it again.")
    return middleware.answer(request, Problem(code="FORM_EXPIRED", message=message, status=403, transient=True))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 where the failure lies outside a view."""
    report = middleware.report_of(request, RuntimeError("outside a view"))
    return middleware.answer(request, problem.fault(report))
