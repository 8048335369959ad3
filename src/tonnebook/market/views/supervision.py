"""Pages of supervision: phases and halts, members and large holders for the exchange; entry to trading for members."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.admission import CLASSES_OF, AdmissionState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor, Role
from tonnebook.core.uploads import PAPERS, DocumentPurpose
from tonnebook.faces import doors, requests, uploads
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries, services
from tonnebook.market.services import standing
from tonnebook.market.supervision_forms import DecisionForm, EntryForm, HaltForm, MemberForm, PurposeForm, ReasonForm
from tonnebook.members import services as members

# What is signed and handed in with a request for entry, by the field of the form.
_PAPER_OF = {"risk_letter": DocumentPurpose.RISK_LETTER, "agreement": DocumentPurpose.ENTRY}


@require_GET
@doors.open_to(Role.EXCHANGE_STAFF)
def supervision(request: Request) -> HttpResponse:
    return _page(request)


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def halt(request: Request) -> HttpResponse:
    form = HaltForm(request.POST, instruments=_codes(request))
    if not form.is_valid():
        return _page(request, halting=form, status=422)
    told = form.cleaned_data
    until_at = request.now + timedelta(minutes=told["minutes"]) if told["minutes"] else None
    try:
        services.halt(
            doors.actor_of(request),
            instrument=told["instrument"],
            reason=told["reason"],
            until_at=until_at,
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _page(request, halting=form, status=form.refuse(error))
    messages.success(request, gettext("Trading is halted."))
    return redirect("market:supervision")


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def propose_resume(request: Request, code: str) -> HttpResponse:
    return _proposed(request, "market.resume", {"instrument": code})


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def stop_member(request: Request) -> HttpResponse:
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, stopping=form, status=422)
    try:
        services.stop_trading(
            doors.actor_of(request), **form.cleaned_data, key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        return _page(request, stopping=form, status=form.refuse(error))
    messages.success(request, gettext("Its trading is stopped, and its orders are cancelled."))
    return redirect("market:supervision")


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def propose_allow(request: Request, uscc: str) -> HttpResponse:
    return _proposed(request, "market.allow_trading", {"organisation": uscc})


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def decide_admission(request: Request, number: str) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422)
    told = form.cleaned_data | {"state": AdmissionState(form.cleaned_data["state"])}
    services.decide_admission(
        doors.actor_of(request), admission=number, **told, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("Decided."))
    return redirect("market:supervision")


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE, Role.TRADER)
def entry(request: Request) -> HttpResponse:
    actor, status = doors.actor_of(request), 200
    form = _entry_form(actor, request.POST or None, request.FILES or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _ask(request, actor, form)
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Asked for; the exchange looks at it."))
                return redirect("market:entry")
    return _entry_page(request, form, status=status)


def _ask(request: Request, actor: Actor, form: EntryForm) -> None:
    key, documents = requests.key_of(request), []
    for name, purpose in _PAPER_OF.items():
        upload = uploads.accept(form.cleaned_data[name], kinds=PAPERS)
        kept = members.keep_document(
            actor,
            organisation=actor.organisation,
            upload=upload,
            purpose=purpose,
            key=f"{key}:{name}",
            now=request.now,
        )
        documents.append(str(kept["document"]))
    services.ask_admission(
        actor,
        participant_class=form.cleaned_data["participant_class"],
        answers=form.cleaned_data["answers"],
        documents=documents,
        key=key,
        now=request.now,
    )


@require_POST
@doors.open_to(Role.REPRESENTATIVE, Role.TRADER)
def stop_own(request: Request) -> HttpResponse:
    actor, form = doors.actor_of(request), ReasonForm(request.POST)
    if form.is_valid():
        services.stop_trading(
            actor,
            organisation=actor.organisation,
            reason=form.cleaned_data["reason"],
            key=requests.key_of(request),
            now=request.now,
        )
        messages.success(request, gettext("Your trading is stopped, and your orders are cancelled."))
        return redirect("market:entry")
    return _entry_page(request, _entry_form(actor), stopping=form, status=422)


@require_POST
@doors.open_to(Role.REPRESENTATIVE, Role.TRADER)
def report_holding(request: Request) -> HttpResponse:
    actor, form = doors.actor_of(request), PurposeForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            services.report_holding(
                actor, purpose=form.cleaned_data["purpose"], key=requests.key_of(request), now=request.now
            )
        except Refused as error:
            status = form.refuse(error)
        else:
            messages.success(request, gettext("Reported; the exchange sees it."))
            return redirect("market:entry")
    return _entry_page(request, _entry_form(actor), reporting=form, status=status)


def _entry_form(actor: Actor, *given: object) -> EntryForm:
    return EntryForm(*given, classes=CLASSES_OF.get(actor.kind, ()))


def _entry_page(
    request: Request,
    form: EntryForm,
    *,
    stopping: ReasonForm | None = None,
    reporting: PurposeForm | None = None,
    status: int,
) -> HttpResponse:
    organisation = doors.actor_of(request).organisation
    context = {
        "form": form,
        "stopping": stopping,
        "admissions": queries.admissions(request.region, organisation),
        "stops": queries.stops(request.region, organisation),
        "due": standing.report_due(request.region, organisation, now=request.now),
        "reports": queries.holding_reports(request.region, organisation),
        "reporting": reporting or PurposeForm(),
    }
    return render(request, "market/entry.html", context, status=status)


def _page(
    request: Request, *, halting: RefusableForm | None = None, stopping: RefusableForm | None = None, status: int = 200
) -> HttpResponse:
    admissions, stops = queries.admissions(request.region), queries.stops(request.region)
    trail.listed("supervision", rows=len(admissions) + len(stops))
    context = {
        "phases": queries.phases_of(request.region, now=request.now),
        "halts": queries.halts(request.region),
        "admissions": admissions,
        "stops": stops,
        "halting": halting or HaltForm(instruments=_codes(request)),
        "stopping": stopping or MemberForm(),
    }
    return render(request, "market/supervision.html", context, status=status)


def _codes(request: Request) -> list[str]:
    return [row.code for row in queries.instruments(request.region)]


def _proposed(request: Request, kind: str, payload: dict[str, str]) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422)
    proposed = members.propose(
        doors.actor_of(request),
        kind=kind,
        payload=payload | form.cleaned_data,
        key=requests.key_of(request),
        now=request.now,
    )
    words = gettext("Proposed as %(number)s; a second person of the exchange approves it.")
    messages.success(request, words % {"number": proposed["approval"]})
    return redirect("market:supervision")
