"""Webhooks of organisations: keep them, tell them what happens, deliver, and try again what nobody took."""

import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime

from django.db import connection, transaction

from tonnebook.core import canonical, identity, periods, webhooks
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.webhooks import MessageDraft, MessageKind, MessageState, Try, WebhookRefusal
from tonnebook.journal import outside, tenancy
from tonnebook.journal import queries as log
from tonnebook.journal import services as journal
from tonnebook.journal.outside import Ground, Unreachable
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries
from tonnebook.members.models import Webhook, WebhookMessage
from tonnebook.members.services import vault
from tonnebook.members.services.people import require, require_signed

_ABOUT = "tonnebook webhooks"
_ROWS_PER_INSERT = 5000


@journal.command("members.add_webhook")
def add_webhook(actor: Actor, *, url: str, events: Set[MessageKind], key: str, now: datetime) -> Answer:
    """Have an address told what happens to one's organisation on the market.

    Args:
        actor: trader.
        url: where messages are posted; https but on a demo, which sends to its own machine only.
        events: what is told.
        key: idempotency key.
        now: when.

    Returns:
        {"webhook": number}; `secret_of` gives what its messages are signed with.

    Raises:
        Refused: NOT_PERMITTED; SECOND_FACTOR_NEEDED; ADDRESS_UNFIT; TOO_MANY_WEBHOOKS.

    Source: design choice, no legal source.
    """
    del key
    require(actor, Act.TRADE)
    require_signed(actor, Act.CHANGE_SIGN_IN, now=now)
    webhooks.check_address(url, is_demo=log.clock().is_demo)
    organisation = queries.organisation(actor.organisation)
    in_use = Webhook.objects.filter(organisation__uscc=actor.organisation, removed_at=None)
    if in_use.count() >= webhooks.WEBHOOKS_MAX:
        raise Refused(WebhookRefusal.TOO_MANY_WEBHOOKS, most=webhooks.WEBHOOKS_MAX)
    (count,) = journal.next_counts("members_webhook_number", 1)
    secret = webhooks.secret_text(secrets.token_bytes(webhooks.SECRET_BYTES))
    row = Webhook.objects.create(
        number=identity.numbered("W", count),
        organisation_id=organisation.uscc,
        url=url,
        events=sorted(events),
        secret=vault.shut(secret, _ABOUT),
        added_by=actor.person,
        added_at=now,
    )
    sealed = {"organisation": organisation.uscc, "url": url, "by": actor.person}
    journal.append(Entry("members.webhook.added", {"webhook": row.number, "events": events}, sealed), now=now)
    return {"webhook": row.number}


@journal.command("members.remove_webhook")
def remove_webhook(actor: Actor, *, webhook: str, key: str, now: datetime) -> Answer:
    """Tell an address nothing any more; messages that wait for it are given up.

    Args:
        actor: trader of its organisation.
        webhook: number.
        key: idempotency key.
        now: when.

    Returns:
        {"webhook": number}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_WEBHOOK, also for one that was removed before.

    Source: design choice, no legal source.
    """
    del key
    require(actor, Act.TRADE)
    row = _own(actor, webhook)
    row.removed_at = now
    row.save(update_fields=["removed_at"])
    waiting = WebhookMessage.objects.filter(webhook=row, state=MessageState.WAITING)
    waiting.update(state=MessageState.GIVEN_UP)
    journal.append(Entry("members.webhook.removed", {"webhook": row.number}, {"by": actor.person}), now=now)
    return {"webhook": row.number}


@journal.command("members.try_webhook")
def try_webhook(actor: Actor, *, webhook: str, key: str, now: datetime) -> Answer:
    """Send a message of no consequence, to see that an address answers and its program can check signatures.

    Args:
        actor: trader of its organisation.
        webhook: number.
        key: idempotency key.
        now: when.

    Returns:
        {"message": number}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_WEBHOOK.

    Source: design choice, no legal source.
    """
    del key
    require(actor, Act.TRADE)
    row = _own(actor, webhook)
    (message,) = _send([(row, MessageKind.TEST, {"webhook": row.number})], now)
    return {"message": message.number}


@journal.command("members.send_message_again")
def send_message_again(actor: Actor, *, message: str, key: str, now: datetime) -> Answer:
    """Send a message once more, whether it was taken or given up.

    Args:
        actor: trader of its organisation.
        message: number.
        key: idempotency key.
        now: when.

    Returns:
        {"message": number}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_MESSAGE, also where its webhook was removed.

    Source: design choice, no legal source.
    """
    del key
    require(actor, Act.TRADE)
    own = WebhookMessage.objects.filter(webhook__organisation__uscc=actor.organisation, webhook__removed_at=None)
    row = own.filter(number=message).first()
    if row is None:
        raise Refused(WebhookRefusal.NO_SUCH_MESSAGE, message=message)
    row.state, row.due_at, row.tries = MessageState.WAITING, now, []
    row.save(update_fields=["state", "due_at", "tries"])
    return {"message": row.number}


