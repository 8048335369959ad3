"""Settlement banks of a region, and the contracts by which a bank account serves a client's cash account (签约)."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import bank_entries, periods, roles
from tonnebook.core.bank_entries import BankRefusal, ContractState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal, TransferType
from tonnebook.core.moves import BankAccountState, MoveRefusal
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import Account, BankAccount, BankContract, SettlementBank
from tonnebook.registry.services import numbers
from tonnebook.registry.services.accounts import CASH
from tonnebook.registry.services.rights import require_right


@journal.command("registry.open_settlement_bank")
def open_settlement_bank(
    actor: Actor,
    *,
    region: str,
    organisation: str,
    account_number: str,
    opening_fen: int,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Enter a settlement bank of a region with the account that client money lies on, by two people.

    Args:
        actor: of the body that settles in the region.
        region: region code.
        organisation: the bank (unified social credit code).
        account_number: the bank's number of the settlement account.
        opening_fen: what lies there before the first statement is loaded, fen.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `settlement_bank`: our number.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOT_THE_SETTLEMENT_BODY; what `members.use_approval` refuses;
            NO_SUCH_ORGANISATION; NOT_A_SETTLEMENT_BANK; SETTLEMENT_ACCOUNT_EXISTS.

    Source: `settlement.body` of the region; two people are a design choice.
    """
    del key
    require_settlement_body(actor, region, now=now)
    payload = {
        "region": region,
        "organisation": organisation,
        "account_number": account_number,
        "opening_fen": opening_fen,
    }
    people = members.use_approval(approval, kind="registry.open_settlement_bank", payload=payload, now=now)
    bank = members_queries.organisation(organisation)
    if bank.kind is not OrganisationKind.SETTLEMENT_BANK or bank.region != region:
        raise Refused(BankRefusal.NOT_A_SETTLEMENT_BANK, uscc=organisation)
    written = "".join(account_number.split())
    if SettlementBank.objects.filter(account_number=written).exists():
        raise Refused(BankRefusal.SETTLEMENT_ACCOUNT_EXISTS, ending=written[-4:])
    row = SettlementBank.objects.create(
        number=numbers.take_numbers(numbers.SETTLEMENT_BANK, "SB", 1)[0],
        region=region,
        organisation_id=organisation,
        account_number=written,
        opening_fen=opening_fen,
        opened_at=now,
        initiator=people.initiator,
        approver=people.approver,
    )
    facts = {"settlement_bank": row.number, "region": region, "organisation": organisation}
    sealed = {"account_number": written, "opening_fen": opening_fen}
    journal.append(journal.Entry("registry.settlement_bank.opened", facts, sealed), now=now)
    return {"settlement_bank": row.number}


@journal.command("registry.sign_bank_contract")
def sign_bank_contract(
    actor: Actor, *, account: str, bank_account: str, settlement_bank: str, key: str, now: datetime
) -> Answer:
    """Ask a settlement bank to serve an own cash account from an own bank account; the bank confirms it.

    Args:
        actor: representative or trader of the client.
        account: number of the CLIENT_CASH account.
        bank_account: our number of a confirmed bank account of the same organisation.
        settlement_bank: our number of the bank.
        key: idempotency key.
        now: when.

    Returns:
        `contract`: our number.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING; TRANSFER_NOT_ALLOWED when the
            account holds no client's cash; NO_SETTLEMENT_BANK, also for one of another region; BANK_ACCOUNT_UNKNOWN,
            also for somebody else's; BANK_ACCOUNT_NOT_USABLE before two people have confirmed it; CONTRACT_EXISTS.

    Source: S63 (a contract with a settlement bank, slides of the exchange); its form is a design choice.
    """
    del key
    row = queries.account(account)
    require_right(actor, Act.SIGN_BANK_CONTRACT, account=account, right=Right.INITIATE)
    if row.type is not AccountType.CLIENT_CASH:
        facts = {"type": TransferType.CASH_IN, "debit_type": AccountType.BANK, "credit_type": row.type}
        raise Refused(LedgerRefusal.TRANSFER_NOT_ALLOWED, kind=CASH.kind, **facts)
    bank = SettlementBank.objects.filter(number=settlement_bank, region=row.region).first()
    if bank is None:
        raise Refused(BankRefusal.NO_SETTLEMENT_BANK, settlement_bank=settlement_bank)
    owned = BankAccount.objects.filter(number=bank_account, organisation_id=row.organisation, region=row.region).first()
    if owned is None:
        raise Refused(MoveRefusal.BANK_ACCOUNT_UNKNOWN, bank_account=bank_account)
    if owned.state != BankAccountState.CONFIRMED:
        raise Refused(MoveRefusal.BANK_ACCOUNT_NOT_USABLE, bank_account=bank_account)
    owner = Account.objects.get(number=account)
    if BankContract.objects.filter(account=owner).exclude(state=ContractState.ENDED).exists():
        raise Refused(BankRefusal.CONTRACT_EXISTS, account=account)
    contract = BankContract.objects.create(
        number=numbers.take_numbers(numbers.CONTRACT, "BC", 1)[0],
        account=owner,
        bank_account=owned,
        settlement_bank=bank,
        asked_by=actor.person,
        asked_at=now,
    )
    _log(contract, "asked", now, {"account": account, "bank_account": bank_account, "by": actor.person})
    return {"contract": contract.number}


