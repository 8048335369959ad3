"""The final figure of a year: determined, and determined again."""

from django.db import models
from django.db.models import F, Q

from tonnebook.core.reporting import DeterminationSource
from tonnebook.emissions.models.reports import EmissionReport
from tonnebook.emissions.models.shared import VERIFIED, WRITTEN, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Determination(InsertOnly, Book):
    """The final figure of an entity and year, determined here or taken over from before."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN}")

    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    report = models.OneToOneField(EmissionReport, models.PROTECT, null=True, related_name="+")
    determined_t = models.BigIntegerField()
    direct_t = models.BigIntegerField()
    outputs = models.JSONField()
    electricity = models.JSONField()
    source = models.CharField(max_length=8, choices=[(source.value, source.value) for source in DeterminationSource])
    determined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year"], name="emissions_determination_once"),
            models.CheckConstraint(
                condition=Q(direct_t__gte=0, determined_t__gte=F("direct_t")), name="emissions_determination_direct"
            ),
        ]
        indexes = [models.Index(fields=["region", "year"], name="emissions_determination_region")]


class Redetermination(InsertOnly, Book):
    """A figure that stands in the place of the determined one from its day on; the latest counts."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN}")

    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    count = models.IntegerField()
    determined_t = models.BigIntegerField()
    direct_t = models.BigIntegerField()
    reason = models.TextField()
    evidence = models.CharField(max_length=100)
    redetermined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "count"], name="emissions_redetermination_once"),
            models.CheckConstraint(
                condition=Q(direct_t__gte=0, determined_t__gte=F("direct_t")), name="emissions_redetermination_direct"
            ),
        ]
        indexes = [models.Index(fields=["region", "year"], name="emissions_redetermined_region")]
