"""The rows of penalty files: what the law allowed on the day of the breach, and every step taken since."""

from django.db import models

from tonnebook.core.penalty import PenaltyStep, Regime
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class PenaltyFile(InsertOnly, Book):
    """A breach of the duty to surrender, with the range computed from the rules of its day; none where they lack it."""

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    breach_on = models.DateField()
    shortfall_t = models.BigIntegerField()
    regime = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Regime])
    smallest_fen = models.BigIntegerField(null=True)
    largest_fen = models.BigIntegerField(null=True)
    cut_t = models.BigIntegerField(null=True)
    traces = models.JSONField()
    rulebook_digest = models.CharField(max_length=64)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year"], name="compliance_penalty_once"),
            models.CheckConstraint(
                condition=models.Q(shortfall_t__gt=0, smallest_fen__gte=0, largest_fen__gte=models.F("smallest_fen")),
                name="compliance_penalty_range",
            ),
            models.CheckConstraint(
                condition=models.Q(regime=Regime.NOT_READ, smallest_fen=None, largest_fen=None)
                | (~models.Q(regime=Regime.NOT_READ) & models.Q(smallest_fen__isnull=False, largest_fen__isnull=False)),
                name="compliance_penalty_range_read",
            ),
        ]
        indexes = [models.Index(fields=["region", "year"], name="compliance_penalty_region")]


class PenaltyEntry(InsertOnly, Book):
    """One step of a file, in order; a decision names its fine."""

    tenancy_rule = tenancy.rows_through("file_id", "compliance_penaltyfile")

    file = models.ForeignKey(PenaltyFile, models.PROTECT, related_name="entries")
    place = models.IntegerField()
    step = models.CharField(max_length=10, choices=[(one.value, one.value) for one in PenaltyStep])
    ground = models.TextField()
    document = models.CharField(max_length=60, blank=True)
    fine_fen = models.BigIntegerField(null=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "place"], name="compliance_penalty_step_place"),
            models.CheckConstraint(
                condition=models.Q(step=PenaltyStep.DECIDED, fine_fen__gte=0)
                | (~models.Q(step=PenaltyStep.DECIDED) & models.Q(fine_fen=None)),
                name="compliance_penalty_fine_decided",
            ),
        ]


class AllowanceCut(InsertOnly, Book):
    """What the decision of a file takes off the allowance of a later year, once."""

    tenancy_rule = tenancy.entity_rows()

    file = models.OneToOneField(PenaltyFile, models.PROTECT, related_name="cut")
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    quantity_t = models.BigIntegerField()
    trace = models.JSONField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0), name="compliance_cut_positive"),
        ]
        indexes = [models.Index(fields=["region", "year"], name="compliance_cut_year")]
