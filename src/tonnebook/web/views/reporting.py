"""The company's monitoring and reporting: monthly filings with evidence, annual report with versions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseFormSet, formset_factory
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core import canonical, mrv
from tonnebook.core.checks import Finding
from tonnebook.core.checks.subjects import Line
from tonnebook.core.errors import Refused
from tonnebook.core.methods import Definition
from tonnebook.core.mrv import EmissionResult, OutputRow
from tonnebook.core.roles import Role
from tonnebook.core.uploads import EVIDENCE, DocumentPurpose
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.queries import Draft, DraftRow, ReportRow
from tonnebook.emissions.services import ReportLine
from tonnebook.faces import doors, problem, requests, uploads
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.web import years
from tonnebook.web.forms import EvidenceForm, LineForm, OutputForm, ParameterForm

_PARAMETERS_EXTRA = 3
_LINES_EXTRA = 3


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def filings(request: Request) -> HttpResponse:
    """List every month of every facility, filed or still to file."""
    actor, year = doors.actor_of(request), years.year_of(request)
    rows = emissions.filings(actor.organisation, year)
    context = {
        "year": year,
        "filings": rows,
        "may_file": True,
        "filed": sum(row.filed_at is not None for row in rows),
        "plan": emissions.plan_of(actor.organisation, year),
    }
    return render(request, "web/filings.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def file_month(request: Request, facility: str, year: int, month: int) -> HttpResponse:
    """File the parameters of one month; the evidence is kept, and its digest enters the log."""
    actor = doors.actor_of(request)
    if facility not in {one.number for one in emissions.facilities_of(actor.organisation)}:
        raise PermissionDenied
    parameters = formset_factory(ParameterForm, extra=_PARAMETERS_EXTRA, min_num=1, validate_min=True)(
        request.POST or None, prefix="parameter"
    )
    evidence = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and parameters.is_valid() and evidence.is_valid():
        digest = _kept(request, evidence.cleaned_data["evidence"])
        answer = emissions_services.file_month(
            actor,
            facility=facility,
            year=year,
            month=month,
            parameters=[form.row() for form in parameters if form.has_changed()],
            evidence_digest=digest,
            reason=evidence.cleaned_data["reason"],
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Filed. The receipt is in the public log."))
        return redirect("portal:leaf", leaf_hash=str(answer["receipt"]))
    context = {"facility": facility, "year": year, "month": month, "parameters": parameters, "evidence": evidence}
    return render(request, "web/file_month.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def reports(request: Request) -> HttpResponse:
    """Show the latest version of the year's report, its opinion and its explanation."""
    actor, year = doors.actor_of(request), years.year_of(request)
    report = emissions.report_of(actor.organisation, year)
    findings = emissions.findings_of(report.number, requests.today(request)) if report else ()
    context = {
        "year": year,
        "report": report,
        "findings": findings,
        "comparison": emissions.comparison(actor.organisation, year) if report else (),
        "kept_until": emissions.kept_until(request.region, year),
        "own": actor.organisation,
    }
    return render(request, "web/reports.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def submit_report(request: Request, year: int) -> HttpResponse:
    """Submit the annual report, prefilled from a draft or the last one, with the total its reader has seen."""
    actor = doors.actor_of(request)
    draft = emissions.draft_of(actor.organisation, year)
    names = members.organisations_named([draft.writer]) if draft else {}
    context = {"year": year, "draft": draft, "writer": names.get(draft.writer) if draft else None}

    def submit(sheet: Sheet) -> HttpResponse:
        emissions_services.submit_report(
            actor,
            entity=actor.organisation,
            year=year,
            lines=sheet.told(),
            outputs=sheet.made(),
            draft=request.POST.get("draft", ""),
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Your report is submitted; the verification body sees it now."))
        return redirect("web:reports")

    return sheet_page(request, actor.organisation, year, draft, context, submit)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines and outputs of a report as somebody types them."""

    lines: "BaseFormSet[LineForm]"
    outputs: "BaseFormSet[OutputForm]"

    def told(self) -> list[ReportLine]:
        """Give the lines the service takes."""
        return [form.line() for form in self.lines if form.cleaned_data]

    def made(self) -> list[OutputRow]:
        """Give the outputs the service takes."""
        return [form.row() for form in self.outputs if form.cleaned_data]


def sheet_page(
    request: Request,
    entity: str,
    year: int,
    draft: DraftRow | None,
    context: Mapping[str, object],
    send: Callable[[Sheet], HttpResponse],
) -> HttpResponse:
    """Show a report's lines to be filled in, and send them once their reader has seen what they come to.

    Args:
        request: of the page.
        entity: whose report.
        year: compliance year.
        draft: what the lines begin with; those of the last report when there is none.
        context: what the template needs beside lines and outputs.
        send: hands the filled sheet to its service.
    """
    begun = draft or emissions.report_of(entity, year)
    # A report not begun yet starts with last year's sources and the quantities of this year's months.
    known = list(begun.lines) if begun else [canonical.plain(one) for one in emissions.beginning(entity, year)]
    outputs = _outputs(request, begun or emissions.report_of(entity, year - 1))
    sheet = Sheet(_lines(request, entity, year, known), outputs)
    shown: dict[str, object] = {**context, "lines": sheet.lines, "outputs": sheet.outputs}
    if request.method == "GET":
        return render(request, "web/submit_report.html", shown)
    if not (sheet.lines.is_valid() and sheet.outputs.is_valid()):
        return render(request, "web/submit_report.html", shown, status=422)
    try:
        result = mrv.emissions([line.source for line in sheet.told()], emissions.rules_of(request.region, year))
        # The form comes twice: first to be computed and shown, then with the total its reader has seen.
        if request.POST.get("shown_total_t") != str(result.total.whole):
            found = _findings(request, entity, year, sheet, result)
            return render(request, "web/submit_report.html", {**shown, "result": result, "findings": found})
        return send(sheet)
    except Refused as error:
        refused = problem.refused(error)
        return render(request, "web/submit_report.html", {**shown, "problem": refused}, status=refused.status)


# What the checks say of a sheet before anybody submits it: the same that its submission will be told.
def _findings(request: Request, entity: str, year: int, sheet: Sheet, result: EmissionResult) -> tuple[Finding, ...]:
    draft = Draft(
        entity=entity,
        region=request.region,
        year=year,
        lines=[Line(line.facility, line.source, line.stream) for line in sheet.told()],
        outputs=list(mrv.outputs_by_product(sheet.made()).values()),
        submitted_on=requests.today(request),
    )
    return emissions.findings_of_draft(draft, result)


def _lines(request: Request, entity: str, year: int, lines: Sequence[object]) -> "BaseFormSet[LineForm]":
    choices = [(one.number, tags.name(one)) for one in emissions.facilities_of(entity)]
    known = [_line_initial(line) for line in lines]
    factory = formset_factory(LineForm, extra=_LINES_EXTRA, min_num=1, validate_min=True)
    return factory(
        request.POST or None,
        prefix="line",
        initial=known,
        form_kwargs={"facilities": choices, "methods": _methods(request.region, year)},
    )


def _outputs(request: Request, begin: DraftRow | ReportRow | None) -> "BaseFormSet[OutputForm]":
    known = [dict(output) for output in begin.outputs] if begin else []
    return formset_factory(OutputForm, extra=1)(request.POST or None, prefix="output", initial=known)


def _line_initial(line: object) -> dict[str, object]:
    assert isinstance(line, dict)
    source = line["source"]
    known = ("kind", "name", "quantity", "unit", "method", "direction")
    further = "; ".join(f"{row['input']} = {row['value']} {row['unit']}" for row in source.get("inputs", []))
    own = {"facility": line["facility"], "stream": line.get("stream", ""), "inputs": further}
    return {**own, **{name: source.get(name, "") for name in known}}


def _methods(region: str, year: int) -> list[Definition]:
    found = (one for versions in emissions.rules_of(region, year).methods.values() for one in versions)
    return [one for one in found if one.covers(year)]


# The file is looked at as every file handed in and kept; its digest is what enters the log with the month.
def _kept(request: Request, given: "UploadedFile[bytes]") -> str:
    actor = doors.actor_of(request)
    upload = uploads.accept(given, kinds=EVIDENCE)
    kept = members_services.keep_document(
        actor,
        organisation=actor.organisation,
        upload=upload,
        purpose=DocumentPurpose.EVIDENCE,
        key=f"{requests.key_of(request)}:evidence",
        now=request.now,
    )
    return str(kept["sha256"])
