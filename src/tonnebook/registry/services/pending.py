"""What leaves an account and may have to wait: transfers to other holders and withdrawals.

Asked for, held, kept with the digest of exactly what is to be done; carried out by a job when the working-hours clock
says so, and taken back by the holder, the registrar or the exchange as long as it waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum

from tonnebook import rulebook
from tonnebook.core import canonical, delays, limits, moves, periods, representation, roles
from tonnebook.core.bank_entries import BankRefusal
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldReason, LedgerRefusal, Leg, TransferType
from tonnebook.core.limits import Used
from tonnebook.core.moves import MoveRefusal, PendingState, Waiting
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import Account, PendingTransfer
from tonnebook.registry.queries import AccountRow
from tonnebook.registry.services import locks, numbers, waits
from tonnebook.registry.services.accounts import CASH
from tonnebook.registry.services.holds import HoldDraft, place_holds, release_holds
from tonnebook.registry.services.rights import require_right
from tonnebook.registry.services.transfers import Posted, TransferDraft, post


@dataclass(frozen=True, slots=True)
class _Asking:
    # What is asked for; `bank_account` is ours, and empty for a transfer between holders.
    type: TransferType
    giver: AccountRow
    credit: str
    asset: str
    quantity: int
    working_days: int
    bank_account: str = ""

    def payload(self) -> dict[str, Json]:
        return {
            "type": self.type.value,
            "debit": self.giver.number,
            "credit": self.credit,
            "asset": self.asset,
            "quantity": self.quantity,
            "working_days": self.working_days,
            "bank_account": self.bank_account,
        }


@journal.command("registry.transfer_to_holder")
def transfer_to_holder(
    actor: Actor, *, debit: str, credit: str, asset: str, quantity_t: int, key: str, now: datetime
) -> Answer:
    """Transfer units to another holder: at once to a trusted account, to any other after the wait.

    Where somebody is appointed to approve, it takes effect only once a second representative has approved it.

    Args:
        actor: representative of the holder.
        debit: number of the own HOLDING or TRADING account.
        credit: number of the other holder's account.
        asset: code of an allowance or credit.
        quantity_t: tonnes, > 0; set aside while it waits.
        key: idempotency key.
        now: when.

    Returns:
        `pending` (number), `state`, `ready_at`, `digest` and `transfer` (empty while it waits).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING;
            ACCOUNT_UNKNOWN; SECOND_FACTOR_NEEDED; HOLDER_TRANSFER_BARRED
            where the region has no such transfers; SAME_HOLDER; CALENDAR_ENDS; ABOVE_TRANSFER_LIMIT,
            ABOVE_ACCOUNT_LIMIT or ABOVE_REGION_LIMIT; what the account book refuses, INSUFFICIENT_FREE above all.

    Source: `transfer.*` of the region; that transfers off the trusted list wait is a design choice (invariant A12).
    """
    del key
    giver, receiver = queries.account(debit), queries.named_account(credit)
    require_right(actor, Act.TRANSFER, account=giver.number, right=Right.INITIATE)
    told = {"debit": debit, "credit": credit, "asset": asset, "quantity_t": quantity_t}
    members.require_signed(actor, Act.TRANSFER, now=now, ask=Ask("registry.transfer_to_holder", told))
    rules = rulebook.at(giver.region, on=periods.day_of(now))
    moves.check_holder_transfer(rules)
    if giver.organisation == receiver.organisation:
        raise Refused(MoveRefusal.SAME_HOLDER, debit=debit, credit=credit)
    is_trusted = queries.is_trusted(debit, credit, now=now)
    working_days = 0 if is_trusted else waits.working_days(giver.region, now=now)
    return _ask(actor, _Asking(TransferType.TRANSFER, giver, credit, asset, quantity_t, working_days), now)


@journal.command("registry.withdraw")
def withdraw(actor: Actor, *, account: str, bank_account: str, amount_fen: int, key: str, now: datetime) -> Answer:
    """Ask for money to be paid out to an own bank account; it always waits.

    Where somebody is appointed to approve, it takes effect only once a second representative has approved it.

    Args:
        actor: representative or trader of the client.
        account: number of the CLIENT_CASH account.
        bank_account: our number of a confirmed bank account of the same organisation.
        amount_fen: fen, > 0; set aside while it waits.
        key: idempotency key.
        now: when.

    Returns:
        `pending` (number), `state`, `ready_at`, `digest` and `transfer` (empty while it waits).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING;
            ACCOUNT_UNKNOWN; SECOND_FACTOR_NEEDED; BANK_ACCOUNT_UNKNOWN,
            also for one of somebody else or of another region; BANK_ACCOUNT_NOT_USABLE; BANK_ACCOUNT_WAITS;
            NO_BANK_CONTRACT where the region has settlement banks; CALENDAR_ENDS; ABOVE_TRANSFER_LIMIT,
            ABOVE_ACCOUNT_LIMIT or ABOVE_REGION_LIMIT; TRANSFER_NOT_ALLOWED when the account holds no client's cash;
            INSUFFICIENT_FREE.

    Source: design choice, no legal source (invariant A12).
    """
    del key
    giver = queries.account(account)
    require_right(actor, Act.WITHDRAW, account=giver.number, right=Right.INITIATE)
    told = {"account": account, "bank_account": bank_account, "amount_fen": amount_fen}
    members.require_signed(actor, Act.WITHDRAW, now=now, ask=Ask("registry.withdraw", told))
    if giver.type is not AccountType.CLIENT_CASH:
        facts = {"type": TransferType.CASH_OUT, "debit_type": giver.type, "credit_type": AccountType.BANK}
        raise Refused(LedgerRefusal.TRANSFER_NOT_ALLOWED, kind=CASH.kind, **facts)
    _check_bank_account(giver, bank_account, now)
    bank, days = queries.system_account(giver.region, AccountType.BANK), waits.working_days(giver.region, now=now)
    return _ask(actor, _Asking(TransferType.CASH_OUT, giver, bank, CASH.code, amount_fen, days, bank_account), now)


@journal.command("registry.cancel_transfer")
def cancel_transfer(actor: Actor, *, pending: str, key: str, now: datetime) -> Answer:
    """Take back a transfer or withdrawal that waits, and set free what it held.

    Args:
        actor: representative or trader of the holder, or registrar, officer or exchange staff of the region.
        pending: number.
        key: idempotency key.
        now: when.

    Returns:
        `pending`, `state` and `leaf`.

    Raises:
        Refused: PENDING_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION, NOT_YOUR_REGION; NOT_WAITING when it was done,
            refused or taken back before.

    Source: design choice, no legal source (invariant A12).
    """
    del key
    row = PendingTransfer.objects.select_for_update().filter(number=pending).first()
    if row is None:
        raise Refused(MoveRefusal.PENDING_UNKNOWN, pending=pending)
    owner = queries.account(str(row.payload["debit"])).organisation
    roles.check(actor, Act.CANCEL_TRANSFER, organisation=owner, region=row.region)
    moves.check_cancel(_waiting(row))
    release_holds([row.hold], now=now)
    leaf = _close(row, PendingState.CANCELLED, by=actor.person, now=now)
    return {"pending": pending, "state": row.state, "leaf": leaf}


@journal.command("registry.approve_transfer")
def approve_transfer(actor: Actor, *, pending: str, digest: str, key: str, now: datetime) -> Answer:
    """Approve, for its holder, what another representative asked for; what has waited long enough is done at once.

    Args:
        actor: representative of the holder, or trader for a withdrawal, with the right to approve.
        pending: number.
        digest: of exactly what is to be done, as it was shown.
        key: idempotency key.
        now: when.

    Returns:
        `pending`, `state` and `transfer` (empty while it waits).

    Raises:
        Refused: PENDING_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING; SECOND_FACTOR_NEEDED;
            NOT_WAITING, NOTHING_TO_APPROVE and OWN_REQUEST as `core.moves.check_approval`; what refuses its doing.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    row = PendingTransfer.objects.select_for_update().filter(number=pending).first()
    if row is None:
        raise Refused(MoveRefusal.PENDING_UNKNOWN, pending=pending)
    act = Act.TRANSFER if row.type == TransferType.TRANSFER else Act.WITHDRAW
    require_right(actor, act, account=str(row.payload["debit"]), right=Right.APPROVE)
    moves.check_approval(_waiting(row), person=actor.person, digest=digest)
    members.require_signed(actor, act, now=now, ask=Ask("registry.approve_transfer", row.payload))
    row.approved_by = actor.person
    row.save(update_fields=["approved_by"])
    facts = {"number": row.number, "digest": row.digest}
    journal.append(journal.Entry("registry.transfer.approved", facts, {"by": actor.person}), now=now)
    if row.ready_at <= now:
        _do(row, by=actor.person, now=now)
    return {"pending": pending, "state": row.state, "transfer": row.transfer}


