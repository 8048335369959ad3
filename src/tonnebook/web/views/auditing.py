"""The auditor's page: what the second pair of eyes finds when it recomputes everything."""

import time

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tonnebook.core.roles import Role
from tonnebook.faces import doors
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal
from tonnebook_audit import auditor


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.AUDITOR, Role.OFFICER)
def audit(request: Request) -> HttpResponse:
    """Run the audit when asked and show what does not hold."""
    if request.method == "GET":
        return render(request, "web/audit.html", {"by_night": journal.latest_audit()})
    started = time.monotonic()
    report = auditor.audit(journal.audit_url(), trusted_key=journal.signer().verifier_key)
    seconds = round(time.monotonic() - started, 2)
    context = {"report": report, "seconds": seconds, "by_night": journal.latest_audit()}
    return render(request, "web/audit.html", context)
