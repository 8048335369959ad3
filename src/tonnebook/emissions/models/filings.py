"""What is filed before the year's report: the data quality plan and its months."""

from django.db import models
from django.db.models import Q

from tonnebook.core.reporting import PlanState
from tonnebook.emissions.models.register import Facility
from tonnebook.emissions.models.shared import VERIFIED, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class DataQualityPlan(Book):
    """A version of how an entity will measure in a year; one waits for approval, one is approved."""

    tenancy_rule = tenancy.entity_rows(guests=VERIFIED)

    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    version = models.IntegerField()
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in PlanState])
    sections = models.JSONField()
    digest = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "version"], name="emissions_plan_version"),
            models.UniqueConstraint(
                fields=["entity", "year", "state"],
                condition=~Q(state=PlanState.SUPERSEDED.value),
                name="emissions_plan_one_live",
            ),
        ]
        indexes = [models.Index(fields=["region", "year"], name="emissions_plan_region")]


class MonthlyFiling(InsertOnly, Book):
    """One month of one facility, with its receipt: the hash of its leaf in the log."""

    tenancy_rule = tenancy.rows_through("facility_id", "emissions_facility")

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    year = models.IntegerField()
    month = models.IntegerField()
    due_on = models.DateField()
    filed_at = models.DateTimeField()
    is_late = models.BooleanField()
    reason = models.TextField(blank=True)
    parameters = models.JSONField()
    evidence_digest = models.CharField(max_length=64)
    receipt = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["facility", "year", "month"], name="emissions_filing_once"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="emissions_filing_month"),
            models.CheckConstraint(condition=Q(is_late=False) | ~Q(reason=""), name="emissions_filing_late_reason"),
        ]
