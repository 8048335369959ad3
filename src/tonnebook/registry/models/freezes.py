"""Rows of freeze switches: the history of all, and the one line that every transfer reads."""

from django.db import models

from tonnebook.core.ledger import FreezeScope
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class FreezeSwitch(Book):
    """A switch: what it stops since when, and who has let it go on again."""

    tenancy_rule = tenancy.Tenant(region="region = {region}")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    scope = models.CharField(max_length=8, choices=[(scope.value, scope.value) for scope in FreezeScope])
    subject = models.CharField(max_length=40)
    reason = models.CharField(max_length=500)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=40, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region", "set_at"], name="registry_freeze_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "scope", "subject"],
                condition=models.Q(lifted_at=None),
                name="registry_freeze_in_force_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by="")
                | (models.Q(lifted_at__gte=models.F("set_at")) & ~models.Q(lifted_by="")),
                name="registry_freeze_lifted_by_somebody",
            ),
        ]


class FreezeLine(Book):
    """The switches in force, in one row that every transfer locks for sharing while it reads it.

    A switch changes the row, so it waits for the transfers under way, and those behind it see what it says.
    """

    tenancy_rule = tenancy.Shared("one row: which switches are in force")

    in_force = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="registry_freeze_line_single")]
