"""The inventory of the city: upload its statistics, see what they come to, download them."""

import csv
import io
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook import rulebook
from tonnebook.core import inventory as inventories
from tonnebook.core.errors import Refused
from tonnebook.core.inventory import ActivityRow, ActivitySheet, InventoryRefusal, SheetFlaw
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.services import StatisticsRow
from tonnebook.faces import doors, drawings, exports, labels, requests, uploads
from tonnebook.faces.requests import Request
from tonnebook.web import years

_EMISSION = "emission_t"


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def inventory(request: Request) -> HttpResponse:
    """Show the inventory of a year, and take in another version."""
    if request.method == "GET":
        return _shown(request, {}, status=200)
    year = years.year_of(request)
    try:
        file, digest, sheet = _read(request, year)
        if sheet.flaws:
            return _shown(request, {"file": file, "flaws": sheet.flaws}, status=422)
        emissions_services.take_inventory(
            doors.actor_of(request),
            region=request.region,
            year=year,
            rows=[_statistics(row) for row in sheet.rows],
            file_digest=digest,
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as refused:
        return _shown(request, {"file": "", "flaws": [SheetFlaw("", refused)]}, status=refused.code.sentence.status)
    messages.success(request, gettext("Taken in; this version counts from now on."))
    return redirect(f"{reverse('web:inventory')}?year={year}")


@require_GET
@doors.open_to(Role.OFFICER)
def inventory_file(request: Request, form: str) -> HttpResponse:
    """Give the rows of the inventory with their tonnes, or the empty template."""
    if form not in ("csv", "xlsx"):
        raise Http404
    write = exports.csv_of if form == "csv" else exports.xlsx_of
    year = years.year_of(request)
    if request.GET.get("blank"):
        return write("inventory-template", inventories.COLUMNS, [])
    row = emissions.require_inventory(request.region, year)
    lines = [{**line, _EMISSION: format(number.value, "f")} for line, number in row.rows]
    return write(f"inventory-{request.region}-{year}", (*inventories.COLUMNS, _EMISSION), lines)


def _shown(request: Request, more: dict[str, object], *, status: int) -> HttpResponse:
    year = years.year_of(request)
    row = emissions.inventory_of(request.region, year)
    context: dict[str, object] = {"year": year, "row": row, **more}
    if row:
        named = [(labels.label(sector), number) for sector, number in row.sectors.items()]
        context |= {
            "scopes": [(labels.label(scope), number) for scope, number in row.scopes.items()],
            "sectors": named,
            "bars": drawings.bars([(name, max(round(number.value), 0)) for name, number in named]),
        }
    return render(request, "web/inventory.html", context, status=status)


def _read(request: Request, year: int) -> tuple[str, str, ActivitySheet]:
    given = request.FILES.get("file")
    if given is None:
        raise Refused(InventoryRefusal.SHEET_EMPTY)
    rules = rulebook.at(request.region, on=date(year, 12, 31), year=year)
    if (given.name or "").lower().endswith(".csv"):
        upload, text = uploads.accept_text(given, endings=(".csv",))
        return upload.name, upload.sha256, inventories.read(list(csv.reader(io.StringIO(text))), rules)
    upload, sheets = uploads.accept_workbook(given)
    return upload.name, upload.sha256, inventories.read(next(iter(sheets.values()), []), rules)


def _statistics(row: ActivityRow) -> StatisticsRow:
    line = row.line
    measured = (line.ncv, line.carbon_content, line.oxidation)
    return StatisticsRow(row.sector, line.kind, line.name, line.quantity, line.unit, *measured)