def carry_out_due(*, now: datetime) -> int:
    """Carry out what has waited long enough, each in a transaction of its own; run by a job.

    What is refused for good when its time comes is closed as refused and its hold released; what is refused for now
    (a freeze, a limit of the day, a calendar without the next year) goes on waiting.

    Args:
        now: the database's clock.

    Returns:
        How many were done.

    Raises:
        Fault: A13 when a row no longer says what was asked for.
        OperationalError: when a balance was locked by others for more than three seconds; the job comes again.

    Source: design choice, no legal source (invariants A12 and A13).
    """
    due = PendingTransfer.objects.filter(state=PendingState.WAITING, ready_at__lte=now).order_by("ready_at", "id")
    due = due.exclude(needs_approval=True, approved_by="")
    return sum(_carry_out(number, now) for number in due.values_list("number", flat=True))


def _ask(actor: Actor, asking: _Asking, now: datetime) -> Answer:
    region = asking.giver.region
    clock = waits.clock(region, now=now)
    ready_at = delays.ready_at(now, working_days=asking.working_days, clock=clock)
    payload = asking.payload()
    row = PendingTransfer(
        number=numbers.take_numbers(numbers.PENDING, "PT", 1)[0],
        region=region,
        type=asking.type.value,
        account=Account.objects.get(number=asking.giver.number),
        quantity=asking.quantity,
        payload=payload,
        digest=canonical.digest(payload),
        counts_on=ready_at.astimezone(clock.zone).date(),
        asked_by=actor.person,
        asked_at=now,
        ready_at=ready_at,
        needs_approval=representation.needs_approval(queries.rights_at(asking.giver.number)),
    )
    if asking.quantity <= 0:
        raise Refused(LedgerRefusal.QUANTITY_NOT_POSITIVE, quantity=asking.quantity)
    _check_limits(row, now)
    draft = HoldDraft(asking.giver.number, asking.asset, asking.quantity, HoldReason.DELIVERY, subject=row.number)
    row.hold = place_holds([draft], now=now)[0]
    row.save(force_insert=True)
    facts = {"number": row.number, "region": region, "type": row.type, "digest": row.digest, "ready_at": ready_at}
    journal.append(journal.Entry("registry.transfer.asked", facts, {**payload, "by": actor.person}), now=now)
    if asking.working_days == 0 and not row.needs_approval:
        _do(row, by=actor.person, now=now)
    return {
        "pending": row.number,
        "state": row.state,
        "ready_at": periods.iso(ready_at),
        "digest": row.digest,
        "transfer": row.transfer,
    }


