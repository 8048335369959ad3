"""How a program signs its requests: Ed25519 over nine lines (docs/api.md)."""

import hashlib
import secrets
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def signed_headers(
    api_key: str,
    private_key: bytes,
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
    idempotency_key: str = "",
    if_match: str = "",
    at: int | None = None,
) -> dict[str, str]:
    """Sign a request, once: each try has a nonce of its own.

    Args:
        api_key: number of the key, such as "K-000001-23".
        private_key: the 32 bytes of the Ed25519 key.
        method: such as "POST".
        path: without host, such as "/api/v1/orders", its signs as they read.
        query: exactly as sent, without the question mark.
        body: exactly as sent.
        idempotency_key: the header of that name, empty when there is none.
        if_match: the header of that name, empty when there is none.
        at: seconds since 1970; now when left out.

    Returns:
        The headers to add, with those two when they are not empty.
    """
    moment, nonce = str(int(time.time()) if at is None else at), secrets.token_urlsafe(16)
    digest = hashlib.sha256(body).hexdigest()
    lines = ("tonnebook-request-1", method, path, query, idempotency_key, if_match, digest, moment, nonce)
    text = "".join(f"{line}\n" for line in lines).encode()
    given = {"Idempotency-Key": idempotency_key, "If-Match": if_match}
    return {name: value for name, value in given.items() if value} | {
        "Tonnebook-Key": api_key,
        "Tonnebook-At": moment,
        "Tonnebook-Nonce": nonce,
        "Tonnebook-Signature": Ed25519PrivateKey.from_private_bytes(private_key).sign(text).hex(),
    }
