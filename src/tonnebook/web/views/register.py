"""The register below a company: facilities, source streams and their events, declared by it and decided by officers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.mrv import LineKind
from tonnebook.core.register import EventDecision, Reach, RegisterRefusal, SiteEvent, Span
from tonnebook.core.roles import Role
from tonnebook.core.uploads import PAPERS, DocumentPurpose, UploadRefusal
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.queries import PlaceRow
from tonnebook.emissions.services import StreamDraft
from tonnebook.faces import doors, labels, problem, requests, uploads
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.web import years

_YEARS_SHOWN = 10
_WIDTH = 1000


class EventForm(RefusableForm):
    """What happened to what, on which day, with its evidence."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            RegisterRefusal.EVENT_BEFORE_START: "on",
            RegisterRefusal.EVENT_OUT_OF_ORDER: "on",
            RegisterRefusal.RECEIVER_MISSING: "receiver",
            **dict.fromkeys(UploadRefusal, "paper"),
        }
    )
    on = forms.DateField(
        label=gettext_lazy("Day it takes effect"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    detail = forms.CharField(label=gettext_lazy("Detail, such as the new capacity"), max_length=500, required=False)
    receiver = forms.CharField(
        label=gettext_lazy("Who takes it over (unified social credit code)"), max_length=18, required=False
    )
    paper = forms.FileField(label=gettext_lazy("Evidence (PDF or picture)"))
    field_order = ("subject", "event", "on", "detail", "receiver", "paper")

    def __init__(self, *args: object, subjects: list[tuple[str, str]]) -> None:
        """Offer what is registered, and the kinds of events in words."""
        super().__init__(*args)  # type: ignore[arg-type]
        kinds = [(one.value, labels.label(one)) for one in SiteEvent]
        self.fields["subject"] = forms.ChoiceField(label=gettext_lazy("What it happened to"), choices=subjects)
        self.fields["event"] = forms.ChoiceField(label=gettext_lazy("What happened"), choices=kinds)
        self.order_fields(self.field_order)


class StreamForm(RefusableForm):
    """A source stream to register."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({RegisterRefusal.NUMBER_TAKEN: "number"})
    number = forms.CharField(label=gettext_lazy("Number of the source stream"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Fuel, process or supply"), max_length=60)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20)
    process = forms.CharField(label=gettext_lazy("Process it belongs to"), max_length=200, required=False)
    from_on = forms.DateField(
        label=gettext_lazy("In use since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("facility", "number", "line_kind", "name", "unit", "process", "reach", "from_on")

    def __init__(self, *args: object, facilities: list[tuple[str, str]]) -> None:
        """Offer the own facilities, kinds of sources and boundaries in words."""
        super().__init__(*args)  # type: ignore[arg-type]
        kinds = [(one.value, labels.label(one)) for one in LineKind]
        reaches = [(one.value, labels.label(one)) for one in Reach]
        self.fields["facility"] = forms.ChoiceField(label=gettext_lazy("Facility"), choices=facilities)
        self.fields["line_kind"] = forms.ChoiceField(label=gettext_lazy("Source"), choices=kinds)
        self.fields["reach"] = forms.ChoiceField(label=gettext_lazy("Boundary"), choices=reaches)
        self.order_fields(self.field_order)

    def draft(self) -> StreamDraft:
        """Give the stream the service takes."""
        told = self.cleaned_data
        return StreamDraft(
            **{**told, "line_kind": LineKind(told["line_kind"]), "reach": Reach(told["reach"])},
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """A time in use as a bar of the timeline, in thousandths of its width."""

    x: int
    width: int


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def register(request: Request) -> HttpResponse:
    """Show facilities, streams and events with their times, register a stream, declare an event."""
    actor, year, today = doors.actor_of(request), years.year_of(request), requests.today(request)
    rows = emissions.register_of(actor.organisation)
    asked = request.POST.get("what", "")
    event = EventForm(*((request.POST, request.FILES) if asked == "event" else ()), subjects=list(_subjects(rows)))
    stream = StreamForm(
        *((request.POST,) if asked == "stream" else ()), facilities=[(row.number, tags.name(row)) for row in rows]
    )
    status = 422 if asked else 200
    try:
        if asked == "event" and event.is_valid():
            return _declare(request, event)
        if asked == "stream" and stream.is_valid():
            emissions_services.register_streams(
                actor,
                entity=actor.organisation,
                drafts=[stream.draft()],
                key=requests.key_of(request),
                now=request.now,
            )
            messages.success(request, gettext("The source stream is registered."))
            return redirect("web:register")
    except Refused as error:
        status = (event if asked == "event" else stream).refuse(error)
    report = emissions.report_of(actor.organisation, year)
    context = {
        "year": year,
        "rows": rows,
        "bars": {row.number: list(_bars(row.spans, today)) for row in rows}
        | {one.number: list(_bars(one.spans, today)) for row in rows for one in row.streams},
        "first_year": today.year - _YEARS_SHOWN + 1,
        "last_year": today.year,
        "event": event,
        "stream": stream,
        "report": report,
        "sums": emissions.boundaries_of(actor.organisation, report.lines, report.total) if report else None,
    }
    return render(request, "web/register.html", context, status=status)


@require_http_methods(["GET"])
@doors.open_to(Role.OFFICER)
def events(request: Request) -> HttpResponse:
    """List the declared events that wait for the authority."""
    rows = emissions.open_events(request.region)
    trail.listed("register_events", rows=len(rows))
    names = members.organisations_named(sorted({row.entity for row in rows}))
    return render(request, "web/register_events.html", {"rows": rows, "names": names})


@require_POST
@doors.open_to(Role.OFFICER)
def decide_event(request: Request, number: str) -> HttpResponse:
    """Approve a declared event, or return it with remarks."""
    decision = EventDecision.RETURNED if request.POST.get("decision") == "return" else EventDecision.APPROVED
    try:
        emissions_services.decide_event(
            doors.actor_of(request),
            event=number,
            decision=decision,
            note=request.POST.get("note", ""),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        refused = problem.refused(error)
        rows = emissions.open_events(request.region)
        names = members.organisations_named(sorted({row.entity for row in rows}))
        context = {"rows": rows, "names": names, "problem": refused}
        return render(request, "web/register_events.html", context, status=refused.status)
    messages.success(request, gettext("Decided; the company sees it in its register."))
    return redirect("web:register_events")


def _declare(request: Request, form: EventForm) -> HttpResponse:
    actor, key, told = doors.actor_of(request), requests.key_of(request), form.cleaned_data
    upload = uploads.accept(told["paper"], kinds=PAPERS)
    kept = members_services.keep_document(
        actor,
        organisation=actor.organisation,
        upload=upload,
        purpose=DocumentPurpose.EVIDENCE,
        key=f"{key}-document",
        now=request.now,
    )
    emissions_services.declare_event(
        actor,
        subject=told["subject"],
        kind=SiteEvent(told["event"]),
        on=told["on"],
        detail=told["detail"],
        receiver=told["receiver"],
        document=str(kept["document"]),
        key=key,
        now=request.now,
    )
    messages.success(request, gettext("Declared; it counts once the authority has approved it."))
    return redirect("web:register")


def _subjects(rows: tuple[PlaceRow, ...]) -> Iterator[tuple[str, str]]:
    for row in rows:
        yield row.number, f"{row.number} · {tags.name(row)}"
        for stream in row.streams:
            yield stream.number, f"{row.number} · {stream.number} · {stream.name}"


# The last ten years from left to right; what began before begins at the edge.
def _bars(spans: tuple[Span, ...], today: date) -> Iterator[Bar]:
    begin = date(today.year - _YEARS_SHOWN + 1, 1, 1)
    days = (date(today.year + 1, 1, 1) - begin).days
    for span in spans:
        first = max((span.from_on - begin).days, 0)
        last = min(((span.to_on or today) - begin).days, days)
        if last > first:
            yield Bar(first * _WIDTH // days, max((last - first) * _WIDTH // days, 1))
