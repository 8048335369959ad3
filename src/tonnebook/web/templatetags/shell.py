"""The parts of the frame: top bar, role bar, clock bar, rail and foot."""

from dataclasses import asdict
from typing import Any, cast

from django import template
from django.conf import settings
from django.urls import reverse

from tonnebook import rulebook
from tonnebook.core.roles import MAY, Act, OrganisationKind
from tonnebook.demo import queries as demo
from tonnebook.faces import formats, labels, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import queries as journal
from tonnebook.members import queries as members
from tonnebook.web import cast as casting
from tonnebook.web import clock, rails, years

register = template.Library()

_NAMED_BY_COMPANY = frozenset({OrganisationKind.ENTITY, OrganisationKind.VERIFIER, OrganisationKind.INVESTOR})
_SHARED_ENDS = ("（模拟）", " (demo)", "有限公司")


@register.inclusion_tag("web/parts/_top_bar.html", takes_context=True)
def top_bar(context: template.Context) -> dict[str, Any]:
    """Show brand, region switch, search, language switch and who is signed in."""
    request = request_of(context)
    zh = formats.is_chinese(tags.language())
    shown: dict[str, Any] = {
        **_form_parts(context),
        "region": request.region,
        "region_name": tags.region_name(request.region),
        "region_short_name": tags.region_short_name(request.region),
        "regions": [{"code": one, "name": tags.region_name(one)} for one in rulebook.regions()],
        "other_language": {"code": "en", "name": "English"} if zh else {"code": "zh-hans", "name": "中文"},
        "asked": request.GET.get("q", "") if request.path == rails.address_of("web:search") else "",
    }
    actor = request.actor
    if actor is not None:
        person = next((one for one in members.people(actor.organisation) if one.number == actor.person), None)
        role = labels.label(casting.leading_role(tuple(actor.roles)), "Role")
        shown["person"] = f"{tags.name(person)} · {role}" if person else actor.person
        shown["organisation"] = tags.name(members.organisation(actor.organisation))
    return shown


@register.inclusion_tag("web/parts/_role_bar.html", takes_context=True)
def role_bar(context: template.Context) -> dict[str, Any]:
    """Offer the people of the demo; nothing on a real database."""
    request = request_of(context)
    if not request.is_demo:
        return {"people": []}
    people = [
        {"username": one["username"], "label": _cast_label(one), "full_name": _cast_name(one)} for one in _cast(request)
    ]
    chosen = request.user.get_username() if request.user.is_authenticated else ""
    return {**_form_parts(context), "people": people, "chosen": chosen}


@register.inclusion_tag("web/parts/_clock_bar.html", takes_context=True)
def clock_bar(context: template.Context) -> dict[str, Any]:
    """Show where the compliance year stands; on demo data the clock can be moved to the next deadline."""
    request = request_of(context)
    return {
        **_form_parts(context),
        "now": request.now,
        "standing": clock.standing(request.region, today=requests.today(request)),
        "advance_url": rails.address_of("demo:advance") if request.is_demo else "",
        "stops": clock.stops(request.region, now=request.now) if request.is_demo else None,
    }


@register.inclusion_tag("demo/_progress.html", takes_context=True)
def playing_line(context: template.Context) -> dict[str, Any]:
    """Show how far the demo has been played while it is; nothing on a real database."""
    return {"playing": demo.being_played() if request_of(context).is_demo else None}


@register.inclusion_tag("web/parts/_alert_line.html", takes_context=True)
def alert_line(context: template.Context) -> dict[str, int]:
    """Tell those who can answer alerts that some wait for it."""
    actor = request_of(context).actor
    may_answer = actor is not None and bool(actor.roles & MAY[Act.ACKNOWLEDGE])
    return {"count": members.open_alerts() if may_answer else 0}


@register.inclusion_tag("web/parts/_rail.html", takes_context=True)
def rail(context: template.Context) -> dict[str, Any]:
    """Show the pages of the role."""
    request = request_of(context)
    return {"entries": rails.rail_of(requests.acting_here(request)), "here": request.path}


@register.inclusion_tag("web/parts/_foot.html", takes_context=True)
def foot(context: template.Context) -> dict[str, Any]:
    """Show size and root of the public log."""
    checkpoint = journal.latest_checkpoint()
    root = checkpoint.root if checkpoint else ""
    return {"request": context["request"], "size": journal.log_size(), "root": root}


@register.simple_tag
def page_address(name: str) -> str:
    """Give the address of a page, or nothing where its room has no such page."""
    return rails.address_of(name)


@register.inclusion_tag("web/parts/_years.html", takes_context=True)
def year_tabs(context: template.Context, year: int) -> dict[str, Any]:
    """Offer the compliance years of the page."""
    return {"years": years.around(request_of(context)), "year": year}


@register.simple_tag
def explanation_address(kind: str, key: str, year: int | None = None) -> str:
    """Give the lasting address at which a stored number is explained and computed again."""
    return reverse("web:explain", args=[kind, key if year is None else f"{key}:{year}"])


def request_of(context: template.Context) -> Request:
    """Give the request of the page."""
    return cast(Request, context["request"])


def _form_parts(context: template.Context) -> dict[str, Any]:
    request = request_of(context)
    here = request.get_full_path() if request.method == "GET" else settings.LOGIN_REDIRECT_URL
    return {"request": request, "csrf_token": context.get("csrf_token"), "here": here}


def _cast(request: Request) -> list[dict[str, str]]:
    # The cast of a database does not change, so a session looks it up once per region; never while it is empty.
    key = f"people-{request.region}"
    found: list[dict[str, str]] = request.session.get(key, [])
    if not found:
        found = [asdict(one) for one in casting.cast_of(request.region)]
        if found:
            request.session[key] = found
    return found


# A company is known by its name, somebody of a public body by their own; the ends all demo names share tell nothing.
def _cast_label(one: dict[str, str]) -> str:
    if one["kind"] not in _NAMED_BY_COMPANY:
        return _by_language(one, "name")
    short = _by_language(one, "organisation")
    for end in _SHARED_ENDS:
        short = short.removesuffix(end)
    return short


def _cast_name(one: dict[str, str]) -> str:
    role = labels.label(one["role"], "Role")
    return f"{_by_language(one, 'organisation')} · {_by_language(one, 'name')} · {role}"


def _by_language(texts: dict[str, str], what: str) -> str:
    zh, en = texts[f"{what}_zh"], texts[f"{what}_en"]
    return (zh or en) if formats.is_chinese(tags.language()) else (en or zh)
