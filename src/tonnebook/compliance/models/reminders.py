"""The rows of reminders: each once per organisation, task, last day and threshold."""

from django.db import models

from tonnebook.core.tasks import Task
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Reminder(InsertOnly, Book):
    """Somebody was reminded of a task; `days_before` is the threshold whose day had come.

    A deadline that is moved has another last day, and so is reminded of anew.
    """

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    task = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Task])
    due_on = models.DateField()
    days_before = models.IntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "year", "task", "due_on", "days_before"], name="compliance_reminder_once"
            ),
            models.CheckConstraint(condition=models.Q(days_before__gte=0), name="compliance_reminder_not_after"),
        ]
