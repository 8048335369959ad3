"""The rule book for everybody: a list, one page per parameter, what differs between years, and signed releases."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from tonnebook import rulebook
from tonnebook.core.roles import Role
from tonnebook.core.rules import RulesAt
from tonnebook.faces import doors, drawings, exports, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal
from tonnebook.portal import rules as books
from tonnebook.portal import services
from tonnebook.rulebook import comparison


@require_GET
def rules(request: Request) -> HttpResponse:
    """List the parameters of the region with the values of a year; filter by words, topic and status."""
    at = _rules_asked(request)
    asked, topic, status = (request.GET.get(name, "").strip() for name in ("q", "topic", "status"))
    rows = books.found(at, asked=asked, topic=topic, status=status)
    if request.GET.get("form") == "csv":
        return _file(at, rows)
    context = {
        "year": at.year,
        "years": reversed(books.YEARS),
        "page": pagination.page_of(rows, request),
        "asked": asked,
        "topic": topic,
        "status": status,
        "topics": [(code, labels.label(code, "topic"), count) for code, count in books.topics(at)],
        "statuses": [(one.value, labels.label(one), count) for one, count in books.statuses(at).items()],
        "digest": at.digest,
        "overdue": len(books.overdue(at)),
    }
    return render(request, "portal/rules.html", context)


@require_GET
def rule(request: Request, path: str) -> HttpResponse:
    """Show one parameter: value, unit, article, history, how sure it is, and where it is used."""
    at = _rules_asked(request)
    return render(request, "portal/rule.html", {"sheet": books.sheet(request.region, at, path), "year": at.year})


@require_GET
@gzip_page
def rules_data(request: Request) -> HttpResponse:
    """Give every parameter with every value as open data."""
    at = _rules_asked(request)
    body = {"region": at.region, "rulebook": at.digest, "simulated": request.is_demo, "rules": books.plain(at)}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


@require_GET
def compared(request: Request) -> HttpResponse:
    """Show what differs between the rules of two years or days, of one region or of two."""
    year = requests.today(request).year
    before = request.GET.get("before", f"{request.region}@{year - 1}").strip()
    after = request.GET.get("after", f"{request.region}@{year}").strip()
    context: dict[str, object] = {"before": before, "after": after, "regions": rulebook.regions()}
    try:
        changes = comparison.differences(_state(before), _state(after))
    except (LookupError, ValueError, OverflowError):
        message = gettext("Write a region and a year or a day, such as shanghai@2025 or shanghai@2026-06-30.")
        return render(request, "portal/compared.html", {**context, "problem": message}, status=422)
    context |= {"page": pagination.page_of(changes, request)}
    return render(request, "portal/compared.html", context)


@require_GET
def overdue(request: Request) -> HttpResponse:
    """List the values that should be compared with their source again by a day."""
    at = _rules_asked(request)
    page = pagination.page_of(books.overdue(at), request)
    return render(request, "portal/overdue.html", {"page": page, "on": at.on, "days": comparison.CHECK_AGAIN_DAYS})


@require_GET
def cap_path(request: Request) -> HttpResponse:
    """Show the caps over the years, what was issued of them, and how much of allocation is paid for."""
    years = books.cap_path(request.region, requests.today(request))
    capped = [(str(one.year), one.cap_t) for one in years if one.cap_t is not None]
    context = {
        "years": list(reversed(years)),
        "bars": drawings.bars(capped) if capped else None,
        "has_bridges": any(one.bridge for one in years),
    }
    return render(request, "portal/cap_path.html", context)


@require_GET
def releases(request: Request) -> HttpResponse:
    """List the signed releases of the rule book."""
    actor, found = requests.acting_here(request), books.releases(request.region)
    context = {
        "releases": found,
        "is_officer": actor is not None and Role.OFFICER in actor.roles,
        "digest": rulebook.digest(request.region),
        "is_released": any(one.is_current for one in found),
        "keys": (journal.signer().verifier_key, journal.signer().sm2_key),
    }
    return render(request, "portal/releases.html", context)


@require_POST
@doors.open_to(Role.OFFICER)
def release(request: Request) -> HttpResponse:
    """Release the rules as they stand."""
    actor = doors.actor_of(request)
    services.release_rules(actor, region=request.region, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Released: the digest is signed and stands in the public log."))
    return redirect("portal:releases")


@require_GET
def release_note(request: Request, digest: str) -> HttpResponse:
    """Give the signed note of a release."""
    notes = [one.note for one in books.releases(request.region) if one.digest == digest]
    if not notes:
        raise Http404
    return HttpResponse(notes[0], content_type="text/plain; charset=utf-8")


def _rules_asked(request: Request) -> RulesAt:
    today = requests.today(request)
    return books.of_year(request.region, books.year_asked(request.GET.get("year", ""), today=today), today=today)


# Plans that were adopted belong to the rules of their year.
def _state(text: str) -> RulesAt:
    named = comparison.state(text)
    return books.of_year(named.region, named.year or named.on.year, today=date.min) if _is_year(text) else named


def _is_year(text: str) -> bool:
    return text.partition("@")[2].isdigit()


def _file(at: RulesAt, rows: tuple[books.Rule, ...]) -> HttpResponse:
    columns = ("path", "parameter", "value", "unit", "status", "source", "article", "notes")
    plain = [
        {
            "path": row.leaf.path,
            "parameter": row.leaf.zh,
            "value": row.dated.value if row.dated else None,
            "unit": row.leaf.unit,
            "status": row.dated.status.value if row.dated else None,
            "source": row.dated.source if row.dated else None,
            "article": row.dated.article if row.dated else None,
            "notes": row.dated.notes if row.dated else None,
        }
        for row in rows
    ]
    return exports.csv_of(f"rules-{at.region}-{at.year}", columns, plain)
