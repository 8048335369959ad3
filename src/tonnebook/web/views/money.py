"""Where money is looked at: the settlement bank sees the clients' cash."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tonnebook.core.roles import Role
from tonnebook.core.trail import LookKind
from tonnebook.faces import doors, exports, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.registry import queries as registry

_BANK_COLUMNS = ("account", "uscc", "total_fen", "held_fen", "free_fen")


@require_GET
@doors.open_to(Role.BANK_CLERK)
def client_money(request: Request) -> HttpResponse:
    """Show the totals of the clients' cash accounts, and hand them out as the file the bank compares with its own."""
    trail.looked(LookKind.CLIENT_MONEY, request.region)
    rows = registry.client_money(request.region)
    if request.GET.get("form") == "csv":
        return exports.csv_of(f"bank-{request.region}-{requests.today(request)}", _BANK_COLUMNS, _bank_rows(rows))
    page = pagination.page_of(rows, request)
    context = {
        "page": page,
        "names": members.organisations_named([row.organisation for row in page.rows]),
        "total_fen": sum(row.total_fen for row in rows),
        "held_fen": sum(row.held_fen for row in rows),
    }
    return render(request, "web/client_money.html", context)


def _bank_rows(rows: tuple[registry.MoneyRow, ...]) -> list[dict[str, object]]:
    return [
        {
            "account": row.account,
            "uscc": row.organisation,
            "total_fen": row.total_fen,
            "held_fen": row.held_fen,
            "free_fen": row.total_fen - row.held_fen,
        }
        for row in rows
    ]
