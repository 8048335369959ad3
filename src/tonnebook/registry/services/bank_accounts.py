"""Bank accounts that money may be paid out to: registered by the organisation, confirmed by two people."""

from datetime import datetime

from tonnebook.core import periods, roles
from tonnebook.core.errors import Refused
from tonnebook.core.moves import BankAccountState, MoveRefusal
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry.models import BankAccount
from tonnebook.registry.services import numbers, waits


@journal.command("registry.register_bank_account")
def register_bank_account(actor: Actor, *, bank: str, account_number: str, key: str, now: datetime) -> Answer:
    """Register a bank account in the own organisation's name; two people of the exchange or registry confirm it.

    Args:
        actor: representative or trader.
        bank: name of the bank and its branch.
        account_number: the bank's number of the account; sealed in the log.
        key: idempotency key.
        now: when.

    Returns:
        `bank_account`: our number.

    Raises:
        Refused: NOT_PERMITTED; SECOND_FACTOR_NEEDED; BANK_ACCOUNT_EXISTS when it is registered already.

    Source: design choice, no legal source (invariant A12).
    """
    del key
    region = members.require(actor, Act.REGISTER_BANK_ACCOUNT, organisation=actor.organisation)
    told = {"bank": bank, "account_number": account_number}
    members.require_signed(actor, Act.REGISTER_BANK_ACCOUNT, now=now, ask=Ask("registry.register_bank_account", told))
    written = "".join(account_number.split())
    there = BankAccount.objects.filter(region=region, organisation_id=actor.organisation, account_number=written)
    if there.exclude(state=BankAccountState.REMOVED).exists():
        raise Refused(MoveRefusal.BANK_ACCOUNT_EXISTS, ending=written[-4:])
    row = BankAccount.objects.create(
        number=numbers.take_numbers(numbers.BANK_ACCOUNT, "BA", 1)[0],
        region=region,
        organisation_id=actor.organisation,
        bank=bank,
        account_number=written,
        asked_by=actor.person,
        asked_at=now,
    )
    _log(row, "registered", now, {"organisation": actor.organisation, "bank": bank, "account_number": written})
    return {"bank_account": row.number}


@journal.command("registry.confirm_bank_account")
def confirm_bank_account(
    actor: Actor, *, region: str, bank_account: str, bank: str, ending: str, approval: str, key: str, now: datetime
) -> Answer:
    """Confirm a bank account by two people; it can be paid out to after the wait.

    Args:
        actor: exchange staff or registrar of the region.
        region: region code.
        bank_account: our number.
        bank: name of the bank, as the two people saw it.
        ending: last four signs of the account's number, as they saw them.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when; the wait begins here.

    Returns:
        `bank_account` and `ready_at`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; BANK_ACCOUNT_UNKNOWN, also when
            bank or ending differ; BANK_ACCOUNT_NOT_ASKED when it was confirmed or removed before; CALENDAR_ENDS.

    Source: design choice, no legal source (invariants A12 and A13).
    """
    del key
    roles.check(actor, Act.CONFIRM_BANK_ACCOUNT, region=region)
    payload = {"region": region, "bank_account": bank_account, "bank": bank, "ending": ending}
    people = members.use_approval(approval, kind="registry.confirm_bank_account", payload=payload, now=now)
    row = _locked(bank_account)
    if (row.region, row.bank, row.ending) != (region, bank, ending):
        raise Refused(MoveRefusal.BANK_ACCOUNT_UNKNOWN, bank_account=bank_account)
    if row.state != BankAccountState.ASKED:
        raise Refused(MoveRefusal.BANK_ACCOUNT_NOT_ASKED, bank_account=bank_account, state=row.state)
    row.state, row.ready_at = BankAccountState.CONFIRMED.value, waits.ready_at(region, now=now)
    row.initiator, row.approver = people.initiator, people.approver
    row.save(update_fields=["state", "ready_at", "initiator", "approver"])
    _log(row, "confirmed", now, {"ready_at": row.ready_at})
    return {"bank_account": bank_account, "ready_at": periods.iso(row.ready_at)}


@journal.command("registry.remove_bank_account")
def remove_bank_account(actor: Actor, *, bank_account: str, key: str, now: datetime) -> Answer:
    """Take a bank account out of use, at once; withdrawals to it that wait are refused when their time comes.

    Args:
        actor: representative or trader of the organisation, or exchange staff of the region.
        bank_account: our number.
        key: idempotency key.
        now: when.

    Returns:
        `bank_account`.

    Raises:
        Refused: BANK_ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION, NOT_YOUR_REGION;
            BANK_ACCOUNT_NOT_USABLE when it is out of use already.

    Source: design choice, no legal source (invariant A12).
    """
    del key
    row = _locked(bank_account)
    roles.check(actor, Act.REGISTER_BANK_ACCOUNT, organisation=row.organisation_id, region=row.region)
    if row.state == BankAccountState.REMOVED:
        raise Refused(MoveRefusal.BANK_ACCOUNT_NOT_USABLE, bank_account=bank_account)
    row.state, row.removed_by = BankAccountState.REMOVED.value, actor.person
    row.save(update_fields=["state", "removed_by"])
    _log(row, "removed", now, {"by": actor.person})
    return {"bank_account": bank_account}


def _locked(number: str) -> BankAccount:
    row = BankAccount.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise Refused(MoveRefusal.BANK_ACCOUNT_UNKNOWN, bank_account=number)
    return row


def _log(row: BankAccount, step: str, now: datetime, sealed: dict[str, object]) -> None:
    facts = {"bank_account": row.number, "region": row.region}
    journal.append(journal.Entry(f"registry.bank_account.{step}", facts, sealed), now=now)
