"""Bars on the database: what the page and the API show is what was traded, on closed days and today."""

import contextlib
import csv
import io
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pyarrow import parquet
from tests.market_stage import MONDAY, Stage

from tonnebook.core import periods
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.core.quotes import Bar, Interval
from tonnebook.journal import services as journal
from tonnebook.market import models, queries
from tonnebook.market.services import locks, quotes
from tonnebook.registry import services as registry

API = "/api/v1/instruments/SHEA"
BUY, SELL = Side.BUY, Side.SELL
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
OLDER = AssetKey("SHEA-2025", AssetKind.ALLOWANCE, "SHEA", 2025, "FREE", "")


def at(clock: time, day: date = MONDAY) -> datetime:
    return periods.instant(day, clock)


def bars(interval: Interval, from_on: date = MONDAY, to_on: date = WEDNESDAY) -> tuple[Bar, ...]:
    return queries.bars("SHEA", interval, from_on=from_on, to_on=to_on)


def trade(stage: Stage, clock: time, price_fen_per_t: int, quantity_t: int, asset: str = "SHEA-2026") -> None:
    stage.at(clock, periods.day_of(stage.now))
    stage.order("North Power", SELL, price_fen_per_t, quantity_t, asset=asset)
    stage.order("Red River Steel", BUY, price_fen_per_t, quantity_t)


@pytest.fixture
def traded(stage: Stage) -> Stage:
    """A Monday with four trades of two vintages."""
    registry.ensure_assets([OLDER], now=stage.now)
    stage.issue("North Power", 1_000)
    stage.issue("North Power", 1_000, OLDER)
    stage.fund("Red River Steel", 100_000_000)
    trade(stage, time(9, 31), 7500, 10)
    trade(stage, time(9, 31, 30), 7600, 20, "SHEA-2025")
    trade(stage, time(9, 34), 7400, 30)
    trade(stage, time(13, 0), 7550, 40)
    return stage


SUMS = {"volume_t": 100, "turnover_fen": 751_000, "trades": 4}
LISTED = Bar(at(time()), 7500, 7600, 7400, 7550, **SUMS)


def test_bars_of_today_are_what_was_traded(traded: Stage) -> None:
    minute, later, afternoon = bars(Interval.MINUTES_1)
    assert minute == Bar(at(time(9, 31)), 7500, 7600, 7500, 7600, 30, 227_000, 2)
    assert (later.from_at, afternoon.from_at) == (at(time(9, 34)), at(time(13)))
    assert [bar.from_at for bar in bars(Interval.MINUTES_60)] == [at(time(9, 30)), at(time(13))]
    assert bars(Interval.DAY) == (LISTED,)


def test_a_closed_day_shows_its_published_close_and_keeps_its_bars(traded: Stage) -> None:
    traded.at(time(15))
    traded.close_day()
    assert [bar.close_fen_per_t for bar in bars(Interval.DAY)] == [7510]
    assert models.DayBar.objects.filter(asset="").values_list("last_fen_per_t", flat=True).get() == 7550
    assert sum(models.DayBar.objects.exclude(asset="").values_list("volume_t", flat=True)) == 100


def test_a_day_without_trade_stands_in_the_line_and_in_no_week(traded: Stage) -> None:
    traded.at(time(15))
    traded.close_day()
    traded.at(time(15), TUESDAY)
    traded.close_day(TUESDAY)
    monday, tuesday = bars(Interval.DAY)
    assert (tuesday.open_fen_per_t, tuesday.close_fen_per_t, tuesday.trades) == (7510, 7510, 0)
    (week,) = bars(Interval.WEEK)
    assert (week.from_at, week.trades, week.close_fen_per_t) == (monday.from_at, 4, 7510)


def test_days_before_and_after_a_close_stand_in_one_line(traded: Stage) -> None:
    traded.at(time(15))
    traded.close_day()
    traded.at(time(10), TUESDAY)
    trade(traded, time(10), 7700, 5)
    assert [(bar.close_fen_per_t, bar.volume_t) for bar in bars(Interval.DAY)] == [(7510, 100), (7700, 5)]
    (month,) = bars(Interval.MONTH)
    assert (month.open_fen_per_t, month.high_fen_per_t, month.volume_t) == (7500, 7700, 105)


