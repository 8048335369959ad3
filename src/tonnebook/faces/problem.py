"""One shape for every error that leaves the house: problem+json, a page, or a fragment beside the field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language, gettext

from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.faces import formats

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in the one shape of all errors.

    Attributes:
        code: a refusal code, or BUSY, FAULT, FORBIDDEN, INVALID, METHOD, NOT_FOUND, SIGN_IN, TOO_LARGE.
        message: a sentence in the reader's language that says what to do.
        facts: the facts the sentence names, as plain JSON values.
        article: source and article the refusal rests on; empty where none is meant.
        transient: whether the same request may succeed later without being changed.
        report: number under which the log keeps what happened; empty unless it was our fault.
        status: HTTP status.
    """

    code: str
    message: str
    status: int
    facts: Mapping[str, str] = field(default_factory=dict)
    article: str = ""
    transient: bool = False
    report: str = ""


def refused(error: Refused) -> Problem:
    """Tell a refusal in the reader's language."""
    sentence = error.code.sentence
    return Problem(
        code=error.code.name,
        message=error.zh if formats.is_chinese(get_language()) else error.en,
        status=sentence.status,
        facts={name: _plain(value) for name, value in error.facts.items()},
        article=sentence.article,
        transient=sentence.transient,
    )


def busy() -> Problem:
    """Tell that a lock or the database was not to be had in time."""
    message = gettext("The books are busy at this moment. Nothing was changed; please try again in a few seconds.")
    return Problem(code="BUSY", message=message, status=503, transient=True)


def fault(report: str) -> Problem:
    """Tell that we failed: a report number, and nothing about the inside."""
    message = gettext("Something went wrong on our side and nothing was changed. Please quote the report number.")
    return Problem(code="FAULT", message=message, status=500, report=report)


def invalid(message: str, *, facts: Mapping[str, str] | None = None) -> Problem:
    """Tell that the input was not even a question."""
    return Problem(code="INVALID", message=message, status=422, facts=facts or {})


def too_large() -> Problem:
    """Tell that more bytes came than anything here can need."""
    return Problem(code="TOO_LARGE", message=gettext("The request is too large; split it."), status=413)


def not_allowed() -> Problem:
    """Tell that an address does not know the method."""
    message = gettext("This address does not know the method; the header Allow lists those it knows.")
    return Problem(code="METHOD", message=message, status=405)


def as_json(problem: Problem) -> JsonResponse:
    """Answer with problem+json."""
    body = asdict(problem)
    status = body.pop("status")
    response = JsonResponse(body, status=status, content_type=PROBLEM_JSON, json_dumps_params={"ensure_ascii": False})
    if status in (429, 503):
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def wants_json(request: HttpRequest) -> bool:
    """Say whether a program asks rather than a person."""
    if request.path.startswith("/api/"):
        return True
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "text/html" not in accepted


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return periods.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
