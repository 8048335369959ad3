"""The coverage list: its draft, what was published, a line that is corrected, and the own line of a company."""

from collections import Counter
from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import CoverageRow, DraftRow
from tonnebook.core import coverage_list
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.objections import ObjectionSubject
from tonnebook.core.roles import Role
from tonnebook.faces import doors, exports, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import proposing, years
from tonnebook.web.views import consultations, objections
from tonnebook.web.year_forms import LineForm


@require_GET
@doors.open_to(Role.OFFICER)
def coverage(request: Request) -> HttpResponse:
    """List who was looked at for a year, how far inside they are, and why; with the versions of the list."""
    year = years.year_of(request)
    rows = compliance.covered(request.region, year)
    asked, stage = request.GET.get("q", "").strip(), request.GET.get("stage", "")
    found = [row for row in rows if _matches(row, asked) and stage in ("", row.stage)]
    trail.listed("coverage", rows=len(found), asked=requests.asked_of(request))
    if request.GET.get("form") == "csv":
        return _file(request.region, year, found)
    counts = Counter(row.stage for row in rows)
    context = {
        "year": year,
        "page": pagination.page_of(found, request),
        "stages": [(one.value, labels.label(one), count) for one, count in sorted(counts.items())],
        "asked": asked,
        "stage": stage,
        "versions": compliance.list_versions(request.region, year),
    }
    return render(request, "web/coverage.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def draft_list(request: Request, year: int) -> HttpResponse:
    """Show what the list of a year would do to everybody, each with its reason, and propose exactly that."""
    if compliance.list_versions(request.region, year):
        return redirect(f"{reverse('web:coverage')}?year={year}")
    draft = compliance.draft_list(request.region, year, requests.today(request))
    if request.method == "POST":
        payload = {"region": request.region, "year": year, "digest": request.POST.get("digest", "")}
        return proposing.propose(request, "compliance.cover", payload)
    asked, turn = request.GET.get("q", "").strip(), request.GET.get("turn", "")
    found = [row for row in draft.rows if _matches(row, asked) and turn in ("", row.turn)]
    trail.listed("draft_list", rows=len(found), asked=requests.asked_of(request))
    context = {
        "year": year,
        "draft": draft,
        "page": pagination.page_of(found, request),
        "stages": [(labels.label(one), count) for one, count in sorted(draft.stages.items())],
        "turns": [(one.value, labels.label(one), count) for one, count in sorted(draft.turns.items())],
        "asked": asked,
        "turn": turn,
        **consultations.told(request, year, digest=draft.digest, subjects=consultations.OF_LIST),
    }
    return render(request, "web/draft_list.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def correct_line(request: Request, year: int, uscc: str) -> HttpResponse:
    """Propose to correct the line of one entity; the list goes on as a new version."""
    owner = members.organisation_within(doors.actor_of(request), uscc)
    row, form = compliance.coverage_of(uscc, year), LineForm(request.POST or None)
    context = {"year": year, "owner": owner, "row": row, "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "web/correct_line.html", context, status=200 if request.method == "GET" else 422)
    told = form.cleaned_data
    try:
        before = row.stage if row else None
        coverage_list.check_correction(uscc, year, before=before, after=Stage(told["stage"]), ground=told["ground"])
    except Refused as error:
        return render(request, "web/correct_line.html", context, status=form.refuse(error))
    payload = {"region": request.region, "year": year, "entity": uscc, **told}
    return proposing.propose(request, "compliance.correct_list", payload)


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def own_coverage(request: Request) -> HttpResponse:
    """Show a company its own line of the list: stage, reason, articles, the comparison, and what changed since."""
    actor, year = doors.actor_of(request), years.year_of(request)
    row, today = compliance.coverage_of(actor.organisation, year), requests.today(request)
    context = {
        "year": year,
        "row": row,
        "is_on_national_track": row and compliance.is_on_national_track(row.sector, request.region, year, today),
        "versions": compliance.list_versions(request.region, year),
        **objections.told(ObjectionSubject.COVERAGE, actor.organisation, year, request),
    }
    return render(request, "web/own_coverage.html", context)


def _matches(row: CoverageRow | DraftRow, asked: str) -> bool:
    words = f"{row.entity} {row.name_zh} {row.name_en} {row.sector}".lower()
    return all(part in words for part in asked.lower().split())


def _file(region: str, year: int, rows: Sequence[CoverageRow]) -> HttpResponse:
    columns = ("uscc", "name", "sector", "stage", "reason", "grounds", "above_threshold", "unit", "version")
    plain = [
        {
            "uscc": row.entity,
            "name": tags.name(row),
            "sector": tags.sector_word(row.sector, region),
            "stage": labels.label(row.stage),
            "reason": tags.told(row, "reason"),
            "grounds": " | ".join(f"{tags.in_words(one.article)} · {one.source}" for one in row.grounds),
            "above_threshold": format(row.margin.value, "f") if row.margin else None,
            "unit": row.margin.unit if row.margin else None,
            "version": row.version,
        }
        for row in rows
    ]
    return exports.csv_of(f"coverage-{region}-{year}", columns, plain)
