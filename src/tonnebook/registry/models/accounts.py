"""The rows around an account: documents made of it, who may use it, and how it is opened, changed and closed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.core.applications import ApplicationKind, ApplicationState
from tonnebook.core.documents import DocumentKind
from tonnebook.core.representation import Right
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class IssuedDocument(InsertOnly, Book):
    """A document we answer for, as everybody may know it: number, kind, digest and its leaf in the public log."""

    tenancy_rule = tenancy.Shared(
        "number, digest and leaf, so that anybody can check a document they were given", is_public=True
    )

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in DocumentKind])
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)


class IssuedCopy(InsertOnly, Book):
    """The document itself, for those it was made for; `account` is empty when it is not about one account."""

    # What is about one of the region's own accounts has no organisation.
    tenancy_rule = tenancy.Tenant(
        "organisation_id {mine}",
        "account_id IN (SELECT id FROM registry_account WHERE region = {region})"
        " OR organisation_id IN (SELECT uscc FROM members_organisation WHERE region = {region})",
    )

    document = models.OneToOneField(IssuedDocument, models.PROTECT, primary_key=True, related_name="+")
    account = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(
        "members.Organisation", models.PROTECT, to_field="uscc", null=True, related_name="+"
    )
    title = models.CharField(max_length=200)
    issued_to = models.CharField(max_length=40)
    content = models.BinaryField()


class StateChange(InsertOnly, Book):
    """A change of an account's state: into which, what is barred since, why, by whom, and its leaf in the log."""

    tenancy_rule = tenancy.account_rows("account_id")

    account = models.ForeignKey("registry.Account", models.PROTECT, related_name="+")
    state = models.CharField(max_length=20)
    barred = ArrayField(models.CharField(max_length=20))
    reason = models.CharField(max_length=500)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approver=models.F("initiator")), name="registry_state_change_two_people"
            ),
        ]


class Representative(Book):
    """Somebody who may use an account for its holder, from one instant to another."""

    tenancy_rule = tenancy.account_rows("account_id", written="own")

    account = models.ForeignKey("registry.Account", models.PROTECT, related_name="+")
    person = models.CharField(max_length=20)
    rights = ArrayField(models.CharField(max_length=16, choices=[(right.value, right.value) for right in Right]))
    appointed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"],
                condition=models.Q(ended_at=None),
                name="registry_representative_once",
            ),
            models.CheckConstraint(condition=~models.Q(rights=[]), name="registry_representative_rights"),
        ]


class Application(Book):
    """What a holder asks of the registry about an account, with documents, and what became of it."""

    tenancy_rule = tenancy.Tenant("organisation_id {mine}", "region = {region}")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in ApplicationKind])
    organisation = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    account = models.ForeignKey("registry.Account", models.PROTECT, related_name="+")
    details = models.JSONField()
    documents = ArrayField(models.CharField(max_length=20))
    state = models.CharField(max_length=9, choices=[(state.value, state.value) for state in ApplicationState])
    asked_by = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=20, blank=True)
    approval = models.CharField(max_length=20, blank=True)
    decided_by = models.CharField(max_length=20, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["region", "state"], name="registry_application_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(state__in=["ASKED", "CHECKED"]) & ~models.Q(kind__in=["APPOINT", "REMOVE"]),
                name="registry_application_once",
            ),
        ]
