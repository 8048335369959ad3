"""The rows of entities at risk of not surrendering: on what ground, from when, and until when."""

from django.db import models

from tonnebook.core.enforcement import RiskGround
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class RiskMark(Book):
    """An entity that two people hold to be at risk; what it is issued meanwhile is kept back for its duty."""

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    ground = models.CharField(max_length=12, choices=[(one.value, one.value) for one in RiskGround])
    document = models.CharField(max_length=200)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    marked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity"], condition=models.Q(ended_at=None), name="compliance_risk_marked_once"
            ),
        ]
        indexes = [models.Index(fields=["region", "-id"], name="compliance_risk_region")]
