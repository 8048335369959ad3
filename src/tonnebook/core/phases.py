"""The phases of an instrument's trading day: which may follow which, where the clock stands, and when trading stops.

Continuous trading begins in one of two ways, as the rule book says: by the clock, or after an opening call (集合竞价)
that has been completed. After a halt it begins again in the same way. Staff halt at once; the circuit breaker halts by
itself, once for each reference price.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core import periods, sessions
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt

_CALL, _CALL_FROM = "trading.opening_call", "trading.opening_call_from"
_BREAKER = "trading.breaker"


class Phase(StrEnum):
    """Where the trading day of an instrument stands."""

    PRE_OPEN = "PRE_OPEN"
    CALL = "CALL"
    CONTINUOUS = "CONTINUOUS"
    BREAK = "BREAK"
    CLOSED = "CLOSED"
    HALTED = "HALTED"


class HaltGround(StrEnum):
    """What halted an instrument: a decision of staff, or the circuit breaker."""

    STAFF = "STAFF"
    BREAKER = "BREAKER"


class PhaseRefusal(Refusal):
    """Why an instrument is neither halted nor let on, nor opened, in order of precedence."""

    ALREADY_HALTED = Sentence(
        zh="{instrument} 已处于暂停交易状态；如需恢复，请由两人办理。",
        en="Trading in {instrument} is halted already; two people resume it.",
        article="design choice",
    )
    NOT_HALTED = Sentence(
        zh="{instrument} 没有暂停交易，无需恢复。",
        en="Trading in {instrument} is not halted; there is nothing to resume.",
        article="design choice",
    )
    HALT_ENDS_EARLIER = Sentence(
        zh="暂停截止时间 {until} 须晚于当前时间；请更正。",
        en="A halt must end after it begins; {until} has passed. Choose a later time.",
        article="design choice",
        status=422,
    )
    CALL_TAKES_LIMITS = Sentence(
        zh="{instrument} 正在集合竞价，只接受限价委托；请改用限价，或等待连续交易开始。",
        en="{instrument} is in its opening call, which takes limit orders alone; place one, or wait for the opening.",
        article="design choice",
        status=422,
    )
    NOT_IN_CALL = Sentence(
        zh="{instrument} 不在集合竞价阶段（{phase}），不能完成开盘。",
        en="{instrument} is not in its opening call ({phase}); there is none to complete.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Hours:
    """When an instrument trades: daily sessions, and when the opening call begins; None where there is none."""

    sessions: tuple[sessions.Session, ...]
    call_from: time | None = None

    @property
    def has_call(self) -> bool:
        """Whether continuous trading begins after a completed call only."""
        return self.call_from is not None


@dataclass(frozen=True, slots=True)
class Breaker:
    """How far a price may move from the reference, as a share of it, before trading stops, and for how long."""

    move_share: Decimal
    minutes: int


_ALWAYS: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {
        Phase.CLOSED: frozenset({Phase.PRE_OPEN}),
        Phase.PRE_OPEN: frozenset({Phase.HALTED, Phase.CLOSED}),
        Phase.CALL: frozenset({Phase.CONTINUOUS, Phase.HALTED, Phase.CLOSED}),
        Phase.CONTINUOUS: frozenset({Phase.BREAK, Phase.HALTED, Phase.CLOSED}),
        Phase.BREAK: frozenset({Phase.CONTINUOUS, Phase.HALTED, Phase.CLOSED}),
        Phase.HALTED: frozenset({Phase.PRE_OPEN, Phase.CLOSED}),
    }
)
_WITH_CALL: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {Phase.PRE_OPEN: frozenset({Phase.CALL}), Phase.HALTED: frozenset({Phase.CALL})}
)
_WITHOUT_CALL: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {Phase.PRE_OPEN: frozenset({Phase.CONTINUOUS}), Phase.HALTED: frozenset({Phase.CONTINUOUS, Phase.BREAK})}
)


def followers(phase: Phase, *, has_call: bool) -> frozenset[Phase]:
    """Give the phases that may follow one.

    Source: design choice, no legal source (invariant B11).

    Example:
        >>> sorted(followers(Phase.PRE_OPEN, has_call=True))
        [<Phase.CALL: 'CALL'>, <Phase.CLOSED: 'CLOSED'>, <Phase.HALTED: 'HALTED'>]
    """
    more = _WITH_CALL if has_call else _WITHOUT_CALL
    return _ALWAYS[phase] | more.get(phase, frozenset())


def hours(rules: RulesAt) -> Hours:
    """Read when the instruments of a region trade.

    Source: S39, trading hours; exchange rules of the region, by `trading.sessions` and `trading.opening_call`.
    """
    daily = sessions.read(rules.words("trading.sessions"))
    if not (rules.has(_CALL) and rules.flag(_CALL)):
        return Hours(daily)
    return Hours(daily, time.fromisoformat(rules.text(_CALL_FROM)))


def breaker(rules: RulesAt) -> Breaker | None:
    """Read the circuit breaker of a region, None where it has none.

    Source: design choice, no legal source; by `trading.breaker.*`, whose status says so.
    """
    if not rules.has(f"{_BREAKER}.move_share"):
        return None
    return Breaker(rules.decimal(f"{_BREAKER}.move_share"), rules.integer(f"{_BREAKER}.minutes"))


def by_clock(hours: Hours, calendar: periods.Calendar, now: datetime) -> Phase:
    """Say in which phase a day stands that nothing has disturbed.

    The opening call lasts until the first session begins; before it, and on a trading day only, the market is
    PRE_OPEN.

    Args:
        hours: of the instrument.
        calendar: which days the exchange opens.
        now: aware instant.
    """
    if not calendar.is_trading_day(periods.day_of(now)):
        return Phase.CLOSED
    clock = now.astimezone(periods.ZONE).time()
    if sessions.is_open(hours.sessions, calendar, now):
        return Phase.CONTINUOUS
    if clock < hours.sessions[0].opens:
        return Phase.CALL if hours.call_from is not None and clock >= hours.call_from else Phase.PRE_OPEN
    return Phase.CLOSED if clock >= hours.sessions[-1].closes else Phase.BREAK


def path(stored: Phase, stored_at: datetime, hours: Hours, calendar: periods.Calendar, now: datetime) -> list[Phase]:
    """Give the phases an instrument goes through to where the clock stands, each of which may follow the one before.

    A halt is not ended by the clock, and an opening call not by it either: it has to be completed. What is left over
    from another day is closed first.

    Args:
        stored: the last phase that was entered.
        stored_at: when.
        hours: of the instrument.
        calendar: which days the exchange opens.
        now: aware instant.

    Returns:
        Without the stored phase; empty when there is nothing to do.
    """
    target = by_clock(hours, calendar, now)
    if stored is Phase.HALTED:
        return []
    before: list[Phase] = []
    if periods.day_of(stored_at) < periods.day_of(now) and stored is not Phase.CLOSED:
        before, stored = [Phase.CLOSED], Phase.CLOSED
    return [*before, *_way(stored, target, has_call=hours.has_call)]


def takes_orders(stored: Phase, stored_at: datetime, hours: Hours, calendar: periods.Calendar, now: datetime) -> bool:
    """Say whether orders are taken in, to meet at once or at the end of a call, a halt apart; arguments as `path`."""
    here = (stored, *path(stored, stored_at, hours, calendar, now))[-1]
    is_time = by_clock(hours, calendar, now) in (Phase.CALL, Phase.CONTINUOUS)
    return is_time and here in (Phase.CALL, Phase.CONTINUOUS, Phase.HALTED)


def is_call_over(stored: Phase, stored_at: datetime, hours: Hours, calendar: periods.Calendar, now: datetime) -> bool:
    """Say whether a call has lasted its time, so that what was collected in it shall meet.

    It lasts until the first session begins; one that begins later, after a halt or because nobody turned the phases in
    time, lasts as long as a whole one does. It ends within a session.

    Args:
        stored: the last phase that was entered.
        stored_at: when.
        hours: of the instrument.
        calendar: which days the exchange opens.
        now: aware instant.

    Source: design choice, no legal source; by `trading.opening_call_from`.
    """
    if stored is not Phase.CALL or hours.call_from is None or by_clock(hours, calendar, now) is not Phase.CONTINUOUS:
        return False
    day = periods.day_of(stored_at)
    begins_at, opens_at = (periods.instant(day, clock) for clock in (hours.call_from, hours.sessions[0].opens))
    return now >= max(opens_at, stored_at + (opens_at - begins_at if stored_at >= opens_at else timedelta()))


def after_halt(hours: Hours, calendar: periods.Calendar, now: datetime) -> Phase:
    """Say in which phase an instrument goes on after a halt: where the clock stands, or on the way to a new call."""
    target = by_clock(hours, calendar, now)
    if not hours.has_call:
        return target
    return {Phase.CONTINUOUS: Phase.CALL, Phase.BREAK: Phase.PRE_OPEN}.get(target, target)


def trips(breaker: Breaker, *, price_fen_per_t: int, reference_fen_per_t: int) -> bool:
    """Say whether a price is so far from the reference that trading stops.

    Args:
        breaker: of the region.
        price_fen_per_t: last price, fen per tonne.
        reference_fen_per_t: previous close, fen per tonne, > 0.

    Source: design choice, no legal source; by `trading.breaker.move_share`.

    Example:
        >>> rule = Breaker(Decimal("0.08"), 10)
        >>> [trips(rule, price_fen_per_t=fen, reference_fen_per_t=5000) for fen in (4600, 4601, 5399, 5400)]
        [True, False, False, True]
    """
    return abs(price_fen_per_t - reference_fen_per_t) >= breaker.move_share * reference_fen_per_t


def check_halt(instrument: str, phase: Phase, *, until_at: datetime | None, now: datetime) -> None:
    """Refuse a halt of what is halted, or one that is over before it begins.

    Raises:
        Refused: ALREADY_HALTED, HALT_ENDS_EARLIER.
    """
    if phase is Phase.HALTED:
        raise Refused(PhaseRefusal.ALREADY_HALTED, instrument=instrument)
    if until_at is not None and until_at <= now:
        raise Refused(PhaseRefusal.HALT_ENDS_EARLIER, until=periods.wall_clock(until_at))


def halt_until(breaker: Breaker, now: datetime) -> datetime:
    """Give the instant at which a halt of the circuit breaker ends."""
    return now + timedelta(minutes=breaker.minutes)


# The shortest way; a call holds it up until it is completed, and does not begin while no session runs.
def _way(stored: Phase, target: Phase, *, has_call: bool) -> Sequence[Phase]:
    ways: dict[Phase, tuple[Phase, ...]] = {stored: ()}
    queue = deque([stored])
    while queue:
        here = queue.popleft()
        for phase in sorted(followers(here, has_call=has_call) - ways.keys() - {Phase.HALTED}):
            ways[phase] = (*ways[here], phase)
            queue.append(phase)
    way = ways[target]
    if target is Phase.CLOSED or not has_call or Phase.CALL not in (stored, *way):
        return way
    before = way.index(Phase.CALL) if Phase.CALL in way else 0
    begins = Phase.CALL in way and target in (Phase.CALL, Phase.CONTINUOUS)
    return way[: before + begins]
