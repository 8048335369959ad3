"""News that moves the market: kept secret until one instant, and who knows of it does not trade before the others can.

An insider must not trade from being named until the first opening of the market after the release: then everybody has
had the same time to read. No rule of the plans states a window; this one is a design choice.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from tonnebook.core import periods, sessions
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.sessions import Session


class NewsState(StrEnum):
    """Where a piece of news stands: KEPT secret, RELEASED but its insiders still barred, OUT, or WITHDRAWN."""

    KEPT = "KEPT"
    RELEASED = "RELEASED"
    OUT = "OUT"
    WITHDRAWN = "WITHDRAWN"


class EmbargoRefusal(Refusal):
    """Why news is not kept or changed, or somebody does not trade."""

    TRADING_WINDOW_CLOSED = Sentence(
        zh="{subject} 知悉尚未公开或刚刚公开的政策信息（{news}），交易窗口关闭；公开后下一次开市时自动恢复。",
        en="{subject} knows of news {news} not out yet, and may trade again with the first session after it is.",
        article="design choice",
        status=403,
    )
    RELEASE_NOT_AHEAD = Sentence(
        zh="发布时间 {release_at} 已过；请选择今后的时间。",
        en="The release at {release_at} is not ahead; choose a later time.",
        article="design choice",
        status=422,
    )
    RELEASE_IN_SESSION = Sentence(
        zh="发布时间 {release_at} 在交易时段内；请选择闭市后的时间，下一次开市为 {opens_at}。",
        en="{release_at} falls into a trading session; choose a time outside (the next opening is {opens_at}).",
        article="design choice",
        status=422,
    )
    NO_SUCH_NEWS = Sentence(
        zh="没有编号为 {news} 的待发布信息。", en="There is no news {news} here.", article="design choice", status=404
    )
    NEWS_NOT_KEPT = Sentence(
        zh="信息 {news} 的状态为 {state}，不能再变更。",
        en="News {news} is {state} and cannot be changed any more.",
        article="design choice",
    )
    INSIDER_NAMED = Sentence(
        zh="{subject} 已在 {news} 的知情人名单中。",
        en="{subject} is on the list of {news} already.",
        article="design choice",
    )


def check_release(
    release_at: datetime, *, trading: Sequence[Session], calendar: periods.Calendar, now: datetime
) -> None:
    """Refuse an instant at which some would read the news while others trade.

    Args:
        release_at: when all channels show it.
        trading: sessions of the market.
        calendar: its trading days.
        now: when.

    Raises:
        Refused: RELEASE_NOT_AHEAD; RELEASE_IN_SESSION.

    Source: design choice, no legal source.
    """
    wall = periods.wall_clock(release_at)
    if release_at <= now:
        raise Refused(EmbargoRefusal.RELEASE_NOT_AHEAD, release_at=wall)
    if sessions.is_open(trading, calendar, release_at):
        opens_at = periods.wall_clock(sessions.next_opening_at(trading, calendar, release_at))
        raise Refused(EmbargoRefusal.RELEASE_IN_SESSION, release_at=wall, opens_at=opens_at)


def window_opens_at(release_at: datetime, *, trading: Sequence[Session], calendar: periods.Calendar) -> datetime:
    """Say when insiders may trade again: with the first session after the release.

    Source: design choice, no legal source.
    """
    return sessions.next_opening_at(trading, calendar, release_at)
