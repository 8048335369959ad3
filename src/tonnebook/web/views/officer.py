"""The authority's pages: the cockpit, how far the year has come, surrenders to confirm."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.compliance.queries import Short
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions.queries import LateRow
from tonnebook.faces import doors, drawings, exports, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import queries as journal
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow
from tonnebook.web import clock, years

_SECTORS_DRAWN = 12


@require_GET
@doors.open_to(Role.OFFICER)
def cockpit(request: Request) -> HttpResponse:
    """Answer what an officer asks first: who is short, what waits, how many days are left."""
    year, today = years.year_of(request), requests.today(request)
    seen = compliance.cockpit(request.region, year, today)
    covered = compliance.covered_codes(request.region, year)
    second = compliance.year_state(request.region, year).batches.get(Batch.SECOND)
    trail.listed("short", rows=len(seen.short), asked=requests.asked_of(request))
    context = {
        "year": year,
        "cockpit": seen,
        "is_final": bool(second and second.issued),
        "stages": [(labels.label(stage, "Stage"), count) for stage, count in sorted(seen.stages.items())],
        "codes": [(labels.label(code, "StatusCode"), count) for code, count in sorted(seen.codes.items()) if code],
        "page": pagination.page_of(seen.short, request, size=20),
        "bars": drawings.bars(_by_sector(seen.short, request.region)),
        "approvals": members.open_approvals(request.region),
        "progress": emissions.progress(request.region, year, today, usccs=covered),
        "by_night": journal.latest_audit(),
    }
    return render(request, "web/cockpit.html", context)


@require_GET
@doors.open_to(Role.OFFICER)
def progress(request: Request) -> HttpResponse:
    """Count how far plans, filings, reports, verification and determination have come."""
    year, today = years.year_of(request), requests.today(request)
    covered = compliance.covered_codes(request.region, year)
    context = {
        "year": year,
        "progress": emissions.progress(request.region, year, today, usccs=covered),
        "covered": len(covered),
        "deadlines": compliance.deadlines(request.region, year, today),
        "plan": compliance.plan_of(request.region, year),
    }
    return render(request, "web/progress.html", context)


@require_GET
@doors.open_to(Role.OFFICER)
def late(request: Request) -> HttpResponse:
    """List by name who is late with months, plan or report, each with a link to its file."""
    year, today = years.year_of(request), requests.today(request)
    covered = compliance.covered_codes(request.region, year)
    rows = emissions.late(request.region, year, covered, today=today)
    due = {one.code: one for one in clock.deadlines_of(request.region, year, today)}
    over = {code for code, one in due.items() if one.on < today}
    lists = {
        "filings": [row for row in rows if row.months],
        "plan": [row for row in rows if row.lacks_plan],
        "report": [row for row in rows if row.lacks_report],
    }
    chosen, asked = request.GET.get("what", "filings"), request.GET.get("q", "").strip()
    names = members.organisations_named([row.entity for row in lists.get(chosen, [])])
    found = [row for row in lists.get(chosen, []) if _is_asked_for(names.get(row.entity), asked)]
    trail.listed("late", rows=len(found), asked=requests.asked_of(request))
    if request.GET.get("form") == "csv":
        return _late_file(request.region, year, chosen, found, names)
    page = pagination.page_of(found, request)
    context = {
        "year": year,
        "what": chosen,
        "asked": asked,
        "counts": {what: len(rows) for what, rows in lists.items()},
        "page": page,
        "names": names,
        "deadline": due.get({"plan": "data_quality_plan", "report": "report"}.get(chosen, "")),
        "is_over": chosen == "filings" or {"plan": "data_quality_plan"}.get(chosen, chosen) in over,
    }
    return render(request, "web/late.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def surrenders(request: Request) -> HttpResponse:
    """List the surrenders that wait, and confirm those that are ticked; confirmed means for good."""
    year = years.year_of(request)
    if request.method == "POST":
        chosen = request.POST.getlist("surrender")
        compliance_services.confirm_surrenders(
            doors.actor_of(request),
            region=request.region,
            year=year,
            surrenders=chosen,
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Confirmed for good: %(count)s surrenders.") % {"count": len(chosen)})
        return redirect("web:surrenders")
    rows = compliance.open_surrenders(request.region, year)
    trail.listed("surrenders", rows=len(rows), asked=requests.asked_of(request))
    context = {"year": year, "page": pagination.page_of(rows, request), "total_t": sum(row.total_t for row in rows)}
    return render(request, "web/surrenders.html", context)


def _is_asked_for(entity: OrganisationRow | None, asked: str) -> bool:
    words = f"{entity.uscc} {entity.name_zh} {entity.name_en} {entity.sector}".lower() if entity else ""
    return all(part in words for part in asked.lower().split())


def _late_file(
    region: str, year: int, what: str, rows: Sequence[LateRow], names: Mapping[str, OrganisationRow]
) -> HttpResponse:
    columns = ("uscc", "name", "sector", "months_overdue", "lacks_plan", "lacks_report")
    plain = [
        {
            "uscc": row.entity,
            "name": tags.name(names[row.entity]) if row.entity in names else "",
            "sector": tags.sector_word(names[row.entity].sector, region) if row.entity in names else "",
            "months_overdue": row.months,
            "lacks_plan": int(row.lacks_plan),
            "lacks_report": int(row.lacks_report),
        }
        for row in rows
    ]
    return exports.csv_of(f"late-{what}-{region}-{year}", columns, plain)


def _by_sector(short: tuple[Short, ...], region: str) -> list[tuple[str, int]]:
    sums: Counter[str] = Counter()
    for one in short:
        sums[one.sector] += one.shortfall_t
    return [(tags.sector_word(code, region), quantity_t) for code, quantity_t in sums.most_common(_SECTORS_DRAWN)]
