"""The rows of what happens to entities within a year."""

from django.db import models
from django.db.models import Q

from tonnebook.core.allocation.changes import ChangeKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class EntityChange(InsertOnly, Book):
    """A closure, move, merger, division or change of boundary: whose past goes to whom from which day on."""

    tenancy_rule = tenancy.entity_rows(guests="successor = {organisation}")

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ChangeKind])
    on = models.DateField()
    share = models.DecimalField(max_digits=7, decimal_places=6)
    successor = models.CharField(max_length=18, blank=True)
    document = models.CharField(max_length=200)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="compliance_change_share"),
            models.CheckConstraint(condition=~Q(successor=models.F("entity")), name="compliance_change_successor"),
            models.UniqueConstraint(
                fields=["entity"],
                condition=Q(kind__in=[ChangeKind.CLOSURE, ChangeKind.RELOCATION, ChangeKind.MERGER]),
                name="compliance_change_end_once",
            ),
        ]
        indexes = [models.Index(fields=["region", "on"], name="compliance_change_region")]
