"""A member of the demo for a program to play: `./tonnebook sandbox` gives it a key that signs."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tonnebook.core.api_keys import KeyKind, Scope
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.journal import queries as journal
from tonnebook.members import queries
from tonnebook.members import services as members

_DAYS = 30
_NOT_HERE = "这不是演示数据库，不提供沙箱成员。 This is no demo database; it has no members to play with."
_NO_TRADER = (
    "{login} 不是本演示的交易员，可选者见 ./tonnebook logins。 {login} is no trader here; see ./tonnebook logins."
)
_SAID = """\
# {name_zh} {name_en} · {days} 天有效 / valid for {days} days
export TONNEBOOK=http://127.0.0.1:8000
export TONNEBOOK_KEY={number}
export TONNEBOOK_SEED={seed}
# 写入环境后试一试 / then try:
#   .venv/bin/python -c 'from tonnebook_client import from_environment as market; print(market().orders())'"""


class NoSandbox(Exception):
    """Nobody here can be played by a program: the sentence says why."""


def lines(login: str, *, now: datetime) -> Iterator[str]:
    """Give a trader of the demo a key for a program, and write what the program needs to know.

    Args:
        login: sign-in name of the trader.
        now: when.

    Raises:
        NoSandbox: outside a demo, and for whoever is no trader.
    """
    if not journal.clock().is_demo:
        raise NoSandbox(_NOT_HERE)
    try:
        actor = queries.actor_named(login)
    except Refused:
        raise NoSandbox(_NO_TRADER.format(login=login)) from None
    if Role.TRADER not in actor.roles:
        raise NoSandbox(_NO_TRADER.format(login=login))
    private = Ed25519PrivateKey.generate()
    answer = members.create_api_key(
        actor,
        label="sandbox",
        kind=KeyKind.SIGNED,
        scopes=frozenset({Scope.READ_ACCOUNTS, Scope.READ_ORDERS, Scope.WRITE_ORDERS}),
        public_key=private.public_key().public_bytes_raw().hex(),
        expires_at=now + timedelta(days=_DAYS),
        key=secrets.token_hex(16),
        now=now,
    )
    row = queries.organisation(actor.organisation)
    yield _SAID.format(
        name_zh=row.name_zh,
        name_en=row.name_en,
        days=_DAYS,
        number=answer["api_key"],
        seed=private.private_bytes_raw().hex(),
    )
