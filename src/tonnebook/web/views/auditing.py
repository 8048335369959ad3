"""The auditor's page: what the second pair of eyes finds when it recomputes everything."""

import time

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tonnebook.core.roles import Role
from tonnebook.faces import doors
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal
from tonnebook.registry import services as registry
from tonnebook_audit import auditor
from tonnebook_audit.catalogue import CHECKS


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.AUDITOR, Role.OFFICER)
def audit(request: Request) -> HttpResponse:
    """Run the audit when asked and show what does not hold; that stops transfers and calls somebody."""
    if request.method == "GET":
        return render(request, "web/audit.html", {"by_night": journal.latest_audit()})
    started = time.monotonic()
    report = auditor.audit(journal.audit_url(), trusted_key=journal.signer().verifier_key)
    seconds = round(time.monotonic() - started, 2)
    breaks = [f"{one.number} {one.check}: {one.subject}" for one in report.breaks]
    registry.settle_audit(breaks, log_root=report.log_root, now=request.now)
    told = [(CHECKS[name], name, count) for name, count in report.checks.items()]
    looked_at = sorted(told, key=lambda one: one[0].number)
    context = {"report": report, "looked_at": looked_at, "seconds": seconds, "by_night": journal.latest_audit()}
    return render(request, "web/audit.html", context)
