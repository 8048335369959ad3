"""How messages of the outbox leave: by e-mail, by short message, by a city's work messenger, or into the system's log.

The channel is the last word of a topic. Short messages and the work messenger take a JSON body over HTTP, signed with
a key that its gateway knows. On a demo nothing leaves: every message goes to the log.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from tonnebook.core import canonical
from tonnebook.journal import outside, queries
from tonnebook.journal.outside import Unreachable

MAIL, LOG = "mail", "log"

log = structlog.get_logger(__name__)


def channels() -> tuple[str, ...]:
    """List the channels by which messages leave; the log alone on a demo and until the operator sets one up."""
    if queries.clock().is_demo:
        return (LOG,)
    mail = (MAIL,) if settings.MAIL_FROM else ()
    return (*mail, *settings.GATEWAYS) or (LOG,)


def deliver(topic: str, payload: Mapping[str, object]) -> None:
    """Deliver one message by the channel its topic names; what names none goes to the log.

    Raises:
        Unreachable: when nobody takes it; the outbox tries again later.
    """
    channel = topic.rpartition(".")[2]
    if channel in channels() and channel != LOG:
        _mail(payload) if channel == MAIL else _post(channel, payload)
    else:
        log.info("message sent", topic=topic, **{name: value for name, value in payload.items() if name != "to"})


# An organisation without an address has its notice in the inbox all the same.
def _mail(payload: Mapping[str, object]) -> None:
    to = cast(Sequence[str], payload["to"])
    if not to:
        return
    subject = f"{payload['notice']} {payload['zh']}"
    message = EmailMessage(subject, f"{payload['zh']}\n\n{payload['en']}\n", settings.MAIL_FROM, to=to)
    try:
        message.send()
    except OSError as error:
        raise Unreachable(f"mail: {error}") from error


def _post(channel: str, payload: Mapping[str, object]) -> None:
    url, key = settings.GATEWAYS[channel]
    message = {name: value for name, value in payload.items() if name != "to"}
    signature = hmac.new(key.encode(), canonical.text(message).encode(), hashlib.sha256).hexdigest()
    body = canonical.text({"message": message, "hmac_sha256": signature}).encode()
    reply = outside.post(url, body, content_type="application/json")
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        raise Unreachable(f"{channel}: answered {reply.status}")
