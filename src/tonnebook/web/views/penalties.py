"""Penalty files: who is short without one, what the law allows, and the steps of the procedure."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.compliance.queries import PenaltyRow
from tonnebook.core.errors import Refused
from tonnebook.core.penalty import PenaltyRefusal, PenaltyStep
from tonnebook.core.roles import Actor, Role
from tonnebook.core.trail import LookKind
from tonnebook.core.year_status import YearCode
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.year_forms import PenaltyForm, StepForm

_BREACHES = frozenset({YearCode.SHORT, YearCode.PENALISED})


@require_GET
@doors.open_to(Role.OFFICER, Role.AUDITOR)
def penalties(request: Request) -> HttpResponse:
    """List who is short after the last day of a year and has no file, and the files of the region."""
    return _list(request, None, 200)


@require_POST
@doors.open_to(Role.OFFICER)
def open_file(request: Request) -> HttpResponse:
    """Open a file on one entity."""
    form = PenaltyForm(request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    try:
        answer = compliance_services.open_penalty_file(
            doors.actor_of(request),
            entity=request.POST.get("entity", ""),
            year=years.year_of(request),
            ground=form.cleaned_data["ground"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _list(request, form, form.refuse(error))
    messages.success(request, gettext("Opened. What the law of the day provides stands below; the decision is yours."))
    return redirect("web:penalty_file", number=answer["file"])


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER, Role.AUDITOR, Role.REPRESENTATIVE)
def penalty_file(request: Request, number: str) -> HttpResponse:
    """Show a file to the authority and to whom it is about; officers record the next step."""
    actor = doors.actor_of(request)
    row = _file_within(actor, number)
    is_officer = Role.OFFICER in actor.roles
    form = StepForm(request.POST or None, following=row.following) if is_officer and row.following else None
    status = 200
    if request.method == "POST":
        status = 422
        if form is not None and form.is_valid():
            try:
                told, key = form.cleaned_data, requests.key_of(request)
                compliance_services.record_penalty_step(
                    actor,
                    file=number,
                    step=PenaltyStep(told["step"]),
                    ground=told["ground"],
                    document=told["document"],
                    fine_fen=form.fine_fen,
                    key=key,
                    now=request.now,
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Recorded."))
                return redirect("web:penalty_file", number=number)
    return render(request, "web/penalty_file.html", {"file": row, "form": form}, status=status)


# What is not theirs is answered like what does not exist.
def _file_within(actor: Actor, number: str) -> PenaltyRow:
    row = compliance.penalty_file(number)
    if row.region != actor.region or (row.entity != actor.organisation and Role.REPRESENTATIVE in actor.roles):
        raise Refused(PenaltyRefusal.NO_SUCH_FILE, file=number)
    if row.entity != actor.organisation:
        trail.looked(LookKind.ORGANISATION, row.entity)
    return row


def _list(request: Request, form: PenaltyForm | None, status: int) -> HttpResponse:
    year, files = years.year_of(request), compliance.penalty_files(request.region)
    covered = compliance.covered_codes(request.region, year)
    found = compliance.standings(covered, region=request.region, year=year, now=request.now)
    filed = {one.entity for one in files if one.year == year}
    short = {uscc: one for uscc, one in found.items() if one.code in _BREACHES and uscc not in filed}
    trail.listed("penalties", rows=len(files) + len(short), asked=requests.asked_of(request))
    names = members.organisations_named(sorted(short))
    context = {
        "year": year,
        "files": files,
        "short": [(names[uscc], one) for uscc, one in sorted(short.items(), key=lambda it: -it[1].missing_t)],
        "form": form or PenaltyForm(),
        "asked": request.POST.get("entity", ""),
        "may_open": Role.OFFICER in doors.actor_of(request).roles,
    }
    return render(request, "web/penalties.html", context, status=status)
