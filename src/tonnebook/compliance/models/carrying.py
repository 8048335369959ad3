"""The rows of carry-over by request: what holders ask for, until a round decides it."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class CarryOverRequest(Book):
    """What an entity asks to carry over of a limited year, and what it might at most; it may be withdrawn.

    `sold_t` and `bought_t` are of the vintages up to the year, on days of the window, both ends included; `holding_t`
    is what was held of them when `held_on` ended. What was granted stands in `CarryOver`, once per entity and year.
    """

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    round_on = models.DateField()
    scheme = models.CharField(max_length=20)
    from_on = models.DateField()
    to_on = models.DateField()
    held_on = models.DateField()
    sold_t = models.BigIntegerField()
    bought_t = models.BigIntegerField()
    holding_t = models.BigIntegerField()
    quantity_t = models.BigIntegerField()
    limit_t = models.BigIntegerField()
    trace = models.JSONField()
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "year"],
                condition=models.Q(withdrawn_at=None),
                name="compliance_carry_over_asked_once",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity_t__gt=0, quantity_t__lte=models.F("limit_t")),
                name="compliance_carry_over_within",
            ),
        ]
        indexes = [models.Index(fields=["region", "year", "round_on"], name="compliance_carry_over_round")]
