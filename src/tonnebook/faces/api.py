"""What the parts of the API share: who may call, limits of what comes in, lists in pages, versions of resources."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from ninja import Header, Query, Schema
from ninja.errors import AuthenticationError, HttpError
from ninja.parser import Parser
from ninja.security.base import AuthBase
from ninja.utils import check_csrf
from pydantic import AfterValidator, BeforeValidator, Field

from tonnebook.core import canonical
from tonnebook.core.api_keys import ApiRefusal, Scope
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.faces.requests import Request

# No body of the API is longer than a long list of numbers.
BODY_BYTES_MAX = 1024 * 1024
_INTEGER_MAX = 2**63 - 1
_YEARS = (2000, 2100)

Row = TypeVar("Row")


def _plain_text(text: str) -> str:
    if "\0" in text:
        raise ValueError("the sign U+0000 is not allowed")
    # A half of a pair of surrogates is no text.
    text.encode()
    return text


def _in_reach(at: datetime) -> datetime:
    if at.tzinfo is None or not _YEARS[0] <= at.year < _YEARS[1]:
        raise ValueError(f"an instant with an offset, from {_YEARS[0]} on and before {_YEARS[1]}")
    return at


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError as error:
        raise ValueError("not in Base64") from error


Word = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_plain_text)]
Text = Annotated[str, Field(max_length=80), AfterValidator(_plain_text)]
Words = Annotated[str, Field(max_length=400), AfterValidator(_plain_text)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Base64 = Annotated[bytes, Field(json_schema_extra={"contentEncoding": "base64"}), BeforeValidator(_decoded)]
Quantity = Annotated[int, Field(ge=1, le=_INTEGER_MAX)]
Count = Annotated[int, Field(ge=0, le=_INTEGER_MAX)]
Instant = Annotated[datetime, AfterValidator(_in_reach)]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="1 for the first page.")]
PageSize = Annotated[int, Query(ge=1, le=200, description="Rows of a page.")]
ComplianceYear = Annotated[int, Query(ge=2005, le=2099, description="Compliance year.")]
Key = Annotated[
    str,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Same key and body: one effect."),
]
Version = Annotated[str, Header(alias="If-Match", max_length=200, description="ETag of the version you have seen.")]


class Listed(Schema, Generic[Row]):
    """One page of a list.

    Attributes:
        rows: of this page.
        page: its number, 1 for the first.
        pages: how many there are, >= 1.
        count: rows in the whole list.
    """

    rows: list[Row]
    page: int
    pages: int
    count: int


class Proposed(Schema):
    """What a second person approves: the number, and the digest that covers every word of it."""

    approval: str
    digest: str


class Approved(Schema):
    """The approval, by two people, of exactly what is asked."""

    approval: Word = Field(examples=["AP-000001-28"])


class StrictParser(Parser):
    """Reads JSON of which nothing later can stumble: UTF-8, text without halves of signs, numbers without NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read the body, or raise, which is answered with 400."""
        body = json.loads(request.body.decode(), parse_constant=_no_number)
        _plain_text(json.dumps(body, ensure_ascii=False))
        return body


class Needs(AuthBase):
    """The door of an operation: a person signed in (with the CSRF token for changes), or a key that opens the scope."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = (
        "`Authorization: Bearer NUMBER.SECRET` for reading; a signed request for everything (headers Tonnebook-Key, "
        "Tonnebook-At, Tonnebook-Nonce, Tonnebook-Signature); or the session of the pages with its CSRF token."
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        """Give the actor, who has been found out before the operation begins."""
        known = cast(Request, request)
        if known.actor is None:
            raise AuthenticationError
        if known.scopes is None and check_csrf(request) is not None:
            raise HttpError(403, "CSRF")
        if known.scopes is not None and self.scope not in known.scopes:
            raise Refused(ApiRefusal.SCOPE_MISSING, scope=self.scope.value)
        return known.actor


def listed(rows: Sequence[Row], *, page: int, size: int) -> dict[str, object]:
    """Cut a page out of a list; a page beyond the last is empty."""
    return page_of(rows[(page - 1) * size : page * size], count=len(rows), page=page, size=size)


def page_of(rows: Sequence[Row], *, count: int, page: int, size: int) -> dict[str, object]:
    """Answer with a page that has been cut out of a list of `count` rows already."""
    return {"rows": rows, "page": page, "pages": max(1, -(-count // size)), "count": count}


def tag_of(row: object) -> str:
    """Give the ETag of a resource: it differs whenever anything that is shown of it does."""
    return f'"{canonical.digest(row)[:32]}"'


def show_version(request: HttpRequest, response: HttpResponse, row: Row) -> Row | HttpResponse:
    """Say which version of a resource is answered with; who has that version already is told only so (304)."""
    response["ETag"] = tag_of(row)
    return unchanged(request, response["ETag"]) or row


def unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    """Give the answer to who asks for what has changed and has the current version; None to everybody else.

    Args:
        request: which may carry If-None-Match.
        tag: ETag of the resource as it is now.
    """
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if known != ["*"] and tag not in {one.removeprefix("W/") for one in known}:
        return None
    return HttpResponseNotModified(headers={"ETag": tag})


def require_version(asked: str, row: object) -> None:
    """Refuse a change by somebody who has not seen the resource as it is now.

    Args:
        asked: the header If-Match, empty when there is none.
        row: the resource as it is now.

    Raises:
        Refused: PRECONDITION_MISSING, PRECONDITION_STALE.
    """
    current = tag_of(row)
    if not asked:
        raise Refused(ApiRefusal.PRECONDITION_MISSING, etag=current)
    if asked.removeprefix("W/") != current:
        raise Refused(ApiRefusal.PRECONDITION_STALE, etag=current)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")
