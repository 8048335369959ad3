"""The documents we made: what everybody may know of them, and the copies for those they were made for."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.core.documents import DocumentKind, IssuedRefusal
from tonnebook.core.errors import Refused
from tonnebook.registry.models import IssuedCopy, IssuedDocument


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """A document as everybody may know it; `leaf` is its hash in the public log."""

    number: str
    kind: DocumentKind
    digest: str
    issued_at: datetime
    leaf: str


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A document as those see it for whom it was made."""

    number: str
    title: str
    digest: str
    issued_at: datetime


def issued_document(asked: str) -> IssuedRow | None:
    """Find a document by its number or by its digest (SHA-256, hexadecimal); None when we made no such document."""
    found = IssuedDocument.objects.filter(number=asked) | IssuedDocument.objects.filter(digest=asked.lower())
    row = found.first()
    if row is None:
        return None
    return IssuedRow(row.number, DocumentKind(row.kind), row.digest, row.issued_at, row.leaf_hash)


def issued_documents(account: str) -> tuple[CopyRow, ...]:
    """List the documents made about an account, newest first."""
    rows = IssuedCopy.objects.filter(account__number=account).select_related("document").defer("content")
    return tuple(
        CopyRow(row.document.number, row.title, row.document.digest, row.document.issued_at)
        for row in rows.order_by("-document")
    )


def issued_to(organisation: str, *, kind: DocumentKind) -> tuple[CopyRow, ...]:
    """List the documents of a kind that were made for an organisation, newest first."""
    rows = IssuedCopy.objects.filter(organisation_id=organisation, document__kind=kind).select_related("document")
    return tuple(
        CopyRow(row.document.number, row.title, row.document.digest, row.document.issued_at)
        for row in rows.defer("content").order_by("-document")
    )


def issued_content(document: str) -> bytes:
    """Give the file of a document.

    Raises:
        Refused: NOT_ISSUED_BY_US.
    """
    row = IssuedCopy.objects.filter(document__number=document).first()
    if row is None:
        raise Refused(IssuedRefusal.NOT_ISSUED_BY_US, document=document)
    return bytes(row.content)
