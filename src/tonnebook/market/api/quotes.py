"""The API of quotes over time: bars, the composite price of a day, and the history as files."""

from datetime import date, datetime, timedelta
from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from tonnebook.core import quotes
from tonnebook.core.quotes import Interval
from tonnebook.faces import exports, requests
from tonnebook.faces.api import Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries

router = Router()

# How far back bars go unless somebody asks for other days, and how far apart both ends may be: about 1,500 bars.
_DAYS = {Interval.MINUTES_1: 7, Interval.MINUTES_5: 31, Interval.DAY: 366, Interval.WEEK: 3_660, Interval.MONTH: 3_660}
_DAYS |= dict.fromkeys((Interval.MINUTES_15, Interval.MINUTES_30, Interval.MINUTES_60), 92)
_DAY = timedelta(days=1)

Day = Annotated[date, Query(ge=date(2010, 1, 1), lt=date(2100, 1, 1))]


class Bar(Schema):
    """What was traded in one stretch of time; prices in fen per tonne."""

    from_at: datetime
    open_fen_per_t: int
    high_fen_per_t: int
    low_fen_per_t: int
    close_fen_per_t: int = Field(description="From a day on the published close: the mean by volume of the last day.")
    volume_t: int
    turnover_fen: int
    trades: int


class AssetDay(Schema):
    """What was traded of one vintage."""

    asset: str
    bar: Bar


class Composite(Schema):
    """The price of a day over all vintages, and each vintage by itself; no bar where nothing was traded."""

    instrument: str
    day: date
    bar: Bar | None
    assets: list[AssetDay]


@router.get("/instruments/{code}/bars", response=list[Bar], auth=None)
def bars(
    request: Request,
    code: Word,
    interval: Interval = Interval.DAY,
    from_on: Day | None = None,
    to_on: Day | None = None,
) -> list[quotes.Bar]:
    """Bars (K-line), oldest first; `to_on` is the day after the last, and a longer span is cut at its beginning."""
    end_on = to_on or requests.today(request) + _DAY
    earliest_on = end_on - timedelta(days=_DAYS[interval])
    return list(queries.bars(code, interval, from_on=max(from_on or earliest_on, earliest_on), to_on=end_on))


@router.get("/instruments/{code}/composite", response=Composite, auth=None)
def composite(request: Request, code: Word, day: Day | None = None) -> queries.Composite:
    """The composite price of a day, with volume and turnover of each vintage; today's without a day."""
    return queries.composite(code, day or requests.today(request))


@router.get("/instruments/{code}/history.csv", auth=None)
def history_csv(request: Request, code: Word) -> HttpResponse:
    """Every day that has been traded or closed, as CSV."""
    return exports.csv_of(f"{code}-history", queries.HISTORY_COLUMNS, _history(request, code))


@router.get("/instruments/{code}/history.parquet", auth=None)
def history_parquet(request: Request, code: Word) -> HttpResponse:
    """The same as a Parquet file, with typed columns."""
    return exports.parquet_of(f"{code}-history", queries.HISTORY_COLUMNS, _history(request, code))


def _history(request: Request, code: str) -> list[dict[str, object]]:
    return queries.history(code, until_on=requests.today(request) + _DAY)
