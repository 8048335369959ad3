"""The pages of members: documents, for their owner and for whoever keeps the registry."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.core.uploads import DocumentRefusal, UploadKind
from tonnebook.faces import doors
from tonnebook.faces.requests import Request
from tonnebook.members import queries

_KEEPERS = frozenset({Role.OFFICER, Role.REGISTRAR, Role.AUDITOR})
_MIME = {
    UploadKind.PDF: "application/pdf",
    UploadKind.PNG: "image/png",
    UploadKind.JPEG: "image/jpeg",
    UploadKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    UploadKind.CSV: "text/csv; charset=utf-8",
}


@require_GET
@doors.open_to(*Role)
def document(request: Request, number: str) -> HttpResponse:
    actor, row = doors.actor_of(request), queries.document(number)
    is_keeper = bool(actor.roles & _KEEPERS) and actor.region == row.region
    if row.organisation != actor.organisation and not is_keeper:
        # Strangers do not learn whether there is such a document.
        raise Refused(DocumentRefusal.NO_SUCH_DOCUMENT, document=number)
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=row.name)}
    return HttpResponse(queries.document_content(number), content_type=_MIME[row.kind], headers=headers)