@journal.command("registry.confirm_bank_contract")
def confirm_bank_contract(actor: Actor, *, contract: str, key: str, now: datetime) -> Answer:
    """Confirm, as the bank, that a client's bank account is its own and serves its cash account.

    Args:
        actor: clerk of the settlement bank.
        contract: our number.
        key: idempotency key.
        now: when.

    Returns:
        `contract`.

    Raises:
        Refused: CONTRACT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION; CONTRACT_NOT_OPEN when it was confirmed or
            ended before.

    Source: design choice, no legal source.
    """
    del key
    row = _locked(contract)
    bank = row.settlement_bank
    roles.check(actor, Act.CONFIRM_BANK_CONTRACT, organisation=bank.organisation_id, region=bank.region)
    if row.state != ContractState.ASKED:
        raise Refused(BankRefusal.CONTRACT_NOT_OPEN, contract=contract, state=row.state)
    row.state, row.confirmed_by = ContractState.SIGNED.value, actor.person
    row.save(update_fields=["state", "confirmed_by"])
    _log(row, "confirmed", now, {"by": actor.person})
    return {"contract": contract}


@journal.command("registry.end_bank_contract")
def end_bank_contract(actor: Actor, *, contract: str, key: str, now: datetime) -> Answer:
    """End a contract with a settlement bank, at once; withdrawals that wait are refused when their time comes.

    Args:
        actor: representative or trader of the client.
        contract: our number.
        key: idempotency key.
        now: when.

    Returns:
        `contract`.

    Raises:
        Refused: CONTRACT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING; CONTRACT_NOT_OPEN when it has
            ended before.

    Source: design choice, no legal source.
    """
    del key
    row = _locked(contract)
    require_right(actor, Act.SIGN_BANK_CONTRACT, account=row.account.number, right=Right.INITIATE)
    if row.state == ContractState.ENDED:
        raise Refused(BankRefusal.CONTRACT_NOT_OPEN, contract=contract, state=row.state)
    row.state, row.ended_by = ContractState.ENDED.value, actor.person
    row.save(update_fields=["state", "ended_by"])
    _log(row, "ended", now, {"by": actor.person})
    return {"contract": contract}


def require_settlement_body(actor: Actor, region: str, *, now: datetime) -> None:
    """Refuse whoever may not keep the settlement banks of a region; called inside the services that do.

    Args:
        actor: who asks.
        region: region code.
        now: when; its day chooses the rule.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOT_THE_SETTLEMENT_BODY.

    Source: `settlement.body` of the region.
    """
    roles.check(actor, Act.KEEP_BANKS, region=region)
    bank_entries.check_settles(rulebook.at(region, on=periods.day_of(now)), actor.kind)


def _locked(number: str) -> BankContract:
    rows = BankContract.objects.select_for_update(of=("self",)).select_related("account", "settlement_bank")
    row = rows.filter(number=number).first()
    if row is None:
        raise Refused(BankRefusal.CONTRACT_UNKNOWN, contract=number)
    return row


def _log(row: BankContract, step: str, now: datetime, sealed: dict[str, object]) -> None:
    facts = {"contract": row.number, "settlement_bank": row.settlement_bank.number}
    journal.append(journal.Entry(f"registry.bank_contract.{step}", facts, sealed), now=now)
