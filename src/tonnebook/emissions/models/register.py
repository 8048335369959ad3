"""What is monitored: the facilities of a company."""

from django.db import models

from tonnebook.emissions.models.shared import VERIFIED, WRITTEN_FOR, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Facility(Book):
    """A site or unit that is monitored by itself."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN_FOR}")

    number = models.CharField(max_length=40, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    sector = models.CharField(max_length=40)
    from_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["region"], name="emissions_facility_region")]
