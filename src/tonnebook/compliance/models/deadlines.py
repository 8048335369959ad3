"""The rows of deadlines moved by notice; the day before stays beside the day after."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class DeadlineMove(InsertOnly, Book):
    """A deadline of a compliance year moved by a published notice; of one deadline, the latest counts."""

    tenancy_rule = tenancy.Shared("notices are published", is_public=True)

    region = models.CharField(max_length=20)
    year = models.IntegerField()
    name = models.CharField(max_length=40)
    from_on = models.DateField()
    to_on = models.DateField()
    notice = models.CharField(max_length=100)
    reason = models.TextField()
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(from_on=models.F("to_on")), name="compliance_deadline_moves"),
            models.UniqueConstraint(fields=["region", "notice", "name"], name="compliance_deadline_notice_once"),
        ]
        indexes = [models.Index(fields=["region", "year"], name="compliance_deadline_year")]
