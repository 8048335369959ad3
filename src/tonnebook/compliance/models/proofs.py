"""The rows of credits that live in another registry: what it has cancelled for our entities."""

from django.db import models

from tonnebook.core.foreign_credits import SCHEMES
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class CancellationProof(InsertOnly, Book):
    """A block of serial numbers that another registry has cancelled for an entity and a compliance year.

    `line_from` and `line_to` are the block on the one line of `core.foreign_credits`; the migration adds
    `line int8range`, computed from both, with `EXCLUDE USING gist (line WITH &&)`: no number comes in twice.
    """

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    scheme = models.CharField(max_length=10, choices=[(one, one) for one in SCHEMES])
    serial_from = models.BigIntegerField()
    serial_to = models.BigIntegerField()
    line_from = models.BigIntegerField()
    line_to = models.BigIntegerField()
    project = models.CharField(max_length=100)
    project_kind = models.CharField(max_length=30)
    province = models.CharField(max_length=2, blank=True, db_default="")
    gas = models.CharField(max_length=10, db_default="CO2")
    boundary = models.CharField(max_length=18, blank=True)
    reduced_from_on = models.DateField()
    registered_on = models.DateField()
    cancelled_on = models.DateField()
    certificate = models.CharField(max_length=60)
    imported_by = models.CharField(max_length=40)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(line_from__lt=models.F("line_to"), serial_from__lte=models.F("serial_to")),
                name="compliance_proof_not_empty",
            ),
            models.UniqueConstraint(fields=["line_from"], name="compliance_proof_once"),
        ]
        indexes = [models.Index(fields=["entity", "year"], name="compliance_proof_entity")]
