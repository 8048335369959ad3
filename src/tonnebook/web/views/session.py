"""Sign in, sign out, and the switches of the frame: region, language, demo person."""

from typing import cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.core.errors import Refused
from tonnebook.core.roles import MemberRefusal
from tonnebook.faces import requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.web import cast as casting
from tonnebook.web.middleware import REGION_KEY

# Demo people carry no second factor and may be entered by name alone, on a database marked as demo only.
_DEMO_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in form and sign in; the region becomes the person's own."""
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        auth.login(request, user)
        request.session[REGION_KEY] = members.actor_of(user.pk).region
        return redirect(requests.next_of(request))
    status = 422 if request.method == "POST" else 200
    return render(request, "web/sign_in.html", {"form": form, "next": requests.next_of(request)}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; the region stays chosen."""
    region = request.session.get(REGION_KEY)
    auth.logout(request)
    if region:
        request.session[REGION_KEY] = region
    return redirect("web:home")


@require_POST
def region(request: HttpRequest) -> HttpResponse:
    """Switch the region: its words, its rules and its data."""
    chosen = request.POST.get("region", "")
    if chosen not in rulebook.regions():
        return HttpResponseBadRequest()
    request.session[REGION_KEY] = chosen
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
def role(request: HttpRequest) -> HttpResponse:
    """Become another person of the demo without signing out; refused on every real database."""
    asked = cast(Request, request)
    username = request.POST.get("person", "")
    if not asked.is_demo or (username and username not in {one.username for one in casting.cast_of(asked.region)}):
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=username)
    chosen_region = asked.region
    auth.logout(request)
    if username:
        person = auth.get_user_model().objects.get(username=username)
        auth.login(request, person, backend=_DEMO_BACKEND)
    request.session[REGION_KEY] = chosen_region
    return redirect("web:home")
