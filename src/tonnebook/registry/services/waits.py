"""The wait of a region: its working-hours clock and how many working days it counts."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import delays, periods
from tonnebook.core.delays import WorkingClock

_WORKING_DAYS = "transfer.delay.working_days"


def clock(region: str, *, now: datetime) -> WorkingClock:
    """Give the working-hours clock of a region as the rule book has it now."""
    return delays.read(rulebook.at(region, on=periods.day_of(now)), rulebook.calendar(region))


def working_days(region: str, *, now: datetime) -> int:
    """Give how many working days what leaves a region's accounts has to wait."""
    return rulebook.at(region, on=periods.day_of(now)).integer(_WORKING_DAYS)


def ready_at(region: str, *, now: datetime) -> datetime:
    """Give the instant at which a wait that begins now ends."""
    return delays.ready_at(now, working_days=working_days(region, now=now), clock=clock(region, now=now))
