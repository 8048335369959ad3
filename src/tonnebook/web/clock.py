"""Where the compliance year stands on a day: what is done, what comes next, how many working days are left."""

from dataclasses import dataclass
from datetime import date, datetime, time

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import Deadline
from tonnebook.core import periods, sessions
from tonnebook.core.errors import Refused

# A jump ends on the morning of a deadline, so that a visitor can still do in time what is due.
_MORNING = time(9, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """One deadline of the year and where it stands: DONE, NEXT or LATER."""

    deadline: Deadline
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a compliance year stands.

    Attributes:
        year: the compliance year the next deadline belongs to.
        steps: its deadlines in order.
        coming: the next deadline, or None when the rules name no more.
        working_days: working days left until it, None without one.
    """

    year: int
    steps: tuple[Step, ...]
    coming: Deadline | None
    working_days: int | None


@dataclass(frozen=True, slots=True)
class Stops:
    """Where the clock of a demo may be moved next; None where nothing is known to come."""

    deadline_at: datetime | None
    session_at: datetime | None


def standing(region: str, *, today: date) -> Standing:
    """Find the next deadline of the region; two compliance years overlap for half a year, the nearer deadline leads.

    Args:
        region: region code.
        today: day in the region's zone.

    Returns:
        The standing of the year the next deadline belongs to.
    """
    years = {year: deadlines_of(region, year, today) for year in (today.year - 1, today.year)}
    ahead = [(one.on, year, one) for year, ones in years.items() for one in ones if one.on >= today]
    if not ahead:
        return Standing(today.year, (), None, None)
    _, year, coming = min(ahead, key=lambda found: found[:2])
    steps = tuple(Step(one, _state(one, today, coming)) for one in years[year])
    return Standing(year, steps, coming, coming.working_days_left)


def stops(region: str, *, now: datetime) -> Stops:
    """Find the morning of the next deadline after today, and the next opening of the exchange.

    Args:
        region: region code.
        now: what the clock shows.
    """
    today = periods.day_of(now)
    days = [one.on for year in (today.year - 1, today.year) for one in deadlines_of(region, year, today)]
    ahead = [on for on in days if on > today]
    return Stops(periods.instant(min(ahead), _MORNING) if ahead else None, _opening_at(region, now))


def deadlines_of(region: str, year: int, today: date) -> tuple[Deadline, ...]:
    """List the deadlines of a year in order of day; none where the region has no rules for that year."""
    try:
        return tuple(sorted(compliance.deadlines(region, year, today), key=lambda one: one.on))
    except Refused:
        return ()


def _opening_at(region: str, now: datetime) -> datetime | None:
    today = periods.day_of(now)
    try:
        words = compliance.rules(region, today.year, today).words("trading.sessions")
    except Refused:
        return None
    return sessions.next_opening_at(sessions.read(words), rulebook.calendar(region), now)


def _state(deadline: Deadline, today: date, coming: Deadline) -> str:
    if deadline == coming:
        return "NEXT"
    return "DONE" if deadline.on < today else "LATER"
