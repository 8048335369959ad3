"""The verifier's workbench: what is assigned, claim and evidence side by side, plan, findings and three signatures."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook import rulebook
from tonnebook.core import verification
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import ReportState, Verdict
from tonnebook.core.roles import Actor, Role
from tonnebook.core.trail import LookKind
from tonnebook.core.verification import Duty, Settlement
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.queries import ConclusionRow, FindingRow, ReportRow, VerificationPlanRow
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.verification_forms import (
    Choices,
    ConclusionForm,
    FindingAnswerForm,
    FindingForm,
    SettlementForm,
    VerificationPlanForm,
)


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
    """Show claim and evidence side by side, and take the next step of the verification of exactly this version."""
    actor = doors.actor_of(request)
    row = emissions.report(number)
    if row.entity not in {one.entity for one in emissions.board(actor.organisation, row.year)}:
        raise PermissionDenied
    trail.looked(LookKind.REPORT, number)
    step, form, status = "", None, 200
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step not in _STEPS:
            raise Http404
        form, told = _form_of(step, request, actor), gettext("Done; it stands in the log.")
        status = 422
        if form is None or form.is_valid():
            try:
                _STEPS[step](request, actor, number, form)
            except Refused as error:
                if form is None:
                    raise
                status = form.refuse(error)
            else:
                messages.success(request, told)
                return redirect("web:report", number=number)
    context = {**_side_by_side(request, row), **_work(request, actor, row)}
    if form is not None:
        context |= {f"{step}_form": form}
    return render(request, "web/report.html", context, status=status)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def own_findings(request: Request) -> HttpResponse:
    """List what was found about one's own reports, and answer it."""
    actor, status = doors.actor_of(request), 200
    form = FindingAnswerForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                key, now = requests.key_of(request), request.now
                emissions_services.answer_finding(actor, **form.cleaned_data, key=key, now=now)
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Answered; the verification body deals with it now."))
                return redirect("web:own_findings")
    rows = emissions.verification_findings([actor.organisation])
    asked = form.data.get("finding", "") if form.errors else ""
    lines = [
        (row, form if row.number == asked else FindingAnswerForm(initial={"finding": row.number})) for row in rows[::-1]
    ]
    context = {"lines": lines, "waiting": sum(row.settlement is None and not row.answer for row in rows)}
    return render(request, "web/own_findings.html", context, status=status)


def _side_by_side(request: Request, row: ReportRow) -> dict[str, object]:
    filings = emissions.filings(row.entity, row.year)
    return {
        "report": row,
        "entity": members.organisation(row.entity),
        "filings": filings,
        "missing": sum(filing.filed_at is None for filing in filings),
        "comparison": emissions.comparison(row.entity, row.year),
        "findings": emissions.findings_of(row.number, requests.today(request)),
        "is_open": row.state is ReportState.ASSIGNED,
    }


def _work(request: Request, actor: Actor, row: ReportRow) -> dict[str, object]:
    plan = emissions.plans_of([row.number]).get(row.number)
    conclusion = emissions.conclusions_of([row.number]).get(row.number)
    findings = [one for one in emissions.verification_findings([row.entity]) if one.year == row.year]
    rules = rulebook.at(request.region, on=requests.today(request), year=row.year)
    evaluation = verification.evaluate(row.total_t, [one.found for one in findings], rules)
    names = {person.number: tags.name(person) for person in members.people(actor.organisation)}
    return {
        "plan": plan,
        "names": names,
        "found": [(one, _settling(one)) for one in findings],
        "evaluation": evaluation,
        "conclusion": conclusion,
        "duty": _own_duty(actor, plan, conclusion),
        "signatures": _signatures(plan, conclusion, names),
        "plan_form": VerificationPlanForm(people=_people(actor)),
        "finding_form": FindingForm(),
        "conclude_form": ConclusionForm(initial={"verified_t": evaluation.verified.whole}),
        "leads": plan is not None and plan.team.leader == actor.person,
    }


def _settling(row: FindingRow) -> SettlementForm | None:
    return SettlementForm(initial={"finding": row.number}) if row.settlement is None else None


def _own_duty(actor: Actor, plan: VerificationPlanRow | None, conclusion: ConclusionRow | None) -> Duty | None:
    if plan is None or conclusion is None:
        return None
    due = verification.next_duty(conclusion.signed)
    return due if due is not None and plan.team.of(due) == actor.person else None


def _signatures(
    plan: VerificationPlanRow | None, conclusion: ConclusionRow | None, names: Mapping[str, str]
) -> list[tuple[Duty, str, bool]]:
    if plan is None:
        return []
    signed = conclusion.signed if conclusion else {}
    return [(duty, names.get(plan.team.of(duty), plan.team.of(duty)), duty in signed) for duty in verification.SIGNING]


def _people(actor: Actor) -> dict[Duty, Choices]:
    names = {person.number: tags.name(person) for person in members.people(actor.organisation)}
    found: dict[Duty, list[tuple[str, str]]] = defaultdict(list)
    for person, duties in emissions.duties_of(actor.organisation).items():
        for duty in duties:
            found[duty].append((person, names.get(person, person)))
    return dict(found)


def _form_of(step: str, request: Request, actor: Actor) -> RefusableForm | None:
    if step == "plan":
        return VerificationPlanForm(request.POST, people=_people(actor))
    kinds = {"finding": FindingForm, "settle": SettlementForm, "conclude": ConclusionForm}
    return kinds[step](request.POST) if step in kinds else None


def _plan(request: Request, actor: Actor, number: str, form: RefusableForm | None) -> None:
    assert isinstance(form, VerificationPlanForm)
    key = requests.key_of(request)
    emissions_services.plan_verifications(actor, plans=[form.draft(number)], key=key, now=request.now)


def _find(request: Request, actor: Actor, number: str, form: RefusableForm | None) -> None:
    assert isinstance(form, FindingForm)
    key = requests.key_of(request)
    emissions_services.raise_finding(actor, report=number, finding=form.finding(), key=key, now=request.now)


def _settle(request: Request, actor: Actor, number: str, form: RefusableForm | None) -> None:
    del number
    assert form is not None
    told = {**form.cleaned_data, "settlement": Settlement(form.cleaned_data["settlement"])}
    emissions_services.settle_finding(actor, **told, key=requests.key_of(request), now=request.now)


def _conclude(request: Request, actor: Actor, number: str, form: RefusableForm | None) -> None:
    assert form is not None
    verdict, verified_t = Verdict(form.cleaned_data["verdict"]), form.cleaned_data["verified_t"]
    draft = emissions_services.ConclusionDraft(number, verdict, verified_t)
    emissions_services.conclude(actor, conclusions=[draft], key=requests.key_of(request), now=request.now)


def _sign(request: Request, actor: Actor, number: str, form: RefusableForm | None) -> None:
    del form
    duty = request.POST.get("duty", "")
    if duty not in set(Duty):
        raise Http404
    digests = {number: request.POST.get("digest", "")}
    key = requests.key_of(request)
    emissions_services.sign_conclusions(actor, duty=Duty(duty), digests=digests, key=key, now=request.now)


_STEPS: Mapping[str, Callable[[Request, Actor, str, RefusableForm | None], None]] = MappingProxyType(
    {"plan": _plan, "finding": _find, "settle": _settle, "conclude": _conclude, "sign": _sign}
)
