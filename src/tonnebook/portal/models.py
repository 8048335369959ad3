"""The one table of the portal: what was published when, by digest."""

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
