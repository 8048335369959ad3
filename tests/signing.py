"""A telephone and a real database, for the tests of second factors."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from allauth.mfa.totp.internal import auth as totp
from django.db import connection

from tonnebook.core.roles import Actor
from tonnebook.core.second_factor import STEP
from tonnebook.members.services import factors

# A moment on the wall; the clock of the books stands elsewhere.
WALL = datetime(2026, 3, 1, 8, tzinfo=UTC)


def make_real() -> None:
    """Take the mark of a demo away."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_clock SET is_demo = false, \"offset\" = interval '0'")


def code(secret: str, *, at: datetime, later_steps: int = 0) -> str:
    """What a telephone with the secret shows at an instant, or some steps later."""
    step = int(at.timestamp()) // int(STEP / timedelta(seconds=1)) + later_steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, step)))


def enrolled(actor: Actor, *, password: str, now: datetime, at: datetime = WALL) -> str:
    """Enrol a telephone and give its secret."""
    secret = factors.new_code_secret()
    factors.enrol_codes(actor, secret=secret, code=code(secret, at=at), password=password, at=at, now=now)
    return secret


def signed(actor: Actor, now: datetime) -> Actor:
    """The actor right after a proof."""
    return replace(actor, signed_at=now)
