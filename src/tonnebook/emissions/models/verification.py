"""Who verifies a report and how, what was found, and the opinion that three people sign on it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tonnebook.core.reporting import FindingKind, Verdict
from tonnebook.core.verification import Duty, Settlement, VisitMode
from tonnebook.emissions.models.reports import EmissionReport
from tonnebook.emissions.models.shared import WRITTEN, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly

_OF_REPORT = tenancy.rows_through("report_id", "emissions_emissionreport")
_OF_FINDING = tenancy.rows_through("finding_id", "emissions_verificationfinding")


class VerifierAssignment(Book):
    """Who verifies an entity's report of a year, who pays, and the draw it came from; one at a time."""

    tenancy_rule = tenancy.entity_rows(guests=f"verifier_id = {{organisation}} OR {WRITTEN}")

    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    verifier = entity_key()
    assigned_at = models.DateTimeField()
    payer = models.CharField(max_length=9, db_default="AUTHORITY")
    draw = models.CharField(max_length=20, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)
    ground = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "year"], condition=Q(ended_at__isnull=True), name="emissions_assignment_once"
            ),
            models.CheckConstraint(condition=~Q(verifier=F("entity")), name="emissions_assignment_independent"),
        ]
        indexes = [models.Index(fields=["verifier", "year"], name="emissions_assignment_board")]


class VerificationPlan(InsertOnly, Book):
    """How an assigned report is verified: people, visit, samples, materiality; the latest version counts."""

    tenancy_rule = tenancy.rows_through("assignment_id", "emissions_verifierassignment")

    assignment = models.ForeignKey(VerifierAssignment, models.PROTECT, related_name="+")
    version = models.IntegerField()
    mode = models.CharField(max_length=10, choices=[(mode.value, mode.value) for mode in VisitMode])
    reason = models.TextField(blank=True)
    leader = models.CharField(max_length=20)
    reviewer = models.CharField(max_length=20)
    signatory = models.CharField(max_length=20)
    members = ArrayField(models.CharField(max_length=20), default=list)
    samples = ArrayField(models.IntegerField(), default=list)
    threshold_t = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    planned_by = models.CharField(max_length=20)
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "version"], name="emissions_verification_plan_version"),
            models.CheckConstraint(
                condition=~Q(leader=F("reviewer")) & ~Q(leader=F("signatory")) & ~Q(reviewer=F("signatory")),
                name="emissions_verification_plan_three",
            ),
        ]


class VerificationFinding(InsertOnly, Book):
    """Something found about a report, and until when the company may answer."""

    tenancy_rule = _OF_REPORT

    number = models.CharField(max_length=80, unique=True)
    report = models.ForeignKey(EmissionReport, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=[(kind.value, kind.value) for kind in FindingKind])
    text = models.TextField()
    reference = models.CharField(max_length=200, blank=True)
    effect_t = models.BigIntegerField()
    is_material = models.BooleanField()
    due_on = models.DateField()
    raised_by = models.CharField(max_length=20)
    raised_at = models.DateTimeField()


class FindingAnswer(InsertOnly, Book):
    """What the company says to a finding; once."""

    tenancy_rule = _OF_FINDING

    finding = models.OneToOneField(VerificationFinding, models.PROTECT, related_name="answer")
    text = models.TextField()
    evidence_digest = models.CharField(max_length=64, blank=True)
    answered_by = models.CharField(max_length=20)
    answered_at = models.DateTimeField()


class FindingSettlement(InsertOnly, Book):
    """How a finding ended."""

    tenancy_rule = _OF_FINDING

    finding = models.OneToOneField(VerificationFinding, models.PROTECT, related_name="settlement")
    settlement = models.CharField(max_length=13, choices=[(one.value, one.value) for one in Settlement])
    added_t = models.BigIntegerField(default=0)
    note = models.TextField(blank=True)
    settled_by = models.CharField(max_length=20)
    settled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settlement=Settlement.ESTIMATED.value, added_t__gt=0)
                | (~Q(settlement=Settlement.ESTIMATED.value) & Q(added_t=0)),
                name="emissions_settlement_estimate",
            ),
        ]


class Conclusion(InsertOnly, Book):
    """What a leader concludes about one version of a report; a later one stands in the place of an earlier one."""

    tenancy_rule = _OF_REPORT

    report = models.ForeignKey(EmissionReport, models.PROTECT, related_name="+")
    count = models.IntegerField()
    plan = models.ForeignKey(VerificationPlan, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=24, choices=[(verdict.value, verdict.value) for verdict in Verdict])
    verified_t = models.BigIntegerField()
    findings = models.JSONField()
    traces = models.JSONField()
    digest = models.CharField(max_length=64)
    concluded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "count"], name="emissions_conclusion_once"),
            models.CheckConstraint(condition=Q(verified_t__gte=0), name="emissions_conclusion_tonnes"),
        ]


class ConclusionSignature(InsertOnly, Book):
    """One of the three signatures under a conclusion; nobody gives two."""

    tenancy_rule = tenancy.rows_through("conclusion_id", "emissions_conclusion")

    conclusion = models.ForeignKey(Conclusion, models.PROTECT, related_name="signatures")
    duty = models.CharField(max_length=20, choices=[(duty.value, duty.value) for duty in Duty])
    person = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conclusion", "duty"], name="emissions_signature_duty"),
            models.UniqueConstraint(fields=["conclusion", "person"], name="emissions_signature_person"),
        ]


class Verification(InsertOnly, Book):
    """The opinion on exactly one version of a report, once all three have signed it."""

    tenancy_rule = _OF_REPORT

    report = models.OneToOneField(EmissionReport, models.PROTECT, related_name="+")
    verifier = entity_key()
    verdict = models.CharField(max_length=24, choices=[(verdict.value, verdict.value) for verdict in Verdict])
    verified_t = models.BigIntegerField()
    findings = models.JSONField()
    report_digest = models.CharField(max_length=64)
    conclusion = models.OneToOneField(Conclusion, models.PROTECT, null=True, related_name="+")
    signed_by = models.CharField(max_length=20)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verified_t__gte=0), name="emissions_verification_tonnes"),
        ]
