"""Rows of alerts and of who has answered them."""

from django.db import models

from tonnebook.core.alerts import AlertKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import InsertOnly


class Alert(models.Model):
    """Something that somebody must see; `passed_on_at` says when it went to the next one in line unread."""

    tenancy_rule = tenancy.Tenant(region="true")

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in AlertKind])
    subject = models.CharField(max_length=200)
    facts = models.JSONField()
    raised_at = models.DateTimeField()
    passed_on_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_alert"


class Acknowledgement(InsertOnly):
    """Who has answered an alert, and in what words."""

    tenancy_rule = tenancy.Tenant(region="true")

    alert = models.OneToOneField(Alert, models.PROTECT, related_name="+")
    person = models.CharField(max_length=20)
    words = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        db_table = "members_acknowledgement"
