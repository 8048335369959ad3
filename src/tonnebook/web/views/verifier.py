"""The verifier's board: what is assigned, claim and evidence side by side, and the signed opinion."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core.reporting import ReportState, Verdict
from tonnebook.core.roles import Role
from tonnebook.core.trail import LookKind
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.queries import ReportRow
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.forms import OpinionForm


@require_GET
@doors.open_to(Role.VERIFIER)
def board(request: Request) -> HttpResponse:
    """List what is assigned, open work first."""
    actor, year = doors.actor_of(request), years.year_of(request)
    rows = sorted(emissions.board(actor.organisation, year), key=lambda row: row.state is not ReportState.ASSIGNED)
    page = pagination.page_of(rows, request)
    names = members.organisations_named([row.entity for row in page.rows])
    waiting = sum(row.state is ReportState.ASSIGNED for row in rows)
    return render(request, "web/board.html", {"year": year, "page": page, "names": names, "waiting": waiting})


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.VERIFIER)
def report(request: Request, number: str) -> HttpResponse:
    """Show claim and evidence side by side and sign the opinion on exactly this version."""
    actor = doors.actor_of(request)
    row = emissions.report(number)
    if row.entity not in {one.entity for one in emissions.board(actor.organisation, row.year)}:
        raise PermissionDenied
    trail.looked(LookKind.REPORT, number)
    form = OpinionForm(request.POST or None, initial={"verified_t": row.total_t})
    if request.method == "POST" and form.is_valid():
        emissions_services.sign_opinion(
            actor,
            report=number,
            verdict=Verdict(form.cleaned_data["verdict"]),
            verified_t=form.cleaned_data["verified_t"],
            findings=form.findings(),
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Your opinion is signed; it covers exactly this version of the report."))
        return redirect("web:report", number=number)
    context = {**_side_by_side(row, requests.today(request)), "form": form}
    return render(request, "web/report.html", context, status=422 if form.errors else 200)


def _side_by_side(row: ReportRow, today: date) -> dict[str, object]:
    filings = emissions.filings(row.entity, row.year)
    return {
        "report": row,
        "findings": emissions.findings_of(row.number, today),
        "entity": members.organisation(row.entity),
        "filings": filings,
        "missing": sum(filing.filed_at is None for filing in filings),
        "may_sign": row.state is ReportState.ASSIGNED,
    }