@tenancy.everywhere(Why.LOG)
def tell_programs(events: Sequence[MessageDraft], *, now: datetime) -> int:
    """Have the programs of organisations told what happened to them, inside the command that did it.

    Args:
        events: any number, in the order in which they happened.
        now: when.

    Returns:
        How many messages leave after commit: none for an organisation that has no webhook for it.

    Source: design choice, no legal source.
    """
    if not events:
        return 0
    wanted = {event.organisation for event in events}
    asking: dict[str, list[Webhook]] = defaultdict(list)
    for row in Webhook.objects.filter(organisation__uscc__in=wanted, removed_at=None).order_by("id"):
        asking[row.organisation_id].append(row)
    told = [
        (row, event.kind, event.facts)
        for event in events
        for row in asking[event.organisation]
        if event.kind in row.events
    ]
    return len(_send(told, now)) if told else 0


@tenancy.everywhere(Why.LOG)
def organisations_told(organisations: Collection[str]) -> frozenset[str]:
    """Say which of some organisations have a webhook at all, so that nothing is put into words for the others.

    Args:
        organisations: unified social credit codes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [list(organisations)])
        return frozenset(uscc for (uscc,) in cursor.fetchall())


_TOLD = "SELECT DISTINCT organisation_id FROM members_webhook WHERE organisation_id = ANY(%s) AND removed_at IS NULL"


@tenancy.everywhere(Why.LOG)
def deliver_next(*, now: datetime) -> bool:
    """Deliver the oldest message that is due and that nobody else is delivering; run by a job.

    A message comes at least once, with the same number each time: when this process dies before it has noted the
    answer, it is sent again. On a demo nothing leaves the machine; elsewhere nothing goes back into it.

    Args:
        now: when.

    Returns:
        Whether there was one.

    Source: design choice, no legal source.
    """
    with transaction.atomic():
        waiting = WebhookMessage.objects.select_for_update(skip_locked=True, of=("self",))
        due = waiting.filter(state=MessageState.WAITING, due_at__lte=now).select_related("webhook")
        row = due.order_by("due_at", "id").first()
        if row is None:
            return False
        done = Try(now, _post(row))
        row.tries = [*row.tries, [periods.iso(done.at), done.status]]
        again_at = None if done.is_taken else webhooks.next_try_at(len(row.tries), now=now)
        if again_at is None:
            row.state = MessageState.TAKEN if done.is_taken else MessageState.GIVEN_UP
        else:
            row.due_at = again_at
        row.save(update_fields=["state", "due_at", "tries"])
    return True


def secret_of(actor: Actor, webhook: str) -> str:
    """Give the secret with which messages to an own webhook are signed.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_WEBHOOK.

    Source: design choice, no legal source.
    """
    require(actor, Act.TRADE)
    return vault.opened(_own(actor, webhook).secret, _ABOUT)


def _own(actor: Actor, number: str) -> Webhook:
    row = Webhook.objects.filter(number=number, organisation__uscc=actor.organisation, removed_at=None).first()
    if row is None:
        raise Refused(WebhookRefusal.NO_SUCH_WEBHOOK, webhook=number)
    return row


def _send(told: Sequence[tuple[Webhook, MessageKind, Mapping[str, object]]], now: datetime) -> list[WebhookMessage]:
    counts = journal.next_counts("members_webhook_message_number", len(told))
    messages = [
        WebhookMessage(
            number=identity.numbered("M", count),
            webhook=row,
            event=kind,
            body=_body(kind, facts, now),
            state=MessageState.WAITING,
            due_at=now,
            made_at=now,
        )
        for count, (row, kind, facts) in zip(counts, told, strict=True)
    ]
    return WebhookMessage.objects.bulk_create(messages, _ROWS_PER_INSERT)


def _body(kind: MessageKind, facts: Mapping[str, object], now: datetime) -> str:
    said = canonical.plain({"type": kind, "timestamp": now, "data": facts})
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


# The status of the answer; 0 when there was none. A receiver's clock is that of the world, and so is the signature's.
def _post(row: WebhookMessage) -> int:
    at = int(journal.real_now().timestamp())
    signed = webhooks.signature(vault.opened(row.webhook.secret, _ABOUT), message=row.number, at=at, body=row.body)
    headers = {"webhook-id": row.number, "webhook-timestamp": str(at), "webhook-signature": signed}
    ground = Ground.THIS_MACHINE if log.clock().is_demo else Ground.WORLD
    try:
        reply = outside.post(
            row.webhook.url, row.body.encode(), content_type="application/json", headers=headers, ground=ground
        )
    except Unreachable:
        return 0
    return reply.status
