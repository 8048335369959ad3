"""Ask a program outside over HTTP: with a time limit, without following it anywhere else."""

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

SECONDS_MAX = 5
ANSWER_BYTES_MAX = 65_536


class Reply(NamedTuple):
    """Status and text of an answer."""

    status: int
    text: str


class Unreachable(Exception):
    """Nobody answered, or not as HTTP wants it."""


class _Stay(urllib.request.HTTPRedirectHandler):
    # Where to ask is a setting; nobody else decides it.
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


_opener = urllib.request.build_opener(_Stay)


def post(url: str, body: bytes, *, content_type: str) -> Reply:
    """Send a body and give what is answered, whatever its status.

    Args:
        url: http or https.
        body: what is sent.
        content_type: of the body.

    Returns:
        Status and text, of 64 KiB at most.

    Raises:
        Unreachable: when there is no answer within five seconds.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Unreachable(f"not an address of the web: {url}")
    request = urllib.request.Request(url, body, {"Content-Type": content_type})  # noqa: S310  checked above
    try:
        with _opener.open(request, timeout=SECONDS_MAX) as answer:
            return Reply(answer.status, answer.read(ANSWER_BYTES_MAX).decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.read(ANSWER_BYTES_MAX).decode("utf-8", "replace"))
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url}: {error}") from error
