"""Facts of an allowance beyond the report: what a company declares, and which of it the authority lets count."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.compliance import tables
from tonnebook.core.allocation import fact_tables
from tonnebook.core.allocation.declarations import FactKind
from tonnebook.core.allocation.fact_tables import TableFlaw
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import doors, exports, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.web import years
from tonnebook.web.fact_forms import FactForm

_BASE_YEARS = 4


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def own_facts(request: Request) -> HttpResponse:
    """List what the company declared, and declare one more."""
    actor, year = doors.actor_of(request), years.year_of(request)
    asked = request.GET.get("kind", "")
    kind = FactKind(asked) if asked in set(FactKind) else FactKind.POWER
    form = _form(request, kind, year)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                compliance_services.declare_facts(
                    actor,
                    entity=actor.organisation,
                    facts=[form.draft()],
                    key=requests.key_of(request),
                    now=request.now,
                )
            except Refused as error:
                status = form.refuse(error)
            else:
                messages.success(request, gettext("Declared. It counts once the authority has accepted it."))
                return redirect("web:own_facts")
    return _shown(request, kind, {"form": form}, status=status)


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def fact_table(request: Request) -> HttpResponse:
    """Give what stands declared as a table to go on with; rows that stay as they are change nothing."""
    year = years.year_of(request)
    rows = [
        fact_tables.row_of(one.year, one.kind, one.name, one.values, one.evidence)
        for one in reversed(tables.standing_facts(doors.actor_of(request).organisation))
        if year - _BASE_YEARS < one.year <= year
    ]
    return exports.xlsx_of(f"facts-{year}", fact_tables.COLUMNS, rows)


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def upload_facts(request: Request) -> HttpResponse:
    """Declare the facts of a table that are new; all of them, or none with what is wrong by cell."""
    try:
        file, table = tables.read_facts(request.FILES.get("file"))
    except Refused as refused:
        told = {"file": "", "flaws": [TableFlaw("", refused)]}
        return _shown(request, FactKind.POWER, told, status=refused.code.sentence.status)
    if table.flaws:
        return _shown(request, FactKind.POWER, {"file": file, "flaws": table.flaws}, status=422)
    actor = doors.actor_of(request)
    try:
        new = tables.declare_new(actor, table, key=requests.key_of(request), now=request.now)
    except Refused as refused:
        flaw = TableFlaw(table.cells_of(refused), refused)
        return _shown(request, FactKind.POWER, {"file": file, "flaws": [flaw]}, status=refused.code.sentence.status)
    counts = {"new": len(new), "known": len(table.lines) - len(new)}
    messages.success(request, gettext("Declared: %(new)s facts; %(known)s stood already.") % counts)
    return redirect("web:own_facts")


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def facts(request: Request) -> HttpResponse:
    """List the facts that wait, and decide on those that are ticked."""
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        try:
            answer = compliance_services.decide_facts(
                doors.actor_of(request),
                region=request.region,
                declarations=request.POST.getlist("declaration"),
                is_accepted=request.POST.get("decision") == "accept",
                reason=request.POST.get("reason", ""),
                key=requests.key_of(request),
                now=request.now,
            )
        except Refused as error:
            refused = problem.refused(error)
            context, status = {"problem": refused}, refused.status
        else:
            messages.success(request, gettext("Decided: %(decided)s facts.") % answer)
            return redirect("web:facts")
    rows = compliance.waiting_declarations(request.region)
    trail.listed("facts", rows=len(rows))
    return render(request, "web/facts.html", {**context, "rows": rows}, status=status)


def _form(request: Request, kind: FactKind, year: int, *, is_filled: bool = True) -> FactForm:
    rules = compliance.rules(request.region, year, requests.today(request))
    return FactForm(
        (request.POST or None) if is_filled else None,
        kind=kind,
        years=range(year, year - _BASE_YEARS, -1),
        classes=rules.below("allocation.power.benchmark"),
    )


def _shown(request: Request, kind: FactKind, more: Mapping[str, object], *, status: int) -> HttpResponse:
    year = years.year_of(request)
    context = {
        "year": year,
        "kind": kind,
        "kinds": list(FactKind),
        "form": more.get("form") or _form(request, kind, year, is_filled=False),
        "rows": compliance.declarations_of(doors.actor_of(request).organisation),
        **more,
    }
    return render(request, "web/own_facts.html", context, status=status)
