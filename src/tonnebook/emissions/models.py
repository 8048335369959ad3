"""The rows of the emissions room: facilities, plans, filings, reports, opinions and determined figures.

What was filed, submitted, signed or determined is never changed (insert-only, by grant and trigger); a correction is a
new version. Quantities stand in JSON as decimal text, so that no digit is lost; tonnes that books use are integers.
"""

from django.db import models
from django.db.models import F, Q

from tonnebook.core.reporting import DeterminationSource, PlanState, Verdict
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly

# The verification body that is assigned to an entity, for any of its years, reads what it has to compare.
_VERIFIED = (
    "entity_id IN (SELECT assigned.entity_id FROM emissions_verifierassignment AS assigned"
    " WHERE assigned.verifier_id = {organisation})"
)

# Whoever writes for an entity by a mandate that holds reads its facilities, and what is of the years of the mandate.
_HELD = f"held.writer_id = {{organisation}} AND held.withdrawn_at IS NULL AND held.until_on >= {tenancy.TODAY}"
_WRITTEN_FOR = f"entity_id IN (SELECT held.entity_id FROM emissions_mandate AS held WHERE {_HELD})"  # noqa: S608  our own words only
_WRITTEN = f"""(entity_id, year) IN (SELECT held.entity_id, covered FROM emissions_mandate AS held,
 generate_series(held.first_year, held.last_year) AS covered WHERE {_HELD})"""  # noqa: S608  our own words only


def _entity() -> models.ForeignKey[models.Model, models.Model]:
    # The column holds the unified social credit code itself, so that reading it needs no join.
    return models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")


class Facility(Book):
    """A site or unit that is monitored by itself."""

    tenancy_rule = tenancy.entity_rows(guests=f"{_VERIFIED} OR {_WRITTEN_FOR}")

    number = models.CharField(max_length=40, unique=True)
    entity = _entity()
    region = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    sector = models.CharField(max_length=40)
    from_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["region"], name="emissions_facility_region")]


class DataQualityPlan(Book):
    """A version of how an entity will measure in a year; one waits for approval, one is approved."""

    tenancy_rule = tenancy.entity_rows(guests=_VERIFIED)

    entity = _entity()
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


class EmissionReport(InsertOnly, Book):
    """One version of an annual report: lines, outputs, the computed tonnes and their trace."""

    tenancy_rule = tenancy.entity_rows(guests=f"{_VERIFIED} OR {_WRITTEN}")

    number = models.CharField(max_length=60, unique=True)
    entity = _entity()
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
    entity = _entity()
    region = models.CharField(max_length=20)
    writer = _entity()
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

    tenancy_rule = tenancy.entity_rows(guests=_WRITTEN)

    number = models.CharField(max_length=60, unique=True)
    entity = _entity()
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
    bureau = _entity()
    is_complete = models.BooleanField()
    note = models.TextField(blank=True)
    checked_by = models.CharField(max_length=20)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(is_complete=True) | ~Q(note=""), name="emissions_first_check_note"),
        ]


class VerifierAssignment(InsertOnly, Book):
    """Who verifies an entity's report of a year."""

    tenancy_rule = tenancy.entity_rows(guests=f"verifier_id = {{organisation}} OR {_WRITTEN}")

    entity = _entity()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    verifier = _entity()
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
    verifier = _entity()
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


class Determination(InsertOnly, Book):
    """The final figure of an entity and year, determined here or taken over from before."""

    tenancy_rule = tenancy.entity_rows(guests=f"{_VERIFIED} OR {_WRITTEN}")

    entity = _entity()
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

    tenancy_rule = tenancy.entity_rows(guests=f"{_VERIFIED} OR {_WRITTEN}")

    entity = _entity()
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
