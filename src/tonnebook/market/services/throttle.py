"""Keep one member from crowding out the others: the pace of its messages, and its share of what waits."""

from datetime import datetime

from django.conf import settings
from django.db import connection

from tonnebook import rulebook
from tonnebook.core import periods, throttle
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why


@tenancy.everywhere(Why.MARKET)
def check_message(organisation: str, region: str, *, is_held: bool, now: datetime) -> None:
    """Refuse a message of a member that sends too fast, or whose share of the queue is full.

    What other connections of the member are sending at this moment is not seen, so it may pass by as many messages as
    it has connections, once.

    Args:
        organisation: unified social credit code of the member.
        region: whose market.
        is_held: whether an engine is at work, so that messages wait.
        now: when.

    Raises:
        Refused: TOO_FAST, QUEUE_FULL.

    Source: design choice, no legal source (invariant B10).
    """
    most = throttle.messages_max(rulebook.at(region, on=periods.day_of(now)))
    with connection.cursor() as cursor:
        cursor.execute(_SENT, [organisation, region, (most or 1) - 1, organisation, organisation, region])
        earlier_at, waiting, others = cursor.fetchone()
    if most is not None:
        throttle.check_pace(most, earlier_at, now)
    if is_held:
        throttle.check_share(waiting, throttle.fair_share(settings.ENGINE_QUEUE_MAX, others + 1))


# By hand, for every message asks: when an earlier one came, how many of this member wait, and of how many others any.
_SENT = """
SELECT (
    SELECT received_at FROM market_command WHERE organisation = %s AND region = %s ORDER BY id DESC OFFSET %s LIMIT 1
), count(*) FILTER (WHERE organisation = %s), count(DISTINCT organisation) FILTER (WHERE organisation <> %s)
FROM market_command WHERE region = %s AND state = 'RECEIVED'
"""
