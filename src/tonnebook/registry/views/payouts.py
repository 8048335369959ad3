"""Money that leaves: bank accounts, withdrawals, and everything that waits and can be taken back."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import TransferType
from tonnebook.core.moves import BankAccountState, PendingState
from tonnebook.core.representation import Right
from tonnebook.core.roles import MAY, Act, Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.registry import queries, services
from tonnebook.registry.forms import BankAccountForm, WithdrawForm
from tonnebook.registry.queries import BankAccountRow, PendingRow
from tonnebook.registry.views import steps
from tonnebook.registry.views.holdings import account_here
from tonnebook.registry.views.steps import Lack, Step

_HOLDERS = frozenset({Role.REPRESENTATIVE, Role.TRADER})


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.WITHDRAW])
def withdraw(request: Request, number: str) -> HttpResponse:
    row = account_here(request, number)
    usable = [
        (one.number, f"{one.bank} ··{one.ending}")
        for one in queries.bank_accounts(row.organisation, region=row.region)
        if one.state is BankAccountState.CONFIRMED
    ]
    form = WithdrawForm(request.POST or None, bank_accounts=usable)
    step = Step(
        title=gettext("Withdraw money"),
        lead=gettext(
            "To a bank account that two people of the exchange have confirmed. It waits four working days, and you can "
            "take it back until then."
        ),
        button=gettext("Withdraw"),
        done=gettext("Taken in; under Waiting you see when it takes effect, and can take it back until then."),
        lacks=Lack(
            title=gettext("No bank account can be used yet"),
            hint=gettext(
                "Name one first. Two people of the exchange confirm it, and it counts four working days later."
            ),
            action=gettext("To the bank accounts"),
            address=reverse("registry:bank_accounts"),
        ),
    )
    return steps.take(
        request,
        row,
        form,
        step,
        lambda: services.withdraw(
            doors.actor_of(request),
            account=number,
            bank_account=form.cleaned_data["bank_account"],
            amount_fen=form.amount_fen(),
            key=requests.key_of(request),
            now=request.now,
        ),
    )


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.REGISTER_BANK_ACCOUNT], *queries.KEEPERS)
def bank_accounts(request: Request) -> HttpResponse:
    is_holder = bool(doors.actor_of(request).roles & _HOLDERS)
    form = BankAccountForm(request.POST or None) if is_holder else None
    if request.method == "GET" or form is None or not form.is_valid():
        return _bank_accounts(request, form, status=422 if form and form.errors else 200)
    try:
        services.register_bank_account(
            doors.actor_of(request), **form.cleaned_data, key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        return _bank_accounts(request, form, status=form.refuse(error))
    messages.success(request, gettext("Registered; two people of the exchange will confirm it."))
    return redirect("registry:bank_accounts")


@require_POST
@doors.open_to(*MAY[Act.CONFIRM_BANK_ACCOUNT])
def confirm_bank_account(request: Request, number: str) -> HttpResponse:
    row = queries.bank_account(number)
    payload = {"region": row.region, "bank_account": number, "bank": row.bank, "ending": row.ending}
    members_services.propose(
        doors.actor_of(request),
        kind="registry.confirm_bank_account",
        payload=payload,
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Proposed; a second person must approve it."))
    return redirect("registry:bank_accounts")


@require_POST
@doors.open_to(*MAY[Act.REGISTER_BANK_ACCOUNT])
def remove_bank_account(request: Request, number: str) -> HttpResponse:
    services.remove_bank_account(
        doors.actor_of(request), bank_account=number, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("Taken out of use, at once."))
    return redirect("registry:bank_accounts")


@require_GET
@doors.open_to(*MAY[Act.CANCEL_TRANSFER], Role.AUDITOR)
def waiting(request: Request) -> HttpResponse:
    rows = _waiting(request)
    context = {
        "rows": rows,
        "names": members.organisations_named([row.organisation for row in rows]),
        "banks": {one.number: one for one in _banks(request)},
        "may_cancel": bool(doors.actor_of(request).roles & MAY[Act.CANCEL_TRANSFER]),
        "to_approve": _to_approve(request, rows),
    }
    return render(request, "registry/waiting.html", context)


@require_POST
@doors.open_to(*_HOLDERS)
def approve(request: Request, number: str) -> HttpResponse:
    answer = services.approve_transfer(
        doors.actor_of(request),
        pending=number,
        digest=request.POST.get("digest", ""),
        key=requests.key_of(request),
        now=request.now,
    )
    is_done = answer["state"] == PendingState.DONE
    told = gettext("Approved and done.") if is_done else gettext("Approved; it takes effect when its time has come.")
    messages.success(request, told)
    return redirect("registry:waiting")


@require_POST
@doors.open_to(*MAY[Act.CANCEL_TRANSFER])
def cancel(request: Request, number: str) -> HttpResponse:
    services.cancel_transfer(doors.actor_of(request), pending=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Taken back; what was set aside is free again."))
    return redirect("registry:waiting")


# What somebody may approve for the holder; the service decides again.
def _to_approve(request: Request, rows: Sequence[PendingRow]) -> set[str]:
    actor = doors.actor_of(request)
    open_ones = [row for row in rows if row.organisation == actor.organisation and row.awaits_approval_of(actor.person)]
    rights = {account: queries.rights_at(account) for account in {row.debit for row in open_ones}}
    return {row.number for row in open_ones if Right.APPROVE in rights[row.debit].get(actor.person, ())}


def _bank_accounts(request: Request, form: BankAccountForm | None, *, status: int) -> HttpResponse:
    rows, roles = _banks(request), doors.actor_of(request).roles
    context = {
        "rows": rows,
        "names": members.organisations_named([row.organisation for row in rows]),
        "form": form,
        "now": request.now,
        "may_confirm": bool(roles & MAY[Act.CONFIRM_BANK_ACCOUNT]),
        "may_remove": bool(roles & MAY[Act.REGISTER_BANK_ACCOUNT]),
    }
    return render(request, "registry/bank_accounts.html", context, status=status)


def _banks(request: Request) -> tuple[BankAccountRow, ...]:
    actor = doors.actor_of(request)
    if actor.roles & _HOLDERS:
        return queries.bank_accounts(actor.organisation, region=request.region)
    rows = queries.bank_accounts_in(request.region)
    trail.listed("bank accounts", rows=len(rows))
    return rows


# Holders see all they ever asked for; the exchange sees money, keepers see everything, both what waits only.
def _waiting(request: Request) -> tuple[PendingRow, ...]:
    actor = doors.actor_of(request)
    if actor.roles & _HOLDERS:
        return queries.pending_of(actor.organisation, region=request.region)
    both = bool(actor.roles & queries.KEEPERS)
    types = (TransferType.TRANSFER, TransferType.CASH_OUT) if both else (TransferType.CASH_OUT,)
    rows = queries.pending_in(request.region, types=types)
    trail.listed("waiting", rows=len(rows))
    return rows
