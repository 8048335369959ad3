"""Footprints of products, the suppliers' records they rest on, and the factors the authority publishes."""

from django.db import models
from django.db.models import F, Q

from tonnebook.emissions.models.shared import entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class SupplierRecord(InsertOnly, Book):
    """A supplier's footprint record as it was handed in, by the digest of its file."""

    tenancy_rule = tenancy.entity_rows()

    entity = entity_key()
    region = models.CharField(max_length=20)
    record = models.CharField(max_length=36)
    file = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "digest"], name="emissions_supplier_record_once")]


class FootprintVersion(InsertOnly, Book):
    """A version of the footprint of a product: what it was computed from, and every number with its trace."""

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=36, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    product = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500)
    version = models.IntegerField()
    study = models.JSONField()
    traces = models.JSONField()
    digest = models.CharField(max_length=64)
    submitted_by = models.CharField(max_length=20)
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "product", "version"], name="emissions_footprint_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="emissions_footprint_counted"),
        ]


class FootprintEnd(InsertOnly, Book):
    """That a version of a footprint is not to be used any more, and why."""

    tenancy_rule = tenancy.rows_through("footprint_id", "emissions_footprintversion")

    footprint = models.OneToOneField(FootprintVersion, models.PROTECT, related_name="end")
    reason = models.CharField(max_length=500)
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="emissions_footprint_end_reason")]


class ProductFactorVersion(InsertOnly, Book):
    """A version of the factor of a key product, as two officers published it."""

    tenancy_rule = tenancy.Shared("factors of products are published", is_public=True)

    region = models.CharField(max_length=20)
    code = models.CharField(max_length=80)
    version = models.IntegerField()
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    value = models.DecimalField(max_digits=30, decimal_places=12)
    unit = models.CharField(max_length=40)
    place = models.CharField(max_length=40)
    from_year = models.IntegerField()
    to_year = models.IntegerField(null=True)
    published_year = models.IntegerField()
    publisher = models.CharField(max_length=200)
    note = models.CharField(max_length=500)
    boundary = models.CharField(max_length=12)
    quality = models.IntegerField()
    uncertainty_percent = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code", "version"], name="emissions_product_factor_version"),
            models.CheckConstraint(condition=Q(value__gte=0), name="emissions_product_factor_value"),
            models.CheckConstraint(
                condition=Q(to_year=None) | Q(to_year__gte=F("from_year")), name="emissions_product_factor_years"
            ),
        ]
