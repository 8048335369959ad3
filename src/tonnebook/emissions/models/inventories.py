"""The inventory of a city: its statistics of a year and what they come to."""

from django.db import models
from django.db.models import Q

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class CityInventory(InsertOnly, Book):
    """A version of the inventory of a region and year; the latest counts."""

    tenancy_rule = tenancy.Tenant(region="region = {region}")

    region = models.CharField(max_length=20)
    year = models.IntegerField()
    version = models.IntegerField()
    rows = models.JSONField()
    total_t = models.BigIntegerField()
    traces = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    file_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    compiled_by = models.CharField(max_length=20)
    compiled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "year", "version"], name="emissions_inventory_version"),
            models.CheckConstraint(condition=Q(total_t__gte=0), name="emissions_inventory_tonnes"),
        ]