def test_the_composite_price_is_of_all_vintages_and_names_the_volume_of_each(traded: Stage) -> None:
    def volumes() -> dict[str, int]:
        found = queries.composite("SHEA", MONDAY)
        assert found.bar is not None
        assert (found.bar.open_fen_per_t, found.bar.volume_t) == (7500, 100)
        return {row.asset: row.bar.volume_t for row in found.assets}

    assert volumes() == {"SHEA-2025": 20, "SHEA-2026": 80}
    traded.at(time(15))
    traded.close_day()
    assert volumes() == {"SHEA-2025": 20, "SHEA-2026": 80}
    assert queries.composite("SHEA", TUESDAY).bar is None


def test_no_bars_are_told_of_what_is_not_traded(stage: Stage) -> None:
    with pytest.raises(Refused) as caught:
        queries.bars("NONE", Interval.DAY, from_on=MONDAY, to_on=TUESDAY)
    assert caught.value.code is MarketRefusal.NO_SUCH_INSTRUMENT


def test_bars_of_many_trades_cost_no_more_queries_than_of_few(traded: Stage) -> None:
    with CaptureQueriesContext(connection) as few:
        bars(Interval.MINUTES_5)
    for minute in range(10, 15):
        trade(traded, time(14, minute), 7500, 1)
    with CaptureQueriesContext(connection) as many:
        bars(Interval.MINUTES_5)
    assert len(many) == len(few)


def test_everybody_gets_bars_and_the_composite_price_without_signing_in(traded: Stage) -> None:
    traded.at(time(15))
    traded.close_day()
    client = Client()
    (day,) = client.get(f"{API}/bars?from_on=2026-03-02&to_on=2026-03-03").json()
    assert (day["close_fen_per_t"], day["volume_t"], day["from_at"]) == (7510, 100, "2026-03-01T16:00:00Z")
    minutes = client.get(f"{API}/bars?interval=MINUTES_5&to_on=2026-03-03").json()
    assert [bar["volume_t"] for bar in minutes] == [60, 40]
    assert client.get(f"{API}/bars?interval=MINUTES_5&from_on=2026-01-01&to_on=2026-06-01").json() == []
    composite = client.get(f"{API}/composite?day=2026-03-02").json()
    assert {row["asset"]: row["bar"]["turnover_fen"] for row in composite["assets"]} == {
        "SHEA-2025": 152_000,
        "SHEA-2026": 599_000,
    }
    assert client.get(f"{API}/bars?interval=FORTNIGHT").status_code == 422
    assert client.get(f"{API}/bars?to_on=9999-12-31").status_code == 422


def test_the_history_is_the_same_in_both_kinds_of_files(traded: Stage) -> None:
    traded.at(time(15))
    traded.close_day()
    journal.set_clock(at=traded.now)
    text = Client().get(f"{API}/history.csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert (row["day"], row["open_fen_per_t"], row["close_fen_per_t"], row["mean_fen_per_t"]) == (
        "2026-03-02",
        "7500",
        "7510",
        "7510",
    )
    table = parquet.read_table(io.BytesIO(Client().get(f"{API}/history.parquet").content))
    assert [{name: str(value) for name, value in one.items()} for one in table.to_pylist()] == [row]
    assert (str(table.schema.field("day").type), str(table.schema.field("turnover_fen").type)) == (
        "date32[day]",
        "int64",
    )


def test_whoever_listens_is_told_of_a_change_when_it_is_there_and_never_of_one_undone(fresh_database: str) -> None:
    del fresh_database
    listener = connection.copy()
    with listener.cursor() as cursor, contextlib.suppress(RuntimeError):
        cursor.execute(f"LISTEN {quotes.CHANNEL}")
        stage = Stage()
        with transaction.atomic():
            stage.open()
        with transaction.atomic():
            locks.lock_market("SHEA")
            raise RuntimeError
    told = [one.payload for one in listener.connection.notifies(timeout=0)]
    assert told == []
    with transaction.atomic():
        locks.lock_market("SHEA")
    told = [one.payload for one in listener.connection.notifies(timeout=1, stop_after=1)]
    assert told == ["shanghai|0"]
    listener.close()
