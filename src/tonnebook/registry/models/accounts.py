"""The rows around an account: documents made of it, who may use it, and how it is opened, changed and closed."""

from django.db import models

from tonnebook.core.documents import DocumentKind
from tonnebook.journal.models import Book, InsertOnly


class IssuedDocument(InsertOnly, Book):
    """A document we answer for, as everybody may know it: number, kind, digest and its leaf in the public log."""

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in DocumentKind])
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)


class IssuedCopy(InsertOnly, Book):
    """The document itself, for those it was made for; `account` is empty when it is not about one account."""

    document = models.OneToOneField(IssuedDocument, models.PROTECT, primary_key=True, related_name="+")
    account = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(
        "members.Organisation", models.PROTECT, to_field="uscc", null=True, related_name="+"
    )
    title = models.CharField(max_length=200)
    issued_to = models.CharField(max_length=40)
    content = models.BinaryField()
