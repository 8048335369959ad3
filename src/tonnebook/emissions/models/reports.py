"""The annual report: its versions, who writes it for a company, drafts, and the district's first look."""

from django.db import models
from django.db.models import F, Q

from tonnebook.emissions.models.shared import VERIFIED, WRITTEN, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class EmissionReport(InsertOnly, Book):
    """One version of an annual report: lines, outputs, the computed tonnes and their trace."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN}")

    number = models.CharField(max_length=60, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    version = models.IntegerField()
    prepared_by = models.CharField(max_length=18)
    lines = models.JSONField()
    outputs = models.JSONField()
    electricity = models.JSONField()
    total_t = models.BigIntegerField()
    direct_t = models.BigIntegerField()
    traces = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    is_late = models.BooleanField()
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "version"], name="emissions_report_version"),
            models.CheckConstraint(
                condition=Q(direct_t__gte=0, total_t__gte=F("direct_t")), name="emissions_report_direct"
            ),
        ]
        indexes = [models.Index(fields=["region", "year"], name="emissions_report_region")]


class Mandate(Book):
    """A company's word that somebody writes its reports of some years, to the end of a day or until withdrawn."""

    tenancy_rule = tenancy.entity_rows(guests="writer_id = {organisation}")

    number = models.CharField(max_length=20, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    writer = entity_key()
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    until_on = models.DateField()
    given_by = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="emissions_mandate_years"),
            models.CheckConstraint(condition=~Q(writer=F("entity")), name="emissions_mandate_to_another"),
        ]
        indexes = [models.Index(fields=["writer", "until_on"], name="emissions_mandate_writer")]


class ReportDraft(InsertOnly, Book):
    """What a writer filed for a company to submit as its report; the latest counts."""

    tenancy_rule = tenancy.entity_rows(guests=WRITTEN)

    number = models.CharField(max_length=60, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    count = models.IntegerField()
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+")
    lines = models.JSONField()
    outputs = models.JSONField()
    total_t = models.BigIntegerField()
    filed_by = models.CharField(max_length=20)
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "count"], name="emissions_draft_once"),
            models.CheckConstraint(condition=Q(total_t__gte=0), name="emissions_draft_tonnes"),
        ]


class FirstCheck(InsertOnly, Book):
    """What the district authority found when it first looked at a version of a report."""

    tenancy_rule = tenancy.rows_through("report_id", "emissions_emissionreport")

    report = models.OneToOneField(EmissionReport, models.PROTECT, related_name="+")
    bureau = entity_key()
    is_complete = models.BooleanField()
    note = models.TextField(blank=True)
    checked_by = models.CharField(max_length=20)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(is_complete=True) | ~Q(note=""), name="emissions_first_check_note"),
        ]
