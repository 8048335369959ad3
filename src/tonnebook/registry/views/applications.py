"""Applications about accounts: ask with a document, follow the progress, check, refuse."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.applications import ApplicationKind, ApplicationRefusal, ApplicationState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import Role
from tonnebook.core.uploads import PAPERS, DocumentPurpose
from tonnebook.faces import doors, problem, requests, uploads
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import name
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.registry import queries, services
from tonnebook.registry.forms import ApplicationForm
from tonnebook.registry.queries import KEEPERS, AccountRow, ApplicationRow

_DECIDERS = frozenset({Role.OFFICER, Role.REGISTRAR})

_REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the way of an application: what happens there, and whether it is behind, under way or ahead."""

    text: str
    state: str


@require_GET
@doors.open_to(Role.REPRESENTATIVE, *KEEPERS)
def applications(request: Request) -> HttpResponse:
    actor = doors.actor_of(request)
    rows = queries.applications_within(actor)
    names = members.organisations_named([row.organisation for row in rows])
    context = {"rows": [(row, names.get(row.organisation)) for row in rows], "is_keeper": bool(actor.roles & KEEPERS)}
    return render(request, "registry/applications.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def apply(request: Request) -> HttpResponse:
    return _ask(request, ApplicationKind.OPEN, None)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def apply_for_change(request: Request, number: str, kind: str) -> HttpResponse:
    if kind not in set(ApplicationKind) - {ApplicationKind.OPEN}:
        raise Refused(ApplicationRefusal.NO_SUCH_APPLICATION, application=kind)
    return _ask(request, ApplicationKind(kind), queries.account_known_to(doors.actor_of(request), number))


@require_GET
@doors.open_to(Role.REPRESENTATIVE, *KEEPERS)
def application(request: Request, number: str) -> HttpResponse:
    actor = doors.actor_of(request)
    row = queries.application_within(actor, number)
    is_own = row.organisation == actor.organisation
    is_live = row.state in (ApplicationState.ASKED, ApplicationState.CHECKED)
    empties = row.kind in (ApplicationKind.CLOSE, ApplicationKind.MERGE) and is_live
    context = {
        "row": row,
        "stops": _stops(row),
        "owner": members.organisation(row.organisation),
        "documents": [members.document(one) for one in row.documents],
        "obstacles": queries.closing_obstacles(row.account) if empties else None,
        "may_withdraw": is_own and is_live and Role.REPRESENTATIVE in actor.roles,
        "may_decide": is_live and bool(actor.roles & _DECIDERS) and not is_own,
    }
    return render(request, "registry/application.html", context)


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def withdraw(request: Request, number: str) -> HttpResponse:
    row = queries.application_within(doors.actor_of(request), number)

    def act() -> None:
        actor, key = doors.actor_of(request), requests.key_of(request)
        services.withdraw_application(actor, application=row.number, key=key, now=request.now)

    return _decided(request, row, act, gettext("Taken back."))


@require_POST
@doors.open_to(*_DECIDERS)
def check(request: Request, number: str) -> HttpResponse:
    row = queries.application_within(doors.actor_of(request), number)

    def act() -> None:
        actor, key = doors.actor_of(request), requests.key_of(request)
        services.check_application(actor, application=row.number, key=key, now=request.now)

    return _decided(request, row, act, gettext("Proposed; a second person must approve it."))


@require_POST
@doors.open_to(*_DECIDERS)
def refuse(request: Request, number: str) -> HttpResponse:
    row = queries.application_within(doors.actor_of(request), number)
    reason = request.POST.get("reason", "")[:_REASON_MAX]

    def act() -> None:
        actor, key = doors.actor_of(request), requests.key_of(request)
        services.refuse_application(actor, application=row.number, reason=reason, key=key, now=request.now)

    return _decided(request, row, act, gettext("Refused; whoever asked sees your reason."))


def _ask(request: Request, kind: ApplicationKind, account: AccountRow | None) -> HttpResponse:
    actor = doors.actor_of(request)
    people = [(one.number, f"{name(one)} · {one.number}") for one in members.people(actor.organisation)]
    appointed = queries.rights_at(account.number) if account and kind is ApplicationKind.REMOVE else None
    if appointed is not None:
        people = [one for one in people if one[0] in appointed]
    form = ApplicationForm(request.POST or None, request.FILES or None, kind=kind, people=people)
    context = {"form": form, "kind": kind, "account": account}
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/apply.html", context, status=422 if form.errors else 200)
    try:
        answer = _sent(request, form, kind, account)
    except Refused as error:
        return render(request, "registry/apply.html", context, status=form.refuse(error))
    messages.success(request, gettext("Your application is in; this page shows how far it is."))
    return redirect("registry:application", number=answer)


def _sent(request: Request, form: ApplicationForm, kind: ApplicationKind, account: AccountRow | None) -> str:
    actor, key, now = doors.actor_of(request), requests.key_of(request), request.now
    upload = uploads.accept(form.cleaned_data["paper"], kinds=PAPERS)
    organisation, purpose = actor.organisation, DocumentPurpose.APPLICATION
    kept = members_services.keep_document(
        actor, organisation=organisation, upload=upload, purpose=purpose, key=f"{key}:paper", now=now
    )
    documents, details = [str(kept["document"])], form.details()
    if account is None:
        type_ = AccountType(form.cleaned_data["type"])
        answer = services.apply_for_account(actor, type=type_, details=details, documents=documents, key=key, now=now)
    else:
        answer = services.apply_for_change(
            actor, account=account.number, kind=kind, details=details, documents=documents, key=key, now=now
        )
    return str(answer["application"])


def _decided(request: Request, row: ApplicationRow, act: Callable[[], None], done: str) -> HttpResponse:
    try:
        act()
    except Refused as error:
        messages.error(request, problem.refused(error).message)
    else:
        messages.success(request, done)
    return redirect("registry:application", number=row.number)


def _stops(row: ApplicationRow) -> tuple[Stop, ...]:
    words = (
        gettext("Asked, with the documents"),
        gettext("The registrar checks"),
        gettext("A second person approves"),
        gettext("Done"),
    )
    behind = {ApplicationState.ASKED: 1, ApplicationState.CHECKED: 2, ApplicationState.GRANTED: 4}.get(row.state, 1)
    is_over = row.state in (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)
    return tuple(
        Stop(text, "done" if index < behind else "now" if index == behind and not is_over else "ahead")
        for index, text in enumerate(words)
    )
