"""Webhooks: what programs are told, how a message is signed, and when one that nobody took is given up.

Form and signature are those of Standard Webhooks 1.0.0, so that its libraries, in every language, can check them.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from tonnebook.core import notices
from tonnebook.core.errors import Refusal, Refused, Sentence

# Waits double from one minute to six hours: the last try comes about a day after the first (design choice).
TRIES_MAX = 12
# Addresses one organisation may have at a time (design choice).
WEBHOOKS_MAX = 5
SECRET_BYTES = 32
_PREFIX = "whsec_"
_ADDRESS = re.compile(r"https?://[!-~]+")


class MessageKind(StrEnum):
    """What happened to an organisation on the market."""

    ORDER_CHANGED = "order.changed"
    TRADE_MADE = "trade.made"
    TRADE_BUSTED = "trade.busted"
    BID_DECIDED = "bid.decided"
    DEAL_CHANGED = "deal.changed"
    TEST = "test"


class MessageState(StrEnum):
    """Where a message stands: still to be delivered, taken, or given up."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    GIVEN_UP = "GIVEN_UP"


class WebhookRefusal(Refusal):
    """Why a webhook is not kept, or a message not sent again."""

    ADDRESS_UNFIT = Sentence(
        zh="地址 {url} 不可用：须为 https 网址，不带用户名和密码。",
        en="{url} will not do: an https address without name and password is needed.",
        article="design choice",
        status=422,
    )
    TOO_MANY_WEBHOOKS = Sentence(
        zh="每家单位最多登记 {most} 个回调地址；请先移除一个。",
        en="An organisation has {most} webhooks at most; remove one first.",
        article="design choice",
    )
    NO_SUCH_WEBHOOK = Sentence(
        zh="您的单位没有编号为 {webhook} 的回调地址。",
        en="Your organisation has no webhook {webhook}.",
        article="design choice",
        status=404,
    )
    NO_SUCH_MESSAGE = Sentence(
        zh="您的单位没有编号为 {message} 的回调消息。",
        en="Your organisation has no message {message}.",
        article="design choice",
        status=404,
    )


class MessageDraft(NamedTuple):
    """Something that happened to an organisation: its code, what it was, and the facts a program needs."""

    organisation: str
    kind: MessageKind
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to deliver: when, and the status of the answer; 0 when there was none."""

    at: datetime
    status: int

    @property
    def is_taken(self) -> bool:
        """Whether the answer was of the two hundreds."""
        return 200 <= self.status < 300


def check_address(url: str, *, is_demo: bool) -> None:
    """Refuse an address to which nothing will be sent.

    Args:
        url: where messages are to be posted.
        is_demo: whether it is for a demo, which sends to its own machine only and may do so without encryption.

    Raises:
        Refused: ADDRESS_UNFIT when it is no address of the web, is not encrypted, or carries name and password.
            Whether it leads out of the own network is seen each time it is used.

    Source: design choice, no legal source.
    """
    parts = urlsplit(url) if _ADDRESS.fullmatch(url) else None
    is_open = parts is not None and parts.scheme == "http" and not is_demo
    if parts is None or is_open or not parts.hostname or parts.username is not None or parts.password is not None:
        raise Refused(WebhookRefusal.ADDRESS_UNFIT, url=url)


def secret_text(secret: bytes) -> str:
    """Write a secret as libraries of Standard Webhooks take it: "whsec_" and base64."""
    return _PREFIX + base64.b64encode(secret).decode()


def signature(secret: str, *, message: str, at: int, body: str) -> str:
    """Sign a message: HMAC-SHA-256 over its number, the instant and the body, apart by full stops.

    Args:
        secret: as `secret_text` writes it.
        message: header `webhook-id`; the same in every try, so that a receiver can tell a repetition.
        at: header `webhook-timestamp`, seconds since 1970.
        body: exactly as sent.

    Returns:
        Header `webhook-signature`, such as "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".

    Source: design choice, no legal source (form of Standard Webhooks 1.0.0).

    Example:
        >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        >>> signature(secret, message="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330, body='{"test": 2432232314}')
        'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.new(key, f"{message}.{at}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def next_try_at(tries: int, *, now: datetime) -> datetime | None:
    """Say when a message that nobody took is tried again.

    Args:
        tries: how many there were, >= 1.
        now: the instant of the last one.

    Returns:
        The instant; None when it is given up.

    Source: design choice, no legal source.
    """
    return notices.next_try_at(tries, now=now) if tries < TRIES_MAX else None
