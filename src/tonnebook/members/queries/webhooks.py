"""What can be told of webhooks: those of an organisation, and the messages sent to them."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.core.webhooks import MessageKind, MessageState, Try
from tonnebook.members.models import Webhook, WebhookMessage


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook as its organisation sees it."""

    number: str
    url: str
    events: tuple[MessageKind, ...]
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message to a webhook; `due_at` is the next try of one that waits."""

    number: str
    webhook: str
    event: MessageKind
    body: str
    state: MessageState
    tries: tuple[Try, ...]
    due_at: datetime
    made_at: datetime


def webhooks(organisation: str) -> tuple[WebhookRow, ...]:
    """List the webhooks of an organisation that are in use, oldest first."""
    return tuple(
        WebhookRow(row.number, row.url, tuple(MessageKind(event) for event in row.events), row.added_by, row.added_at)
        for row in Webhook.objects.filter(organisation__uscc=organisation, removed_at=None).order_by("id")
    )


def webhook_messages(organisation: str, *, limit: int) -> tuple[MessageRow, ...]:
    """List the latest messages to the webhooks of an organisation, newest first.

    Args:
        organisation: unified social credit code.
        limit: how many at most.
    """
    rows = WebhookMessage.objects.filter(webhook__organisation__uscc=organisation).select_related("webhook")
    return tuple(
        MessageRow(
            number=row.number,
            webhook=row.webhook.number,
            event=MessageKind(row.event),
            body=row.body,
            state=MessageState(row.state),
            tries=tuple(Try(datetime.fromisoformat(at), status) for at, status in row.tries),
            due_at=row.due_at,
            made_at=row.made_at,
        )
        for row in rows.order_by("-id")[:limit]
    )
