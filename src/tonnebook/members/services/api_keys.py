"""Give keys to programs, take them back, and tell who stands behind a request that carries one."""

import hashlib
import hmac
from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from tonnebook.core import api_keys, identity
from tonnebook.core.api_keys import ApiRefusal, KeyKind, Scope, SignedRequest
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import ApiKey, ApiNonce, Person
from tonnebook.members.services.people import require_signed

# Longer than twice the window, so that no nonce is forgotten while its request would still be in time.
_NONCES_KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who stands behind a request with a key, and what the key opens."""

    actor: Actor
    scopes: frozenset[Scope]


@journal.command("members.create_api_key")
def create_api_key(
    actor: Actor,
    *,
    label: str,
    kind: KeyKind,
    scopes: Set[Scope],
    secret_sha256: str = "",
    public_key: str = "",
    expires_at: datetime,
    key: str,
    now: datetime,
) -> Answer:
    """Give a program a key to act for oneself; what it opens never goes beyond what the person may do.

    Args:
        actor: whose key it is.
        label: what the person calls it.
        kind: whether it sends a secret or signs.
        scopes: what it opens.
        secret_sha256: digest of a secret of at least 256 random bits that was shown once and is kept nowhere.
        public_key: of an Ed25519 pair, 64 hexadecimal digits.
        expires_at: when it ends.
        key: idempotency key.
        now: when.

    Returns:
        {"api_key": number}.

    Raises:
        Refused: SECOND_FACTOR_NEEDED; API_KEY_EXPIRY_UNFIT, API_KEY_NEEDS_SIGNATURE and API_KEY_MALFORMED as
            `core.api_keys.check_new_key`.

    Source: design choice, no legal source.
    """
    del key
    require_signed(actor, Act.CHANGE_SIGN_IN, now=now)
    api_keys.check_new_key(kind, scopes, public_key=public_key, expires_at=expires_at, now=now)
    (count,) = journal.next_counts("members_api_key_number", 1)
    row = ApiKey.objects.create(
        number=identity.numbered("K", count),
        person=Person.objects.get(number=actor.person),
        label=label,
        kind=kind.value,
        scopes=sorted(scopes),
        secret_sha256=secret_sha256,
        public_key=public_key,
        created_at=now,
        expires_at=expires_at,
    )
    facts = {"api_key": row.number, "kind": kind, "scopes": scopes, "expires_at": expires_at, "by": actor.person}
    journal.append(Entry("members.api_key.created", facts, {"label": label, "public_key": public_key}), now=now)
    return {"api_key": row.number}


@journal.command("members.revoke_api_key")
def revoke_api_key(actor: Actor, *, api_key: str, key: str, now: datetime) -> Answer:
    """Take a key back; from the next request on it opens nothing.

    Args:
        actor: whose key it is.
        api_key: number.
        key: idempotency key.
        now: when.

    Returns:
        {"api_key": number}.

    Raises:
        Refused: NO_SUCH_API_KEY when the actor has no such key, or has taken it back before.

    Source: design choice, no legal source.
    """
    del key
    own = ApiKey.objects.select_for_update(of=("self",)).filter(person__number=actor.person, revoked_at=None)
    row = own.filter(number=api_key).first()
    if row is None:
        raise Refused(ApiRefusal.NO_SUCH_API_KEY, api_key=api_key)
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    journal.append(Entry("members.api_key.revoked", {"api_key": row.number, "by": actor.person}), now=now)
    return {"api_key": row.number}


def caller_of_secret(api_key: str, secret: str, *, now: datetime) -> Caller:
    """Tell who stands behind a request that carries a secret.

    Args:
        api_key: number.
        secret: as it was shown once.
        now: when.

    Raises:
        Refused: API_KEY_NOT_VALID, whatever is wrong with it.

    Source: design choice, no legal source.
    """
    row = _valid(api_key, KeyKind.SECRET, now)
    if not hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), row.secret_sha256):
        raise Refused(ApiRefusal.API_KEY_NOT_VALID)
    return _caller(row)


def caller_of_signature(api_key: str, request: SignedRequest, signature: str, *, now: datetime) -> Caller:
    """Tell who stands behind a signed request, and let the same request in only once.

    The key was made with a second factor and signs this very request, so the actor counts as having just signed.

    Args:
        api_key: number.
        request: what was signed.
        signature: Ed25519 over `request.text`, 128 hexadecimal digits.
        now: when, by the clock of the books.

    Raises:
        Refused: API_KEY_NOT_VALID, SIGNATURE_WRONG, SIGNATURE_OUT_OF_TIME; REQUEST_REPLAYED when its nonce was used.

    Source: design choice, no legal source (invariant E2).
    """
    row = _valid(api_key, KeyKind.SIGNED, now)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(row.public_key)).verify(bytes.fromhex(signature), request.text)
    except (InvalidSignature, ValueError):
        raise Refused(ApiRefusal.SIGNATURE_WRONG) from None
    if not api_keys.NONCE.fullmatch(request.nonce):
        raise Refused(ApiRefusal.SIGNATURE_WRONG)
    api_keys.check_time(request, database_now=journal.real_now())
    with connection.cursor() as cursor:
        # Two equal requests at once meet at the unique constraint: the second waits for the first and finds it there.
        cursor.execute(_KEEP_NONCE, [row.pk, request.nonce])
        if cursor.rowcount == 0:
            raise Refused(ApiRefusal.REQUEST_REPLAYED, nonce=request.nonce)
    caller = _caller(row)
    return replace(caller, actor=replace(caller.actor, signed_at=now))


def forget_nonces(*, now: datetime) -> int:
    """Forget the nonces of requests that are long out of time; run by a job every hour.

    Args:
        now: real time, never that of a demo.

    Returns:
        How many were forgotten.

    Source: design choice, no legal source (invariant E2).
    """
    return ApiNonce.objects.filter(at__lt=now - _NONCES_KEPT).delete()[0]


_KEEP_NONCE = (
    "INSERT INTO members_api_nonce (api_key_id, nonce, at) VALUES (%s, %s, clock_timestamp()) ON CONFLICT DO NOTHING"
)


def _valid(api_key: str, kind: KeyKind, now: datetime) -> ApiKey:
    rows = ApiKey.objects.select_related("person__organisation").filter(number=api_key, kind=kind.value)
    row = rows.filter(revoked_at=None, expires_at__gt=now).first()
    if row is None:
        raise Refused(ApiRefusal.API_KEY_NOT_VALID)
    return row


def _caller(row: ApiKey) -> Caller:
    try:
        actor = queries.actor_of(row.person_id)
    except Refused:
        raise Refused(ApiRefusal.API_KEY_NOT_VALID) from None
    return Caller(actor, frozenset(Scope(scope) for scope in row.scopes))