def _carry_out(number: str, now: datetime) -> bool:
    with transaction.atomic():
        due = PendingTransfer.objects.select_for_update(skip_locked=True)
        row = due.filter(number=number, state=PendingState.WAITING).first()
        if row is None:
            return False
        try:
            with transaction.atomic():
                _do(row, by=roles.SYSTEM.person, now=now)
        except Refused as error:
            if not error.code.sentence.transient:
                release_holds([row.hold], now=now)
                _close(row, PendingState.REFUSED, by=roles.SYSTEM.person, now=now, refused=error)
            return False
    return True


def _do(row: PendingTransfer, *, by: str, now: datetime) -> None:
    waiting = _waiting(row)
    moves.check_execution(waiting, now=now)
    told = waiting.payload
    # Days off may have been announced since: the later of what was promised and what the calendar says now.
    days = int(str(told["working_days"]))
    ready_at = delays.ready_at(row.asked_at, working_days=days, clock=waits.clock(row.region, now=now))
    if now < ready_at:
        raise Refused(MoveRefusal.NOT_READY, pending=row.number, ready_at=periods.wall_clock(ready_at))
    giver = queries.account(str(told["debit"]))
    if row.type == TransferType.TRANSFER:
        moves.check_holder_transfer(rulebook.at(row.region, on=periods.day_of(now)))
    else:
        _check_bank_account(giver, str(told["bank_account"]), now)
    _check_limits(row, now)
    row.transfer = _post(row, told, now).number
    _close(row, PendingState.DONE, by=by, now=now)


