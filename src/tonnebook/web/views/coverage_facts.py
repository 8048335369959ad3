"""What decides about coverage beside emissions: an officer notes who leaves, and takes in the statistics of energy."""

import csv
import io
from decimal import Decimal, InvalidOperation

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import services as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests, uploads
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request

COLUMNS = ("uscc", "energy_tce")
_FIRST_YEAR, _LAST_YEAR = 2013, 2100
_KINDS = ("national", "closed", "moved_away")


class DepartureForm(RefusableForm):
    """Who leaves, where to, and from when on."""

    entity = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=18)
    kind = forms.ChoiceField(
        label=gettext_lazy("Why it leaves"),
        choices=[
            ("national", gettext_lazy("moves to the national market")),
            ("closed", gettext_lazy("closed or dissolved")),
            ("moved_away", gettext_lazy("moves out of the region")),
        ],
    )
    from_year = forms.IntegerField(
        label=gettext_lazy("First year outside"), min_value=_FIRST_YEAR, max_value=_LAST_YEAR
    )


class EnergyForm(RefusableForm):
    """The statistics of energy of a year."""

    year = forms.IntegerField(label=gettext_lazy("Calendar year"), min_value=_FIRST_YEAR, max_value=_LAST_YEAR)
    source = forms.CharField(label=gettext_lazy("Which statistics"), max_length=200)
    file = forms.FileField(label=gettext_lazy("Energy use (CSV)"))


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def coverage_facts(request: Request) -> HttpResponse:
    """Note who leaves, or take in how much energy companies used; all lines come in or none."""
    is_energy = request.POST.get("what") == "energy"
    leaving = DepartureForm(None if is_energy else request.POST or None)
    energy = EnergyForm(request.POST, request.FILES) if is_energy else EnergyForm()
    if request.method == "POST":
        form = energy if is_energy else leaving
        done = form.is_valid() and (_note_energy(request, energy) if is_energy else _note_departure(request, leaving))
        if done:
            messages.success(request, gettext("Noted."))
            return redirect("web:coverage_facts")
    context = {"leaving": leaving, "energy": energy, "columns": COLUMNS}
    return render(request, "web/coverage_facts.html", context, status=200 if request.method == "GET" else 422)


def _note_departure(request: Request, form: DepartureForm) -> bool:
    told = form.cleaned_data
    years = {kind: {told["entity"]: told["from_year"]} if kind == told["kind"] else {} for kind in _KINDS}
    key, actor = requests.key_of(request), doors.actor_of(request)
    try:
        compliance.record_departures(actor, region=request.region, **years, key=key, now=request.now)
    except Refused as error:
        form.refuse(error)
    return form.is_valid()


def _note_energy(request: Request, form: EnergyForm) -> bool:
    told = form.cleaned_data
    try:
        _, text = uploads.accept_text(told["file"], endings=(".csv",))
        compliance.record_energy_use(
            doors.actor_of(request),
            region=request.region,
            year=told["year"],
            energy_tce=_read(text),
            source=told["source"],
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        form.refuse(error)
    except ValueError as error:
        form.add_error("file", str(error))
    return form.is_valid()


def _read(text: str) -> dict[str, Decimal]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(gettext("The columns must be: %(columns)s") % {"columns": ", ".join(COLUMNS)})
    found: dict[str, Decimal] = {}
    for line, row in enumerate(reader, 2):
        entity, quantity = (row["uscc"] or "").strip(), _quantity(row["energy_tce"] or "")
        if quantity is None or entity in found:
            told = gettext("Line %(line)s: each company stands once, with tonnes of coal equivalent to three decimals.")
            raise ValueError(told % {"line": line})
        found[entity] = quantity
    return found


def _quantity(text: str) -> Decimal | None:
    try:
        quantity = Decimal(text.strip())
    except InvalidOperation:
        return None
    is_fine = quantity.is_finite() and 0 <= quantity < _TCE_MAX and quantity == round(quantity, 3)
    return quantity if is_fine else None


_TCE_MAX = Decimal(10) ** 12
