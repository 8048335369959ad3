"""Rows of organisations, people and approvals by two people."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.core.approvals import ApprovalState
from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Organisation(Book):
    """An organisation, known by its unified social credit code."""

    tenancy_rule = tenancy.Shared("who is in the market is a public register", is_public=True)

    uscc = models.CharField(max_length=18, unique=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in OrganisationKind])
    region = models.CharField(max_length=20)
    district = models.CharField(max_length=60, blank=True)
    sector = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "members_organisation"
        indexes = [models.Index(fields=["region", "kind"], name="members_organisation_region")]


class Person(AbstractUser):
    """A person who signs in, with roles inside one organisation."""

    tenancy_rule = tenancy.AnyReach("whoever signs in is looked up by name before anybody is known")

    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    name_zh = models.CharField(max_length=60, blank=True)
    name_en = models.CharField(max_length=60, blank=True)
    roles = ArrayField(
        models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role]), default=list
    )

    class Meta:
        db_table = "members_person"


class Approval(Book):
    """A command that one person proposed, with exactly its arguments, and another decides."""

    tenancy_rule = tenancy.Tenant(
        "initiator IN (SELECT number FROM members_person WHERE organisation_id IN"
        " (SELECT id FROM members_organisation WHERE uscc {mine}))",
        "region = {region}",
    )

    number = models.CharField(max_length=20, unique=True)
    region = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in ApprovalState])
    initiator = models.CharField(max_length=20)
    approver = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_approval"
        indexes = [models.Index(fields=["region", "state"], name="members_approval_region")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["APPROVED", "EXECUTED"])
                | (~models.Q(approver="") & ~models.Q(approver=models.F("initiator"))),
                name="members_approval_two_people",
            ),
        ]
