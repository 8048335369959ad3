"""The pages of members: documents, for their owner and for whoever keeps the registry, and the own keys of programs."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.api_keys import KeyKind, Scope
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.core.trail import LookKind
from tonnebook.core.uploads import DocumentRefusal, UploadKind
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries, services
from tonnebook.members.forms import ApiKeyForm

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
    if row.organisation != actor.organisation:
        trail.looked(LookKind.DOCUMENT, number)
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=row.name)}
    return HttpResponse(queries.document_content(number), content_type=_MIME[row.kind], headers=headers)


@require_http_methods(["GET", "POST"])
@never_cache
@doors.signed_in
def api_keys(request: Request) -> HttpResponse:
    form, sent = ApiKeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            sent = _new_api_key(request, form)
            form = ApiKeyForm()
        except Refused as refused:
            if refused.code not in form.field_of:
                raise
            form.refuse(refused)
    rows = queries.api_keys(doors.actor_of(request).person)
    context = {"rows": rows, "form": form, "sent": sent, "now": request.now}
    return render(request, "members/api_keys.html", context, status=422 if form.errors else 200)


@require_POST
@doors.signed_in
def revoke_api_key(request: Request, number: str) -> HttpResponse:
    key = requests.key_of(request)
    services.revoke_api_key(doors.actor_of(request), api_key=number, key=key, now=request.now)
    messages.success(request, gettext("Taken back; it opens nothing any more."))
    return redirect("members:api_keys")


# Gives what the program is told once: number and secret, or the number of a key that signs.
def _new_api_key(request: Request, form: ApiKeyForm) -> str:
    told, kind = form.cleaned_data, form.kind()
    secret = secrets.token_urlsafe(32) if kind is KeyKind.SECRET else ""
    answer = services.create_api_key(
        doors.actor_of(request),
        label=told["label"],
        kind=kind,
        scopes={Scope(scope) for scope in told["scopes"]},
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest() if secret else "",
        public_key=told["public_key"],
        expires_at=request.now + timedelta(days=told["days"]),
        key=requests.key_of(request),
        now=request.now,
    )
    return ".".join(filter(None, (str(answer["api_key"]), secret)))
