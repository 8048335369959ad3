"""Rows of webhooks, and of the messages sent to them with every try."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.core.webhooks import MessageKind, MessageState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.members.models.people import Organisation


class Webhook(Book):
    """An address of an organisation that is told what happens to it; its secret is stored encrypted."""

    tenancy_rule = tenancy.Tenant("organisation_id {mine}")

    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="uscc", related_name="+")
    url = models.CharField(max_length=400)
    events = ArrayField(models.CharField(max_length=20, choices=[(one.value, one.value) for one in MessageKind]))
    secret = models.TextField()
    added_by = models.CharField(max_length=20)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_webhook"
        indexes = [
            models.Index(fields=["organisation"], condition=models.Q(removed_at=None), name="members_webhook_in_use")
        ]


class WebhookMessage(models.Model):
    """A message to a webhook, exactly as it is sent, and its tries as [instant, status]."""

    tenancy_rule = tenancy.Tenant("webhook_id IN (SELECT id FROM members_webhook WHERE organisation_id {mine})")

    number = models.CharField(max_length=20, unique=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=20, choices=[(one.value, one.value) for one in MessageKind])
    body = models.TextField()
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in MessageState])
    tries = models.JSONField(default=list)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "members_webhook_message"
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="WAITING"), name="members_webhook_message_due")
        ]
