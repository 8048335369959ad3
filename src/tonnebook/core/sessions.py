"""When the exchange is open: daily sessions on trading days.

Sessions are wall-clock times of the region's zone, half-open: an order that arrives at the closing minute is late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tonnebook.core import periods

# No calendar closes the exchange for longer; the search for the next opening ends here instead of running for ever.
_LONGEST_CLOSURE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of a trading day, `[opens, closes)` on the wall clock."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        """Refuse a session that does not end after it begins with a `ValueError`."""
        if self.closes <= self.opens:
            raise ValueError(f"a session must end after it begins: {self.opens} … {self.closes}")


def read(words: Sequence[str]) -> tuple[Session, ...]:
    """Read sessions as the rule book writes them.

    Args:
        words: such as ``("09:30-11:30", "13:00-15:00")``.

    Returns:
        The sessions in order of the day.

    Raises:
        ValueError: when a word is not two times joined by a hyphen.

    Example:
        >>> read(("09:30-11:30",))[0].closes
        datetime.time(11, 30)
    """
    pairs = [word.split("-") for word in words]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"not sessions: {words}")
    found = (Session(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())) for opens, closes in pairs)
    return tuple(sorted(found, key=lambda session: session.opens))


def is_open(sessions: Sequence[Session], calendar: periods.Calendar, now: datetime) -> bool:
    """Say whether an instant falls into a session of a trading day."""
    if not calendar.is_trading_day(periods.day_of(now)):
        return False
    clock = now.astimezone(periods.ZONE).time()
    return any(session.opens <= clock < session.closes for session in sessions)


def next_opening_at(sessions: Sequence[Session], calendar: periods.Calendar, now: datetime) -> datetime:
    """Find the first opening after an instant.

    Args:
        sessions: at least one, in order of the day.
        calendar: which days the exchange opens.
        now: aware instant.

    Returns:
        Aware UTC instant, later than `now`.

    Raises:
        ValueError: when there is no session within two months, which only a broken calendar can cause.
    """
    today = periods.day_of(now)
    for count in range(_LONGEST_CLOSURE_DAYS):
        day = today + timedelta(days=count)
        if not calendar.is_trading_day(day):
            continue
        for session in sessions:
            opening_at = periods.instant(day, session.opens)
            if opening_at > now:
                return opening_at
    raise ValueError(f"no session within {_LONGEST_CLOSURE_DAYS} days of {now}")


def closing_at(sessions: Sequence[Session], now: datetime) -> datetime | None:
    """Find when the session that is running ends.

    Args:
        sessions: of the day, in order.
        now: aware instant on a trading day.

    Returns:
        Aware UTC instant; None between sessions.
    """
    clock = now.astimezone(periods.ZONE).time()
    ends = (session.closes for session in sessions if session.opens <= clock < session.closes)
    return next((periods.instant(periods.day_of(now), closes) for closes in ends), None)


def has_ended(sessions: Sequence[Session], day: date, now: datetime) -> bool:
    """Say whether the last session of a day is over."""
    return now >= periods.instant(day, sessions[-1].closes)
