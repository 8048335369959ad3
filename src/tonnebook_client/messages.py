"""Messages that come to a webhook: whether they are genuine and new, and what they say (Standard Webhooks 1.0.0)."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

SECONDS_APART_MAX = 300


class NotGenuine(Exception):
    """A message that was not signed with the secret, or not now."""


class Message(NamedTuple):
    """What a message says.

    Attributes:
        number: the same each time the message is sent: remember those you have dealt with.
        type: what happened, such as "trade.made".
        at: ISO instant, by the clock of the market.
        data: the facts.
    """

    number: str
    type: str
    at: str
    data: dict[str, Any]


def read_message(secret: str, headers: Mapping[str, str], body: bytes, *, at: int | None = None) -> Message:
    """Check a message and read it.

    Args:
        secret: of the webhook, beginning with "whsec_".
        headers: of the request; their names in any case.
        body: of the request, exactly as it came.
        at: seconds since 1970; now when left out.

    Raises:
        NotGenuine: when the signature is not of this secret, number, instant and body, or the instant is more than
            five minutes away.
    """
    given = {name.lower(): value for name, value in headers.items()}
    number, moment = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "").split()
    try:
        key, sent_at = base64.b64decode(secret.removeprefix("whsec_"), validate=True), int(moment)
    except (binascii.Error, ValueError):
        raise NotGenuine("no secret, or no time") from None
    digest = hmac.new(key, f"{number}.{moment}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    # While a secret is being changed there is a signature of each.
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in signatures):
        raise NotGenuine("signed with another secret, or altered")
    if abs((int(time.time()) if at is None else at) - sent_at) > SECONDS_APART_MAX:
        raise NotGenuine("not signed now")
    said = json.loads(body)
    return Message(number, said["type"], said["timestamp"], said["data"])
