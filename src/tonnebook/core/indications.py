"""The board of surplus and shortfall (盈缺信息): who has units to spare and who looks for some, without prices.

An *indication* binds nobody, reserves nothing and names no price, so that it cannot move one. Whoever may trade reads
who gave it, because a deal is proposed to a name; the public reads the quantity alone, where it is meant for them. It
stands until its last day, until it is withdrawn, or until a deal has come of it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tonnebook.core.book import Side
from tonnebook.core.errors import Refusal, Refused, Sentence

# An indication older than a quarter tells nothing any more (design choice).
DAYS_MAX = 92


class IndicationRefusal(Refusal):
    """What the board refuses, in order of precedence."""

    NO_SUCH_INDICATION = Sentence(
        zh="没有编号为 {indication} 的盈缺信息；请从盈缺信息页选择。",
        en="There is no indication {indication}; choose one from the page of surplus and shortfall.",
        article="design choice",
        status=404,
    )
    INDICATION_ENDED = Sentence(
        zh="盈缺信息 {indication} 已经结束；请另选。",
        en="Indication {indication} has ended; choose another.",
        article="design choice",
    )
    INDICATION_SAME_SIDE = Sentence(
        zh="盈缺信息 {indication} 与您的意向方向相同；请改选相反方向。",
        en="Indication {indication} is of the same side as your proposal; propose the opposite one.",
        article="design choice",
        status=422,
    )
    UNTIL_NOT_AHEAD = Sentence(
        zh="有效期须在 {first} 至 {last} 之间；请调整。",
        en="The last day must lie between {first} and {last}; choose another.",
        article="design choice",
        status=422,
    )
    INDICATION_STANDS = Sentence(
        zh="您在 {instrument} 上已有同方向的盈缺信息 {indication}；请先撤回。",
        en="Your indication {indication} of the same side of {instrument} stands already; withdraw it first.",
        article="design choice",
    )


class IndicationState(StrEnum):
    """Where an indication stands; one whose last day has passed has ended too, whatever is written."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"
    MATCHED = "MATCHED"


class Audience(StrEnum):
    """Who reads an indication: everybody, or who may trade."""

    PUBLIC = "PUBLIC"
    MEMBERS = "MEMBERS"


@dataclass(frozen=True, slots=True)
class Indication:
    """An indication as what is done with it is judged: a surplus is of side SELL, a shortfall of side BUY."""

    number: str
    state: IndicationState
    side: Side
    until_on: date

    def check_standing(self, today: date) -> None:
        """Let only an indication that stands be withdrawn or taken up.

        Raises:
            Refused: INDICATION_ENDED.
        """
        if self.state is not IndicationState.STANDING or today > self.until_on:
            raise Refused(IndicationRefusal.INDICATION_ENDED, indication=self.number)

    def check_taken_up(self, side: Side, *, today: date) -> None:
        """Let a proposal take an indication up.

        Args:
            side: of who proposes.
            today: day of the proposal.

        Raises:
            Refused: INDICATION_ENDED, INDICATION_SAME_SIDE.

        Source: design choice, no legal source.
        """
        self.check_standing(today)
        if side is self.side:
            raise Refused(IndicationRefusal.INDICATION_SAME_SIDE, indication=self.number)


def check_until(until_on: date, *, today: date) -> None:
    """Let an indication stand for some days only.

    Args:
        until_on: its last day.
        today: day on which it is given.

    Raises:
        Refused: UNTIL_NOT_AHEAD when it is over already, or lies further ahead than a quarter.

    Source: design choice, no legal source.

    Example:
        >>> check_until(date(2026, 3, 31), today=date(2026, 3, 2))
    """
    last = today + timedelta(days=DAYS_MAX)
    if not today <= until_on <= last:
        raise Refused(IndicationRefusal.UNTIL_NOT_AHEAD, first=today, last=last)
