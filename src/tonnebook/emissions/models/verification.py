"""Who verifies a report, and the opinion that is signed on it."""

from django.db import models
from django.db.models import F, Q

from tonnebook.core.reporting import Verdict
from tonnebook.emissions.models.reports import EmissionReport
from tonnebook.emissions.models.shared import WRITTEN, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class VerifierAssignment(InsertOnly, Book):
    """Who verifies an entity's report of a year."""

    tenancy_rule = tenancy.entity_rows(guests=f"verifier_id = {{organisation}} OR {WRITTEN}")

    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    verifier = entity_key()
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year"], name="emissions_assignment_once"),
            models.CheckConstraint(condition=~Q(verifier=F("entity")), name="emissions_assignment_independent"),
        ]
        indexes = [models.Index(fields=["verifier", "year"], name="emissions_assignment_board")]


class Verification(InsertOnly, Book):
    """A signed opinion on exactly one version of a report."""

    tenancy_rule = tenancy.rows_through("report_id", "emissions_emissionreport")

    report = models.OneToOneField(EmissionReport, models.PROTECT, related_name="+")
    verifier = entity_key()
    verdict = models.CharField(max_length=24, choices=[(verdict.value, verdict.value) for verdict in Verdict])
    verified_t = models.BigIntegerField()
    findings = models.JSONField()
    report_digest = models.CharField(max_length=64)
    signed_by = models.CharField(max_length=20)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verified_t__gte=0), name="emissions_verification_tonnes"),
        ]
