"""Bars, averages and the line of days, on figures worked out by hand and on published days of real markets."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tonnebook.core import book, clearing, periods, quotes, sessions, units
from tonnebook.core.quotes import Bar, Interval

MONDAY = date(2026, 3, 2)
SESSIONS = sessions.read(("09:30-11:30", "13:00-15:00"))


def at(clock: time, day: date = MONDAY) -> datetime:
    return periods.instant(day, clock)


def traded(clock: time, price_fen_per_t: int, quantity_t: int, day: date = MONDAY) -> Bar:
    return quotes.flat(at(clock, day), price_fen_per_t, volume_t=quantity_t)


@pytest.mark.parametrize(
    ("clock", "interval", "begins"),
    [
        (time(9, 30), Interval.MINUTES_60, time(9, 30)),
        (time(10, 29, 59), Interval.MINUTES_60, time(9, 30)),
        (time(10, 30), Interval.MINUTES_60, time(10, 30)),
        (time(11, 29, 59), Interval.MINUTES_60, time(10, 30)),
        (time(13), Interval.MINUTES_60, time(13)),
        (time(9, 15), Interval.MINUTES_5, time(9, 30)),
        (time(11, 45), Interval.MINUTES_15, time(11, 15)),
        (time(15), Interval.MINUTES_1, time(14, 59)),
        (time(14, 17, 31), Interval.MINUTES_30, time(14)),
        (time(14, 17, 31), Interval.DAY, time(0)),
    ],
)
def test_a_bar_begins_within_its_session(clock: time, interval: Interval, begins: time) -> None:
    assert quotes.begin(at(clock), interval, SESSIONS) == at(begins)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    thursday = at(time(10), date(2026, 3, 5))
    assert quotes.begin(thursday, Interval.WEEK, ()) == at(time(), MONDAY)
    assert quotes.begin(thursday, Interval.MONTH, ()) == at(time(), date(2026, 3, 1))


def test_a_bar_tells_first_highest_lowest_last_and_sums() -> None:
    made = [traded(time(9, 31), 8000, 100), traded(time(9, 32), 8200, 50), traded(time(9, 34), 7900, 10)]
    (bar,) = quotes.longer([*made, traded(time(9, 34, 30), 8100, 40)], Interval.MINUTES_5, lambda _day: SESSIONS)
    assert bar == Bar(at(time(9, 30)), 8000, 8200, 7900, 8100, 200, 1_613_000, 4)
    assert quotes.mean_fen_per_t(bar) == 8065


def test_a_day_without_trade_opens_and_closes_at_the_previous_close() -> None:
    before, traded_on, after, today = [MONDAY + timedelta(days=count) for count in range(4)]
    bars = [
        quotes.merged([traded(time(10), 8100, 10, day), traded(time(11), 8200, 30, day)], from_at=at(time(), day))
        for day in (traded_on, today)
    ]
    line = quotes.day_line(bars, {before: 8000, traded_on: 8175, after: 8175})
    assert [(bar.open_fen_per_t, bar.close_fen_per_t, bar.trades) for bar in line] == [
        (8000, 8000, 0),
        (8100, 8175, 2),
        (8175, 8175, 0),
        (8100, 8200, 2),
    ]
    assert [periods.day_of(bar.from_at) for bar in line] == [before, traded_on, after, today]


def test_an_average_waits_until_there_are_enough_bars() -> None:
    bars = [traded(time(10, minute), price, 1) for minute, price in enumerate((8000, 8001, 8003, 8003))]
    assert quotes.averages(bars, 3) == (None, None, 8001, 8002)
    assert quotes.averages([], 3) == ()


def days_of(shared: Path, name: str) -> Iterator[dict[str, str]]:
    (file,) = (shared / "data/prices").glob(f"{name}_*.csv")
    with file.open(encoding="utf-8-sig") as lines:
        # A handful of days carry dashes for figures.
        yield from (row for row in csv.DictReader(lines) if "--" not in row.values())


def fen(yuan: str) -> int:
    return units.whole(units.half_up(Decimal(yuan) * units.FEN_PER_YUAN))


@pytest.mark.data
@pytest.mark.parametrize(("market", "days"), [("SHEA", 421), ("SZEA", 450)])
def test_the_mean_of_every_published_day_is_its_published_average(shared: Path, market: str, days: int) -> None:
    """To half a fen: a mean that ends on one is rounded up by us and down by them."""
    rows = [row for row in days_of(shared, market) if Decimal(row["当日成交量"])]
    for row in rows:
        mean = clearing.vwap(turnover_fen=fen(row["当日成交额"]), volume_t=int(Decimal(row["当日成交量"])))
        published = Decimal(row["成交均价"]) * units.FEN_PER_YUAN
        assert abs(mean.value - published) <= 1, row
        exact = Decimal(row["当日成交额"]) * units.FEN_PER_YUAN / Decimal(row["当日成交量"])
        assert abs(exact - published) <= Decimal("0.5"), row
    assert len(rows) == days


@pytest.mark.data
def test_hubei_ends_every_day_within_a_tenth_of_the_previous_close(shared: Path) -> None:
    """Its ends of the band are rounded to the nearest fen; ours inwards, which three of the days would have felt."""
    terms = book.Terms(Decimal("0.10"), 1, 1, 100_000, Decimal(0), SESSIONS, same_day_resale=True)
    beyond_t, days = [], 0
    for row in days_of(shared, "HBEA"):
        band, last_fen_per_t = book.band(fen(row["昨收盘价"]), terms), fen(row["最新"])
        beyond_t.append(max(band.low_fen_per_t - last_fen_per_t, last_fen_per_t - band.high_fen_per_t, 0))
        days += 1
        mean = Decimal(row["成交额"]) / Decimal(row["成交量"])
        assert Decimal(row["最低"]) <= mean <= Decimal(row["最高"]), row
    assert (days, sum(beyond_t), max(beyond_t)) == (546, 3, 1)


@pytest.mark.data
def test_blocks_carry_the_national_mean_out_of_the_range_of_listed_trades(shared: Path) -> None:
    """Why blocks stand beside the bars and never in them: with them a third of the means would be no price traded."""
    rows = [row for row in days_of(shared, "CEA") if row["最低价"] and Decimal(row["成交量"])]
    means = [clearing.vwap(turnover_fen=fen(row["成交金额"]), volume_t=int(Decimal(row["成交量"]))) for row in rows]
    outside = [
        row for row, mean in zip(rows, means, strict=True) if not fen(row["最低价"]) <= mean.value <= fen(row["最高价"])
    ]
    assert (len(outside), len(rows)) == (110, 339)
