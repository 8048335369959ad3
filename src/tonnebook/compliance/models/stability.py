"""The rows of market stability: what was found, what was decided upon it, and who took part."""

from django.db import models

from tonnebook.core.market_stability.interventions import InterventionKind, RequestState
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class SetAside(InsertOnly, Book):
    """What the plan of a year keeps in reserve, put into the reserve account once."""

    tenancy_rule = tenancy.Shared("what is kept in reserve is published", is_public=True)

    region = models.CharField(max_length=20)
    year = models.IntegerField()
    asset = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    trace = models.JSONField()
    transfer = models.CharField(max_length=24)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="compliance_set_aside_once"),
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0), name="compliance_set_aside_positive"),
        ]


class StabilityFinding(InsertOnly, Book):
    """What the closes up to a day call for, also when that is nothing; traces by name: change, price, quantity."""

    tenancy_rule = tenancy.Shared("findings are published", is_public=True)

    region = models.CharField(max_length=20)
    on = models.DateField()
    kind = models.CharField(max_length=14, choices=[(one.value, one.value) for one in PriceMove])
    traces = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "on"], name="compliance_finding_once")]


class Intervention(Book):
    """A sale from the reserve or a buy-back into it, as decided by two people, and its result once settled.

    `buyer_limit_t` belongs to a sale, `budget_fen` to a buy-back; the asset of a buy-back is empty, since any tradable
    allowance is taken.
    """

    tenancy_rule = tenancy.Shared("interventions and their results are published", is_public=True)

    number = models.CharField(max_length=40, unique=True)
    finding = models.OneToOneField(StabilityFinding, models.PROTECT, related_name="+")
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=16, choices=[(one.value, one.value) for one in InterventionKind])
    year = models.IntegerField()
    asset = models.CharField(max_length=40, blank=True)
    quantity_t = models.BigIntegerField()
    price_fen_per_t = models.BigIntegerField()
    buyer_limit_t = models.BigIntegerField(null=True)
    budget_fen = models.BigIntegerField(null=True)
    rules_digest = models.CharField(max_length=64)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    decided_at = models.DateTimeField()
    request_seq = models.BigIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    moved_t = models.BigIntegerField(null=True)
    paid_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity_t__gt=0, price_fen_per_t__gt=0, opens_at__lt=models.F("closes_at")),
                name="compliance_intervention_proper",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at=None, moved_t=None, paid_fen=None)
                | models.Q(
                    settled_at__isnull=False, moved_t__gte=0, moved_t__lte=models.F("quantity_t"), paid_fen__gte=0
                ),
                name="compliance_intervention_settled",
            ),
        ]
        indexes = [models.Index(fields=["region", "closes_at"], name="compliance_intervention_region")]


class ReserveMove(InsertOnly, Book):
    """A release from the reserve to be auctioned, or a withdrawal into it, as two people decided it upon a finding."""

    tenancy_rule = tenancy.Shared("moves of the reserve are published", is_public=True)

    number = models.CharField(max_length=40, unique=True)
    finding = models.OneToOneField(StabilityFinding, models.PROTECT, related_name="+")
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ReserveMoveKind])
    year = models.IntegerField()
    asset = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    limit_t = models.BigIntegerField()
    limit_trace = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    transfer = models.CharField(max_length=24)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity_t__gt=0, quantity_t__lte=models.F("limit_t")),
                name="compliance_reserve_move_within",
            ),
        ]
        indexes = [models.Index(fields=["region", "year"], name="compliance_reserve_move_year")]


class InterventionRequest(Book):
    """What somebody asks for in a sale or offers to a buy-back, with the hold that reserves it."""

    tenancy_rule = tenancy.Tenant(
        "organisation {mine}", "intervention_id IN (SELECT id FROM compliance_intervention WHERE region = {region})"
    )

    number = models.CharField(max_length=40, unique=True)
    intervention = models.ForeignKey(Intervention, models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    asset = models.CharField(max_length=40)
    price_fen_per_t = models.BigIntegerField()
    quantity_t = models.BigIntegerField()
    served_t = models.BigIntegerField(default=0)
    state = models.CharField(max_length=13, default=RequestState.STANDING)
    hold = models.CharField(max_length=40)
    transfer = models.CharField(max_length=24, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intervention", "seq"], name="compliance_request_seq"),
            models.CheckConstraint(
                condition=models.Q(
                    price_fen_per_t__gt=0, quantity_t__gt=0, served_t__gte=0, served_t__lte=models.F("quantity_t")
                ),
                name="compliance_request_within",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="compliance_request_own")]
