"""The plan of a year: its list, an upload with its check, what it would give everybody, and the adopted text."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import Preview
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.core.rules import RulesAt
from tonnebook.faces import doors, drawings, exports, requests, uploads
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.members import queries as members
from tonnebook.members.queries import ApprovalRow
from tonnebook.rulebook import plans, sheets
from tonnebook.rulebook.plans import Draft
from tonnebook.web import proposing, years
from tonnebook.web.views import consultations

_KIND = "compliance.adopt_plan"
_ENDINGS = (".yaml", ".yml", ".txt")


@require_GET
@doors.open_to(Role.OFFICER)
def plan_list(request: Request) -> HttpResponse:
    """List the plans of the region: adopted, proposed, or still to be prepared."""
    adopted = {one.year: one for one in compliance.plans(request.region)}
    proposed = {int(str(one.payload["year"])): one for one in _proposals(request)}
    rows = [
        {"year": year, "adopted": adopted.get(year), "proposed": proposed.get(year)}
        for year in sorted({*adopted, *proposed, *years.around(request)}, reverse=True)
    ]
    return render(request, "web/plan_list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def adopt_plan(request: Request, year: int) -> HttpResponse:
    """Prepare the plan of a year: check it, see what it gives everybody, propose it; or read the adopted one."""
    adopted = compliance.plan_of(request.region, year)
    if adopted is not None:
        shown = _shown(plans.read(request.region, year, adopted.overlay))
        return render(request, "web/adopt_plan.html", {"year": year, "adopted": adopted, **shown})
    if request.method == "POST":
        return _prepared(request, year)
    waiting = next((one for one in _proposals(request) if str(one.payload["year"]) == str(year)), None)
    text = str(waiting.payload["overlay"]) if waiting else _shipped(request.region, year)
    context: dict[str, object] = {"year": year, "overlay": text, "waiting": waiting}
    if waiting:
        context |= _weighed(request, year, plans.read(request.region, year, text))
    context |= _consulted(request, year, str(context.get("digest", "")))
    return render(request, "web/adopt_plan.html", context)


@require_GET
@doors.open_to(Role.OFFICER)
def plan_table(request: Request, year: int) -> HttpResponse:
    """Give the plan of a year as a table to fill in: the adopted one, else the one that ships."""
    adopted = compliance.plan_of(request.region, year)
    text = adopted.overlay if adopted else _shipped(request.region, year)
    rows = sheets.rows_of(plans.leaves_of(text), year) if text else []
    return exports.xlsx_of(f"plan-{request.region}-{year}", sheets.COLUMNS, rows)


def _prepared(request: Request, year: int) -> HttpResponse:
    try:
        draft = _draft(request, year)
    except Refused as refused:
        context = {"year": year, "overlay": request.POST.get("overlay", ""), "refused": refused}
        return render(request, "web/adopt_plan.html", context, status=refused.code.sentence.status)
    if request.POST.get("decision") == "propose" and not draft.problems:
        return proposing.propose(request, _KIND, {"region": request.region, "year": year, "overlay": draft.text})
    context = {"year": year, "overlay": draft.text, **_weighed(request, year, draft)}
    context |= _consulted(request, year, _digest(draft.rules))
    return render(request, "web/adopt_plan.html", context, status=422 if draft.problems else 200)


# A browser sends its own line ends; the digest covers the text as the rule book writes it.
def _draft(request: Request, year: int) -> Draft:
    file = request.FILES.get("file")
    if file is None:
        text = request.POST.get("overlay", "").replace("\r\n", "\n")
        return plans.read(request.region, year, text)
    if (file.name or "").lower().endswith(".xlsx"):
        upload, pages = uploads.accept_workbook(file)
        written = sheets.text_of(next(iter(pages.values()), []), year)
        return plans.read(request.region, year, written.text, file=upload.name, table=written)
    upload, text = uploads.accept_text(file, endings=_ENDINGS)
    return plans.read(request.region, year, text.replace("\r\n", "\n"), file=upload.name)


def _shown(draft: Draft) -> Mapping[str, object]:
    return {"problems": draft.problems, "digest": _digest(draft.rules), "changes": draft.changes}


def _weighed(request: Request, year: int, draft: Draft) -> Mapping[str, object]:
    if draft.problems:
        return _shown(draft)
    weighed = compliance.preview(request.region, year, draft=draft.text, today=requests.today(request))
    return {**_shown(draft), "preview": weighed, "bars": drawings.bars(_by_sector(weighed, request.region))}


def _consulted(request: Request, year: int, digest: str) -> Mapping[str, object]:
    return consultations.told(request, year, digest=digest, subjects=consultations.OF_PLAN)


def _by_sector(weighed: Preview, region: str) -> list[tuple[str, int]]:
    return [(tags.sector_word(one.sector, region), one.after.base_t) for one in weighed.sectors if one.after.base_t]


def _digest(rules: RulesAt | None) -> str:
    return rules.digest if rules else ""


def _proposals(request: Request) -> list[ApprovalRow]:
    return [one for one in members.open_approvals(request.region) if one.kind == _KIND]


def _shipped(region: str, year: int) -> str:
    try:
        return rulebook.overlay(region, year)
    except LookupError:
        return ""
