"""Samples of a facility on their way through a laboratory, and test reports found to be false."""

from django.db import models
from django.db.models import F, Q

from tonnebook.emissions.models.register import Facility
from tonnebook.emissions.models.shared import entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Sample(InsertOnly, Book):
    """A sample: taken, sealed, received and tested, with the report that tells its value."""

    tenancy_rule = tenancy.Through(
        "facility_id IN (SELECT id FROM emissions_facility)", guests="laboratory_id = {organisation}"
    )

    number = models.CharField(max_length=40)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    laboratory = entity_key()
    year = models.IntegerField()
    month = models.IntegerField()
    parameter = models.CharField(max_length=60)
    seal = models.CharField(max_length=60)
    sampled_on = models.DateField()
    received_on = models.DateField()
    tested_on = models.DateField()
    value = models.CharField(max_length=40)
    unit = models.CharField(max_length=20)
    test_report = models.CharField(max_length=60)
    report_digest = models.CharField(max_length=64)
    entered_by = models.CharField(max_length=20)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "number"], name="emissions_sample_once"),
            models.UniqueConstraint(fields=["laboratory", "seal"], name="emissions_sample_seal_once"),
            models.CheckConstraint(
                condition=Q(received_on__gte=F("sampled_on"), tested_on__gte=F("received_on")),
                name="emissions_sample_days",
            ),
        ]


class FalseTestReport(InsertOnly, Book):
    """The authority's word that the test report of a sample is false; its parameter falls back to the default."""

    tenancy_rule = tenancy.rows_through("sample_id", "emissions_sample")

    sample = models.OneToOneField(Sample, models.PROTECT, related_name="false_report")
    ground = models.TextField()
    flagged_by = models.CharField(max_length=20)
    flagged_at = models.DateTimeField()
