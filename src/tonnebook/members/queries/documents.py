"""What members can tell about documents that organisations have handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tonnebook.core.errors import Refused
from tonnebook.core.uploads import DocumentPurpose, DocumentRefusal, UploadKind
from tonnebook.members.models import Document


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document without its content.

    Attributes:
        organisation: whose it is (unified social credit code).
        region: of the organisation.
        sha256: of the content, hexadecimal.
        size: bytes.
    """

    number: str
    organisation: str
    region: str
    purpose: DocumentPurpose
    name: str
    kind: UploadKind
    sha256: str
    size: int
    uploaded_by: str
    at: datetime


def document(number: str) -> DocumentRow:
    """Give one document without its content.

    Raises:
        Refused: NO_SUCH_DOCUMENT when there is none.
    """
    row = Document.objects.select_related("organisation").defer("content").filter(number=number).first()
    if row is None:
        raise Refused(DocumentRefusal.NO_SUCH_DOCUMENT, document=number)
    return _document_row(row)


def documents(uscc: str, *, numbers: Sequence[str] | None = None) -> tuple[DocumentRow, ...]:
    """List the documents of an organisation without their content, newest first; all or those with given numbers."""
    rows = Document.objects.select_related("organisation").defer("content").filter(organisation__uscc=uscc)
    if numbers is not None:
        rows = rows.filter(number__in=numbers)
    return tuple(_document_row(row) for row in rows.order_by("-id"))


def document_content(number: str) -> bytes:
    """Give the content of a document.

    Raises:
        Refused: NO_SUCH_DOCUMENT when there is none.
    """
    content = Document.objects.filter(number=number).values_list("content", flat=True).first()
    if content is None:
        raise Refused(DocumentRefusal.NO_SUCH_DOCUMENT, document=number)
    return bytes(content)


def damaged_documents() -> tuple[str, ...]:
    """List the documents whose bytes are not those that came in, or whose digest is not the one in the log.

    Every byte of every document is read; a job calls this by night, and `./tonnebook audit`.

    Source: design choice, no legal source (invariant C5).
    """
    with connection.cursor() as cursor:
        cursor.execute(DAMAGED)
        return tuple(number for (number,) in cursor.fetchall())


# A document that was altered with its digest no longer is what its leaf says.
DAMAGED = """
WITH kept AS (
    SELECT payload::jsonb -> 'facts' ->> 'document' AS number, payload::jsonb -> 'facts' ->> 'sha256' AS sha256
    FROM journal_leaf WHERE kind = 'members.document.kept'
)
SELECT coalesce(document.number, kept.number)
FROM members_document document FULL JOIN kept ON kept.number = document.number
WHERE encode(sha256(document.content), 'hex') IS DISTINCT FROM document.sha256
   OR document.sha256 IS DISTINCT FROM kept.sha256
ORDER BY 1
"""


def _document_row(row: Document) -> DocumentRow:
    return DocumentRow(
        number=row.number,
        organisation=row.organisation.uscc,
        region=row.organisation.region,
        purpose=DocumentPurpose(row.purpose),
        name=row.name,
        kind=UploadKind(row.kind),
        sha256=row.sha256,
        size=row.size,
        uploaded_by=row.uploaded_by,
        at=row.at,
    )
