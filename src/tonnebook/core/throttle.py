"""How fast one member may send to a market, and how much of a queue is its own.

Both are counted per member, however many people, programs and connections it has. Withdrawals that pages send by
themselves and the stop of all trading pass by here: nothing may keep a member from getting out.
"""

from datetime import datetime, timedelta

from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt

_PER_SECOND = "trading.messages_per_second_max"
_SPAN = timedelta(seconds=1)


def messages_max(rules: RulesAt) -> int | None:
    """Read how many messages a member may send within one second; a batch is one message. None where no rule says.

    Args:
        rules: of the day.

    Source: design choice, no legal source; by `trading.messages_per_second_max`.
    """
    return rules.integer(_PER_SECOND) if rules.has(_PER_SECOND) else None


def check_pace(most: int, earlier_at: datetime | None, now: datetime) -> None:
    """Refuse a message that would be one too many within a second.

    Args:
        most: as `messages_max` gives it.
        earlier_at: when the message `most` places before this one was received; None when there were fewer.
        now: when this one is received.

    Raises:
        Refused: TOO_FAST when that one is less than a second old.

    Source: design choice, no legal source (invariant B10).
    """
    if earlier_at is not None and now - earlier_at < _SPAN:
        raise Refused(MarketRefusal.TOO_FAST, most=most)


def fair_share(room: int, members: int) -> int:
    """Say how much of a queue each of its members may fill: the room is shared as if one more came.

    Args:
        room: messages that may wait.
        members: that have something waiting, with the one who asks, >= 1.

    Returns:
        Messages, >= 1: whoever comes finds a place, however much the others have sent.

    Source: design choice, no legal source (invariant B10).

    Example:
        >>> fair_share(1000, 1), fair_share(1000, 4), fair_share(2, 9)
        (500, 200, 1)
    """
    return max(1, room // (members + 1))


def check_share(waiting: int, share: int) -> None:
    """Refuse a message of a member whose share of the queue is full.

    Args:
        waiting: messages of this member that wait already.
        share: as `fair_share` gives it.

    Raises:
        Refused: QUEUE_FULL.

    Source: design choice, no legal source (invariant B10).
    """
    if waiting >= share:
        raise Refused(MarketRefusal.QUEUE_FULL, waiting=waiting, share=share)
