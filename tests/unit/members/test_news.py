"""News under embargo: sealed from the first day, out for everybody at once, and no trade for whoever knew."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.members.cast import NOW, STEEL
from tests.unit.web import town as towns

from tonnebook.core import embargo, periods, sessions
from tonnebook.core.embargo import EmbargoRefusal, NewsState
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import AccessRefusal, Actor, MemberRefusal
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import jobs, queries
from tonnebook.members import services as members
from tonnebook.members.models import News

# A Monday; the market is open from 9:30 to 11:30 and from 13:00 to 15:00.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
AFTER_CLOSE = MONDAY.replace(hour=8)
NEXT_OPENING = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
TRADING = sessions.read(("09:30-11:30", "13:00-15:00"))


def keep(actor: Actor, *, release_at: datetime = AFTER_CLOSE, now: datetime = MONDAY, key: str = "news") -> str:
    answer = members.keep_news(
        actor,
        title_zh="配额总量调整",
        title_en="The cap changes",
        text_zh="总量下降百分之三。",
        text_en="The cap falls by three percent.",
        release_at=release_at,
        key=key,
        now=now,
    )
    return str(answer["news"])


def refused_with(code: Refusal, act: object, *args: object, **kwargs: object) -> None:
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.code is code


def test_an_insider_trades_again_with_the_first_session_after_the_release(cast: dict[str, Actor]) -> None:
    steel, officer = cast["steel"], cast["chen"]
    news = keep(officer)
    members.require_may_trade(steel)
    members.name_insider(officer, news=news, subject=STEEL, key="in", now=MONDAY)
    refused_with(EmbargoRefusal.TRADING_WINDOW_CLOSED, members.require_may_trade, steel)
    assert members.release_due(now=AFTER_CLOSE - timedelta(seconds=1)) == 0
    assert queries.released_news("shanghai") == ()
    assert members.release_due(now=AFTER_CLOSE) == 1
    (row,) = queries.released_news("shanghai")
    assert (row.number, row.title_en, row.window_opens_at) == (news, "The cap changes", NEXT_OPENING)
    refused_with(EmbargoRefusal.TRADING_WINDOW_CLOSED, members.require_may_trade, steel)
    assert members.release_due(now=NEXT_OPENING - timedelta(seconds=1)) == 0
    assert members.release_due(now=NEXT_OPENING) == 1
    members.require_may_trade(steel)
    assert [row.state for row in queries.released_news("shanghai")] == [NewsState.OUT]


def test_a_person_is_an_insider_as_much_as_an_organisation(cast: dict[str, Actor]) -> None:
    news = keep(cast["chen"])
    members.name_insider(cast["chen"], news=news, subject=cast["steel"].person, key="in", now=MONDAY)
    refused_with(EmbargoRefusal.TRADING_WINDOW_CLOSED, members.require_may_trade, cast["steel"])


def test_the_words_are_sealed_until_they_are_out(cast: dict[str, Actor]) -> None:
    keep(cast["chen"])
    kept = JournalLeaf.objects.get(kind="members.news.kept")
    assert "cap" not in kept.payload
    members.release_due(now=AFTER_CLOSE)
    assert "falls by three percent" in JournalLeaf.objects.get(kind="members.news.released").payload


def test_withdrawn_news_is_never_released_and_bars_nobody(cast: dict[str, Actor]) -> None:
    officer = cast["chen"]
    news = keep(officer)
    members.name_insider(officer, news=news, subject=STEEL, key="in", now=MONDAY)
    members.withdraw_news(officer, news=news, key="out", now=MONDAY)
    members.require_may_trade(cast["steel"])
    assert members.release_due(now=NEXT_OPENING) == 0
    refused_with(
        EmbargoRefusal.NEWS_NOT_KEPT, members.name_insider, officer, news=news, subject=STEEL, key="n", now=MONDAY
    )


def test_the_job_releases_what_is_due(cast: dict[str, Actor]) -> None:
    keep(cast["chen"])
    News.objects.update(release_at=NOW - timedelta(days=400), window_opens_at=NOW - timedelta(days=399))
    jobs.release_news.func(0)
    assert News.objects.get().state == NewsState.OUT


def test_nobody_else_keeps_news_or_names_insiders(cast: dict[str, Actor]) -> None:
    refused_with(AccessRefusal.NOT_PERMITTED, keep, cast["steel"])
    news = keep(cast["chen"])
    for who, code in (("steel", AccessRefusal.NOT_PERMITTED), ("jin", EmbargoRefusal.NO_SUCH_NEWS)):
        for act in (members.name_insider, members.withdraw_news):
            more = {"subject": STEEL} if act is members.name_insider else {}
            refused_with(code, act, cast[who], news=news, key=f"{who}{act}"[:40], now=MONDAY, **more)


def test_an_insider_is_known_and_named_once(cast: dict[str, Actor]) -> None:
    officer = cast["chen"]
    news = keep(officer)
    for subject, code in (
        (officer.person, EmbargoRefusal.INSIDER_NAMED),
        ("P-000999-00", MemberRefusal.NO_SUCH_PERSON),
        ("91310000MA1FL0001R", MemberRefusal.NO_SUCH_ORGANISATION),
    ):
        refused_with(code, members.name_insider, officer, news=news, subject=subject, key=subject, now=MONDAY)


@pytest.mark.parametrize(
    ("minutes", "code"),
    [
        (-1, EmbargoRefusal.RELEASE_NOT_AHEAD),
        (0, EmbargoRefusal.RELEASE_NOT_AHEAD),
        (89, None),
        (90, EmbargoRefusal.RELEASE_IN_SESSION),
        (209, EmbargoRefusal.RELEASE_IN_SESSION),
        (210, None),
        (300, EmbargoRefusal.RELEASE_IN_SESSION),
        (420, None),
    ],
)
def test_news_is_released_outside_the_sessions_and_ahead(minutes: int, code: Refusal | None) -> None:
    calendar = periods.Calendar()
    release_at = MONDAY + timedelta(minutes=minutes)
    given = {"trading": TRADING, "calendar": calendar, "now": MONDAY}
    if code is None:
        embargo.check_release(release_at, **given)  # type: ignore[arg-type]
    else:
        refused_with(code, embargo.check_release, release_at, **given)


@pytest.mark.django_db
def test_the_pages_keep_the_words_from_everybody_until_the_release() -> None:
    town = towns.open_town()
    officer, public = town.browser("zhou"), town.browser()
    words = {"title_zh": "标题", "title_en": "Headline", "text_zh": "正文", "text_en": "What is said"}
    page = officer.post("/members/news/kept", {**words, "release_at": "2020-01-01T10:00", "key": "k0"})
    assert page.status_code == 422
    day = (towns.NOW + timedelta(days=7)).date()
    page = officer.post("/members/news/kept", {**words, "release_at": f"{day}T20:00", "key": "k1"})
    assert page.status_code == 302
    news = News.objects.get().number
    page = officer.post(f"/members/news/{news}/insiders", {"subject": "P-000999-00", "key": "k2"})
    assert page.status_code == 404
    page = officer.post(f"/members/news/{news}/insiders", {"subject": towns.RED_RIVER, "key": "k3"})
    assert page.status_code == 302
    shown = officer.get("/members/news/kept").content.decode()
    assert "What is said" in shown
    assert towns.RED_RIVER in shown
    assert "Headline" not in public.get("/members/news").content.decode()
    members.release_due(now=towns.NOW + timedelta(days=8))
    assert "What is said" in public.get("/members/news").content.decode()
