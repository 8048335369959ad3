"""The rows of what was drawn on the headroom for strategic emerging and future industries."""

from django.db import models
from django.db.models import Q

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class HeadroomDraw(InsertOnly, Book):
    """Allowances an entity received out of the headroom of a year, beside its annual allowance."""

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    quantity_t = models.BigIntegerField()
    ground = models.CharField(max_length=500)
    left = models.JSONField()
    transfer = models.CharField(max_length=24)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity_t__gt=0), name="compliance_headroom_positive")]
        indexes = [models.Index(fields=["region", "year"], name="compliance_headroom_year")]
