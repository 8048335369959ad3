"""Talking to an outside identity provider by OpenID Connect: where it is, what we ask, and its signed answer.

Authorization code flow with state, nonce and PKCE. The ID token is checked by its signature although it comes straight
from the provider, so that nothing rests on the transport alone.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from django.conf import settings

from tonnebook.core import identity_provider
from tonnebook.core.errors import Refused
from tonnebook.core.identity_provider import IdentityRefusal, Vouched

_TIMEOUT_SECONDS = 10
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})
_FAILURES = (requests.RequestException, jwt.PyJWTError, KeyError, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way; it is kept in the session and used once."""

    state: str
    nonce: str
    verifier: str


def is_configured() -> bool:
    """Say whether this deployment has an identity provider."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def attempt() -> Attempt:
    """Draw what ties the provider's answer to this very session."""
    return Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))


def address(one: Attempt, *, callback: str) -> str:
    """Give the provider's address at which the browser signs in.

    Raises:
        Refused: IDENTITY_UNPROVEN when the provider does not answer as one.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(one.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": callback,
        "scope": settings.OIDC_SCOPE,
        "state": one.state,
        "nonce": one.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    try:
        return f"{_secure(_found()['authorization_endpoint'])}?{urlencode(asked)}"
    except _FAILURES:
        raise Refused(IdentityRefusal.IDENTITY_UNPROVEN) from None


def vouched(one: Attempt, *, code: str, callback: str) -> Vouched:
    """Redeem the code the browser brought, and read whom the provider vouches for.

    Raises:
        Refused: IDENTITY_UNPROVEN when code, signature, issuer, audience, time or nonce are not those of this sign-in.
    """
    try:
        found = _found()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
        form |= {"code_verifier": one.verifier}
        answer = requests.post(
            _secure(found["token_endpoint"]),
            data=form,
            auth=(settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET),
            timeout=_TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        claims = _claims(answer.json()["id_token"], found)
    except _FAILURES:
        raise Refused(IdentityRefusal.IDENTITY_UNPROVEN) from None
    return identity_provider.vouched(claims, nonce=one.nonce, uscc_claim=settings.OIDC_ORGANISATION_CLAIM)


def _claims(token: str, found: dict[str, str]) -> dict[str, object]:
    keys = jwt.PyJWKSet.from_dict(_json(found["jwks_uri"]))
    named = jwt.get_unverified_header(token).get("kid")
    key = next(one for one in keys.keys if named in (None, one.key_id))
    claims: dict[str, object] = jwt.decode(
        token,
        key,
        algorithms=list(identity_provider.ALGORITHMS),
        audience=settings.OIDC_CLIENT_ID,
        issuer=settings.OIDC_ISSUER,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        leeway=60,
    )
    return claims


def _found() -> dict[str, str]:
    found = _json(f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
    if found["issuer"] != settings.OIDC_ISSUER:
        raise ValueError("the provider names itself otherwise")
    return found


def _json(address: str) -> dict[str, str]:
    answer = requests.get(_secure(address), timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
    return dict(answer.json())


# Outside this machine nobody is asked over plain HTTP.
def _secure(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("the provider is not reached over TLS")
    return address
