"""Early warning: how a year is expected to end, for one entity with its drivers, and for a region."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.compliance import queries as compliance
from tonnebook.core.early_warning import NEEDS
from tonnebook.core.roles import Role
from tonnebook.faces import doors, drawings, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.views import standing


@require_GET
@doors.open_to(*standing.READERS)
def outlook(request: Request, uscc: str) -> HttpResponse:
    """Show what one entity is expected to be short of, and what that is made of."""
    owner = members.organisation_within(doors.actor_of(request), uscc)
    year, today = years.year_of(request), requests.today(request)
    place = compliance.position(uscc, year, today)
    drivers = place.outlook.drivers
    context = {
        "owner": owner,
        "year": year,
        "position": place,
        "drivers": [(driver, driver in NEEDS, one) for driver, one in drivers],
        "bars": drawings.bars([(labels.label(driver), one.whole) for driver, one in drivers if one.whole]),
        "at_risk": compliance.units_at_risk({uscc: place})[uscc],
        "ways": compliance.ways_to_close(place, owner.region, now=request.now),
        "titles": compliance.holdings_by_title(uscc, on=today),
        "deadline": next(
            (one for one in compliance.deadlines(owner.region, year, today) if one.code == "surrender"), None
        ),
    }
    return render(request, "web/outlook.html", context)


@require_GET
@doors.open_to(Role.OFFICER, Role.AUDITOR)
def outlooks(request: Request) -> HttpResponse:
    """List who is expected to be short, by how much and on what figure, and the sectors in sums."""
    year = years.year_of(request)
    rows = compliance.outlooks(request.region, year, requests.today(request))
    trail.listed("outlooks", rows=len(rows), asked=requests.asked_of(request))
    sectors = compliance.by_sector(rows)
    named = [(tags.sector_word(one.sector, request.region), one.shortfall_t) for one in sectors if one.shortfall_t]
    context = {
        "year": year,
        "page": pagination.page_of([one for one in rows if one.position.gap_t or one.at_risk.total_t], request),
        "sectors": sectors,
        "bars": drawings.bars(named),
        "short": sum(one.short for one in sectors),
        "shortfall_t": sum(one.shortfall_t for one in sectors),
    }
    return render(request, "web/outlooks.html", context)
