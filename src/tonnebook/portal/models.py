"""What the portal remembers: what was published when, by digest, and the signed releases of the rule book."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import InsertOnly


class Publication(InsertOnly):
    """One public table of a compliance year as it was published; its rows are found again by their digest."""

    tenancy_rule = tenancy.Shared("what was published", is_public=True)

    region = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    receipt = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["region", "year", "code"], name="portal_publication_of")]


class RuleRelease(InsertOnly):
    """The rule book of a region as it was released: its digest, signed with the keys of the log."""

    tenancy_rule = tenancy.Shared("releases are published", is_public=True)

    region = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    parameters = models.PositiveIntegerField()
    note = models.TextField()
    receipt = models.CharField(max_length=64)
    released_by = models.CharField(max_length=40)
    released_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "digest"], name="portal_release_once")]
