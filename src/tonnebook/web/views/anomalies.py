"""The anomaly queue of the authority: what the checks found in the reports of a year, and findings to let pass."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core import checks
from tonnebook.core.checks import ChecksRefusal, Severity
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions.queries import AnomalyRow
from tonnebook.faces import doors, pagination, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.rulebook import catalogue
from tonnebook.web import proposing, years

_CHECKS_SHOWN = 12


class WaiverForm(RefusableForm):
    """Why a finding may pass, and until when."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {ChecksRefusal.WAIVER_WITHOUT_REASON: "reason", ChecksRefusal.WAIVER_OVER: "until_on"}
    )
    reason = forms.CharField(label=gettext_lazy("Why it may pass"), max_length=500)
    until_on = forms.DateField(
        label=gettext_lazy("Until (that day too)"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@require_GET
@doors.open_to(Role.OFFICER)
def anomalies(request: Request) -> HttpResponse:
    """List what the checks found, by severity, check and company, with what is let pass at the end."""
    year, today = years.year_of(request), requests.today(request)
    rows = emissions.anomalies(request.region, year, today)
    asked = {name: request.GET.get(name, "").strip() for name in ("severity", "check", "q")}
    names = members.organisations_named(sorted({row.entity for row in rows}))
    found = [row for row in rows if _is_asked_for(row, asked, str(names.get(row.entity, "")))]
    trail.listed("anomalies", rows=len(found), asked=requests.asked_of(request))
    context = {
        "year": year,
        "asked": asked,
        "severities": [(one, sum(row.finding.severity is one for row in rows)) for one in Severity],
        "frequent": _by_check(rows),
        "page": pagination.page_of(found, request),
        "names": names,
    }
    return render(request, "web/anomalies.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def waive(request: Request, uscc: str, year: int, check: str) -> HttpResponse:
    """Propose to a second officer that a finding passes."""
    owner = members.organisation_within(doors.actor_of(request), uscc)
    form, status = WaiverForm(request.POST or None), 200
    place = request.GET.get("place", "")
    known = catalogue.checks()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            try:
                checks.check_waiver(check=check, known=known, today=requests.today(request), **told)
            except Refused as error:
                status = form.refuse(error)
            else:
                payload = {
                    "entity": uscc,
                    "year": year,
                    "check": check,
                    "place": place,
                    "reason": told["reason"],
                    "until_on": told["until_on"].isoformat(),
                }
                return proposing.propose(request, "emissions.waive_check", payload)
    context = {"owner": owner, "year": year, "check": known.get(check), "number": check, "place": place, "form": form}
    return render(request, "web/waive_check.html", context, status=status)


def _is_asked_for(row: AnomalyRow, asked: Mapping[str, str], name: str) -> bool:
    finding = row.finding
    return (
        asked["severity"] in ("", finding.severity.value)
        and asked["check"] in ("", finding.check)
        and asked["q"].lower() in f"{row.entity} {name} {finding.zh} {finding.en}".lower()
    )


def _by_check(rows: Sequence[AnomalyRow]) -> list[tuple[str, int]]:
    counts = Counter(row.finding.check for row in rows if not row.finding.is_waived)
    return counts.most_common(_CHECKS_SHOWN)
