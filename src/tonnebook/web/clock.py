"""Where the compliance year stands on a day: what is done, what comes next, how many working days are left."""

from dataclasses import dataclass
from datetime import date

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import Deadline
from tonnebook.core.errors import Refused


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


def deadlines_of(region: str, year: int, today: date) -> tuple[Deadline, ...]:
    """List the deadlines of a year in order of day; none where the region has no rules for that year."""
    try:
        return tuple(sorted(compliance.deadlines(region, year, today), key=lambda one: one.on))
    except Refused:
        return ()


def _state(deadline: Deadline, today: date, coming: Deadline) -> str:
    if deadline == coming:
        return "NEXT"
    return "DONE" if deadline.on < today else "LATER"
