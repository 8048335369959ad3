"""The rows of leaving a regional market: each step once per entity, kind and day."""

from django.db import models

from tonnebook.core.transition import TransitionKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class TransitionStep(InsertOnly, Book):
    """A step of leaving: what was handed over, converted, cancelled or given back, and by which transfer.

    `surplus_t` is what an entity held when it was handed over; its conversion is a part of that.
    """

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in TransitionKind])
    due_on = models.DateField()
    quantity_t = models.BigIntegerField()
    surplus_t = models.BigIntegerField(null=True)
    transfer = models.CharField(max_length=24, blank=True)
    traces = models.JSONField()
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "kind", "due_on"], name="compliance_transition_once"),
            models.CheckConstraint(condition=models.Q(quantity_t__gte=0), name="compliance_transition_not_negative"),
            models.CheckConstraint(
                condition=models.Q(kind=TransitionKind.HAND_OVER, surplus_t__gte=0)
                | (~models.Q(kind=TransitionKind.HAND_OVER) & models.Q(surplus_t=None)),
                name="compliance_transition_surplus",
            ),
        ]
        indexes = [models.Index(fields=["region", "kind"], name="compliance_transition_region")]
