"""Entering and leaving: what every way of signing in does, and whether a session still is signed in."""

from datetime import UTC, datetime

from django.contrib import auth
from django.http import HttpRequest

from tonnebook.members import queries as members
from tonnebook.members.services import sign_ins

REGION_KEY = "region"
# Who comes by password, by another factor or through an identity provider is a row of the same table.
BACKEND = "django.contrib.auth.backends.ModelBackend"


def wall() -> datetime:
    """Read the clock on the wall, which telephones and browsers share; the clock of a demo may stand elsewhere."""
    return datetime.now(UTC)


def enter(request: HttpRequest, person_pk: int) -> None:
    """Sign somebody in under a new session key; the region becomes the person's own."""
    auth.login(request, auth.get_user_model().objects.get(pk=person_pk), backend=BACKEND)
    request.session[REGION_KEY] = members.actor_of(person_pk).region
    # The key must be known before the answer goes out, and a session without one gets it when it is saved.
    request.session.save()
    sign_ins.begin(
        person_pk,
        session=key_of(request),
        address=request.META.get("REMOTE_ADDR", ""),
        browser=request.headers.get("User-Agent", ""),
        at=wall(),
    )


def leave(request: HttpRequest) -> None:
    """Sign out; the region stays chosen."""
    region = request.session.get(REGION_KEY)
    sign_ins.end(session=key_of(request))
    auth.logout(request)
    if region:
        request.session[REGION_KEY] = region


def person_of(request: HttpRequest) -> int | None:
    """Give the primary key of who is signed in; a session that is over, or was ended elsewhere, is left."""
    if not request.user.is_authenticated:
        return None
    if sign_ins.is_live(request.user.pk, session=key_of(request), at=wall()):
        return request.user.pk
    leave(request)
    return None


def key_of(request: HttpRequest) -> str:
    """Give the key of the session; empty before it has been saved."""
    return request.session.session_key or ""
