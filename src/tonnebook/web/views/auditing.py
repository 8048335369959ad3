"""The auditor's page: what the second pair of eyes finds when it recomputes everything."""

import time

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core.roles import Role
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal
from tonnebook.journal import trail
from tonnebook.journal.trail import LookRow
from tonnebook.registry import services as registry
from tonnebook.web.forms import LooksForm
from tonnebook_audit import auditor
from tonnebook_audit.catalogue import CHECKS

READERS = (Role.AUDITOR, Role.OFFICER)


@require_http_methods(["GET", "POST"])
@doors.open_to(*READERS)
def audit(request: Request) -> HttpResponse:
    """Run the audit when asked and show what does not hold; that stops transfers and calls somebody."""
    if request.method == "GET":
        return render(request, "web/audit.html", {"by_night": journal.latest_audit()})
    started = time.monotonic()
    report = auditor.audit(journal.audit_url(), **journal.signer().keys)
    seconds = round(time.monotonic() - started, 2)
    breaks = [f"{one.number} {one.check}: {one.subject}" for one in report.breaks]
    registry.settle_audit(breaks, log_root=report.log_root, now=request.now)
    told = [(CHECKS[name], name, count) for name, count in report.checks.items()]
    looked_at = sorted(told, key=lambda one: one[0].number)
    context = {"report": report, "looked_at": looked_at, "seconds": seconds, "by_night": journal.latest_audit()}
    return render(request, "web/audit.html", context)


@require_GET
@doors.open_to(Role.AUDITOR)
def looks(request: Request) -> HttpResponse:
    """List who looked at what of others on a day, and before which doors somebody stood."""
    form = LooksForm(request.GET if "day" in request.GET else {"day": requests.today(request)})
    if not form.is_valid():
        context = {"form": form, "page": pagination.page_of((), request)}
        return render(request, "web/looks.html", context, status=422)
    person, (from_at, to_at) = form.cleaned_data["person"].strip(), form.period()

    def rows(first: int, limit: int) -> tuple[LookRow, ...]:
        return trail.looks(request.region, person=person, from_at=from_at, to_at=to_at, first=first, limit=limit)

    count = trail.count_looks(request.region, person=person, from_at=from_at, to_at=to_at)
    context = {"form": form, "page": pagination.page_from(request, count=count, rows=rows)}
    return render(request, "web/looks.html", context)
