"""Sign in, sign out, and the switches of the frame: region, language, demo person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.core.errors import Refused
from tonnebook.core.roles import MemberRefusal
from tonnebook.faces import problem, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members
from tonnebook.members import services as member_services
from tonnebook.members.services import factors
from tonnebook.web import cast as casting
from tonnebook.web import provider, sessions, signing

_PENDING_KEY = "second_step"
# How long one proof that was right waits for the second factor (design choice, no legal source).
_PENDING_FOR = timedelta(minutes=5)


@require_http_methods(["GET", "POST"])
@never_cache
@tenancy.everywhere(Why.SIGNING_IN)
def sign_in(request: Request) -> HttpResponse:
    """Show the sign-in form and sign in; whoever has a second factor is asked for it next."""
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        return step_in(request, form.get_user().pk, target=requests.next_of(request))
    status = 422 if request.method == "POST" else 200
    shown = {"form": form, "next": requests.next_of(request), "has_portal": provider.is_configured()}
    return render(request, "web/sign_in.html", shown, status=status)


def step_in(request: HttpRequest, pk: int, *, target: str) -> HttpResponse:
    """Let somebody in who has shown one proof of who they are; whoever has a second factor is asked for it first.

    Args:
        request: of the browser they came with.
        pk: primary key of the person.
        target: where to go afterwards.
    """
    if members.has_factor(members.actor_of(pk).person):
        request.session.cycle_key()
        request.session[_PENDING_KEY] = {"person": pk, "until": (sessions.wall() + _PENDING_FOR).isoformat()}
        return redirect(f"{reverse('web:second_step')}?{urlencode({'next': target})}")
    sessions.enter(request, pk)
    return redirect(target)


@require_http_methods(["GET", "POST"])
@never_cache
@tenancy.everywhere(Why.SIGNING_IN)
def first_entry(request: Request) -> HttpResponse:
    """Set the first password of somebody whom two people admitted and gave a code each."""
    sent, errors = request.POST, list[str]()
    if request.method == "POST":
        if sent.get("new", "") != sent.get("again", ""):
            errors = [gettext("The new password was typed in two ways.")]
        else:
            errors = _entered(request)
        if not errors:
            messages.success(request, gettext("The password is set; sign in with it."))
            return redirect("web:sign_in")
    shown = {"errors": errors, "username": sent.get("username", "")}
    return render(request, "web/first_entry.html", shown, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@tenancy.everywhere(Why.SIGNING_IN)
def second_step(request: Request) -> HttpResponse:
    """Ask whoever knew the password for the second factor; only then they are signed in."""
    pk = _pending(request)
    if pk is None:
        return redirect("web:sign_in")
    actor, refused = members.actor_of(pk), None
    code, passkey = request.POST.get(signing.CODE_FIELD, ""), request.POST.get(signing.PASSKEY_FIELD, "")
    if request.method == "POST":
        try:
            signing.prove(actor, code=code, passkey=passkey)
        except Refused as error:
            refused = problem.refused(error)
        else:
            sessions.enter(request, pk)
            request.session[signing.SIGNED_AT_KEY] = request.now.isoformat()
            return redirect(requests.next_of(request))
    shown = {"refused": refused, "next": requests.next_of(request), "passkey": factors.begin_proof(actor)}
    return render(request, "web/second_step.html", shown, status=422 if refused else 200)


def locked(request: HttpRequest, answered: HttpResponse, credentials: Mapping[str, object]) -> HttpResponse:
    """Answer a locked name as a wrong password is answered, after the same work."""
    del credentials
    make_password(request.POST.get("password", ""))
    return answered


@require_POST
@tenancy.everywhere(Why.SIGNING_IN)
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; the region stays chosen."""
    sessions.leave(request)
    return redirect("web:home")


@require_POST
def region(request: HttpRequest) -> HttpResponse:
    """Switch the region: its words, its rules and its data."""
    chosen = request.POST.get("region", "")
    if chosen not in rulebook.regions():
        return HttpResponseBadRequest()
    request.session[sessions.REGION_KEY] = chosen
    # What belongs to one region (a company, a report) means nothing in another: start at its home.
    return redirect("web:home")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language and stay on the page."""
    chosen = request.POST.get("language", "")
    if not translation.check_for_language(chosen):
        return HttpResponseBadRequest()
    response = redirect(requests.next_of(request))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


@require_POST
@tenancy.everywhere(Why.SIGNING_IN)
def role(request: HttpRequest) -> HttpResponse:
    """Become another person of the demo by name alone; refused on every real database."""
    asked = cast(Request, request)
    username = request.POST.get("person", "")
    if not asked.is_demo or (username and username not in {one.username for one in casting.cast_of(asked.region)}):
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=username)
    sessions.leave(request)
    if username:
        sessions.enter(request, auth.get_user_model().objects.get(username=username).pk)
    request.session[sessions.REGION_KEY] = asked.region
    return redirect("web:home")


def _entered(request: Request) -> list[str]:
    sent = request.POST
    try:
        return member_services.enter_first(
            username=sent.get("username", ""), codes=sent.getlist("code"), password=sent.get("new", ""), now=request.now
        )
    except Refused as error:
        return [problem.refused(error).message]


# Who knew the password a moment ago; nobody once that is too long ago.
def _pending(request: HttpRequest) -> int | None:
    pending = request.session.get(_PENDING_KEY)
    if not pending or sessions.wall() >= datetime.fromisoformat(pending["until"]):
        return None
    return int(pending["person"])
