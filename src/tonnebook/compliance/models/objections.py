"""The rows of objections: what is said against a line, an allowance or a figure, and what two officers decided."""

from django.db import models

from tonnebook.core.coverage import Stage
from tonnebook.core.objections import ObjectionSubject
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Objection(InsertOnly, Book):
    """What is said against a result of a year; the days it has are those of the rules when it was filed.

    `edition` says which result is meant: the version of the list that set the line, or the how-manieth figure of the
    year. A re-check that the authority opens itself is `by_authority`.
    """

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    subject = models.CharField(
        max_length=13,
        choices=[(subject.value, subject.value) for subject in ObjectionSubject],
        db_default=ObjectionSubject.ALLOCATION.value,
    )
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    edition = models.IntegerField(db_default=1)
    by_authority = models.BooleanField(default=False, db_default=False)
    reason = models.TextField()
    decide_until = models.DateField()
    filed_by = models.CharField(max_length=40)
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "year", "subject", "edition"], name="compliance_objection_once_each"
            )
        ]
        indexes = [models.Index(fields=["region", "year"], name="compliance_objection_region")]


class ObjectionDecision(InsertOnly, Book):
    """What two officers decided on an objection.

    By its subject: `due_t` should have been issued in all, `stage` is that of the line, `determined_t` and `direct_t`
    are the figure; what stood before, where the objection is rejected.
    """

    tenancy_rule = tenancy.rows_through("objection_id", "compliance_objection")

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="decision")
    is_upheld = models.BooleanField()
    due_t = models.BigIntegerField(null=True)
    stage = models.CharField(
        max_length=10, blank=True, db_default="", choices=[(one.value, one.value) for one in Stage]
    )
    determined_t = models.BigIntegerField(null=True)
    direct_t = models.BigIntegerField(null=True)
    reason = models.TextField()
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(due_t__gte=0), name="compliance_objection_due_not_negative")
        ]
