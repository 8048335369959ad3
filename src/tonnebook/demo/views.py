"""Move the clock of the demo and watch it being played."""

from datetime import datetime

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.roles import Role
from tonnebook.demo import bank, queries, services
from tonnebook.faces import documents, doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.registry import queries as registry

_HOME = "/"


@require_POST
def advance(request: Request) -> HttpResponse:
    """Set the playing off up to the instant the form names, and show how it goes."""
    try:
        to = datetime.fromisoformat(request.POST.get("to", ""))
    except ValueError:
        return HttpResponseBadRequest()
    if to.tzinfo is None:
        return HttpResponseBadRequest()
    services.advance(to=to, now=request.now)
    return redirect(f"{reverse('demo:playing')}?{urlencode({'next': _next(request, request.POST.get('next'))})}")


@require_GET
def playing(request: Request) -> HttpResponse:
    """Wait until the demo has been played, then go back to where the visitor was."""
    target = _next(request, request.GET.get("next"))
    row = queries.being_played()
    if row is None:
        return redirect(target)
    return render(request, "demo/playing.html", {"playing": row, "target": target})


@require_GET
def progress(request: Request) -> HttpResponse:
    """Answer the line of progress; with a place to go to, send the page there once all has been played."""
    row, target = queries.being_played(), request.GET.get("next", "")
    if row is None and target:
        response = HttpResponse()
        response["HX-Redirect"] = _next(request, target)
        return response
    return render(request, "demo/_progress.html", {"playing": row, "target": target, "is_done": row is None})


@require_GET
@doors.open_to(Role.BANK_CLERK, Role.EXCHANGE_STAFF)
def bank_file(request: Request) -> HttpResponse:
    """Hand out what the bank of the demo reports of today, so that people can load a statement of their own."""
    banks = registry.settlement_banks(request.region)
    if not request.is_demo or not banks:
        raise Http404
    trail.listed("banks", rows=1)
    day = requests.today(request)
    content = bank.statement(queries.bank_day(banks[0], day=day, now=request.now))
    return documents.attachment(content, f"camt053-{day}.xml", mime="application/xml")


def _next(request: Request, target: str | None) -> str:
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=False)
    return target if safe and target else _HOME
