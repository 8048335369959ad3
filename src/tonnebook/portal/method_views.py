"""The methods of accounting for everybody: by sector, one page per method with a small calculator, and as open data."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.faces import problem, requests
from tonnebook.faces.requests import Request
from tonnebook.portal import methods as books
from tonnebook.portal import rules


@require_GET
def methods(request: Request) -> HttpResponse:
    """List the guides with their methods, how sure each is, and what is missing."""
    at = _rules_asked(request)
    context = {"year": at.year, "years": reversed(rules.YEARS), "guides": books.guides(at), "digest": at.digest}
    return render(request, "portal/methods.html", context)


@require_GET
def method(request: Request, method: str) -> HttpResponse:
    """Show one method with all its versions, and compute by that of the year what somebody types in."""
    at = _rules_asked(request)
    versions = books.versions(at, method)
    chosen = next((one for one in versions if one.told.covers(at.year or at.on.year)), None)
    name = request.GET.get("name", "")
    context: dict[str, object] = {
        "year": at.year,
        "years": reversed(rules.YEARS),
        "versions": versions,
        "chosen": chosen,
    }
    if chosen is None:
        return render(request, "portal/method.html", context)
    slots = books.slots(at, chosen.told, name)
    context |= {"slots": slots, "names": books.names(at, chosen.told), "name": name}
    context |= {"direction": request.GET.get("direction", "")}
    context |= {"told": [(slot, *_typed(request, slot)) for slot in slots if slot.is_told]}
    try:
        context["result"] = books.tried(at, chosen.told, request.GET.dict())
    except Refused as error:
        refused = problem.refused(error)
        return render(request, "portal/method.html", {**context, "problem": refused}, status=refused.status)
    except ValueError:
        wrong = gettext("Enter a number, such as 120 or 0.85.")
        return render(request, "portal/method.html", {**context, "wrong": wrong}, status=422)
    return render(request, "portal/method.html", context)


@require_GET
@gzip_page
def methods_data(request: Request) -> HttpResponse:
    """Give every version of every method and every guide as open data."""
    at = _rules_asked(request)
    body = {"region": at.region, "rulebook": at.digest, "methods": books.plain(at), "guides": books.plain_sets(at)}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _typed(request: Request, slot: books.Slot) -> tuple[str, str]:
    name = slot.input.name
    return request.GET.get(f"value_{name}", ""), request.GET.get(f"unit_{name}", slot.input.unit)


def _rules_asked(request: Request) -> RulesAt:
    today = requests.today(request)
    return rules.of_year(request.region, rules.year_asked(request.GET.get("year", ""), today=today), today=today)
