"""Objections: what a company says against its line, its allowance or its figure, and the authority's desk for them."""

from collections.abc import Mapping
from types import MappingProxyType

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.compliance.queries import ObjectionRow
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.objections import ObjectionRefusal, ObjectionSubject
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.faces import doors, labels, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import proposing, years


class DecisionForm(forms.Form):
    """What two officers are to decide; each subject asks for the result that should stand."""

    is_upheld = forms.TypedChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("no", gettext_lazy("reject it")), ("yes", gettext_lazy("uphold it"))],
        coerce=lambda told: told == "yes",
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    field_order = ("is_upheld", "stage", "due_t", "determined_t", "direct_t", "reason")


class LineDecisionForm(DecisionForm):
    """On an objection to a line of the coverage list."""

    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=lambda: [(one.value, labels.label(one)) for one in Stage]
    )


class AllowanceDecisionForm(DecisionForm):
    """On an objection to an allowance."""

    due_t = forms.IntegerField(label=gettext_lazy("To be issued in all (t)"), min_value=0)


class FigureDecisionForm(DecisionForm):
    """On a re-check of a determined emission."""

    determined_t = forms.IntegerField(label=gettext_lazy("Emission after the re-check (t)"), min_value=0)
    direct_t = forms.IntegerField(label=gettext_lazy("of it direct (t)"), min_value=0)


_FORMS: Mapping[ObjectionSubject, tuple[type[DecisionForm], str]] = MappingProxyType(
    {
        ObjectionSubject.COVERAGE: (LineDecisionForm, "compliance.decide_list_objection"),
        ObjectionSubject.ALLOCATION: (AllowanceDecisionForm, "compliance.decide_objection"),
        ObjectionSubject.DETERMINATION: (FigureDecisionForm, "compliance.decide_recheck"),
    }
)


@require_GET
@doors.open_to(Role.OFFICER)
def objections(request: Request) -> HttpResponse:
    """List the objections that wait, the most urgent first."""
    return render(request, "web/objections.html", _context(request, years.year_of(request)))


@require_POST
@doors.open_to(Role.OFFICER)
def decide(request: Request, number: str) -> HttpResponse:
    """Propose a decision; it takes effect when a second officer approves it."""
    year = years.year_of(request)
    row = next((one for one in compliance.open_objections(request.region, year) if one.number == number), None)
    if row is None:
        raise Refused(ObjectionRefusal.NO_SUCH_OBJECTION, objection=number)
    form_of, kind = _FORMS[row.subject]
    form = form_of(request.POST, auto_id=f"{number}-%s")
    if not form.is_valid():
        return render(request, "web/objections.html", _context(request, year, {number: form}), status=422)
    return proposing.propose(request, kind, {"objection": number, **form.cleaned_data})


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def file_objection(request: Request, subject: str, year: int) -> HttpResponse:
    """Object to the own line, allowance or figure of a year."""
    actor = doors.actor_of(request)
    if subject.upper() not in set(ObjectionSubject):
        raise Http404
    about = ObjectionSubject(subject.upper())
    answer = compliance_services.file_objection(
        actor,
        subject=about,
        entity=actor.organisation,
        year=year,
        reason=request.POST.get("reason", ""),
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Filed: %(number)s.") % {"number": answer["objection"]})
    page = {
        ObjectionSubject.COVERAGE: reverse("web:own_coverage"),
        ObjectionSubject.ALLOCATION: reverse("web:allocation"),
        ObjectionSubject.DETERMINATION: reverse("web:standing", args=[actor.organisation]),
    }[about]
    return redirect(f"{page}?year={year}")


@require_POST
@doors.open_to(Role.OFFICER)
def open_recheck(request: Request, uscc: str) -> HttpResponse:
    """Open a re-check of a determined figure of the authority's own accord."""
    year, owner = years.year_of(request), members.organisation_within(doors.actor_of(request), uscc)
    compliance_services.open_recheck(
        doors.actor_of(request),
        entity=owner.uscc,
        year=year,
        reason=request.POST.get("reason", ""),
        key=requests.key_of(request),
        now=request.now,
    )
    return redirect(f"{reverse('web:objections')}?year={year}")


def told(subject: ObjectionSubject, entity: str, year: int, request: Request) -> dict[str, object]:
    """Give what a page of a company shows of its objection: the last one, and until when it may object."""
    return {
        "subject": subject,
        "objection": compliance.objection_of(subject, entity, year),
        "object_until": compliance.object_until(subject, entity, year, requests.today(request)),
    }


def _context(
    request: Request, year: int, wrong: Mapping[str, DecisionForm] = MappingProxyType({})
) -> dict[str, object]:
    rows = compliance.open_objections(request.region, year)
    trail.listed("objections", rows=len(rows), asked=requests.asked_of(request))
    results = _results(request.region, year, rows)
    desks = []
    for row in rows:
        form_of, _ = _FORMS[row.subject]
        found = wrong.get(row.number) or form_of(initial=results.get(row.number), auto_id=f"{row.number}-%s")
        desks.append({"row": row, "form": found, "is_late": row.decide_until < requests.today(request)})
    return {"year": year, "desks": desks}


# What stands now, to begin with in the fields of each form.
def _results(region: str, year: int, rows: tuple[ObjectionRow, ...]) -> dict[str, dict[str, object]]:
    about = {row.subject for row in rows}
    issued = compliance.issued_to([row.entity for row in rows], year)
    lines = {row.entity: row.stage for row in compliance.covered(region, year)} if _LINE in about else {}
    figures = emissions.determined(region, year) if _FIGURE in about else {}
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        if row.subject is _LINE:
            found[row.number] = {"stage": lines[row.entity]}
        elif row.subject is _FIGURE:
            figure = figures[row.entity]
            found[row.number] = {"determined_t": figure.determined_t, "direct_t": figure.direct_t}
        else:
            found[row.number] = {"due_t": issued.get(row.entity, 0)}
    return found


_LINE, _FIGURE = ObjectionSubject.COVERAGE, ObjectionSubject.DETERMINATION
