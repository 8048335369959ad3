"""Which compliance year a page shows: the one its form or address names, else the one the next deadline belongs to."""

from tonnebook.faces import requests
from tonnebook.faces.requests import Request
from tonnebook.web import clock

# Years before this have no rules in any region; years too far ahead have no plan.
YEAR_MIN = 2005
YEARS_AHEAD = 1
YEARS_OFFERED = 5


def year_of(request: Request) -> int:
    """Give the compliance year a page shows."""
    asked = request.POST.get("year", request.GET.get("year", ""))
    today = requests.today(request)
    if asked.isascii() and asked.isdigit() and YEAR_MIN <= int(asked) <= today.year + YEARS_AHEAD:
        return int(asked)
    return clock.standing(request.region, today=today).year


def around(request: Request) -> tuple[int, ...]:
    """List the compliance years a picker offers, the newest first: the coming one and the four before."""
    newest = requests.today(request).year + YEARS_AHEAD
    return tuple(range(newest, newest - YEARS_OFFERED, -1))
