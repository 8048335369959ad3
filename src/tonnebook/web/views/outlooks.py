"""Early warning: how a year is expected to end, for one entity with its drivers, and for a region."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import OutlookRow
from tonnebook.core.early_warning import NEEDS, Basis, Driver
from tonnebook.core.roles import Role
from tonnebook.faces import doors, drawings, exports, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.views import district as districts
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
        "bars": _bars([(driver, one.whole) for driver, one in drivers]),
        "is_unknown": place.outlook.expected.basis is Basis.NOTHING,
        "at_risk": compliance.units_at_risk({uscc: place})[uscc],
        "ways": compliance.ways_to_close(place, owner.region, now=request.now),
        "titles": compliance.holdings_by_title(uscc, on=today),
        "deadline": next(
            (one for one in compliance.deadlines(owner.region, year, today) if one.code == "surrender"), None
        ),
    }
    return render(request, "web/outlook.html", context)


@require_GET
@doors.open_to(Role.OFFICER, Role.AUDITOR, Role.DISTRICT_OFFICER)
def outlooks(request: Request) -> HttpResponse:
    """List who is expected to be short, by how much and on what figure; a district sees its own companies alone."""
    year, today = years.year_of(request), requests.today(request)
    own = districts.own_companies(request, year) if Role.DISTRICT_OFFICER in doors.actor_of(request).roles else None
    everybody = compliance.outlooks(request.region, year, today, entities=own)
    asked = request.GET.get("sector", "")
    if asked not in {row.sector for row in everybody}:
        asked = ""
    rows = [row for row in everybody if asked in ("", row.sector)]
    at_risk = [one for one in rows if one.position.gap_t or one.at_risk.total_t]
    trail.listed("outlooks", rows=len(at_risk), asked=requests.asked_of(request))
    if request.GET.get("form") == "csv":
        return _file(request.region, year, at_risk)
    sectors, drivers = compliance.by_sector(everybody), compliance.drivers_of_shortfall(rows)
    named = [(tags.sector_word(one.sector, request.region), one.shortfall_t) for one in sectors if one.shortfall_t]
    context = {
        "year": year,
        "asked": asked,
        "is_district": own is not None,
        "page": pagination.page_of(at_risk, request),
        "sectors": sectors,
        "bars": drawings.bars(named),
        "drivers": [(driver, driver in NEEDS, quantity_t) for driver, quantity_t in drivers if quantity_t],
        "driver_bars": _bars(drivers),
        "short": sum(row.position.gap_t > 0 for row in rows),
        "shortfall_t": sum(row.position.gap_t for row in rows),
    }
    return render(request, "web/outlooks.html", context)


def _bars(drivers: Sequence[tuple[Driver, int]]) -> drawings.Bars:
    due = {labels.label(driver) for driver in NEEDS}
    return drawings.bars([(labels.label(driver), quantity_t) for driver, quantity_t in drivers if quantity_t], due)


def _file(region: str, year: int, rows: Sequence[OutlookRow]) -> HttpResponse:
    columns = ("uscc", "name", "sector", "basis", "expected_emission_t", "shortfall_t", "at_risk_t")
    told = [
        {
            "uscc": row.entity,
            "name": tags.name(row),
            "sector": tags.sector_word(row.sector, region),
            "basis": labels.label(row.position.outlook.expected.basis),
            "expected_emission_t": row.position.expected_t,
            "shortfall_t": row.position.gap_t,
            "at_risk_t": row.at_risk.total_t,
        }
        for row in rows
    ]
    return exports.csv_of(f"early-warning-{region}-{year}", columns, told)
