"""The exchange's day: quotes, auctions to be cleared, and the close."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tonnebook import rulebook
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries as market
from tonnebook.market import services as market_services


@require_GET
@doors.open_to(Role.EXCHANGE_STAFF)
def trading_day(request: Request) -> HttpResponse:
    """Show the state of the trading day."""
    today = requests.today(request)
    instruments = market.instruments(request.region)
    context = {
        "today": today,
        "is_trading_day": rulebook.calendar(request.region).is_trading_day(today),
        "quotes": [market.quote(one.code, now=request.now) for one in instruments],
        "closes": market.market_day(request.region, today),
        "auctions": market.auctions(request.region, now=request.now),
    }
    return render(request, "web/trading_day.html", context)


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def close_day(request: Request) -> HttpResponse:
    """Close the trading day, or show what keeps it open."""
    actor, day = doors.actor_of(request), requests.today(request)
    key = requests.key_of(request)
    answer = market_services.close_day(actor, region=request.region, day=day, key=key, now=request.now)
    if answer["breaks"]:
        messages.error(request, gettext("The day stays open: registry, market and banks differ."))
    else:
        messages.success(request, gettext("The trading day is closed and its close prices are published."))
    return redirect("market:closing")


@require_POST
@doors.open_to(Role.EXCHANGE_STAFF)
def close_auction(request: Request, number: str) -> HttpResponse:
    """Clear an auction whose time is over."""
    actor = doors.actor_of(request)
    market_services.close_auction(actor, auction=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("The auction is cleared; every bidder sees the result."))
    return redirect("web:trading_day")
