"""Seals of organisations under submissions, and the keys they are checked with."""

from django.db import models

from tonnebook.core.seals import SealKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.members.models.people import Organisation


class SealKey(Book):
    """A public key with which the seals of an organisation are checked, while it is valid."""

    tenancy_rule = tenancy.organisation_rows("organisation_id")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    public_key = models.TextField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_seal_key"


class Seal(Book, InsertOnly):
    """One seal under the digest of a submission: a signature, or the scan of a stamped print."""

    tenancy_rule = tenancy.organisation_rows("organisation_id")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in SealKind])
    signature = models.TextField(blank=True)
    document = models.CharField(max_length=20, blank=True)
    person = models.CharField(max_length=20)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "members_seal"
        indexes = [models.Index(fields=["digest"], name="members_seal_digest")]
