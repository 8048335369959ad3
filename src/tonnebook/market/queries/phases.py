"""What the market can tell of its phases: where each instrument stands, why it is halted, and what is due."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import periods, phases
from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.phases import HaltGround, Phase
from tonnebook.market.models import Halt, Instrument


@dataclass(frozen=True, slots=True)
class HaltRow:
    """A halt as the public sees it; `until_at` is None when people end it, `ended_at` None while it lasts."""

    number: str
    instrument: str
    ground: HaltGround
    reason: str
    halted_at: datetime
    until_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """Where an instrument stands, since when it was noted, and the halt it is in, if it is."""

    instrument: str
    phase: Phase
    since_at: datetime
    halt: HaltRow | None


def phase_of(instrument: str, *, now: datetime) -> PhaseRow:
    """Tell where an instrument stands, by the clock too when it has not been turned yet.

    Args:
        instrument: code.
        now: when.

    Raises:
        Refused: NO_SUCH_INSTRUMENT.
    """
    row = Instrument.objects.filter(code=instrument).first()
    if row is None:
        raise Refused(MarketRefusal.NO_SUCH_INSTRUMENT, instrument=instrument)
    lasting = Halt.objects.filter(instrument=row, ended_at=None).select_related("instrument").first()
    return PhaseRow(instrument, _phase(row, now), row.phase_at, _halt_row(lasting) if lasting else None)


def phases_of(region: str, *, now: datetime) -> tuple[PhaseRow, ...]:
    """Tell where the instruments of a region stand, allowances first."""
    rows = Instrument.objects.filter(region=region).order_by("kind", "code")
    lasting = {halt.instrument: halt for halt in halts(region) if halt.ended_at is None}
    return tuple(PhaseRow(row.code, _phase(row, now), row.phase_at, lasting.get(row.code)) for row in rows)


def halts(region: str, limit: int = 50) -> tuple[HaltRow, ...]:
    """List the halts of a region's instruments, newest first."""
    rows = Halt.objects.filter(instrument__region=region).select_related("instrument").order_by("-halted_at", "-id")
    return tuple(_halt_row(row) for row in rows[:limit])


def regions_to_turn(*, now: datetime) -> tuple[str, ...]:
    """List the regions with an instrument that is not where the clock has it, or whose halt or call is over."""
    rows = Instrument.objects.order_by("region")
    return tuple(dict.fromkeys(row.region for row in rows if _is_due(row, now)))


def _is_due(row: Instrument, now: datetime) -> bool:
    hours = phases.hours(rulebook.at(row.region, on=periods.day_of(now)))
    calendar = rulebook.calendar(row.region)
    is_over = phases.is_call_over(Phase(row.phase), row.phase_at, hours, calendar, now)
    is_resumed = row.halted_until is not None and row.halted_until <= now
    return is_over or is_resumed or _phase(row, now) != row.phase


def _phase(row: Instrument, now: datetime) -> Phase:
    hours = phases.hours(rulebook.at(row.region, on=periods.day_of(now)))
    way = phases.path(Phase(row.phase), row.phase_at, hours, rulebook.calendar(row.region), now)
    return way[-1] if way else Phase(row.phase)


def _halt_row(row: Halt) -> HaltRow:
    return HaltRow(
        number=row.number,
        instrument=row.instrument.code,
        ground=HaltGround(row.ground),
        reason=row.reason,
        halted_at=row.halted_at,
        until_at=row.until_at,
        ended_at=row.ended_at,
    )
