"""Who acts for whom."""

from django.db import models

from tonnebook.core.clients import ClientState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Client(Book):
    """A client and the member that trades for it; seen by both."""

    tenancy_rule = tenancy.Tenant("(member {mine} OR client {mine})", "region = {region}")

    region = models.CharField(max_length=20)
    member = models.CharField(max_length=18)
    client = models.CharField(max_length=18)
    state = models.CharField(max_length=6, choices=[(state.value, state.value) for state in ClientState])
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    agreed_by = models.CharField(max_length=40, blank=True)
    agreed_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "client"],
                condition=models.Q(state__in=["ASKED", "AGREED"]),
                name="market_client_of_one_member",
            ),
            models.CheckConstraint(
                condition=models.Q(state="ENDED") | models.Q(ended_at=None), name="market_client_ended"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="AGREED") | models.Q(agreed_at__isnull=False), name="market_client_agreed"
            ),
        ]
        indexes = [models.Index(fields=["member", "region"], name="market_client_of_member")]
