"""Home per role: what is my position, what must I do next and by when."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from tonnebook.core.ledger import AssetKind
from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.faces import drawings, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries as market
from tonnebook.members import queries as members
from tonnebook.registry import queries as registry
from tonnebook.web import rails
from tonnebook.web.views import auditing, company, consultations, district, exchange, mandates, money, officer, verifier

# As far back as the chart of closes goes.
CHART_DAYS = 180
# They sign in and see their own page; what they work on comes with its room.
_WITHOUT_A_ROOM = frozenset({Role.INCLUSION_STAFF, Role.REVIEWER, Role.ANALYST})


@require_GET
def home(request: Request) -> HttpResponse:
    """Answer with the home of the role; in a region that is not one's own, with what the public sees."""
    actor = requests.acting_here(request)
    if actor is None:
        return public(request)
    pages = (
        (Role.OFFICER, officer.cockpit),
        (Role.VERIFIER, verifier.board),
        (Role.EXCHANGE_STAFF, exchange.trading_day),
        (Role.AUDITOR, auditing.audit),
        (Role.DISTRICT_OFFICER, district.district),
        (Role.BANK_CLERK, money.client_money),
        (Role.REPORT_WRITER, mandates.writing),
        (Role.SECTOR_OFFICER, consultations.sector),
    )
    for role, page in pages:
        if role in actor.roles:
            return page(request)
    if actor.kind is OrganisationKind.ENTITY:
        return company.home(request)
    if Role.REGISTRAR in actor.roles:
        return redirect("web:approvals")
    if Role.FINANCE_OFFICER in actor.roles:
        return redirect("market:proceeds")
    if actor.roles <= _WITHOUT_A_ROOM:
        return render(request, "web/home_waiting.html", {"organisation": members.organisation(actor.organisation)})
    return investor(request)


def public(request: Request) -> HttpResponse:
    """Say what this is, the totals, the latest quote, and where to go."""
    context = {"totals": registry.totals(request.region), **_market(request)}
    return render(request, "web/home_public.html", context)


def investor(request: Request) -> HttpResponse:
    """Lead traders to market and holdings."""
    context = {"holdings_address": rails.address_of("registry:holdings"), **_market(request)}
    return render(request, "web/home_investor.html", context)


def _market(request: Request) -> dict[str, object]:
    today = requests.today(request)
    listed = next((one for one in market.instruments(request.region) if one.kind == AssetKind.ALLOWANCE), None)
    if listed is None:
        return {"quote": None}
    closes = market.closes(listed.code, today - timedelta(days=CHART_DAYS), today + timedelta(days=1))
    return {
        "quote": market.quote(listed.code, now=request.now),
        "line": drawings.line([(close.day.isoformat(), close.close_fen_per_t) for close in closes]),
        "market_address": rails.address_of("market:market"),
    }
