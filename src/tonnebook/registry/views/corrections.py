"""Propose that a wrong transfer is taken back."""

from collections.abc import Iterable

from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook import rulebook
from tonnebook.core import ledger, periods
from tonnebook.core.roles import MAY, Act
from tonnebook.faces import doors, labels, requests
from tonnebook.faces.requests import Request
from tonnebook.members import services as members
from tonnebook.registry import queries, services
from tonnebook.registry.forms import ReverseForm
from tonnebook.registry.queries import StatementLine
from tonnebook.registry.views import steps
from tonnebook.registry.views.holdings import account_here
from tonnebook.registry.views.steps import Step


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.CORRECT])
def reverse(request: Request, number: str, transfer: str) -> HttpResponse:
    row, wrong = account_here(request, number), queries.transfer(transfer)
    if number not in wrong.accounts:
        raise Http404
    form = ReverseForm(request.POST or None)
    lead = gettext("%(transfer)s (%(type)s): everything goes back as it came, if it is still free where it went.")
    step = Step(
        title=gettext("Take a transfer back"),
        lead=lead % {"transfer": transfer, "type": labels.label(wrong.type)},
        button=gettext("Propose"),
        done=gettext("Proposed; a second person must approve it."),
    )

    def propose() -> object:
        services.require_reversible(wrong, now=request.now)
        payload = {"transfer": transfer, "reason": form.cleaned_data["reason"]}
        actor, key = doors.actor_of(request), requests.key_of(request)
        return members.propose(actor, kind="registry.reverse", payload=payload, key=key, now=request.now)

    return steps.take(request, row, form, step, propose)


def reversible(request: Request, lines: Iterable[StatementLine]) -> frozenset[str]:
    """Give the numbers of the transfers in a statement that whoever looks at it may still propose to take back."""
    if not doors.actor_of(request).roles & MAY[Act.CORRECT]:
        return frozenset()
    calendar, today = rulebook.calendar(request.region), requests.today(request)
    ends = {
        line.transfer: ledger.reversal_ends_on(line.type, posted_on=periods.day_of(line.at), calendar=calendar)
        for line in lines
        if not line.corrected_by
    }
    return frozenset(number for number, ends_on in ends.items() if ends_on and today <= ends_on)
