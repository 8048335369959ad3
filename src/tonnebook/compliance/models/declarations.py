"""The rows of what companies declare for their allowances."""

from django.db import models
from django.db.models import Q

from tonnebook.core.allocation.declarations import DeclarationState, FactKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book

_STANDS = ~Q(state=DeclarationState.REJECTED.value)


class Declaration(Book):
    """A fact of a year that a company declared: `name` is the number of the certificate, unit or line."""

    tenancy_rule = tenancy.entity_rows()

    number = models.CharField(max_length=24, unique=True)
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in FactKind])
    name = models.CharField(max_length=60)
    values = models.JSONField()
    evidence = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in DeclarationState])
    declared_by = models.CharField(max_length=40)
    declared_at = models.DateTimeField()
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "year", "kind", "name"], condition=_STANDS, name="compliance_declaration_once"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=_STANDS & Q(kind=FactKind.POWER.value), name="compliance_power_used_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=DeclarationState.REJECTED.value) | ~Q(reason=""),
                name="compliance_declaration_rejected_why",
            ),
        ]
        indexes = [models.Index(fields=["region", "state"], name="compliance_declaration_desk")]
