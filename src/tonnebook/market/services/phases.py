"""Turn the phases of a trading day by the clock, halt and resume.

Everything here changes instruments whose market is locked, and writes each phase entered as a leaf.
"""

from collections.abc import Sequence
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import identity, periods, phases, roles
from tonnebook.core.errors import Refused
from tonnebook.core.phases import HaltGround, Phase, PhaseRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Halt, Instrument
from tonnebook.market.services import locks
from tonnebook.members import services as members

_FIELDS = ["phase", "phase_at", "halted_until"]


def turn(rows: Sequence[Instrument], *, now: datetime) -> None:
    """Take locked instruments to the phase the clock has them in, and end the halts whose time is over.

    Args:
        rows: locked instruments of one region.
        now: when.
    """
    for row in rows:
        if row.phase == Phase.HALTED and row.halted_until is not None and row.halted_until <= now:
            _go_on(row, by="", now=now)
        hours, calendar = phases.hours(_rules(row, now)), rulebook.calendar(row.region)
        _enter(row, phases.path(Phase(row.phase), row.phase_at, hours, calendar, now), now=now)


def complete_call(row: Instrument, *, now: datetime) -> None:
    """Let continuous trading begin; called by whoever has opened the book of a locked instrument.

    Args:
        row: locked instrument in its opening call.
        now: when.

    Raises:
        Refused: NOT_IN_CALL.

    Source: design choice, no legal source (invariant B11).
    """
    if row.phase != Phase.CALL:
        raise Refused(PhaseRefusal.NOT_IN_CALL, instrument=row.code, phase=row.phase)
    _enter(row, [Phase.CONTINUOUS], now=now)
    turn([row], now=now)


@journal.command("market.halt")
def halt(
    actor: Actor, *, instrument: str, reason: str, until_at: datetime | None = None, key: str, now: datetime
) -> Answer:
    """Halt an instrument at once: what rests stays, nothing trades.

    Args:
        actor: exchange staff; one person is enough.
        instrument: code.
        reason: what the public is told.
        until_at: when trading goes on by itself; None when two people have to resume it.
        key: idempotency key.
        now: when.

    Returns:
        `halt` (number) and `receipt` (leaf hash).

    Raises:
        Refused: NO_SUCH_INSTRUMENT; NOT_PERMITTED, NOT_YOUR_REGION; ALREADY_HALTED, HALT_ENDS_EARLIER.

    Source: S40 risk control; that one person halts is a design choice.
    """
    del key
    row = _locked(instrument)
    roles.check(actor, Act.SUPERVISE, region=row.region)
    phases.check_halt(instrument, Phase(row.phase), until_at=until_at, now=now)
    number, receipt = _halt(row, HaltGround.STAFF, reason, until_at=until_at, by=actor.person, now=now)
    return {"halt": number, "receipt": receipt}


@journal.command("market.resume")
def resume(actor: Actor, *, instrument: str, reason: str, approval: str, key: str, now: datetime) -> Answer:
    """Let a halted instrument trade again; where the region has an opening call, through a new one.

    Args:
        actor: exchange staff.
        instrument: code.
        reason: what the public is told.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `phase`, where it goes on, and `approver`.

    Raises:
        Refused: what `members.use_approval` refuses; NO_SUCH_INSTRUMENT; NOT_PERMITTED, NOT_YOUR_REGION; NOT_HALTED.

    Source: S40 risk control; that two people resume is a design choice.
    """
    del key
    payload = {"instrument": instrument, "reason": reason}
    people = members.use_approval(approval, kind="market.resume", payload=payload, now=now)
    row = _locked(instrument)
    roles.check(actor, Act.SUPERVISE, region=row.region)
    if row.phase != Phase.HALTED:
        raise Refused(PhaseRefusal.NOT_HALTED, instrument=instrument)
    _go_on(row, by=people.initiator, now=now)
    return {"phase": row.phase, "approver": people.approver}


def watch(row: Instrument, prices_fen_per_t: Sequence[int], *, now: datetime) -> bool:
    """Let the circuit breaker look at what has just been traded; it halts once for each reference price.

    Args:
        row: locked instrument.
        prices_fen_per_t: of the trades, fen per tonne.
        now: when.

    Returns:
        Whether it halted the instrument.

    Source: design choice, no legal source; by `trading.breaker.*`.
    """
    breaker = phases.breaker(_rules(row, now))
    reference = row.previous_close_fen_per_t
    if breaker is None or row.phase == Phase.HALTED:
        return False
    far = [fen for fen in prices_fen_per_t if phases.trips(breaker, price_fen_per_t=fen, reference_fen_per_t=reference)]
    today_at = periods.instant(periods.day_of(now), datetime.min.time())
    halts = Halt.objects.filter(instrument=row, ground=HaltGround.BREAKER, halted_at__gte=today_at)
    if not far or halts.exists():
        return False
    until_at = phases.halt_until(breaker, now)
    _halt(row, HaltGround.BREAKER, str(breaker.move_share), until_at=until_at, by="", now=now)
    return True


def _locked(code: str) -> Instrument:
    return next(row for row in locks.lock_market(code) if row.code == code)


def _rules(row: Instrument, now: datetime) -> RulesAt:
    return rulebook.at(row.region, on=periods.day_of(now))


def _halt(
    row: Instrument, ground: HaltGround, reason: str, *, until_at: datetime | None, by: str, now: datetime
) -> tuple[str, str]:
    count = Halt.objects.filter(instrument=row).count() + 1
    made = Halt.objects.create(
        number=identity.numbered(f"{row.code}-H", count),
        instrument=row,
        ground=ground,
        reason=reason,
        halted_at=now,
        until_at=until_at,
    )
    row.halted_until = until_at
    facts = {"halt": made.number, "instrument": row.code, "ground": ground, "reason": reason, "by": by}
    receipt = journal.append(journal.Entry("market.instrument.halted", facts | {"until_at": until_at}), now=now)
    _enter(row, [Phase.HALTED], now=now)
    return made.number, receipt


def _go_on(row: Instrument, *, by: str, now: datetime) -> None:
    made = Halt.objects.get(instrument=row, ended_at=None)
    made.ended_at = now
    made.save(update_fields=["ended_at"])
    row.halted_until = None
    facts = {"halt": made.number, "instrument": row.code, "by": by}
    journal.append(journal.Entry("market.instrument.resumed", facts), now=now)
    hours = phases.hours(_rules(row, now))
    _enter(row, [phases.after_halt(hours, rulebook.calendar(row.region), now)], now=now)


def _enter(row: Instrument, way: Sequence[Phase], *, now: datetime) -> None:
    if not way:
        return
    entries: list[journal.Entry] = []
    for phase in way:
        facts = {"instrument": row.code, "from": row.phase, "to": phase}
        entries.append(journal.Entry("market.phase.entered", facts))
        row.phase = phase
    row.phase_at = now
    row.save(update_fields=_FIELDS)
    journal.append_many(entries, now=now)
