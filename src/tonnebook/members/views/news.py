"""Pages of news that moves the market: what is out for everybody, what is kept for the authority."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.roles import MAY, Act
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries, services
from tonnebook.members.forms import InsiderForm, NewsForm

_KEEPERS = sorted(MAY[Act.PUBLISH])


@require_GET
def news(request: Request) -> HttpResponse:
    actor = requests.acting_here(request)
    may_keep = actor is not None and bool(actor.roles & MAY[Act.PUBLISH])
    context = {"rows": queries.released_news(request.region), "may_keep": may_keep}
    return render(request, "members/news.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@doors.open_to(*_KEEPERS)
def kept_news(request: Request) -> HttpResponse:
    form, status = NewsForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            actor, key = doors.actor_of(request), requests.key_of(request)
            try:
                services.keep_news(actor, **form.cleaned_data, key=key, now=request.now)
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Kept; it is released by itself. Name whoever learns of it before."))
                return redirect("members:kept_news")
    return _kept(request, form, status)


@require_POST
@doors.open_to(*_KEEPERS)
def name_insider(request: Request, number: str) -> HttpResponse:
    form = InsiderForm(request.POST)
    if not form.is_valid():
        return _kept(request, NewsForm(), 422, form)
    actor, key = doors.actor_of(request), requests.key_of(request)
    try:
        services.name_insider(actor, news=number, subject=form.cleaned_data["subject"], key=key, now=request.now)
    except Refused as error:
        return _kept(request, NewsForm(), form.refuse(error), form)
    messages.success(request, gettext("Named; from now on they do not trade until the news is out."))
    return redirect("members:kept_news")


@require_POST
@doors.open_to(*_KEEPERS)
def withdraw_news(request: Request, number: str) -> HttpResponse:
    services.withdraw_news(doors.actor_of(request), news=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Withdrawn; it will not be released."))
    return redirect("members:kept_news")


def _kept(request: Request, form: NewsForm, status: int, insider: InsiderForm | None = None) -> HttpResponse:
    rows = queries.kept_news(doors.actor_of(request).region)
    context = {"rows": rows, "form": form, "insider": insider or InsiderForm()}
    return render(request, "members/kept_news.html", context, status=status)
