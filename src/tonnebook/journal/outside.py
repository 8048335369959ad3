"""Ask a program outside over HTTP: with a time limit, without following it anywhere else.

Where an address comes from a user and not from the settings, it says how far it may lead: the machine it reaches is
looked at before anything is said to it, so that nobody can have this program ask what only it can reach.
"""

import ipaddress
import urllib.error
import urllib.request
from collections.abc import Mapping
from enum import Enum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SECONDS_MAX = 5
ANSWER_BYTES_MAX = 65_536


class Reply(NamedTuple):
    """Status and text of an answer."""

    status: int
    text: str


class Unreachable(Exception):
    """Nobody answered, or not as HTTP wants it."""


class Ground(Enum):
    """Where an address may lead: wherever the settings say, out into the world, or to this machine only."""

    SETTINGS = "settings"
    WORLD = "world"
    THIS_MACHINE = "this machine"

    def bears(self, peer: str) -> bool:
        """Say whether the address of a machine is on this ground."""
        if self is Ground.SETTINGS:
            return True
        address = ipaddress.ip_address(peer)
        return address.is_loopback if self is Ground.THIS_MACHINE else address.is_global


class _Stay(urllib.request.HTTPRedirectHandler):
    # Where to ask has been decided; whoever is asked does not send us elsewhere.
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    # Looks at the peer of the very connection that is used: a name may lead elsewhere the next time it is looked up.
    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self._ground = ground

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(self._guarded(HTTPConnection), req)

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(self._guarded(HTTPSConnection), req)

    def _guarded(self, kind: type[HTTPConnection]) -> Any:
        ground = self._ground

        class Guarded(kind):  # type: ignore[valid-type,misc]
            def connect(self) -> None:
                super().connect()
                if not ground.bears(self.sock.getpeername()[0]):
                    self.close()
                    raise OSError(f"{self.host} is not out in the world")

        return Guarded


_openers = {ground: urllib.request.build_opener(_Stay, _Handler(ground)) for ground in Ground}


def post(
    url: str,
    body: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
    ground: Ground = Ground.SETTINGS,
) -> Reply:
    """Send a body and give what is answered, whatever its status.

    Args:
        url: http or https.
        body: what is sent.
        content_type: of the body.
        headers: others.
        ground: where the address may lead.

    Returns:
        Status and text, of 64 KiB at most.

    Raises:
        Unreachable: when there is no answer within five seconds, or the address leads elsewhere.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Unreachable(f"not an address of the web: {url}")
    request = urllib.request.Request(url, body, {"Content-Type": content_type, **(headers or {})})  # noqa: S310  above
    try:
        with _openers[ground].open(request, timeout=SECONDS_MAX) as answer:
            return Reply(answer.status, answer.read(ANSWER_BYTES_MAX).decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.read(ANSWER_BYTES_MAX).decode("utf-8", "replace"))
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url}: {error}") from error
