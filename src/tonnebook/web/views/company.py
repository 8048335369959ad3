"""The company's pages: the annual home, the allocation explained, and the surrender in one screen."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.compliance.queries import Position
from tonnebook.core import ledger, roles
from tonnebook.core.ledger import AccountType
from tonnebook.core.objections import ObjectionSubject
from tonnebook.core.roles import Act, Role
from tonnebook.core.surrender import Line
from tonnebook.emissions import queries as emissions
from tonnebook.faces import documents, doors, drawings, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.registry import queries as registry
from tonnebook.web import dossier as dossiers
from tonnebook.web import years
from tonnebook.web.steps import next_step
from tonnebook.web.views import objections, standing

_FILE_READERS = (
    Role.REPRESENTATIVE,
    Role.OFFICER,
    Role.AUDITOR,
    Role.REGISTRAR,
    Role.DISTRICT_OFFICER,
    Role.SECTOR_OFFICER,
)


@require_GET
@doors.open_to(Role.REPRESENTATIVE, Role.TRADER)
def home(request: Request) -> HttpResponse:
    """Answer within one screen: emitted, held, on its way, short; by when; what to do next."""
    actor = doors.actor_of(request)
    context = _standing(request, actor.organisation)
    return render(request, "web/home_company.html", {**context, "is_own": Role.REPRESENTATIVE in actor.roles})


@require_GET
@doors.open_to(Role.OFFICER, Role.AUDITOR, Role.REGISTRAR, Role.DISTRICT_OFFICER, Role.SECTOR_OFFICER)
def entity(request: Request, uscc: str) -> HttpResponse:
    """Show an authority where one company of its region, district or sectors stands, as the company sees it."""
    # What lies outside is answered like what does not exist.
    members.organisation_within(doors.actor_of(request), uscc)
    allocations = compliance.allocation_of(uscc, years.year_of(request))
    may_issue = bool(doors.actor_of(request).roles & roles.MAY[Act.ISSUE_PAPER])
    context = {**_standing(request, uscc), "is_own": False, "allocations": allocations, "may_issue": may_issue}
    return render(request, "web/home_company.html", context)


@require_GET
@doors.open_to(*_FILE_READERS)
def dossier(request: Request, uscc: str) -> HttpResponse:
    """Show one file per entity to the authority and to the entity itself: one time line from coverage to the end."""
    owner = members.organisation_within(doors.actor_of(request), uscc)
    year, topic = years.year_of(request), request.GET.get("topic", "")
    context = {
        "owner": owner,
        "year": year,
        "years": years.around(request),
        "topic": topic,
        "topics": [(code, gettext(words)) for code, words in dossiers.TOPICS.items()],
        "events": dossiers.time_line(owner, year, topic),
    }
    return render(request, "web/dossier.html", context)


@require_GET
@doors.open_to(*_FILE_READERS)
def dossier_pdf(request: Request, uscc: str) -> HttpResponse:
    """Hand out the file of an entity and year as a document."""
    owner, year = members.organisation_within(doors.actor_of(request), uscc), years.year_of(request)
    made = documents.pdf("web/dossier", dossiers.sheet(owner, year, now=request.now), made_at=request.now)
    return documents.attachment(made, f"{uscc}-{year}.pdf")


@require_GET
@doors.open_to(Role.OFFICER, Role.AUDITOR, Role.REPRESENTATIVE)
def inspection(request: Request, uscc: str) -> HttpResponse:
    """Hand out every record of an entity and year in one file, for an inspection."""
    owner, year = members.organisation_within(doors.actor_of(request), uscc), years.year_of(request)
    made = emissions.inspection_file(uscc, owner.region, year, now=request.now)
    response = HttpResponse(made, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{uscc}-{year}.zip"'
    return response


@require_GET
@doors.open_to(Role.REPRESENTATIVE)
def allocation(request: Request) -> HttpResponse:
    """Explain every figure of the year's allocation."""
    actor, year = doors.actor_of(request), years.year_of(request)
    rows = compliance.allocation_of(actor.organisation, year)
    position = compliance.position(actor.organisation, year, requests.today(request))
    context = {
        "year": year,
        "allocations": rows,
        "changes": compliance.entity_changes_of(actor.organisation),
        "position": position,
        **objections.told(ObjectionSubject.ALLOCATION, actor.organisation, year, request),
    }
    return render(request, "web/allocation.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.REPRESENTATIVE)
def surrender(request: Request) -> HttpResponse:
    """Surrender in one screen: the proposal, the cap on credits, the total that travels back to be checked."""
    actor, year, today = doors.actor_of(request), years.year_of(request), requests.today(request)
    entity = actor.organisation
    position, proposal = compliance.position(entity, year, today), compliance.surrender_proposal(entity, year, today)
    lines = _lines(request.POST) if request.method == "POST" else proposal
    proofs = compliance.proofs_of(entity, region=request.region, year=year, today=today)
    chosen = [one.block for one in proofs if one.block.serials in request.POST.getlist("proof")]
    context = {
        "year": year,
        "position": position,
        "lots": _lots(entity, lines),
        "proposed_t": sum(line.quantity_t for line in lines),
        "surrenders": compliance.surrenders(entity, year),
        "order": compliance.rules(request.region, year, today).words("surrender.order"),
        "proofs": proofs,
        "chosen": chosen,
    }
    if request.method == "GET":
        return render(request, "web/surrender.html", context)
    total_t = sum(line.quantity_t for line in lines) + sum(block.quantity_t for block in chosen)
    # The form comes twice: first to be counted up and shown, then with the total its reader has seen.
    if request.POST.get("shown_total_t") != str(total_t):
        return render(request, "web/surrender_confirm.html", {**context, "lines": lines, "total_t": total_t})
    compliance_services.submit_surrender(
        actor,
        entity=entity,
        year=year,
        lines=[compliance_services.SurrenderLine(line.asset.code, line.quantity_t) for line in lines],
        proofs=[block.serials for block in chosen],
        shown_total_t=total_t,
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Submitted. The units are set aside until the authority confirms."))
    return redirect("web:surrender")


@require_POST
@doors.open_to(Role.REPRESENTATIVE)
def withdraw(request: Request, number: str) -> HttpResponse:
    """Take a surrender back before it is confirmed."""
    actor = doors.actor_of(request)
    compliance_services.withdraw_surrender(actor, surrender=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Withdrawn; the units are free again."))
    return redirect("web:surrender")


def _standing(request: Request, uscc: str) -> dict[str, object]:
    year, today = years.year_of(request), requests.today(request)
    position = compliance.position(uscc, year, today)
    deadlines = compliance.deadlines(request.region, year, today)
    report = emissions.report_of(uscc, year)
    return {
        "year": year,
        "organisation": members.organisation(uscc),
        "position": position,
        "bar": _gap_bar(position),
        "deadline": next((one for one in deadlines if one.code == "surrender"), None),
        "is_at_risk": compliance.is_at_risk(uscc),
        "step": next_step(position, report.state if report else None, deadlines),
        "report": report,
        "first_check": emissions.first_check_of(report.number) if report else None,
        "plan": emissions.plan_of(uscc, year),
        "filings": emissions.filings(uscc, year),
        "surrenders": compliance.surrenders(uscc, year),
        "sees_standing": not doors.actor_of(request).roles.isdisjoint(standing.READERS),
    }


def _gap_bar(position: Position) -> drawings.GapBar:
    needed_t = position.obligation.whole if position.obligation else position.expected_t
    covered_t = needed_t - position.gap_t
    pending_t = min(position.submitted_t + position.confirmed_t + position.to_come_t, covered_t)
    return drawings.gap_bar(emitted_t=needed_t, held_t=covered_t - pending_t, pending_t=pending_t)


def _lots(entity: str, lines: Sequence[Line]) -> list[dict[str, object]]:
    chosen = {line.asset.code: line.quantity_t for line in lines}
    account = registry.account_of(entity, AccountType.HOLDING)
    return [
        {"asset": held.asset, "free_t": held.free, "chosen_t": chosen.get(held.asset.code, 0)}
        for held in registry.holdings(account)
        if held.asset.kind is not ledger.AssetKind.CASH
    ]


def _lines(form: QueryDict) -> tuple[Line, ...]:
    pairs = [(name.removeprefix("t:"), form.getlist(name)[-1]) for name in form if name.startswith("t:")]
    return tuple(
        Line(registry.asset(code), int(text)) for code, text in pairs if text.isascii() and text.isdigit() and int(text)
    )
