"""What is measured with: meters, their calibrations, and the batches of readings that came from them.

The readings themselves lie in the lake, one file for each batch; the row holds the digest by which the file is known.
"""

from django.db import models
from django.db.models import F, Q

from tonnebook.core.meters import MeterKind
from tonnebook.emissions.models.register import Facility
from tonnebook.emissions.models.shared import VERIFIED, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Meter(Book):
    """A meter or a monitor of a facility; what it sends is in whole units of `unit`, such as Wh or g."""

    tenancy_rule = tenancy.entity_rows(guests=VERIFIED)

    number = models.CharField(max_length=40, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in MeterKind])
    unit = models.CharField(max_length=12)
    accuracy_class = models.CharField(max_length=12)
    is_export = models.BooleanField()
    installed_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["region"], name="emissions_meter_region")]


class Calibration(InsertOnly, Book):
    """A calibration of a meter, from its first to its last day."""

    tenancy_rule = tenancy.rows_through("meter_id", "emissions_meter")

    meter = models.ForeignKey(Meter, models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField()
    certificate_digest = models.CharField(max_length=64)
    recorded_by = models.CharField(max_length=20)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="emissions_calibration_days"),
        ]


class ReadingBatch(InsertOnly, Book):
    """A batch of readings: how many rows came, how many count, and the digest of the file in the lake."""

    tenancy_rule = tenancy.entity_rows(guests=VERIFIED)

    number = models.CharField(max_length=40, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    rows = models.IntegerField()
    accepted = models.IntegerField()
    digest = models.CharField(max_length=64)
    taken_by = models.CharField(max_length=20)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(accepted__gte=0, rows__gte=F("accepted")), name="emissions_batch_rows"),
        ]
        indexes = [models.Index(fields=["region"], name="emissions_batch_region")]
