"""A program that calls the API with a key: it signs each request, or sends its secret."""

import hashlib
import itertools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from tests.unit.web.town import NOW, Town

from tonnebook.core.api_keys import KeyKind, Scope
from tonnebook.journal import services as journal
from tonnebook.members import services as members
from tonnebook_client import signed_headers

API = "/api/v1"
_counts = itertools.count()


class Answer(Protocol):
    """What a client of the tests gets back."""

    status_code: int

    @property
    def content(self) -> bytes:
        """Its body."""

    def __getitem__(self, header: str) -> str:
        """One of its headers."""


@dataclass
class Program:
    """A key that signs, and a client without a session."""

    number: str
    private: Ed25519PrivateKey
    client: Client = field(default_factory=lambda: Client(headers={"accept-language": "en"}))

    def headers(
        self, method: str, path: str, body: bytes = b"", *, query: str = "", more: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The headers of a signed request."""
        given = dict(more or {})
        return given | signed_headers(
            self.number,
            self.private.private_bytes_raw(),
            method,
            API + path,
            query=query,
            body=body,
            idempotency_key=given.get("Idempotency-Key", ""),
            if_match=given.get("If-Match", ""),
            at=int(journal.real_now().timestamp()),
        )

    def get(self, path: str, query: str = "") -> Answer:
        """A signed GET."""
        address = f"{API}{path}?{query}" if query else API + path
        return self.client.get(address, headers=self.headers("GET", path, query=query))

    def send(self, method: str, path: str, body: object = None, **more: str) -> Answer:
        """A signed change; `key` and `version` become headers."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.ask(method, path, content, **more)

    def ask(self, method: str, path: str, content: bytes, **more: str) -> Answer:
        """A signed change with a body that is written already."""
        names = {"key": "Idempotency-Key", "version": "If-Match"}
        given = {"Idempotency-Key": secrets.token_hex(8)} | {names[name]: value for name, value in more.items()}
        headers = self.headers(method, path, content, more=given)
        return self.client.generic(method, API + path, content, "application/json", headers=headers)


def program_of(town: Town, username: str, *scopes: Scope, days: int = 30) -> Program:
    """Give somebody's program a key that signs; all scopes unless some are named."""
    private = Ed25519PrivateKey.generate()
    answer = members.create_api_key(
        town.actor(username),
        label="program",
        kind=KeyKind.SIGNED,
        scopes=frozenset(scopes or Scope),
        public_key=private.public_key().public_bytes_raw().hex(),
        expires_at=NOW + timedelta(days=days),
        key=f"api-key-{next(_counts)}",
        now=NOW,
    )
    return Program(str(answer["api_key"]), private)


def secret_of(town: Town, username: str, *scopes: Scope) -> str:
    """Give somebody's program a secret, as it is sent."""
    secret = secrets.token_urlsafe(32)
    answer = members.create_api_key(
        town.actor(username),
        label="reader",
        kind=KeyKind.SECRET,
        scopes=frozenset(scopes),
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        expires_at=NOW + timedelta(days=30),
        key=f"api-key-{next(_counts)}",
        now=NOW,
    )
    return f"{answer['api_key']}.{secret}"


def told(response: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(response.content)
