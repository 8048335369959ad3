"""Restrict, suspend or reopen an account: one person stops it at once, two let it go on."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.core import ledger
from tonnebook.core.roles import MAY, Act
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import services as members
from tonnebook.registry import services
from tonnebook.registry.forms import AccountStateForm
from tonnebook.registry.views import steps
from tonnebook.registry.views.holdings import account_here
from tonnebook.registry.views.steps import Step


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.RESTRICT])
def account_state(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    if not ledger.settable(row.state):
        raise Http404
    form = AccountStateForm(request.POST or None, account=row.as_core())
    loosens = form.is_valid() and form.loosens()
    step = Step(
        title=gettext("State of the account"),
        lead=gettext(
            "What stops something takes effect at once; what lets something go on again needs a second person. "
            "Allocation, surrender and corrections go on unless the account is frozen. The holder is told."
        ),
        button=gettext("Propose") if loosens else gettext("Set it now"),
        done=gettext("Proposed; a second person must approve it.") if loosens else gettext("Done; the holder is told."),
    )

    def act() -> object:
        told = {
            "account": number,
            "state": form.cleaned_data["state"],
            "barred": form.cleaned_data["barred"],
            "reason": form.cleaned_data["reason"],
        }
        actor, key, now = doors.actor_of(request), requests.key_of(request), request.now
        if loosens:
            return members.propose(actor, kind="registry.reopen_account", payload=told, key=key, now=now)
        return services.restrict_account(actor, **told, key=key, now=now)

    return steps.take(request, row, form, step, act)
