"""Keep news under embargo, name who knows of it, and release it to everybody at one instant."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import embargo, identity, periods, roles, sessions
from tonnebook.core.embargo import EmbargoRefusal, NewsState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members.models import Insider, News
from tonnebook.members.services.bars import region_of


@journal.command("members.keep_news")
def keep_news(
    actor: Actor,
    *,
    title_zh: str,
    title_en: str,
    text_zh: str,
    text_en: str,
    release_at: datetime,
    key: str,
    now: datetime,
) -> Answer:
    """Put news under embargo; its words enter the log sealed, so that everybody can see later that none has changed.

    Args:
        actor: officer; is the first insider.
        title_zh: headline.
        title_en: the same in English.
        text_zh: what is said.
        text_en: the same in English.
        release_at: when all channels show it; outside the sessions of the market.
        key: idempotency key.
        now: when.

    Returns:
        `news` (number) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; RELEASE_NOT_AHEAD; RELEASE_IN_SESSION.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.PUBLISH, region=actor.region)
    trading = sessions.read(rulebook.at(actor.region, on=periods.day_of(release_at)).words("trading.sessions"))
    calendar = rulebook.calendar(actor.region)
    embargo.check_release(release_at, trading=trading, calendar=calendar, now=now)
    (count,) = journal.next_counts("members_news_number", 1)
    row = News.objects.create(
        number=identity.numbered("N", count),
        region=actor.region,
        title_zh=title_zh,
        title_en=title_en,
        text_zh=text_zh,
        text_en=text_en,
        state=NewsState.KEPT,
        kept_by=actor.person,
        kept_at=now,
        release_at=release_at,
        window_opens_at=embargo.window_opens_at(release_at, trading=trading, calendar=calendar),
    )
    Insider.objects.create(news=row, subject=actor.person, named_by=actor.person, named_at=now)
    facts = {"news": row.number, "region": row.region, "release_at": release_at}
    receipt = journal.append(Entry("members.news.kept", facts, {**_words(row), "by": actor.person}), now=now)
    return {"news": row.number, "receipt": receipt}


@journal.command("members.name_insider")
def name_insider(actor: Actor, *, news: str, subject: str, key: str, now: datetime) -> Answer:
    """Put somebody who learns of kept news on its list; from then on they do not trade.

    Args:
        actor: officer of the region.
        news: number.
        subject: number of a person, or unified social credit code of an organisation.
        key: idempotency key.
        now: when.

    Returns:
        {"insider": subject}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_NEWS; NEWS_NOT_KEPT; NO_SUCH_PERSON, NO_SUCH_ORGANISATION; INSIDER_NAMED.

    Source: design choice, no legal source.
    """
    del key
    row = _kept(actor, news)
    region_of(subject)
    _, is_new = Insider.objects.get_or_create(
        news=row, subject=subject, defaults={"named_by": actor.person, "named_at": now}
    )
    if not is_new:
        raise Refused(EmbargoRefusal.INSIDER_NAMED, subject=subject, news=news)
    journal.append(Entry("members.insider.named", {"news": news}, {"subject": subject, "by": actor.person}), now=now)
    return {"insider": subject}


@journal.command("members.withdraw_news")
def withdraw_news(actor: Actor, *, news: str, key: str, now: datetime) -> Answer:
    """Give up kept news: it will not be released, and its insiders may trade again.

    Args:
        actor: officer of the region.
        news: number.
        key: idempotency key.
        now: when.

    Returns:
        {"news": number}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_NEWS; NEWS_NOT_KEPT.

    Source: design choice, no legal source.
    """
    del key
    row = _kept(actor, news)
    row.state = NewsState.WITHDRAWN
    row.save(update_fields=["state"])
    _let_trade([row])
    journal.append(Entry("members.news.withdrawn", {"news": news}, {"by": actor.person}), now=now)
    return {"news": news}


@tenancy.everywhere(Why.SYSTEM)
def release_due(*, now: datetime) -> int:
    """Release the news whose time has come, and let insiders trade again once their window is open; run by a job.

    Args:
        now: when.

    Returns:
        How many pieces of news changed.

    Source: design choice, no legal source.
    """
    due = list(News.objects.select_for_update().filter(state=NewsState.KEPT, release_at__lte=now).order_by("id"))
    News.objects.filter(pk__in=[row.pk for row in due]).update(state=NewsState.RELEASED)
    journal.append_many([Entry("members.news.released", {"news": row.number, **_words(row)}) for row in due], now=now)
    open_ = News.objects.select_for_update().filter(state=NewsState.RELEASED, window_opens_at__lte=now)
    opened = list(open_.order_by("id"))
    News.objects.filter(pk__in=[row.pk for row in opened]).update(state=NewsState.OUT)
    _let_trade(opened)
    journal.append_many([Entry("members.news.out", {"news": row.number}) for row in opened], now=now)
    return len(due) + len(opened)


def _kept(actor: Actor, number: str) -> News:
    row = News.objects.select_for_update().filter(number=number, region=actor.region).first()
    roles.check(actor, Act.PUBLISH, region=row.region if row else None)
    if row is None:
        raise Refused(EmbargoRefusal.NO_SUCH_NEWS, news=number)
    if row.state != NewsState.KEPT:
        raise Refused(EmbargoRefusal.NEWS_NOT_KEPT, news=number, state=row.state)
    return row


def _let_trade(rows: Sequence[News]) -> None:
    Insider.objects.filter(news__in=rows).update(is_barred=False)


def _words(row: News) -> dict[str, object]:
    return {"title_zh": row.title_zh, "title_en": row.title_en, "text_zh": row.text_zh, "text_en": row.text_en}
