"""The rows of a compliance year: plans, allocations, surrenders, statuses, carry-overs.

The database keeps what no program may break: one row per entity and year, amounts that add up, and surrenders that are
terminal once confirmed or withdrawn (a trigger in the migration).
"""

from django.db import models

from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.surrender import SurrenderState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly

_OF_REGION = "entity_id IN (SELECT uscc FROM members_organisation WHERE region = {region})"


class AllocationPlan(Book):
    """The plan of a region and year: an overlay of the rule book, adopted by two people.

    Its row is locked by whoever issues, which an insert-only table would not allow; a trigger keeps it unchanged.
    """

    tenancy_rule = tenancy.Shared("plans are published", is_public=True)

    region = models.CharField(max_length=20)
    year = models.IntegerField()
    overlay = models.TextField()
    digest = models.CharField(max_length=64)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    adopted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "year"], name="compliance_plan_once")]


class IncentiveGround(InsertOnly, Book):
    """A ground for an incentive that officers found, with its evidence."""

    tenancy_rule = tenancy.entity_rows(region=_OF_REGION)

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    year = models.IntegerField()
    ground = models.CharField(max_length=60)
    evidence = models.CharField(max_length=200)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "year", "ground"], name="compliance_ground_once")]


class GroundWithdrawal(InsertOnly, Book):
    """A ground turned out not to hold; what is computed from then on is without it."""

    tenancy_rule = tenancy.rows_through("ground_id", "compliance_incentiveground")

    ground = models.OneToOneField(IncentiveGround, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=400)
    withdrawn_by = models.CharField(max_length=40)
    withdrawn_at = models.DateTimeField()


class Allocation(Book):
    """What one batch gives an entity; `issue_t` is signed: above zero issued, below zero recalled.

    `cut_t` is what decisions on earlier years have taken off base and free part.
    """

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    batch = models.CharField(max_length=6, choices=[(batch.value, batch.value) for batch in Batch])
    state = models.CharField(max_length=9, choices=[(state.value, state.value) for state in AllocationState])
    base_t = models.BigIntegerField()
    free_t = models.BigIntegerField()
    paid_t = models.BigIntegerField()
    issue_t = models.BigIntegerField()
    recall_outstanding_t = models.BigIntegerField(default=0)
    cut_t = models.BigIntegerField(default=0, db_default=0)
    refusal = models.CharField(max_length=80, blank=True)
    refusal_zh = models.TextField(blank=True)
    refusal_en = models.TextField(blank=True)
    traces = models.JSONField()
    rulebook_digest = models.CharField(max_length=64)
    transfer = models.CharField(max_length=24, blank=True)
    computed_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "batch"], name="compliance_allocation_once"),
            models.CheckConstraint(
                condition=models.Q(base_t=models.F("free_t") + models.F("paid_t"), free_t__gte=0, paid_t__gte=0),
                name="compliance_allocation_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(recall_outstanding_t__gte=0), name="compliance_allocation_owed_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["region", "year", "batch"], name="compliance_allocation_batch")]


class Surrender(Book):
    """What an entity submitted for a year; the authority confirms it, or it is withdrawn before.

    What the authority took by force is a row as well, confirmed from the start.
    """

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    state = models.CharField(max_length=9, choices=[(state.value, state.value) for state in SurrenderState])
    total_t = models.BigIntegerField()
    credits_t = models.BigIntegerField()
    submitted_by = models.CharField(max_length=40)
    submitted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    transfer = models.CharField(max_length=24, blank=True)
    is_forced = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total_t__gt=0, credits_t__gte=0, credits_t__lte=models.F("total_t")),
                name="compliance_surrender_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "year", "state"], name="compliance_surrender_open"),
            models.Index(fields=["entity", "year"], name="compliance_surrender_entity"),
        ]


class SurrenderLine(InsertOnly, Book):
    """One asset of a surrender, and the hold that keeps it until the decision; none for what was kept back before."""

    tenancy_rule = tenancy.rows_through("surrender_id", "compliance_surrender")

    surrender = models.ForeignKey(Surrender, models.PROTECT, related_name="lines")
    asset = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    hold = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["surrender", "asset"], name="compliance_surrender_line_once"),
            models.UniqueConstraint(
                fields=["hold"], condition=~models.Q(hold=""), name="compliance_surrender_line_one_hold"
            ),
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0), name="compliance_surrender_line_positive"),
        ]


class SurrenderProof(Book):
    """A proof used in a surrender, whole; one that was withdrawn gives it back."""

    tenancy_rule = tenancy.rows_through("surrender_id", "compliance_surrender")

    surrender = models.ForeignKey(Surrender, models.PROTECT, related_name="proofs")
    proof = models.ForeignKey("compliance.CancellationProof", models.PROTECT, related_name="uses")
    quantity_t = models.BigIntegerField()
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proof"], condition=models.Q(is_withdrawn=False), name="compliance_proof_used_once"
            ),
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0), name="compliance_proof_use_positive"),
        ]


class ComplianceStatus(InsertOnly, Book):
    """How a year ended for an entity."""

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    rule = models.CharField(max_length=10)
    code = models.CharField(max_length=10)
    determined_t = models.BigIntegerField(null=True)
    obligation_t = models.BigIntegerField()
    surrendered_t = models.BigIntegerField()
    credits_t = models.BigIntegerField()
    shortfall_t = models.BigIntegerField()
    surplus_t = models.BigIntegerField()
    traces = models.JSONField()
    settled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year"], name="compliance_status_once"),
            models.CheckConstraint(
                condition=models.Q(shortfall_t=0, surplus_t__gte=0) | models.Q(shortfall_t__gt=0, surplus_t=0),
                name="compliance_status_short_or_surplus",
            ),
        ]
        indexes = [models.Index(fields=["region", "year", "code"], name="compliance_status_table")]


class CarryOver(InsertOnly, Book):
    """What became of an entity's remaining allowances after a year was settled.

    `converted_t` came back as the next vintage, with its derivation, where the rules limit the carry-over.
    """

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    kept_t = models.BigIntegerField()
    returned_t = models.BigIntegerField()
    cancelled_t = models.BigIntegerField()
    converted_t = models.BigIntegerField(default=0, db_default=0)
    traces = models.JSONField(default=dict, db_default={})
    transfer = models.CharField(max_length=24, blank=True)
    carried_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "year"], name="compliance_carry_over_once")]
