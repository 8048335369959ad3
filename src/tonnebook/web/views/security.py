"""How somebody signs in and signs: second factors, recovery codes, and the proof that comes before an act."""

import segno
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Role
from tonnebook.core.second_factor import FactorRefusal
from tonnebook.faces import doors, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.members.services import factors, sign_ins
from tonnebook.web import sessions

_SECRET_KEY = "factor_secret"  # noqa: S105


@require_GET
@never_cache
@doors.signed_in
def security(request: Request) -> HttpResponse:
    """Show the second factors of the person."""
    actor = doors.actor_of(request)
    person = actor.person
    here = sign_ins.digest(sessions.key_of(request))
    shown = {
        "factors": members.factors(person),
        "places": members.sign_ins(person),
        "here": here,
        "is_trader": Role.TRADER in actor.roles,
    }
    return render(request, "web/security.html", {**shown, **_means(request)})


@require_http_methods(["GET", "POST"])
@never_cache
@doors.signed_in
def enrol_codes(request: Request) -> HttpResponse:
    """Show the picture an authenticator app reads, and enrol it with the first code it shows."""
    actor = doors.actor_of(request)
    secret = request.session.setdefault(_SECRET_KEY, factors.new_code_secret())
    refused = None
    if request.method == "POST":
        code, password = request.POST.get("code", ""), request.POST.get("password", "")
        try:
            factors.enrol_codes(
                actor, secret=secret, code="".join(code.split()), password=password, at=sessions.wall(), now=request.now
            )
        except Refused as error:
            refused = _told_here(error)
        else:
            del request.session[_SECRET_KEY]
            return _enrolled(request)
    picture = segno.make(factors.code_address(actor, secret)).svg_data_uri(scale=5)
    shown = {"picture": picture, "secret": secret, "refused": refused, **_means(request)}
    return render(request, "web/enrol_codes.html", shown, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@doors.signed_in
def enrol_passkey(request: Request) -> HttpResponse:
    """Ask the browser for a new passkey and enrol it."""
    actor, refused = doors.actor_of(request), None
    if request.method == "POST":
        try:
            factors.enrol_passkey(
                actor,
                name=request.POST.get("name", ""),
                credential=request.POST.get("credential", ""),
                password=request.POST.get("password", ""),
                now=request.now,
            )
        except Refused as error:
            refused = _told_here(error)
        else:
            return _enrolled(request)
    shown = {"options": factors.begin_passkey(actor), "refused": refused, **_means(request)}
    return render(request, "web/enrol_passkey.html", shown, status=422 if refused else 200)


@require_POST
@never_cache
@doors.signed_in
def recovery_codes(request: Request) -> HttpResponse:
    """Draw new recovery codes and show them once."""
    codes = factors.draw_recovery_codes(doors.actor_of(request), now=request.now)
    return render(request, "web/recovery_codes.html", {"codes": codes})


@require_POST
@doors.signed_in
def remove_factor(request: Request, place: int) -> HttpResponse:
    """Remove a factor."""
    factors.remove(doors.actor_of(request), factor=place, now=request.now)
    messages.success(request, gettext("Removed."))
    return redirect("web:security")


@require_POST
@doors.signed_in
def prove(request: Request) -> HttpResponse:
    """Take a proof without an act and go back to the form that could not be kept."""
    members_services.require_signed(doors.actor_of(request), Act.CHANGE_SIGN_IN, now=request.now)
    messages.success(request, gettext("Signed. Now send your form once more."))
    return redirect(requests.next_of(request))


@require_POST
@doors.signed_in
def end_others(request: Request) -> HttpResponse:
    """End every other session of the person."""
    count = sign_ins.end_others(doors.actor_of(request), session=sessions.key_of(request))
    messages.success(request, gettext("Ended: %(count)s other sessions.") % {"count": count})
    return redirect("web:security")


@require_http_methods(["GET", "POST"])
@never_cache
@doors.signed_in
def password(request: Request) -> HttpResponse:
    """Change the password; every other session ends."""
    errors: list[str] = []
    if request.method == "POST":
        errors = _changed(request)
        if not errors:
            messages.success(request, gettext("The password is changed; all other sessions have ended."))
            return redirect("web:security")
    return render(request, "web/password.html", {"errors": errors}, status=422 if errors else 200)


def _changed(request: Request) -> list[str]:
    new, again = request.POST.get("new", ""), request.POST.get("again", "")
    if new != again:
        return [gettext("The new password was typed in two ways.")]
    actor, session = doors.actor_of(request), sessions.key_of(request)
    try:
        errors = sign_ins.change_password(
            actor, old=request.POST.get("old", ""), new=new, session=session, now=request.now
        )
    except Refused as error:
        return [_told_here(error).message]
    if not errors:
        # The session carries a digest of the password; without this it would end with the others.
        auth.update_session_auth_hash(request, auth.get_user_model().objects.get(number=actor.person))
        sign_ins.renew(old=session, new=sessions.key_of(request))
    return errors


def _means(request: Request) -> dict[str, object]:
    actor = doors.actor_of(request)
    host = request.get_host().rpartition(":")[0] or request.get_host()
    # Browsers know passkeys by name only: an address in numbers has none.
    is_named = not host.strip("[]").replace(".", "").replace(":", "").isdigit() and ":" not in host
    return {
        "has_factor": members.has_factor(actor.person),
        "is_excused": members.is_excused(actor.person),
        "has_password": members.has_password(actor.person),
        "passkeys_work": is_named,
    }


def _enrolled(request: HttpRequest) -> HttpResponse:
    messages.success(request, gettext("Set up. Draw recovery codes next, for the day the device is lost."))
    return redirect("web:security")


# What was typed wrong is told beside the field; everything else has its page.
def _told_here(error: Refused) -> problem.Problem:
    if not isinstance(error.code, FactorRefusal):
        raise error
    return problem.refused(error)
