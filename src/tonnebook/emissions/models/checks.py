"""What the numbered checks found in a report when it was submitted, and the findings that two people let pass."""

from django.db import models
from django.db.models import Q

from tonnebook.emissions.models.reports import EmissionReport
from tonnebook.emissions.models.shared import VERIFIED, WRITTEN, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class CheckRun(InsertOnly, Book):
    """What the checks found in one version of a report at its submission, by the catalogue of that day."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN}")

    report = models.OneToOneField(EmissionReport, models.PROTECT, related_name="+")
    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    catalogue_digest = models.CharField(max_length=64)
    findings = models.JSONField()
    warnings = models.IntegerField()
    run_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["region", "year"], name="emissions_checkrun_region")]


class CheckWaiver(InsertOnly, Book):
    """A finding that two officers let pass for an entity and year, at one place or at all, to the end of a day."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN}")

    number = models.CharField(max_length=20, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    check_number = models.CharField(max_length=8)
    place = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    until_on = models.DateField()
    initiator = models.CharField(max_length=20)
    approver = models.CharField(max_length=20)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="emissions_waiver_reason"),
            models.CheckConstraint(condition=~Q(initiator=models.F("approver")), name="emissions_waiver_two_people"),
        ]
        indexes = [models.Index(fields=["entity", "year"], name="emissions_waiver_entity")]
