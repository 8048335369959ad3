"""Quotes over time: bars of any interval, the day's composite price with the volume of each vintage, and the history.

Days that are closed have their bars (`DayBar`); today's are added up from the trades, to the minute, by the database.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta

from django.db import connection

from tonnebook import rulebook
from tonnebook.core import periods, quotes, sessions
from tonnebook.core.quotes import Bar, Interval
from tonnebook.core.sessions import Session
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import DayBar, DayClose, Instrument
from tonnebook.market.queries import deals, listed

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AssetDay:
    """What was traded of one asset (a vintage of the instrument) on a day."""

    asset: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Composite:
    """The composite price of a day: one bar over all vintages, and each vintage by itself; no bar without trade."""

    instrument: str
    day: date
    bar: Bar | None
    assets: tuple[AssetDay, ...]


@tenancy.everywhere(Why.MARKET)
def bars(code: str, interval: Interval, *, from_on: date, to_on: date) -> tuple[Bar, ...]:
    """Give the bars of an instrument over all its vintages.

    Args:
        code: instrument.
        interval: length of a bar.
        from_on: first day.
        to_on: day after the last; a week or month that begins before `from_on` holds what was traded from then on.

    Returns:
        In order of time. Days without trade have a bar at the previous close; within a day, and for weeks and months,
        a stretch without trade has none.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.

    Source: S39, opening and close price; S42, one composite price over the vintages.
    """
    row = listed.instrument(code)
    if interval.minutes is not None:
        minutes = [bar for _, bar in _added_up("minute", code, from_on, to_on)]
        return quotes.longer(minutes, interval, lambda day: _sessions(row.region, day))
    line = _day_line(code, row.closed_on, from_on, to_on)
    return line if interval is Interval.DAY else quotes.longer(filter(_is_traded, line), interval, lambda _day: ())


@tenancy.everywhere(Why.MARKET)
def composite(code: str, on: date) -> Composite:
    """Give the composite price of an instrument on a day, and the volume of each of its vintages.

    Args:
        code: instrument.
        on: day.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.

    Source: S42: opening, last and close as one price over the vintages, volume and turnover by vintage.
    """
    line = bars(code, Interval.DAY, from_on=on, to_on=on + _DAY)
    closed_on = listed.instrument(code).closed_on
    if closed_on is not None and on <= closed_on:
        kept = DayBar.objects.filter(instrument__code=code, day=on).exclude(asset="").order_by("asset")
        assets = [AssetDay(row.asset, _kept_bar(row)) for row in kept]
    else:
        assets = [AssetDay(asset, bar) for asset, bar in _added_up("asset", code, on, on + _DAY)]
    return Composite(code, on, line[0] if line else None, tuple(assets))


# Columns of the history, in order: days, words, and whole tonnes and fen.
HISTORY_COLUMNS = (
    "day",
    "instrument",
    "open_fen_per_t",
    "high_fen_per_t",
    "low_fen_per_t",
    "close_fen_per_t",
    "mean_fen_per_t",
    "volume_t",
    "turnover_fen",
    "trades",
)
BULLETIN_COLUMNS = (*HISTORY_COLUMNS[:2], "method", "asset", *HISTORY_COLUMNS[2:])
_FIRST_DAY = date(2010, 1, 1)


def history(code: str, *, until_on: date) -> list[dict[str, object]]:
    """Give every day of an instrument that was traded or closed, as rows of a file.

    Args:
        code: instrument.
        until_on: day after the last.

    Returns:
        Rows with `HISTORY_COLUMNS`, oldest first.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    return [_row(code, bar) for bar in bars(code, Interval.DAY, from_on=_FIRST_DAY, to_on=until_on)]


def bulletin_days(region: str) -> tuple[date, ...]:
    """List the days of a region that have been closed, oldest first."""
    closes = DayClose.objects.filter(instrument__region=region)
    return tuple(closes.values_list("day", flat=True).distinct().order_by("day"))


def bulletin(region: str, day: date) -> tuple[Composite, ...]:
    """Give what is published of a day: every instrument's composite price, and the volume of each vintage.

    Args:
        region: region code.
        day: one of `bulletin_days`, or today, whose bulletin grows until its close.

    Source: S42; S30, Art. 25 (the exchange publishes quotes, volume and amount).
    """
    return tuple(composite(row.code, day) for row in listed.instruments(region))


