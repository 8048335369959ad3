"""What a real deployment must not be started with: missing or well-known secrets, open debugging, plain HTTP."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tonnebook.core.errors import Refusal, Refused, Sentence

SECRET_LENGTH_MIN = 32
PASSWORD_LENGTH_MIN = 12
# A secret of few different signs was typed, not drawn.
_DISTINCT_MIN = 10
_SEED_LENGTH = 64
_WELL_KNOWN = ("changeme", "django-insecure", "example", "password", "postgres", "secret", "tonnebook")


class DeploymentRefusal(Refusal):
    """Why a real market is not served with these settings; a database marked demo is."""

    SECRET_KEY_WEAK = Sentence(
        zh="TONNEBOOK_SECRET_KEY 未设置、过短或为常见值；请设置至少 {length} 个随机字符，"
        "或用 TONNEBOOK_SECRET_KEY_FILE 指定文件。",
        en="TONNEBOOK_SECRET_KEY is missing, short or well known; set at least {length} random signs, "
        "or name a file with TONNEBOOK_SECRET_KEY_FILE.",
        article="design choice",
    )
    LOG_SEED_WEAK = Sentence(
        zh="TONNEBOOK_LOG_SEED 未设置或不是随机的 {length} 位十六进制数；请随机生成，并妥善备份。",
        en="TONNEBOOK_LOG_SEED is missing or no random {length} hexadecimal digits; draw it and keep a copy safe.",
        article="design choice",
    )
    PASSWORD_WEAK = Sentence(
        zh="TONNEBOOK_DATABASE_URL 中的数据库密码过短（少于 {length} 个字符）或为常见值，请更换。",
        en="The password in TONNEBOOK_DATABASE_URL is shorter than {length} signs or well known; change it.",
        article="design choice",
    )
    DEBUG_ON = Sentence(
        zh="TONNEBOOK_DEBUG 处于开启状态，会泄露内部信息；请关闭。",
        en="TONNEBOOK_DEBUG is on and tells strangers about the inside; turn it off.",
        article="design choice",
    )
    HOSTS_OPEN = Sentence(
        zh="TONNEBOOK_HOSTS 含有“*”，任何域名都被接受；请列出确切的域名。",
        en="TONNEBOOK_HOSTS contains “*”, so any name is accepted; list the exact names.",
        article="design choice",
    )
    PLAIN_HTTP = Sentence(
        zh="服务于 {hosts} 而 TONNEBOOK_HTTPS 未开启；请设 TONNEBOOK_HTTPS=1，确需明文时设 TONNEBOOK_PLAIN_HTTP=1。",
        en="Serving {hosts} without TONNEBOOK_HTTPS; set TONNEBOOK_HTTPS=1, or TONNEBOOK_PLAIN_HTTP=1 if plain "
        "HTTP is really meant.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Deployment:
    """The settings that decide whether a real market may be served.

    Attributes:
        secret_key: as given from outside; empty when every process draws its own.
        log_seed: hexadecimal, empty when none is given.
        database_password: of the role of pages; empty over a local socket.
        is_local_database: whether the database is reached over a socket of this machine.
        debug: whether debugging pages are on.
        hosts: names it answers to.
        https: whether pages are sent over TLS only.
        plain_http: whether the operator said that plain HTTP is meant.
    """

    secret_key: str
    log_seed: str
    database_password: str
    is_local_database: bool
    debug: bool
    hosts: Sequence[str]
    https: bool
    plain_http: bool


def shortcomings(deployment: Deployment) -> tuple[Refused, ...]:
    """List what a real market must not be served with.

    Args:
        deployment: its settings.

    Returns:
        SECRET_KEY_WEAK, LOG_SEED_WEAK, PASSWORD_WEAK, DEBUG_ON, HOSTS_OPEN, PLAIN_HTTP, as far as they hold. Plain HTTP
        to this machine alone is none.

    Source: design choice, no legal source (invariant E10).
    """
    return tuple(_shortcomings(deployment))


def _shortcomings(one: Deployment) -> Iterator[Refused]:
    if len(one.secret_key) < SECRET_LENGTH_MIN or _is_well_known(one.secret_key):
        yield Refused(DeploymentRefusal.SECRET_KEY_WEAK, length=SECRET_LENGTH_MIN)
    if len(one.log_seed) != _SEED_LENGTH or not _is_drawn(one.log_seed):
        yield Refused(DeploymentRefusal.LOG_SEED_WEAK, length=_SEED_LENGTH)
    if _is_weak_password(one):
        yield Refused(DeploymentRefusal.PASSWORD_WEAK, length=PASSWORD_LENGTH_MIN)
    if one.debug:
        yield Refused(DeploymentRefusal.DEBUG_ON)
    if "*" in one.hosts:
        yield Refused(DeploymentRefusal.HOSTS_OPEN)
    reachable = [host for host in one.hosts if not _is_this_machine(host)]
    if reachable and not one.https and not one.plain_http:
        yield Refused(DeploymentRefusal.PLAIN_HTTP, hosts=", ".join(reachable))


def _is_weak_password(one: Deployment) -> bool:
    if not one.database_password:
        return not one.is_local_database
    is_known = any(word in one.database_password.lower() for word in _WELL_KNOWN)
    return len(one.database_password) < PASSWORD_LENGTH_MIN or is_known


def _is_well_known(secret: str) -> bool:
    return len(set(secret)) < _DISTINCT_MIN or any(word in secret.lower() for word in _WELL_KNOWN)


def _is_drawn(seed: str) -> bool:
    return all(sign in "0123456789abcdefABCDEF" for sign in seed) and len(set(seed)) >= _DISTINCT_MIN


def _is_this_machine(host: str) -> bool:
    name = host.strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
