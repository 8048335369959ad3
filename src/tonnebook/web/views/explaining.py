"""A number with an address of its own: how it came about, computed once more in front of the reader."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from tonnebook.core.trail import LookKind
from tonnebook.faces import explanation
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import subjects


@require_GET
def explain(request: Request, kind: str, key: str) -> HttpResponse:
    """Show the derivation of a stored number and whether it reaches the same number again.

    What there is not and what the asker may not see look the same.
    """
    if request.actor is None and kind not in subjects.PUBLIC_KINDS:
        raise Http404
    found = subjects.find(kind, key, now=request.now)
    if found is None or not subjects.may_see(request.actor, found):
        raise Http404
    if found.entity and (request.actor is None or found.entity != request.actor.organisation):
        trail.looked(LookKind.NUMBER, f"{kind}:{key}")
    language = get_language() or ""
    context = {
        "subject": found,
        "entity": members.organisation(found.entity) if found.entity else None,
        "parts": [{"part": part, "branch": explanation.branch(part.traced, language)} for part in found.parts],
    }
    return render(request, "web/explain.html", context)