def bulletin_rows(region: str, day: date) -> list[dict[str, object]]:
    """Give the bulletin of a day as rows of a file with `BULLETIN_COLUMNS`.

    Args:
        region: region code.
        day: as for `bulletin`.

    Returns:
        For each instrument its listed trades, over all vintages and of each; then the block trades, which have neither
        opening nor close.
    """
    rows: list[dict[str, object]] = []
    for one in bulletin(region, day):
        whole = [("", one.bar)] if one.bar else []
        for asset, bar in [*whole, *((row.asset, row.bar) for row in one.assets)]:
            rows.append({**_row(one.instrument, bar), "method": "LISTED", "asset": asset})
    for block in deals.block_days(region, from_on=day, to_on=day + _DAY):
        rows.append({**asdict(block), "method": "BLOCK", "trades": block.deals})
    return rows


def _row(code: str, bar: Bar) -> dict[str, object]:
    return {
        **asdict(bar),
        "day": periods.day_of(bar.from_at),
        "instrument": code,
        "mean_fen_per_t": quotes.mean_fen_per_t(bar),
    }


def _is_traded(bar: Bar) -> bool:
    return bar.trades > 0


def _day_line(code: str, closed_on: date | None, from_on: date, to_on: date) -> tuple[Bar, ...]:
    here = {"instrument__code": code, "day__gte": from_on, "day__lt": to_on}
    closes = dict(DayClose.objects.filter(**here).values_list("day", "close_fen_per_t"))
    found = [_kept_bar(row) for row in DayBar.objects.filter(asset="", **here)]
    open_from_on = max(from_on, closed_on + _DAY) if closed_on else from_on
    if open_from_on < to_on:
        found += [bar for _, bar in _added_up("day", code, open_from_on, to_on)]
    return quotes.day_line(found, closes)


def _sessions(region: str, day: date) -> Sequence[Session]:
    return sessions.read(rulebook.at(region, on=day).words("trading.sessions"))


def _kept_bar(row: DayBar) -> Bar:
    return Bar(
        periods.instant(row.day, time()),
        row.open_fen_per_t,
        row.high_fen_per_t,
        row.low_fen_per_t,
        row.last_fen_per_t,
        row.volume_t,
        row.turnover_fen,
        row.trades,
    )


def _added_up(by: str, code: str, from_on: date, to_on: date) -> list[tuple[str, Bar]]:
    instrument = Instrument.objects.filter(code=code).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(f"{bars_of_trades(*_GROUPS[by])} ORDER BY 2, 3", [[*instrument], from_on, to_on])
        return [(asset, Bar(at, *map(int, figures))) for _, at, asset, *figures in cursor.fetchall()]


# What is added up together: what begins at the same instant, and is of the same asset where that is asked for.
_MIDNIGHT = f"trading_on::timestamp AT TIME ZONE '{periods.ZONE.key}'"
_GROUPS = {"minute": ("date_trunc('minute', at)", "''"), "day": (_MIDNIGHT, "''"), "asset": (_MIDNIGHT, "asset")}


def bars_of_trades(period: str, asset: str) -> str:
    """Write the statement that adds trades up to bars, for these queries and for what is kept at the close.

    Args:
        period: SQL about a trade; those that agree in it stand in one bar.
        asset: SQL about a trade, as well.

    Returns:
        SQL with three parameters: ids of instruments, first trading day, day after the last. Columns: instrument,
        period, asset, opening, highest, lowest and last price, volume, turnover, trades.
    """
    # First and last are looked up by their numbers: two looks into an index for each bar, and no sorting of trades.
    return f"""
    SELECT made.instrument_id, made.of_period, made.of_asset, first.price_fen_per_t, made.high, made.low,
        last.price_fen_per_t, made.volume, made.turnover, made.trades
    FROM (
        SELECT instrument_id, {period} AS of_period, {asset} AS of_asset, min(seq) AS first_seq, max(seq) AS last_seq,
            max(price_fen_per_t) AS high, min(price_fen_per_t) AS low, sum(quantity_t) AS volume,
            sum(price_fen_per_t * quantity_t) AS turnover, count(*) AS trades
        FROM market_trade AS trade
        WHERE instrument_id = ANY(%s) AND trading_on >= %s AND trading_on < %s
          AND NOT EXISTS (SELECT FROM market_bust AS bust WHERE bust.trade_id = trade.id)
        GROUP BY instrument_id, 2, 3
    ) AS made
    JOIN market_trade AS first ON first.instrument_id = made.instrument_id AND first.seq = made.first_seq
    JOIN market_trade AS last ON last.instrument_id = made.instrument_id AND last.seq = made.last_seq
    """  # noqa: S608  our own words only
