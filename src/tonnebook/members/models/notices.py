"""Rows of notices to organisations."""

from django.db import models

from tonnebook.core.notices import NoticeKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.members.models.people import Organisation


class Notice(Book):
    """One notice to one organisation; whoever confirms its receipt first proves that it was served."""

    tenancy_rule = tenancy.organisation_rows("organisation_id")

    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=19, choices=[(one.value, one.value) for one in NoticeKind])
    facts = models.JSONField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "members_notice"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(read_at=None, read_by="")
                | (models.Q(read_at__isnull=False) & ~models.Q(read_by="")),
                name="members_notice_read_by_somebody",
            ),
        ]
