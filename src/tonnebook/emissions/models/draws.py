"""Draws by lot: a seed that is committed to before the frame is closed, and what came out."""

from django.db import models
from django.db.models import Q

from tonnebook.core.draw import DrawKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Draw(Book):
    """A draw: announced with its commitment, then held with frame, seed and result, which are published."""

    tenancy_rule = tenancy.Tenant("false", "region = {region}")

    number = models.CharField(max_length=20, unique=True)
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    kind = models.CharField(max_length=9, choices=[(kind.value, kind.value) for kind in DrawKind])
    seed = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    receipt = models.CharField(max_length=64)
    announced_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    published = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "year", "kind"], condition=Q(held_at__isnull=True), name="emissions_draw_one_open"
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, published__isnull=True)
                | Q(held_at__isnull=False, published__isnull=False),
                name="emissions_draw_held",
            ),
        ]
