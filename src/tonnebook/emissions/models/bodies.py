"""The register of verification bodies, laboratories and report writers, their people, and what they declare."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tonnebook.core.bodies import BodyState, InterestKind
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.verification import Duty
from tonnebook.emissions.models.shared import entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class RegisteredBody(Book):
    """A firm on the register, or one that has applied; what it applied for stands until it is admitted again."""

    tenancy_rule = tenancy.Shared("who may verify, test and write is a public register", is_public=True)

    organisation = models.OneToOneField(
        "members.Organisation", models.PROTECT, to_field="uscc", related_name="+", db_column="organisation_id"
    )
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in OrganisationKind])
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in BodyState])
    certificate = models.CharField(max_length=100)
    scope = ArrayField(models.CharField(max_length=60))
    from_on = models.DateField()
    until_on = models.DateField()
    digest = models.CharField(max_length=64)
    applied_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True)
    suspended_until_on = models.DateField(null=True)
    ground = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="emissions_body_days"),
            models.CheckConstraint(
                condition=~Q(state=BodyState.ADMITTED.value) | Q(admitted_at__isnull=False),
                name="emissions_body_admitted",
            ),
        ]
        indexes = [models.Index(fields=["region", "kind"], name="emissions_body_region")]


class BodyPerson(Book):
    """What one person of a firm is qualified to do there."""

    tenancy_rule = tenancy.Tenant(
        "body_id IN (SELECT id FROM emissions_registeredbody WHERE organisation_id {mine})",
        "body_id IN (SELECT id FROM emissions_registeredbody WHERE region = {region})",
    )

    body = models.ForeignKey(RegisteredBody, models.PROTECT, related_name="people")
    person = models.CharField(max_length=20)
    duty = models.CharField(max_length=20, choices=[(duty.value, duty.value) for duty in Duty])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "person", "duty"], name="emissions_body_person_once"),
        ]


class Interest(InsertOnly, Book):
    """What a firm declares about a company: that it advised it in a year, or that one of its people has a conflict."""

    tenancy_rule = tenancy.Tenant("body_id {mine}", "region = {region}")

    body = entity_key()
    region = models.CharField(max_length=20)
    entity = entity_key()
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in InterestKind])
    year = models.IntegerField()
    person = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    declared_by = models.CharField(max_length=20)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=InterestKind.CONFLICT.value) | ~Q(person=""), name="emissions_interest_person"
            ),
        ]
        indexes = [models.Index(fields=["entity"], name="emissions_interest_entity")]
