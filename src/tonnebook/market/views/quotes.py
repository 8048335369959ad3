"""The public bulletin of a day, and which way round the colours of prices are."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tonnebook.faces import exports, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries
from tonnebook.market.queries import BULLETIN_COLUMNS

_DAY, _YEAR = timedelta(days=1), timedelta(days=365)


@require_GET
def bulletin(request: Request) -> HttpResponse:
    day, closed = _day(request), queries.bulletin_days(request.region)
    context = {
        "day": day,
        "rows": queries.bulletin(request.region, day),
        "blocks": queries.block_days(request.region, from_on=day, to_on=day + _DAY),
        "busts": queries.busts_on(request.region, day=day),
        "earlier": max((one for one in closed if one < day), default=None),
        "later": min((one for one in {*closed, requests.today(request)} if one > day), default=None),
    }
    return render(request, "market/bulletin.html", context)


@require_GET
def bulletin_csv(request: Request) -> HttpResponse:
    day = _day(request)
    rows = queries.bulletin_rows(request.region, day)
    return exports.csv_of(f"bulletin-{request.region}-{day}", BULLETIN_COLUMNS, rows)


@require_POST
def colours(request: Request) -> HttpResponse:
    rising = "green" if request.POST.get("rising") == "green" else "red"
    response = redirect("market:market")
    response.set_cookie("rising", rising, max_age=_YEAR, samesite="Lax", httponly=True)
    return response


# The day asked for; without one the last that was closed, before the first close today.
def _day(request: Request) -> date:
    today = requests.today(request)
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return max(queries.bulletin_days(request.region), default=today)