def _post(row: PendingTransfer, told: Mapping[str, Json], now: datetime) -> Posted:
    leg = Leg(str(told["debit"]), str(told["credit"]), str(told["asset"]), int(str(told["quantity"])), row.hold)
    draft = TransferDraft(TransferType(row.type), (leg,), row.asked_by, subject=row.number)
    return post([draft], now=now)[0]


def _close(row: PendingTransfer, state: PendingState, *, by: str, now: datetime, refused: Refused | None = None) -> str:
    row.state, row.decided_by, row.decided_at = state.value, by, now
    if refused is not None:
        row.transfer = ""
        row.refusal = {"zh": refused.zh, "en": refused.en}
    row.save(update_fields=["state", "decided_by", "decided_at", "transfer", "refusal"])
    facts = {"number": row.number, "state": state, "digest": row.digest, "transfer": row.transfer}
    return journal.append(journal.Entry(f"registry.transfer.{_STEP[state]}", facts, {"by": by}), now=now)


_STEP = {
    PendingState.DONE: "carried_out",
    PendingState.CANCELLED: "taken_back",
    PendingState.REFUSED: "refused",
}


def _waiting(row: PendingTransfer) -> Waiting:
    return Waiting(
        number=row.number,
        state=PendingState(row.state),
        payload=row.payload,
        digest=row.digest,
        ready_at=row.ready_at,
        asked_by=row.asked_by,
        needs_approval=row.needs_approval,
        approved_by=row.approved_by,
    )


def _check_bank_account(giver: AccountRow, number: str, now: datetime) -> None:
    row = queries.bank_account(number)
    if (row.organisation, row.region) != (giver.organisation, giver.region):
        raise Refused(MoveRefusal.BANK_ACCOUNT_UNKNOWN, bank_account=number)
    moves.check_bank_account(number, row.state, row.ready_at, now=now)
    if queries.needs_contract(giver.region, account=giver.number, bank_account=number):
        raise Refused(BankRefusal.NO_BANK_CONTRACT, bank_account=number)


# Counted on the day it takes effect, so that asking at once for ten days does not get round a day's limit.
@tenancy.everywhere(Why.BOOKS)
def _check_limits(row: PendingTransfer, now: datetime) -> None:
    locks.lock_limits(row.region)
    others = PendingTransfer.objects.filter(
        region=row.region,
        type=row.type,
        counts_on=row.counts_on,
        state__in=[PendingState.WAITING, PendingState.DONE],
    ).exclude(number=row.number)
    sums = others.aggregate(region=Sum("quantity"), account=Sum("quantity", filter=Q(account=row.account_id)))
    asset = str(row.payload["asset"])
    limits.check(
        row.quantity,
        account=str(row.payload["debit"]),
        asset=asset,
        limits=limits.read(rulebook.at(row.region, on=periods.day_of(now)), asset),
        used=Used(account_day=sums["account"] or 0, region_day=sums["region"] or 0),
    )
