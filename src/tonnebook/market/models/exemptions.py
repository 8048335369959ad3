"""The rows of exemptions from the largest holding: who may hold more, how much, and until when."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Exemption(Book):
    """One organisation's exemption from the largest holding, given by two people of the exchange."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    # What its group may hold of one vintage instead.
    limit_t = models.BigIntegerField()
    ordinary_t = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    until_on = models.DateField()
    granted_by = models.CharField(max_length=40)
    approved_by = models.CharField(max_length=40)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(granted_by=models.F("approved_by")), name="market_exemption_two_people"
            ),
            models.CheckConstraint(
                condition=models.Q(limit_t__gt=models.F("ordinary_t"), ordinary_t__gte=0), name="market_exemption_above"
            ),
        ]
        indexes = [models.Index(fields=["region", "organisation"], name="market_exemption_of")]
