"""Bars: a bar made of bars is the bar of the trades below them, in whatever steps it was made."""

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tonnebook.core import clearing, periods, quotes, sessions
from tonnebook.core.quotes import Bar, Interval

MONDAY = date(2026, 3, 2)
SESSIONS = sessions.read(("09:30-11:30", "13:00-15:00"))
Trade = tuple[datetime, int, int]


@st.composite
def tapes(draw: st.DrawFn) -> list[Trade]:
    """Trades of some days in order of time, some of them at the edges of sessions."""
    edges = st.sampled_from([time(9, 25), time(9, 30), time(11, 29, 59), time(11, 30), time(13), time(15)])
    clocks = st.one_of(edges, st.times(time(9, 30), time(11, 29)), st.times(time(13), time(14, 59)))
    days = st.integers(0, 40).map(lambda count: MONDAY + timedelta(days=count))
    moments = draw(st.lists(st.tuples(days, clocks), min_size=1, max_size=40))
    ats = sorted(periods.instant(day, clock) for day, clock in moments)
    return [(at, draw(st.integers(7000, 9000)), draw(st.integers(1, 500))) for at in ats]


def of_trades(tape: list[Trade], interval: Interval) -> tuple[Bar, ...]:
    """The plain way: every trade is a bar by itself."""
    single = [quotes.flat(at, price, volume_t=quantity) for at, price, quantity in tape]
    return quotes.longer(single, interval, lambda _day: SESSIONS)


@settings(max_examples=60)
@given(tape=tapes(), interval=st.sampled_from(Interval))
def test_a_bar_of_bars_is_the_bar_of_the_trades(tape: list[Trade], interval: Interval) -> None:
    minutes = of_trades(tape, Interval.MINUTES_1)
    assert quotes.longer(minutes, interval, lambda _day: SESSIONS) == of_trades(tape, interval)


@settings(max_examples=60)
@given(tape=tapes())
def test_bars_lose_no_tonne_and_no_fen_and_no_bar_leaves_its_session(tape: list[Trade]) -> None:
    for interval in Interval:
        bars = of_trades(tape, interval)
        assert sum(bar.volume_t for bar in bars) == sum(quantity for _, _, quantity in tape)
        assert sum(bar.turnover_fen for bar in bars) == sum(price * quantity for _, price, quantity in tape)
        assert [bar.from_at for bar in bars] == sorted({bar.from_at for bar in bars})
        assert all(bar.low_fen_per_t <= quotes.mean_fen_per_t(bar) <= bar.high_fen_per_t for bar in bars)
        if interval.minutes:
            assert all(sessions.is_open(SESSIONS, periods.Calendar(), at(bar)) for bar in bars)


def at(bar: Bar) -> datetime:
    """The same clock on a day that is no weekend."""
    return periods.instant(MONDAY, bar.from_at.astimezone(periods.ZONE).time())


@given(tape=tapes())
def test_the_mean_of_a_day_is_the_close_of_the_rule(tape: list[Trade]) -> None:
    for bar in of_trades(tape, Interval.DAY):
        day = periods.day_of(bar.from_at)
        made = [(price, quantity_t) for at, price, quantity_t in tape if periods.day_of(at) == day]
        totals = clearing.close_of_day(
            volume_t=sum(quantity_t for _, quantity_t in made),
            turnover_fen=sum(price * quantity_t for price, quantity_t in made),
            trades=len(made),
            previous_close_fen_per_t=1,
        )
        shown = (quotes.mean_fen_per_t(bar), bar.volume_t, bar.turnover_fen, bar.trades)
        assert shown == (totals.close.whole, totals.volume_t, totals.turnover_fen, totals.trades)
