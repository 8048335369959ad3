"""The lists a registrar keeps: keys for seals, links to an identity provider, who must not trade, who controls whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.roles import MAY, Act, Actor, Role
from tonnebook.faces import doors, formats, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries, services
from tonnebook.members.forms import BarForm, ControllerForm, IdentityForm, SealKeyForm
from tonnebook.members.services import controllers, identities, seals

_KEEPERS = sorted(MAY[Act.REGISTER])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: its cells, and what a form sends to end it; nothing where it cannot be ended."""

    cells: tuple[str, ...]
    sends: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One list: its words, its columns and lines, and the address and words of the button that ends a line."""

    title: str
    lead: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    add: str
    end: str
    end_words: str


@require_http_methods(["GET", "POST"])
@doors.open_to(*_KEEPERS)
def seal_keys(request: Request) -> HttpResponse:
    form = SealKeyForm(request.POST or None)
    return _kept(request, form, _propose_seal_key, _seal_keys, "members:seal_keys")


@require_POST
@doors.open_to(*_KEEPERS)
def withdraw_seal_key(request: Request) -> HttpResponse:
    return _ended(request, seals.withdraw_seal_key, ("organisation", "fingerprint"), "members:seal_keys")


@require_http_methods(["GET", "POST"])
@doors.open_to(*_KEEPERS)
def identity_links(request: Request) -> HttpResponse:
    form = IdentityForm(request.POST or None)
    return _kept(request, form, _propose_link, _identity_links, "members:identity_links")


@require_POST
@doors.open_to(*_KEEPERS)
def unlink_identity(request: Request) -> HttpResponse:
    return _ended(request, identities.unlink_identity, ("issuer", "subject"), "members:identity_links")


@require_http_methods(["GET", "POST"])
@doors.open_to(*_KEEPERS, Role.EXCHANGE_STAFF)
def barred(request: Request) -> HttpResponse:
    form = BarForm(request.POST or None)
    return _kept(request, form, services.bar_from_trading, _barred, "members:barred")


@require_POST
@doors.open_to(*_KEEPERS)
def lift_bar(request: Request) -> HttpResponse:
    return _ended(request, _propose_lift, ("subject",), "members:barred")


@require_http_methods(["GET", "POST"])
@doors.open_to(*_KEEPERS)
def controlled(request: Request) -> HttpResponse:
    form = ControllerForm(request.POST or None)
    return _kept(request, form, controllers.enter_controller, _controlled, "members:controlled")


@require_POST
@doors.open_to(*_KEEPERS)
def end_controller(request: Request) -> HttpResponse:
    return _ended(request, controllers.end_controller, ("organisation",), "members:controlled")


def _kept(
    request: Request,
    form: RefusableForm,
    add: Callable[..., object],
    page: Callable[[Request], Page],
    address: str,
) -> HttpResponse:
    actor, status = doors.actor_of(request), 200
    may_add = bool(actor.roles & MAY[Act.REGISTER])
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                add(actor, **form.cleaned_data, key=requests.key_of(request), now=request.now)
            except Refused as error:
                status = form.refuse(error)
            else:
                _tell(request, add, gettext("Entered."))
                return redirect(address)
    shown = page(request)
    trail.listed(address.partition(":")[2], rows=len(shown.lines))
    context = {"page": shown, "form": form if may_add else None, "may_add": may_add}
    return render(request, "members/kept.html", context, status=status)


def _ended(request: Request, end: Callable[..., object], names: tuple[str, ...], address: str) -> HttpResponse:
    sent = {name: request.POST.get(name, "") for name in names}
    end(doors.actor_of(request), **sent, key=requests.key_of(request), now=request.now)
    _tell(request, end, gettext("Done; from this moment it counts no more."))
    return redirect(address)


def _tell(request: Request, act: Callable[..., object], done: str) -> None:
    told = gettext("Proposed; a second person must approve it.") if act in _PROPOSING else done
    messages.success(request, told)


# What two people must want is looked at before it is proposed, so that the second one finds nothing amiss.
def _propose_seal_key(actor: Actor, *, organisation: str, pem: str, key: str, now: datetime) -> None:
    services.require(actor, Act.REGISTER, organisation=organisation)
    seals.read_key(pem, now=now)
    told = {"region": actor.region, "organisation": organisation, "pem": pem.replace("\r\n", "\n")}
    services.propose(actor, kind="members.enter_seal_key", payload=told, key=key, now=now)


def _propose_link(actor: Actor, *, person: str, provider: str, known_as: str, key: str, now: datetime) -> None:
    identities.check_link(actor.region, person=person, provider=provider, known_as=known_as)
    told = {"region": actor.region, "person": person, "provider": provider, "known_as": known_as}
    services.propose(actor, kind="members.link_identity", payload=told, key=key, now=now)


def _propose_lift(actor: Actor, *, subject: str, key: str, now: datetime) -> None:
    services.check_lift(actor, subject)
    told = {"region": actor.region, "who": subject}
    services.propose(actor, kind="members.lift_bar", payload=told, key=key, now=now)


_PROPOSING: frozenset[Callable[..., object]] = frozenset({_propose_seal_key, _propose_link, _propose_lift})


def _seal_keys(request: Request) -> Page:
    rows = queries.seal_keys(request.region)
    lines = (
        Line(
            (row.organisation, row.fingerprint, formats.moment(row.valid_from).text, _until(row.valid_until)),
            {"organisation": row.organisation, "fingerprint": row.fingerprint} if row.is_valid(request.now) else {},
        )
        for row in rows
    )
    return Page(
        gettext("Keys for seals"),
        gettext(
            "With these keys the electronic seals of organisations are checked; older seals stay checkable. Two people "
            "enter a key."
        ),
        (gettext("Organisation"), gettext("Fingerprint"), gettext("Valid from"), gettext("Valid until")),
        tuple(lines),
        gettext("Enter a key"),
        "members:withdraw_seal_key",
        gettext("Withdraw it"),
    )


def _identity_links(request: Request) -> Page:
    lines = (
        Line(
            (row.person, row.organisation, row.issuer, row.subject, formats.moment(row.linked_at).text),
            {"issuer": row.issuer, "subject": row.subject},
        )
        for row in queries.identity_links(request.region)
    )
    return Page(
        gettext("Links to an identity provider"),
        gettext("Who signs in through the city's portal is known here by the link that two people have made."),
        (gettext("Person"), gettext("Organisation"), gettext("Provider"), gettext("Known there as"), gettext("Since")),
        tuple(lines),
        gettext("Link somebody"),
        "members:unlink_identity",
        gettext("Unlink"),
    )


def _barred(request: Request) -> Page:
    may_lift = bool(doors.actor_of(request).roles & MAY[Act.REGISTER])
    lines = (
        Line(
            (row.subject, row.ground, formats.moment(row.barred_at).text, _until(row.lifted_at)),
            {"subject": row.subject} if may_lift and row.lifted_at is None else {},
        )
        for row in queries.barred(request.region)
    )
    return Page(
        gettext("Who must not trade"),
        gettext(
            "People and organisations that supervise, keep or check the market, named with the ground. One person bars "
            "at once, two let trade again."
        ),
        (gettext("Person or organisation"), gettext("Ground"), gettext("Since"), gettext("Lifted")),
        tuple(lines),
        gettext("Bar somebody"),
        "members:lift_bar",
        gettext("Propose to lift it"),
    )


def _controlled(request: Request) -> Page:
    lines = (
        Line(
            (row.organisation, row.controller, formats.moment(row.entered_at).text, _until(row.ended_at)),
            {"organisation": row.organisation} if row.ended_at is None else {},
        )
        for row in queries.controllers(request.region)
    )
    return Page(
        gettext("Who controls whom"),
        gettext("Organisations with one last controller do not check each other's work."),
        (gettext("Organisation"), gettext("Last controller"), gettext("Since"), gettext("Until")),
        tuple(lines),
        gettext("Enter a controller"),
        "members:end_controller",
        gettext("End it"),
    )


def _until(at: datetime | None) -> str:
    return formats.moment(at).text if at else "—"
