"""The API, version 1: the rooms' operations under one roof, and one shape for everything that goes wrong."""

from http import HTTPStatus
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from tonnebook.compliance.api import router as compliance
from tonnebook.emissions.api import router as emissions
from tonnebook.faces import problem
from tonnebook.faces.api import StrictParser
from tonnebook.faces.problem import PROBLEM_JSON, Problem
from tonnebook.faces.requests import Request
from tonnebook.market.api import router as market
from tonnebook.members.api import router as members
from tonnebook.portal.api import router as portal
from tonnebook.registry.api import router as registry
from tonnebook.web.explaining_api import router as explanations

DESCRIPTION = (
    "Registry, market and public log of a regional carbon market. Tonnes and fen are whole numbers, instants carry "
    "their offset, every error is problem+json with a code that keeps its meaning. What is to go away is marked "
    "deprecated here for at least twelve months, with a Sunset date in its description, before version 2 drops it."
)
_PROBLEM = {
    "type": "object",
    "required": ["code", "message", "facts", "article", "transient", "report"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string", "description": "For people, in the language of Accept-Language."},
        "facts": {"type": "object", "additionalProperties": {"type": "string"}},
        "article": {"type": "string"},
        "transient": {"type": "boolean", "description": "The same request may succeed later."},
        "report": {"type": "string"},
    },
}
_REFUSED = {
    "description": "Refused, malformed, or busy (503, with Retry-After).",
    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Api(NinjaAPI):
    """An API that describes the one shape of errors once, for every operation."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation by room and function, in whichever file of the room it stands."""
        view = operation.view_func
        room = view.__module__.partition("api")[0].rstrip("._")
        return f"{room}.api.{view.__name__}".replace(".", "_")

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Describe the API, with errors."""
        schema = super().get_openapi_schema(**kwargs)
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"] |= {"4XX": _REFUSED, "503": _REFUSED}
        return schema


api = Api(
    title="tonnebook",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
    parser=StrictParser(),
)
for router in (members, registry, emissions, market, compliance, explanations, portal):
    api.add_router("", router)


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    """Tell what ninja itself turns away: no person, a form from elsewhere, a body that is no JSON."""
    status = cast(HttpError, error).status_code
    cast(Request, request).is_forged = status == HTTPStatus.FORBIDDEN
    told = {
        HTTPStatus.UNAUTHORIZED: Problem("SIGN_IN", gettext("Sign in, or send a key."), status),
        HTTPStatus.FORBIDDEN: Problem("FORM_EXPIRED", gettext("A session needs its CSRF token for changes."), status),
    }
    malformed = Problem("INVALID", gettext("The body is no JSON text in UTF-8."), status)
    return problem.as_json(told.get(HTTPStatus(status), malformed))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """Tell which values are missing or malformed, by their place."""
    del request
    facts = {".".join(str(step) for step in one["loc"]): str(one["msg"]) for one in cast(ValidationError, error).errors}
    message = gettext("Some values are missing or malformed; the facts say which.")
    return problem.as_json(problem.invalid(message, facts=facts))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    """Tell that there is nothing here, or nothing for this caller."""
    del request, error
    return problem.as_json(Problem("NOT_FOUND", gettext("There is nothing under this address."), 404))


@api.exception_handler(Exception)
def left_to_the_middleware(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Leave refusals, busy books and faults to `web.middleware`, as for pages."""
    del request
    raise cast(Exception, error)
