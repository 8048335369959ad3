"""People and organisations that must not trade."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Bar(Book):
    """One person or organisation barred from trading, from one day on and until it is lifted."""

    tenancy_rule = tenancy.Tenant("subject {mine} OR subject = {person}", "region = {region}")

    region = models.CharField(max_length=20)
    subject = models.CharField(max_length=20)
    ground = models.CharField(max_length=200)
    barred_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_bar"
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=models.Q(lifted_at__isnull=True), name="members_bar_once"
            ),
        ]
