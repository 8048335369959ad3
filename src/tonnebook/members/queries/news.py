"""What can be told of news: to everybody what is released, to the authority what is kept and who knows of it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from tonnebook.core.embargo import NewsState
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.members.models import Insider, News

_OUT = (NewsState.RELEASED, NewsState.OUT)


@dataclass(frozen=True, slots=True)
class NewsRow:
    """A piece of news; `insiders` only for the authority."""

    number: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    state: NewsState
    release_at: datetime
    window_opens_at: datetime
    insiders: tuple[str, ...] = ()


@tenancy.everywhere(Why.DISCLOSURE)
def released_news(region: str, *, limit: int = 50) -> tuple[NewsRow, ...]:
    """List what is released, newest first.

    Args:
        region: region code.
        limit: how many at most.
    """
    rows = News.objects.filter(region=region, state__in=_OUT).order_by("-release_at", "-id")
    return tuple(_row(row, ()) for row in rows[:limit])


def kept_news(region: str) -> tuple[NewsRow, ...]:
    """List what is kept, and who knows of it, the next release first."""
    rows = list(News.objects.filter(region=region, state=NewsState.KEPT).order_by("release_at", "id"))
    known: dict[str, list[str]] = defaultdict(list)
    for news, subject in Insider.objects.filter(news__in=rows).order_by("id").values_list("news__number", "subject"):
        known[news].append(subject)
    return tuple(_row(row, tuple(known[row.number])) for row in rows)


def _row(row: News, insiders: tuple[str, ...]) -> NewsRow:
    texts = (row.title_zh, row.title_en, row.text_zh, row.text_en)
    return NewsRow(row.number, *texts, NewsState(row.state), row.release_at, row.window_opens_at, insiders)
