"""Footprints of a company's products, and the one view from its facilities to its products and their allocation."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from django.contrib import messages
from django.forms import formset_factory
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.core import mrv, trace
from tonnebook.core.errors import Refused
from tonnebook.core.footprints import embedded as embedding
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.mrv import OutputRow
from tonnebook.core.roles import Role
from tonnebook.core.trace import Traced
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.emissions.queries import FootprintRow, ReportRow
from tonnebook.faces import doors, drawings, labels, problem, requests, uploads
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.members import queries as members
from tonnebook.web import years
from tonnebook.web.product_forms import FootprintForm, InputForm

_INPUTS_EXTRA = 3
_SCALE = 1_000_000
# Where a region lies by ISO 3166-2.
_SUBDIVISIONS = {"shanghai": "CN-SH", "tianjin": "CN-TJ"}


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def products(request: Request) -> HttpResponse:
    """List the footprints of the own products, and submit another version."""
    actor, year = doors.actor_of(request), years.year_of(request)
    start = {"from_on": date(year - 1, 1, 1), "to_on": date(year, 1, 1), "exempted_percent": 0, "gwp_sets": ["AR6"]}
    form = FootprintForm(request.POST or None, initial=start)
    factory = formset_factory(InputForm, extra=_INPUTS_EXTRA)
    inputs = factory(
        request.POST or None, prefix="input", form_kwargs={"factors": _factors(request, actor.organisation)}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and inputs.is_valid():
            draft = form.draft([one.draft() for one in inputs if one.cleaned_data])
            try:
                answer = emissions_services.submit_footprint(
                    actor, draft=draft, key=requests.key_of(request), now=request.now
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Submitted. The record for customers stands on its page."))
                return redirect("web:footprint", answer["footprint"])
    return _shown(request, {"form": form, "inputs": inputs}, status=status)


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def footprint(request: Request, number: str) -> HttpResponse:
    """Show one version of a footprint: parts, stages, quality of data, inputs."""
    row = _own(request, number)
    named = [(labels.label(stage), int(one.value * _SCALE)) for stage, one in row.found.stages.items()]
    drawn = drawings.bars(named).bars
    context = {
        "row": row,
        "stages": list(zip(drawn, row.found.stages.values(), strict=True)),
        "parts": [(labels.label(part), one) for part, one in row.found.parts.items()],
        "ratings": [(labels.label(rating), one) for rating, one in row.found.ratings.items()],
    }
    return render(request, "web/footprint.html", context)


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def footprint_file(request: Request, number: str) -> HttpResponse:
    """Give the record that customers take in (PACT, version 3)."""
    row = _own(request, number)
    company = tags.name(members.organisation(row.entity))
    record = emissions.footprint_record(row, company=company, subdivision=_SUBDIVISIONS.get(row.region, ""))
    response = JsonResponse(record, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{row.product}-{row.version}.json"'
    return response


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def end_footprint(request: Request, number: str) -> HttpResponse:
    """Say that a version is not to be used any more."""
    emissions_services.end_footprint(
        doors.actor_of(request),
        footprint=number,
        reason=request.POST.get("reason", ""),
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Ended. Its record now says so."))
    return redirect("web:footprint", number)


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def take_record(request: Request) -> HttpResponse:
    """Take in a supplier's record as a factor for inputs."""
    try:
        given = request.FILES.get("file")
        if given is None:
            raise Refused(FootprintRefusal.RECORD_NOT_READ, file="")
        upload, text = uploads.accept_text(given, endings=(".json",))
        answer = emissions_services.take_supplier_record(
            doors.actor_of(request),
            file=upload.name,
            text=text,
            digest=upload.sha256,
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        refused = problem.refused(error)
        return _shown(request, {"problem": refused}, status=refused.status)
    messages.success(request, gettext("Taken in. Inputs can use it as %(code)s.") % answer)
    return redirect("web:products")


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def one_view(request: Request) -> HttpResponse:
    """Show the way of a year from facility to product to allocation, beside what is embedded in a unit of product."""
    entity, year = doors.actor_of(request).organisation, years.year_of(request)
    report = emissions.report_of(entity, year)
    figure = emissions.history([entity], [year]).get(entity, {}).get(year)
    context: dict[str, object] = {"year": year, "report": report, "figure": figure}
    if report is None:
        return render(request, "web/product_view.html", context)
    free = _free(entity, year)
    direct, indirect = _figures(report, figure)
    outputs = [OutputRow(row["product"], Decimal(row["quantity"]), row["unit"]) for row in report.outputs]
    made = list(mrv.outputs_by_product(outputs).values())
    names = {one.number: one for one in emissions.facilities_of(entity)}
    context |= {
        "facilities": [
            (place, names.get(place), own, bought)
            for place, (own, bought) in embedding.by_facility(_lines(report, request.region, year)).items()
        ],
        "direct": direct,
        "indirect": indirect,
        "free": free,
        "products": embedding.embedded(made, direct=direct, indirect=indirect, free=free),
        "outputs": made,
        "rows": compliance.allocation_of(entity, year),
    }
    return render(request, "web/product_view.html", context)


def _own(request: Request, number: str) -> FootprintRow:
    row = emissions.footprint(number)
    if row.entity != doors.actor_of(request).organisation:
        raise Refused(FootprintRefusal.NO_SUCH_FOOTPRINT, footprint=number)
    return row


def _factors(request: Request, entity: str) -> list[tuple[str, str]]:
    published = [
        (one.factor.code, f"{tags.name(one.factor)} · {one.factor.value} {one.factor.unit}")
        for one in emissions.product_factors(request.region)
        if one.is_latest
    ]
    taken = [
        (one.code, f"{one.company}: {one.product} · {one.excluding} kgCO2e/{one.declared_unit}")
        for one in emissions.supplier_records(entity)
    ]
    return [*published, *taken]


def _shown(request: Request, more: dict[str, object], *, status: int) -> HttpResponse:
    entity = doors.actor_of(request).organisation
    if "form" not in more:
        factory = formset_factory(InputForm, extra=_INPUTS_EXTRA)
        more |= {
            "form": FootprintForm(),
            "inputs": factory(prefix="input", form_kwargs={"factors": _factors(request, entity)}),
        }
    context = {"rows": emissions.footprints_of(entity), "records": emissions.supplier_records(entity), **more}
    return render(request, "web/products.html", context, status=status)


# What counts now, split as the determination split it; the report's own figures before there is one.
def _figures(report: ReportRow, figure: emissions.DeterminedRow | None) -> tuple[Traced, Traced]:
    if figure is None:
        indirect = trace.difference(report.total, report.direct, "tCO2", zh="间接排放量", en="Indirect emissions")
        return report.direct, indirect
    total = trace.given(figure.determined_t, "tCO2", zh="审定排放量", en="Determined emission")
    direct = trace.given(figure.direct_t, "tCO2", zh="审定直接排放量", en="Determined direct emission")
    return direct, trace.difference(total, direct, "tCO2", zh="间接排放量", en="Indirect emissions")


def _lines(report: ReportRow, region: str, year: int) -> Sequence[tuple[str, bool, Traced]]:
    rules = rulebook.at(region, on=date(year, 12, 31), year=year)
    kinds = [mrv.kind_of(mrv.line_of(cast("Mapping[str, object]", line["source"])), rules) for line in report.lines]
    amounts = report.total.inputs[0].inputs
    return [
        (str(line["facility"]), kind in mrv.DIRECT, amount)
        for line, kind, amount in zip(report.lines, kinds, amounts, strict=True)
    ]


def _free(entity: str, year: int) -> Traced | None:
    given = [
        trace.given(row.free_t, "t", zh=f"免费配额（{row.batch.value}）", en=f"Free allowances ({row.batch.value})")
        for row in compliance.allocation_of(entity, year)
        if row.free_t
    ]
    # The second batch states the year anew: what it gives free is the whole, not an addition.
    return given[-1] if given else None
