"""How long somebody stays signed in, and in how many places at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Design choices, no legal source: level 3 of GB/T 22239-2019 asks for an end of idle sessions without a figure.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SESSIONS_MAX = 3

# How exactly the last sight is kept: a write for each page would cost more than it tells.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One place where somebody is signed in; instants on the wall."""

    started_at: datetime
    seen_at: datetime


def is_over(session: SignedIn, *, at: datetime) -> bool:
    """Say whether a session has ended: nobody came for `IDLE`, or it began `ABSOLUTE` ago.

    Args:
        session: its beginning and the last time somebody came.
        at: on the wall.

    Source: GB/T 22239-2019 (sign-in that ends by itself); the lengths are a design choice (invariant E10).
    """
    return at >= session.seen_at + IDLE or at >= session.started_at + ABSOLUTE


def is_to_be_noted(session: SignedIn, *, at: datetime) -> bool:
    """Say whether the last sight is old enough to be written again."""
    return at >= session.seen_at + SEEN_EVERY
