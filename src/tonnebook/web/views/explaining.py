"""A number with an address of its own: how it came about, computed once more in front of the reader."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from tonnebook.faces import explanation
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.web import subjects


@require_GET
def explain(request: Request, kind: str, key: str) -> HttpResponse:
    """Show the derivation of a stored number and whether it reaches the same number again.

    What there is not and what the asker may not see look the same.
    """
    found = subjects.look_up(request.actor, kind, key, now=request.now)
    if found is None:
        raise Http404
    language = get_language() or ""
    context = {
        "subject": found,
        "entity": members.organisation(found.entity) if found.entity else None,
        "parts": [{"part": part, "branch": explanation.branch(part.traced, language)} for part in found.parts],
    }
    return render(request, "web/explain.html", context)
