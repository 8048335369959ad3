"""Factors that the authority published, and what green power has been claimed for."""

from django.db import models
from django.db.models import F, Q

from tonnebook.core.methods import Boundary
from tonnebook.core.power_claims import ClaimKind
from tonnebook.emissions.models.shared import entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class FactorValue(InsertOnly, Book):
    """A published value of a parameter for some years; for each year the latest version counts."""

    tenancy_rule = tenancy.Shared("factors are published for everybody", is_public=True)

    region = models.CharField(max_length=20)
    path = models.CharField(max_length=120)
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    version = models.IntegerField()
    # As decimal text, so that no digit is lost.
    value = models.CharField(max_length=60)
    unit = models.CharField(max_length=20)
    boundary = models.CharField(max_length=11, choices=[(one.value, one.value) for one in Boundary])
    document = models.CharField(max_length=100)
    article = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "path", "version"], name="emissions_factor_version"),
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="emissions_factor_years"),
        ]


class PowerClaim(InsertOnly, Book):
    """What green power was used for in a year, and how much of it (MWh)."""

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=20, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    kind = models.CharField(max_length=11, choices=[(one.value, one.value) for one in ClaimKind])
    quantity_mwh = models.DecimalField(max_digits=18, decimal_places=6)
    claimed_by = models.CharField(max_length=20)
    claimed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity_mwh__gt=0), name="emissions_power_claim_quantity")]
        indexes = [models.Index(fields=["entity", "year"], name="emissions_power_claim_year")]


class PowerProof(InsertOnly, Book):
    """A certificate or a metered hour that a claim rests on; no second claim can."""

    tenancy_rule = tenancy.rows_through("claim_id", "emissions_powerclaim")

    claim = models.ForeignKey(PowerClaim, models.PROTECT, related_name="+")
    proof = models.CharField(max_length=80, unique=True)
