"""What leaves the system: put into the outbox by the command that has the reason, sent after its commit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tonnebook.core import canonical, notices
from tonnebook.journal import tenancy
from tonnebook.journal.models import Outbox
from tonnebook.journal.outside import Unreachable
from tonnebook.journal.tenancy import Why


@tenancy.everywhere(Why.LOG)
def enqueue(topic: str, payload: Mapping[str, object], *, now: datetime) -> None:
    """Put something into the outbox; it leaves after commit.

    Args:
        topic: dotted, such as "mail.receipt".
        payload: what the sender needs.
        now: when.

    Source: design choice, no legal source.
    """
    enqueue_many([(topic, payload)], now=now)


@tenancy.everywhere(Why.LOG)
def enqueue_many(messages: Sequence[tuple[str, Mapping[str, object]]], *, now: datetime) -> None:
    """Put many things into the outbox with one statement; they leave after commit.

    Args:
        messages: topic and payload of each.
        now: when.

    Source: design choice, no legal source.
    """
    rows = [Outbox(topic=topic, payload=canonical.plain(payload), created_at=now) for topic, payload in messages]
    Outbox.objects.bulk_create(rows, batch_size=5000)


@tenancy.everywhere(Why.LOG)
def send_next(deliver: Callable[[str, Mapping[str, object]], None], *, now: datetime) -> bool:
    """Send the oldest message of the outbox that nobody else is sending, and mark it as sent.

    A message leaves at least once: when the process dies before the mark, it is sent again. One that nobody took waits,
    twice as long each time, and holds up no other.

    Args:
        deliver: takes topic and payload, and raises `Unreachable` when nobody took it.
        now: when.

    Returns:
        Whether there was one.

    Source: design choice, no legal source (invariant O7).
    """
    with transaction.atomic():
        is_due = Q(due_at=None) | Q(due_at__lte=now)
        unsent = Outbox.objects.select_for_update(skip_locked=True).filter(is_due, sent_at=None)
        row = unsent.order_by("id").first()
        if row is None:
            return False
        try:
            deliver(row.topic, row.payload)
            row.sent_at = now
        except Unreachable:
            row.attempts += 1
            row.due_at = notices.next_try_at(row.attempts, now=now)
        row.save(update_fields=["sent_at", "attempts", "due_at"])
    return True
