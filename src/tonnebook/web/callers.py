"""Who stands behind a request: the person of a session, or the program whose key it carries. The one place for both."""

import hashlib
from datetime import datetime

from django.http import HttpRequest

from tonnebook.core.api_keys import ApiRefusal, Scope, SignedRequest
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.web import sessions, signing

API = "/api/"
_DIGITS_OF_SECONDS = 12


def who(request: HttpRequest, now: datetime) -> tuple[Actor | None, frozenset[Scope] | None]:
    """Find out who acts and what their key opens; a key is looked at in the API only, and there goes before a session.

    Args:
        request: whose headers or session tell.
        now: the clock of the books.

    Returns:
        The actor, None for the public; and the scopes of a key, None without one.

    Raises:
        Refused: a code of `ApiRefusal`.
    """
    if request.path.startswith(API):
        if "Tonnebook-Signature" in request.headers:
            caller = members.caller_of_signature(
                request.headers.get("Tonnebook-Key", ""),
                _as_signed(request),
                request.headers["Tonnebook-Signature"],
                now=now,
            )
            return caller.actor, caller.scopes
        if "Authorization" in request.headers:
            number, _, secret = request.headers["Authorization"].removeprefix("Bearer ").partition(".")
            caller = members.caller_of_secret(number, secret, now=now)
            return caller.actor, caller.scopes
    person = sessions.person_of(request)
    return (None if person is None else signing.with_signature(request, queries.actor_of(person))), None


def _as_signed(request: HttpRequest) -> SignedRequest:
    at = request.headers.get("Tonnebook-At", "")
    if not at.isascii() or not at.isdigit() or len(at) > _DIGITS_OF_SECONDS:
        raise Refused(ApiRefusal.SIGNATURE_WRONG)
    return SignedRequest(
        method=request.method or "",
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        idempotency_key=request.headers.get("Idempotency-Key", ""),
        if_match=request.headers.get("If-Match", ""),
        body_sha256=hashlib.sha256(request.body).hexdigest(),
        at=int(at),
        nonce=request.headers.get("Tonnebook-Nonce", ""),
    )
