"""Keep one member from crowding out the others: the pace of its messages, and its share of what waits."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count

from tonnebook import rulebook
from tonnebook.core import periods, throttle
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Command


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
    if most is not None:
        sent = Command.objects.filter(organisation=organisation, region=region).order_by("-id")
        throttle.check_pace(most, sent.values_list("received_at", flat=True)[most - 1 : most].first(), now)
    if is_held:
        queue = Command.objects.filter(region=region, state=Command.State.RECEIVED).order_by()
        waiting = dict(queue.values_list("organisation").annotate(Count("pk")))
        share = throttle.fair_share(settings.ENGINE_QUEUE_MAX, len(waiting.keys() | {organisation}))
        throttle.check_share(waiting.get(organisation, 0), share)
