"""Money at the banks: a client's three balances and contract, and the desk where statements and orders meet."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.core.bank_entries import BODY, ContractState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.moves import BankAccountState
from tonnebook.core.roles import MAY, Act, Actor, Role, Unsigned
from tonnebook.faces import documents, doors, problem, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import name
from tonnebook.journal import trail
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.registry import queries, services
from tonnebook.registry.forms import ContractForm, SettlementBankForm, StatementFileForm, SuspenseForm
from tonnebook.registry.queries import AccountRow, Holding, SettlementBankRow

_LAST = 10
_DESK = MAY[Act.LOAD_BANK_STATEMENT]
_REGISTERED = (AccountType.HOLDING, AccountType.PROJECT)


@require_http_methods(["GET", "POST"])
@doors.open_to(*MAY[Act.SIGN_BANK_CONTRACT])
def cash(request: Request) -> HttpResponse:
    actor = doors.actor_of(request)
    banks = queries.settlement_banks(request.region)
    owned = [
        (one.number, f"{one.bank} ··{one.ending}")
        for one in queries.bank_accounts(actor.organisation, region=request.region)
        if one.state is BankAccountState.CONFIRMED
    ]
    named = members.organisations_named([bank.organisation for bank in banks])
    choices = [(bank.number, name(named[bank.organisation])) for bank in banks]
    form = ContractForm(request.POST or None, bank_accounts=owned, banks=choices)
    accounts = {row.type: row for row in queries.accounts(actor.organisation) if row.region == request.region}
    money = accounts.get(AccountType.CLIENT_CASH)
    if request.method == "POST" and money is not None and form.is_valid():
        try:
            services.sign_bank_contract(
                actor, account=money.number, **form.cleaned_data, key=requests.key_of(request), now=request.now
            )
        except Refused as error:
            return _cash(request, accounts, banks, form, status=form.refuse(error))
        messages.success(request, gettext("Asked for; the bank confirms it."))
        return redirect("registry:cash")
    return _cash(request, accounts, banks, form, status=422 if form.errors else 200)


@require_POST
@doors.open_to(*MAY[Act.SIGN_BANK_CONTRACT])
def end_contract(request: Request) -> HttpResponse:
    contract = request.POST.get("contract", "")
    services.end_bank_contract(
        doors.actor_of(request), contract=contract, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("Ended, at once; withdrawals that wait are refused when their time comes."))
    return redirect("registry:cash")


@require_GET
@doors.open_to(*_DESK, Role.AUDITOR)
def banks(request: Request) -> HttpResponse:
    if file := request.GET.get("orders"):
        return _orders(request, file)
    return _desk(request, StatementFileForm(banks=_choices(request)))


@require_POST
@doors.open_to(*_DESK)
def load_statement(request: Request) -> HttpResponse:
    form = StatementFileForm(request.POST, request.FILES, banks=_choices(request))
    if not form.is_valid():
        return _desk(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        told = services.load_bank_statement(
            doors.actor_of(request),
            settlement_bank=form.cleaned_data["settlement_bank"],
            file=file.name,
            content=file.read(),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _desk(request, form, status=form.refuse(error))
    sentence = gettext("Loaded: %(booked)s credited, %(paid)s paid as ordered, %(suspense)s in suspense.")
    messages.success(request, sentence % told)
    return redirect("registry:banks")


@require_POST
@doors.open_to(*MAY[Act.KEEP_BANKS])
def order_payments(request: Request) -> HttpResponse:
    bank = request.POST.get("settlement_bank", "")
    try:
        told = services.order_payments(
            doors.actor_of(request), settlement_bank=bank, key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        messages.error(request, problem.refused(error).message)
    else:
        messages.success(
            request, gettext("Ordered: %(orders)s payments in %(payment_file)s; hand the file to the bank.") % told
        )
    return redirect("registry:banks")


@require_POST
@doors.open_to(*MAY[Act.KEEP_BANKS])
def open_bank(request: Request) -> HttpResponse:
    form = SettlementBankForm(request.POST)
    if not form.is_valid():
        return _desk(request, StatementFileForm(banks=_choices(request)), opening=form, status=422)
    return _propose(request, "registry.open_settlement_bank", {"region": request.region, **form.payload()})


@require_POST
@doors.open_to(*MAY[Act.KEEP_BANKS])
def work_off(request: Request) -> HttpResponse:
    form = SuspenseForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say what becomes of the entry, and name the account or the other entry."))
        return redirect("registry:banks")
    return _propose(request, "registry.work_off_bank_entry", {"region": request.region, **form.cleaned_data})


@require_POST
@doors.open_to(*MAY[Act.CONFIRM_BANK_CONTRACT])
def confirm_contract(request: Request) -> HttpResponse:
    contract = request.POST.get("contract", "")
    services.confirm_bank_contract(
        doors.actor_of(request), contract=contract, key=requests.key_of(request), now=request.now
    )
    messages.success(request, gettext("Confirmed; money from this bank account is credited from now on."))
    return redirect("registry:banks")


def _propose(request: Request, kind: str, payload: dict[str, object]) -> HttpResponse:
    actor = doors.actor_of(request)
    try:
        members_services.propose(actor, kind=kind, payload=payload, key=requests.key_of(request), now=request.now)
    except Unsigned:
        raise
    except Refused as error:
        messages.error(request, problem.refused(error).message)
    else:
        messages.success(request, gettext("Proposed; a second person must approve it."))
    return redirect("registry:banks")


def _cash(
    request: Request,
    accounts: dict[AccountType, AccountRow],
    banks: tuple[SettlementBankRow, ...],
    form: ContractForm,
    *,
    status: int,
) -> HttpResponse:
    money = accounts.get(AccountType.CLIENT_CASH)
    contract = queries.contract_of(money.number) if money else None
    bank = next((one for one in banks if contract and one.number == contract.bank), None)
    registered = [accounts[type_] for type_ in _REGISTERED if type_ in accounts]
    context = {
        "registered": [(row, _units(row)) for row in registered],
        "trading": [(row, _units(row)) for row in (accounts.get(AccountType.TRADING),) if row],
        "may_move": bool(registered) and AccountType.TRADING in accounts,
        "money": money,
        "held": next((one for one in queries.holdings(money.number) if one.asset.kind is AssetKind.CASH), None)
        if money
        else None,
        "contract": contract,
        "bank": bank,
        "bank_name": members.organisation(bank.organisation) if bank else None,
        "has_banks": bool(banks),
        "is_signed": contract is not None and contract.state is ContractState.SIGNED,
        "form": form,
    }
    return render(request, "registry/cash.html", context, status=status)


def _units(row: AccountRow) -> list[Holding]:
    return [held for held in queries.holdings(row.number) if held.asset.kind is not AssetKind.CASH]


def _desk(
    request: Request, form: StatementFileForm, *, opening: SettlementBankForm | None = None, status: int = 200
) -> HttpResponse:
    actor = doors.actor_of(request)
    rows, here = _banks(request, actor), requests.today(request)
    suspense = [one for one in queries.suspense(request.region) if one.bank in {row.number for row in rows}]
    contracts = [one for row in rows for one in queries.contracts_of_bank(row.number)]
    asked = request.GET.get("statement", "")
    statements = {row.number: queries.bank_statements(row.number, limit=_LAST) for row in rows}
    is_shown = asked in {one.number for of_bank in statements.values() for one in of_bank}
    entries = queries.bank_entries(asked) if is_shown else ()
    trail.listed("banks", rows=len(suspense) + len(contracts) + len(entries), asked=requests.asked_of(request))
    rules = rulebook.at(request.region, on=here)
    body = rules.text(BODY) if BODY in rules.leaves else ""
    balances = {one.bank: one for one in queries.bank_balances(request.region, day=here)}
    people = [*(row.organisation for row in rows), *(one.organisation for one in contracts)]
    context = {
        "banks": [
            (row, balances[row.number], statements[row.number], queries.payment_files(row.number, limit=_LAST))
            for row in rows
        ],
        "names": members.organisations_named(people),
        "suspense": suspense,
        "contracts": contracts,
        "entries": entries,
        "asked": asked,
        "form": form if rows and actor.roles & _DESK else None,
        "opening": (opening or SettlementBankForm()) if _settles(actor, body) else None,
        "may_keep": _settles(actor, body),
        "may_confirm": bool(actor.roles & MAY[Act.CONFIRM_BANK_CONTRACT]),
        "body": body,
        "origin": rules.origin(BODY) if body else None,
    }
    return render(request, "registry/banks.html", context, status=status)


def _orders(request: Request, number: str) -> HttpResponse:
    bank, content = queries.payment_file(number)
    if bank not in {row.number for row in _banks(request, doors.actor_of(request))}:
        queries.payment_file("")
    trail.listed("banks", rows=1, asked=requests.asked_of(request))
    return documents.attachment(content, f"{number}.xml", mime="application/xml")


# A bank sees its own account only.
def _banks(request: Request, actor: Actor) -> list[SettlementBankRow]:
    rows = queries.settlement_banks(request.region)
    is_bank = Role.BANK_CLERK in actor.roles
    return [row for row in rows if not is_bank or row.organisation == actor.organisation]


def _choices(request: Request) -> list[tuple[str, str]]:
    rows = _banks(request, doors.actor_of(request))
    named = members.organisations_named([row.organisation for row in rows])
    return [(row.number, f"{name(named[row.organisation])} ··{row.account_number[-4:]}") for row in rows]


def _settles(actor: Actor, body: str) -> bool:
    return bool(actor.roles & MAY[Act.KEEP_BANKS]) and actor.kind == body
