"""Rows of the documents that organisations hand in."""

from django.db import models

from tonnebook.core.uploads import DocumentPurpose, UploadKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.members.models.people import Organisation


class Document(InsertOnly, Book):
    """A file that passed every check when it came in, kept as it was."""

    tenancy_rule = tenancy.organisation_rows("organisation_id")

    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=13, choices=[(one.value, one.value) for one in DocumentPurpose])
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=[(one.value, one.value) for one in UploadKind])
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    uploaded_by = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        db_table = "members_document"
        indexes = [models.Index(fields=["organisation", "at"], name="members_document_organisation")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    sha256=models.Func(
                        models.F("content"),
                        template="encode(sha256(%(expressions)s), 'hex')",
                        output_field=models.CharField(),
                    )
                ),
                name="members_document_sha256",
            ),
        ]
