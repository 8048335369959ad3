"""Statements of account: as a page, as CSV, as Excel, and as a document that can be checked."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from tonnebook.core.documents import IssuedRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.faces import documents, doors, exports, formats, pagination, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.registry import queries, services
from tonnebook.registry.forms import StatementForm
from tonnebook.registry.queries import AccountRow, StatementLine
from tonnebook.registry.views import corrections
from tonnebook.registry.views.holdings import account_here, owner_of

_DAYS = 90
_COLUMNS = ("at", "transfer", "type", "counterparty", "asset", "change", "balance", "subject", "receipt")


@require_GET
@doors.open_to(*Role)
def statement(request: Request, number: str) -> HttpResponse:
    row, today = account_here(request, number), requests.today(request)
    asked = {"from_on": today - timedelta(days=_DAYS), "to_on": today}
    form = StatementForm(request.GET if "from_on" in request.GET else asked)
    if not form.is_valid():
        return _page_of_errors(request, row, form)
    if request.GET.get("format") in ("csv", "xlsx"):
        return _file(request, row, form)
    return _page(request, row, form)


@require_POST
@doors.open_to(*Role)
def issue(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _page_of_errors(request, row, form)
    try:
        answer = services.issue_statement(
            doors.actor_of(request),
            account=row.number,
            from_on=form.cleaned_data["from_on"],
            to_on=form.cleaned_data["to_on"],
            language=get_language() or "zh-hans",
            site=request.build_absolute_uri("/").rstrip("/"),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        messages.error(request, problem.refused(error).message)
        return redirect("registry:statement", number=number)
    return _download(str(answer["document"]))


@require_GET
@doors.open_to(*Role)
def issued(request: Request, number: str, document: str) -> HttpResponse:
    row = account_here(request, number)
    if document not in {one.number for one in queries.issued_documents(row.number)}:
        raise Refused(IssuedRefusal.NOT_ISSUED_BY_US, document=document)
    return _download(document)


def _download(document: str) -> HttpResponse:
    return documents.attachment(queries.issued_content(document), f"{document}.pdf")


def _page_of_errors(request: Request, row: AccountRow, form: StatementForm) -> HttpResponse:
    context = {"account": row, "form": form, "page": pagination.page_of((), request)}
    return render(request, "registry/statement.html", context, status=422)


def _page(request: Request, row: AccountRow, form: StatementForm) -> HttpResponse:
    from_at, to_at = form.period()
    before, after = queries.holdings_on(row.number, from_at), queries.holdings_on(row.number, to_at)

    def lines(first: int, limit: int) -> tuple[StatementLine, ...]:
        return queries.statement(row.number, from_at=from_at, to_at=to_at, first=first, limit=limit)

    count = queries.statement_size(row.number, from_at=from_at, to_at=to_at)
    page = pagination.page_from(request, count=count, rows=lines)
    context = {
        "account": row,
        "form": form,
        "page": page,
        "balances": queries.balance_changes(before, after),
        "cash": [services.CASH.code],
        "owner": owner_of(row),
        "states": queries.state_changes(row.number, from_at=from_at, to_at=to_at),
        "issued": queries.issued_documents(row.number),
        "days": form.cleaned_data,
        "reversible": corrections.reversible(request, page.rows),
    }
    return render(request, "registry/statement.html", context)


def _file(request: Request, row: AccountRow, form: StatementForm) -> HttpResponse:
    from_at, to_at = form.period()
    lines = queries.statement(row.number, from_at=from_at, to_at=to_at)
    name = "-".join((row.number, *(form.cleaned_data[end].isoformat() for end in ("from_on", "to_on"))))
    if request.GET["format"] == "csv":
        rows = [{**_plain(line), "at": formats.moment(line.at).text} for line in lines]
        return exports.csv_of(name, _COLUMNS, rows)
    return exports.xlsx_of(name, _COLUMNS, [{**_plain(line), "at": line.at} for line in lines])


def _plain(line: StatementLine) -> Mapping[str, str | int | datetime]:
    row = {name: getattr(line, name) for name in _COLUMNS if name not in ("receipt", "at")}
    return {**row, "type": line.type.value, "receipt": line.leaf}
