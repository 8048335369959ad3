"""Published factors of products: for everybody to look up and download, for officers to publish and hand on."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.footprints import factors
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions.queries import FactorRow
from tonnebook.faces import doors, exports, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.web import proposing
from tonnebook.web.product_forms import ProductFactorForm

COLUMNS = (
    "code",
    "version",
    "name_zh",
    "name_en",
    "value",
    "unit",
    "place",
    "from_year",
    "to_year",
    "published_year",
    "publisher",
    "note",
    "boundary",
    "quality",
    "uncertainty_percent",
)


@require_GET
def product_factors(request: Request) -> HttpResponse:
    """List the published factors, and offer officers to publish another."""
    return _shown(request, ProductFactorForm(), status=200)


@require_GET
def product_factor_data(request: Request, form: str) -> HttpResponse:
    """Give the published factors with all versions as CSV or JSON."""
    rows = [_plain(one) for one in emissions.product_factors(request.region, asked=request.GET.get("q", ""))]
    if form == "csv":
        return exports.csv_of(f"product-factors-{request.region}", COLUMNS, rows)
    if form != "json":
        raise Http404
    body = {"region": request.region, "rows": rows, "simulated": request.is_demo}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


@require_GET
@doors.open_to(Role.OFFICER)
def contribution(request: Request, form: str) -> HttpResponse:
    """Give the latest versions in the template of the national database."""
    rows, _ = factors.contribution(_latest(request))
    if form not in ("csv", "xlsx"):
        raise Http404
    write = exports.csv_of if form == "csv" else exports.xlsx_of
    return write(f"contribution-{request.region}", factors.TEMPLATE, rows)


@require_POST
@doors.open_to(Role.OFFICER)
def propose_factor(request: Request) -> HttpResponse:
    """Propose a factor that a second officer approves."""
    form = ProductFactorForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=422)
    return proposing.propose(request, "emissions.publish_factor", form.payload(request.region))


def _latest(request: Request) -> list[factors.ProductFactor]:
    return [one.factor for one in emissions.product_factors(request.region) if one.is_latest]


def _shown(request: Request, form: ProductFactorForm, *, status: int) -> HttpResponse:
    asked = request.GET.get("q", "")
    actor = requests.acting_here(request)
    may_publish = actor is not None and Role.OFFICER in actor.roles
    context = {
        "asked": asked,
        "page": pagination.page_of(emissions.product_factors(request.region, asked=asked), request),
        "may_publish": may_publish,
        "form": form,
        "gaps": factors.contribution(_latest(request))[1] if may_publish else [],
    }
    return render(request, "web/product_factors.html", context, status=status)


def _plain(row: FactorRow) -> dict[str, object]:
    factor = row.factor
    half = factor.uncertainty_percent
    found: dict[str, object] = {name: getattr(factor, name) for name in COLUMNS if name != "version"}
    written = {"version": row.version, "value": format(factor.value, "f"), "boundary": factor.boundary.value}
    return found | written | {"uncertainty_percent": None if half is None else format(half, "f")}
