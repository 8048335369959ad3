"""Quotes: what was traded in stretches of time, as bars (K-line), moving averages and the line of days.

Bars are made of bars: whoever has the bars of single minutes gets every longer interval from them, to the fen and to
the tonne, without looking at the trades again. Within a day an interval is counted from the opening of its session, so
that no bar runs across the break at noon.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from tonnebook.core import clearing, periods, units
from tonnebook.core.sessions import Session

# Lengths of the averages that are drawn over a K-line, in bars.
AVERAGES = (5, 10, 20)
_MINUTE = timedelta(minutes=1)


class Interval(StrEnum):
    """How long a bar is."""

    MINUTES_1 = "MINUTES_1"
    MINUTES_5 = "MINUTES_5"
    MINUTES_15 = "MINUTES_15"
    MINUTES_30 = "MINUTES_30"
    MINUTES_60 = "MINUTES_60"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"

    @property
    def minutes(self) -> int | None:
        """Length within a day; None for days and longer."""
        return int(self.value.removeprefix("MINUTES_")) if self.value.startswith("MINUTES_") else None


@dataclass(frozen=True, slots=True)
class Bar:
    """What was traded in one stretch of time.

    Attributes:
        from_at: where the stretch begins; from a day on, midnight of its first day in the region's zone.
        open_fen_per_t: price of the first trade, fen per tonne.
        high_fen_per_t: highest price.
        low_fen_per_t: lowest price.
        close_fen_per_t: within a day the price of the last trade; from a day on the published close of the last day.
        volume_t: tonnes.
        turnover_fen: fen.
        trades: how many; 0 for a day on which nothing was traded.
    """

    from_at: datetime
    open_fen_per_t: int
    high_fen_per_t: int
    low_fen_per_t: int
    close_fen_per_t: int
    volume_t: int
    turnover_fen: int
    trades: int


SessionsOf = Callable[[date], Sequence[Session]]


def begin(at: datetime, interval: Interval, sessions: Sequence[Session]) -> datetime:
    """Find where the bar begins that an instant falls into.

    Args:
        at: aware instant.
        interval: of the bar.
        sessions: of that day, at least one, in order; days and longer do without.

    Returns:
        Aware UTC instant. What is traded before the first opening (the call) belongs to the first bar of that session,
        what is stamped after a session's end to its last.

    Source: design choice, no legal source.
    """
    local = at.astimezone(periods.ZONE)
    day = local.date()
    if interval.minutes is None:
        first = {Interval.WEEK: day - timedelta(days=day.weekday()), Interval.MONTH: day.replace(day=1)}
        return periods.instant(first.get(interval, day), time())
    session = next((one for one in reversed(sessions) if one.opens <= local.time()), sessions[0])
    opens_at, closes_at = periods.instant(day, session.opens), periods.instant(day, session.closes)
    passed = (min(max(at, opens_at), closes_at - _MINUTE) - opens_at) // _MINUTE
    return opens_at + passed // interval.minutes * interval.minutes * _MINUTE


def merged(bars: Sequence[Bar], *, from_at: datetime) -> Bar:
    """Make one bar of several that follow each other.

    Args:
        bars: at least one, in order of time.
        from_at: where the longer stretch begins.
    """
    return Bar(
        from_at=from_at,
        open_fen_per_t=bars[0].open_fen_per_t,
        high_fen_per_t=max(bar.high_fen_per_t for bar in bars),
        low_fen_per_t=min(bar.low_fen_per_t for bar in bars),
        close_fen_per_t=bars[-1].close_fen_per_t,
        volume_t=sum(bar.volume_t for bar in bars),
        turnover_fen=sum(bar.turnover_fen for bar in bars),
        trades=sum(bar.trades for bar in bars),
    )


def longer(bars: Iterable[Bar], interval: Interval, sessions_of: SessionsOf) -> tuple[Bar, ...]:
    """Make bars of an interval out of shorter ones; a stretch without any has no bar.

    Args:
        bars: of an interval that divides the longer one, in order of time.
        interval: of the bars wanted.
        sessions_of: the sessions of a day.
    """

    def begins(bar: Bar) -> datetime:
        return begin(bar.from_at, interval, sessions_of(periods.day_of(bar.from_at)))

    return tuple(merged(tuple(group), from_at=from_at) for from_at, group in groupby(bars, begins))


def flat(from_at: datetime, price_fen_per_t: int, *, volume_t: int = 0) -> Bar:
    """Give the bar of a single trade, or of no trade where no tonne was traded.

    Args:
        from_at: where the bar begins.
        price_fen_per_t: fen per tonne.
        volume_t: tonnes.
    """
    turnover_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=volume_t)
    prices = (price_fen_per_t, price_fen_per_t, price_fen_per_t, price_fen_per_t)
    return Bar(from_at, *prices, volume_t, turnover_fen, int(volume_t > 0))


def mean_fen_per_t(bar: Bar) -> int:
    """Give the mean price of a bar by volume, halves up to the fen; of nothing traded, its close.

    Source: S39, close price.
    """
    if not bar.volume_t:
        return bar.close_fen_per_t
    return clearing.vwap(turnover_fen=bar.turnover_fen, volume_t=bar.volume_t).whole


def day_line(bars: Iterable[Bar], closes: Mapping[date, int]) -> tuple[Bar, ...]:
    """Give the bars of days with their published closes; a day without trade opens and closes at the previous close.

    Args:
        bars: of single days.
        closes: published close of each closed day, fen per tonne; on a day without trade it is the previous close. A
            day that is not closed yet keeps the price of its last trade.

    Source: S39, opening and close price.
    """
    line = {day: flat(periods.instant(day, time()), close) for day, close in closes.items()}
    for bar in bars:
        day = periods.day_of(bar.from_at)
        line[day] = replace(bar, close_fen_per_t=closes.get(day, bar.close_fen_per_t))
    return tuple(line[day] for day in sorted(line))


def averages(bars: Sequence[Bar], length: int) -> tuple[int | None, ...]:
    """Give the moving average of the closes, halves up to the fen.

    Args:
        bars: in order of time.
        length: over how many bars, >= 1.

    Returns:
        One value for each bar, fen per tonne; None where there are not yet so many.

    Source: design choice, no legal source.

    Example:
        >>> day = datetime.fromisoformat("2026-03-02T00:00:00+08:00")
        >>> averages([Bar(day, 1, 1, 1, price, 1, price, 1) for price in (8000, 8001, 8003)], 2)
        (None, 8001, 8002)
    """
    closes = [bar.close_fen_per_t for bar in bars]
    return tuple(
        None if end < length else int(units.half_up(Decimal(sum(closes[end - length : end])) / length))
        for end in range(1, len(closes) + 1)
    )
