"""The API of explanations: a stored number, its derivation, and what computing it again gives."""

from django.http import Http404
from ninja import Router, Schema

from tonnebook.core import trace
from tonnebook.core.api_keys import Scope
from tonnebook.faces import doors
from tonnebook.faces.api import Needs, Word
from tonnebook.faces.requests import Request
from tonnebook.web import subjects
from tonnebook.web.subjects import Part

router = Router(tags=["explanations"])


class Number(Schema):
    """A number with its derivation; `again` is reached from the leaves of `trace` alone."""

    value: str
    unit: str
    zh: str
    en: str
    again: str
    is_same: bool
    statuses: list[str]
    trace: dict[str, object]


class Explanation(Schema):
    """The numbers of a subject, the most important first."""

    kind: str
    key: str
    region: str
    entity: str
    year: int
    is_same: bool
    numbers: list[Number]


@router.get("/explanations/{kind}/{key}", response=Explanation, auth=Needs(Scope.READ_ACCOUNTS))
def explanation(request: Request, kind: Word, key: Word) -> dict[str, object]:
    """How a number came about, such as `allocation` of `CODE:2026`: each parameter with its article and status."""
    found = subjects.look_up(doors.actor_of(request), kind, key, now=request.now)
    if found is None:
        raise Http404
    return {
        "kind": found.kind,
        "key": found.key,
        "region": found.region,
        "entity": found.entity,
        "year": found.year,
        "is_same": found.is_same,
        "numbers": [_told(part) for part in found.parts],
    }


def _told(part: Part) -> dict[str, object]:
    traced = part.traced
    return {
        "value": format(traced.value, "f"),
        "unit": traced.unit,
        "zh": traced.zh,
        "en": traced.en,
        "again": format(part.again, "f"),
        "is_same": part.is_same,
        "statuses": list(trace.statuses(traced)),
        "trace": trace.to_json(traced),
    }
