"""Keys of programs: what a key opens, what a signed request signs, and why a request is not let in."""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence

LIFETIME_MAX = timedelta(days=366)
# How far the clock of a program may be from that of the database.
WINDOW = timedelta(minutes=5)
PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class KeyKind(StrEnum):
    """How a program shows that it has the key: by sending a secret, or by signing every request."""

    SECRET = "SECRET"  # noqa: S105
    SIGNED = "SIGNED"


class Scope(StrEnum):
    """What a key opens, out of what its person may do."""

    READ_ACCOUNTS = "READ_ACCOUNTS"
    READ_APPROVALS = "READ_APPROVALS"
    READ_ORDERS = "READ_ORDERS"
    READ_PAPERS = "READ_PAPERS"
    READ_MANDATES = "READ_MANDATES"
    WRITE_UNITS = "WRITE_UNITS"
    WRITE_APPROVALS = "WRITE_APPROVALS"
    WRITE_FREEZES = "WRITE_FREEZES"
    WRITE_ORDERS = "WRITE_ORDERS"
    WRITE_MANDATES = "WRITE_MANDATES"
    WRITE_YEAR = "WRITE_YEAR"


# A secret that travels with each request can be copied on its way: it opens nothing that changes a book.
SCOPES_OF_SECRETS = frozenset(
    {Scope.READ_ACCOUNTS, Scope.READ_APPROVALS, Scope.READ_ORDERS, Scope.READ_PAPERS, Scope.READ_MANDATES}
)


class ApiRefusal(Refusal):
    """Why a request of a program is not let in, in the order it is looked at."""

    API_KEY_NOT_VALID = Sentence(
        zh="密钥无效、已到期或已撤销；请在“接口密钥”页另建一个。",
        en="The key is not valid, has expired or was revoked; create another on the page of API keys.",
        article="design choice",
        status=401,
    )
    SIGNATURE_WRONG = Sentence(
        zh="签名与请求不符；签名内容须逐字节等于所发送的请求（见接口说明）。",
        en="The signature does not fit the request; sign exactly what is sent, byte by byte (see the API's page).",
        article="design choice",
        status=401,
    )
    SIGNATURE_OUT_OF_TIME = Sentence(
        zh="请求的时间与数据库时间（{now}）相差超过 {seconds} 秒；请校准时钟后重新签名。",
        en="The request's time is over {seconds} s from the database's ({now}); set your clock and sign again.",
        article="design choice",
        status=401,
    )
    REQUEST_REPLAYED = Sentence(
        zh="该请求已经收到过（随机数 {nonce}）；请用新的随机数重新签名，幂等键保持不变。",
        en="This request came before (nonce {nonce}); sign again with a new nonce and the same idempotency key.",
        article="design choice",
        status=409,
    )
    SCOPE_MISSING = Sentence(
        zh="该密钥不含权限 {scope}；请另建一个含此权限的密钥。",
        en="The key does not open {scope}; create one that does.",
        article="design choice",
        status=403,
    )
    PRECONDITION_MISSING = Sentence(
        zh="修改须带 If-Match 请求头，其值为您所见版本的 ETag（{etag}）。",
        en="A change needs the header If-Match with the ETag of the version you have seen (now {etag}).",
        article="design choice",
        status=428,
    )
    PRECONDITION_STALE = Sentence(
        zh="您所见的版本之后已有变化（现为 {etag}）；请重新读取后再决定。",
        en="It has changed since the version you saw (now {etag}); read it again and decide then.",
        article="design choice",
        status=412,
    )
    NO_SUCH_API_KEY = Sentence(
        zh="您没有编号为 {api_key} 的密钥。",
        en="You have no key {api_key}.",
        article="design choice",
        status=404,
    )
    API_KEY_EXPIRY_UNFIT = Sentence(
        zh="密钥有效期须在今后 {days} 天之内。",
        en="A key expires within the next {days} days.",
        article="design choice",
        status=422,
    )
    API_KEY_NEEDS_SIGNATURE = Sentence(
        zh="权限 {scopes} 只能授予签名密钥；请提供 Ed25519 公钥。",
        en="{scopes} are for keys that sign only; give an Ed25519 public key.",
        article="design choice",
        status=422,
    )
    API_KEY_MALFORMED = Sentence(
        zh="公钥须为 64 位十六进制的 Ed25519 公钥。",
        en="A public key is an Ed25519 key in 64 hexadecimal digits.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request of a program as it is signed.

    Attributes:
        method: such as "POST".
        path: without host, such as "/api/v1/orders".
        query: as sent, without the question mark.
        idempotency_key: header `Idempotency-Key`, empty when there is none.
        if_match: header `If-Match`, empty when there is none.
        body_sha256: of the body as sent, hexadecimal.
        at: seconds since 1970 by the program's clock.
        nonce: 16 to 64 letters, digits, - and _, never used before with this key.
    """

    method: str
    path: str
    query: str
    idempotency_key: str
    if_match: str
    body_sha256: str
    at: int
    nonce: str

    @property
    def text(self) -> bytes:
        """What is signed: a name of the form and one line per field, each ending in a line feed."""
        lines = (
            "tonnebook-request-1",
            self.method,
            self.path,
            self.query,
            self.idempotency_key,
            self.if_match,
            self.body_sha256,
            str(self.at),
            self.nonce,
        )
        return "".join(f"{line}\n" for line in lines).encode()


def check_new_key(kind: KeyKind, scopes: Set[Scope], *, public_key: str, expires_at: datetime, now: datetime) -> None:
    """Refuse a key that would open more than its kind may, or for too long.

    Args:
        kind: how it shows itself.
        scopes: what it is to open.
        public_key: 64 hexadecimal digits for a key that signs, empty for a secret.
        expires_at: when it ends.
        now: when.

    Raises:
        Refused: API_KEY_EXPIRY_UNFIT, API_KEY_NEEDS_SIGNATURE or API_KEY_MALFORMED.

    Source: design choice, no legal source.
    """
    if not now < expires_at <= now + LIFETIME_MAX:
        raise Refused(ApiRefusal.API_KEY_EXPIRY_UNFIT, days=LIFETIME_MAX.days)
    beyond = sorted(scopes - SCOPES_OF_SECRETS)
    if kind is KeyKind.SECRET and beyond:
        raise Refused(ApiRefusal.API_KEY_NEEDS_SIGNATURE, scopes=", ".join(beyond))
    if kind is KeyKind.SIGNED and not PUBLIC_KEY.fullmatch(public_key):
        raise Refused(ApiRefusal.API_KEY_MALFORMED)


def check_time(request: SignedRequest, *, database_now: datetime) -> None:
    """Refuse a signed request whose time is outside the window.

    Args:
        request: whose time is looked at.
        database_now: real time, never that of a demo.

    Raises:
        Refused: SIGNATURE_OUT_OF_TIME.

    Source: design choice, no legal source (invariant E2).
    """
    seconds = int(WINDOW.total_seconds())
    if abs(database_now.timestamp() - request.at) > seconds:
        raise Refused(ApiRefusal.SIGNATURE_OUT_OF_TIME, seconds=seconds, now=database_now.isoformat(timespec="seconds"))
