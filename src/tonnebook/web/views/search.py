"""One search box: account numbers, serial numbers, receipts, companies and rules."""

import re
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from tonnebook import rulebook
from tonnebook.core.errors import Refused
from tonnebook.core.rules import Dated, Leaf
from tonnebook.faces import requests
from tonnebook.faces.requests import Request
from tonnebook.registry import queries as registry

_SERIAL = re.compile(r"[0-9][0-9, ]{0,22}")
_LEAF = re.compile(r"[0-9a-f]{64}")
_RULES_MAX = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter the search found, with the value in force today, if it has one."""

    leaf: Leaf
    dated: Dated | None

    @property
    def zh(self) -> str:
        """What the parameter is, in Chinese."""
        return self.leaf.zh

    @property
    def en(self) -> str:
        """What the parameter is, in English."""
        return self.leaf.en


@require_GET
def search(request: Request) -> HttpResponse:
    """Go straight to what a number names; list the rules a word names."""
    asked = request.GET.get("q", "").strip()
    if _LEAF.fullmatch(asked.lower()):
        return redirect("portal:leaf", asked.lower())
    if _SERIAL.fullmatch(asked):
        return redirect(f"{reverse('portal:unit')}?serial={re.sub(r'[, ]', '', asked)}")
    account = account_page(asked, request)
    if account:
        return redirect(account)
    context = {"asked": asked, "rules": rules_named(asked, request) if asked else (), "most": _RULES_MAX}
    return render(request, "web/search.html", context)


def account_page(number: str, request: Request) -> str:
    """Give the address of an account's page, to those who may see it; nothing to all others."""
    actor = requests.acting_here(request)
    if actor is None or "-" not in number:
        return ""
    try:
        return reverse("registry:account", args=[registry.account_within(actor, number.upper()).number])
    except (Refused, NoReverseMatch):
        return ""


def rules_named(asked: str, request: Request) -> tuple[Rule, ...]:
    """List the parameters whose path or description holds the words, at most fifty."""
    today = requests.today(request)
    words = asked.lower().split()
    rules = rulebook.at(request.region, on=today, year=today.year)
    leaves = (leaf for _, leaf in sorted(rules.leaves.items()))
    hits = (leaf for leaf in leaves if all(word in f"{leaf.path} {leaf.zh} {leaf.en}".lower() for word in words))
    found = [Rule(leaf, leaf.in_force(today, today.year)) for leaf, _ in zip(hits, range(_RULES_MAX), strict=False)]
    return tuple(found)
