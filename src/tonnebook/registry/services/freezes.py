"""Freeze switches: one person stops a region, a product or an account at once; two people let it go on."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from tonnebook.core import identity, roles
from tonnebook.core.alerts import AlertKind
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import FreezeScope, LedgerRefusal
from tonnebook.core.roles import SYSTEM, Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import FreezeLine, FreezeSwitch
from tonnebook.registry.services.holds import void_stopped

NUMBER = "registry_freeze_number"
# An alert names enough of what does not hold with the first of them; the page of the audit has all.
_TOLD = 20


@journal.command("registry.freeze")
def freeze(
    actor: Actor, *, region: str, scope: FreezeScope, subject: str, reason: str, key: str, now: datetime
) -> Answer:
    """Stop every transfer of a region, a product or an account but allocation and surrender, at once.

    Orders and bids that rest on the account are void then; those of a region or product wait for the switch to be
    lifted, for their market stands still as a whole.

    Args:
        actor: officer or registrar of the region.
        region: in whose books.
        scope: how much.
        subject: the region, the code of an asset or of its scheme, or the number of an account.
        reason: why; shown to who keeps the books, sealed in the log.
        key: idempotency key.
        now: when.

    Returns:
        `freeze`: its number.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; FREEZE_SUBJECT_UNKNOWN when there is nothing of that name in the
            region, FREEZE_SET_ALREADY when it stands still already.
        Busy: when transfers under way did not end within three seconds; nothing has been stopped then.

    Source: design choice, no legal source (invariant A11).
    """
    del key
    roles.check(actor, Act.FREEZE, region=region)
    _check_subject(region, scope, subject)
    number = _set(actor, region, scope, subject, reason, now)
    if scope is FreezeScope.ACCOUNT:
        void_stopped(queries.account(subject), is_switched_off=True, now=now)
    return {"freeze": number}


def freeze_by_system(region: str, *, reason: str, now: datetime) -> str | None:
    """Stop a region because the books do not hold, inside the caller's transaction.

    Args:
        region: in whose books.
        reason: what was found.
        now: when.

    Returns:
        Number of the switch, None when the region stands still already.

    Source: design choice, no legal source (invariant A14).
    """
    _lock()
    if FreezeSwitch.objects.filter(region=region, scope=FreezeScope.REGION, lifted_at=None).exists():
        return None
    return _set(SYSTEM, region, FreezeScope.REGION, region, reason, now)


@tenancy.everywhere(tenancy.Why.SYSTEM)
def settle_audit(breaks: Sequence[str], *, log_root: str, now: datetime) -> None:
    """Keep what an audit found; when the books do not hold, stop every region and call somebody.

    Args:
        breaks: number of the check and subject of everything that does not hold.
        log_root: root of the log the auditor recomputed, hexadecimal.
        now: when.

    Raises:
        Busy: when transfers under way did not end within three seconds; the job comes again.

    Source: design choice, no legal source (invariants A14 and O8).
    """
    with transaction.atomic():
        journal.note_audit(breaks, log_root=log_root, now=now)
        if not breaks:
            return
        alert = members.raise_alert(
            AlertKind.AUDIT_BREAK, subject=log_root, facts={"breaks": list(breaks[:_TOLD])}, now=now
        )
        for region in queries.regions():
            freeze_by_system(region, reason=alert, now=now)


@journal.command("registry.lift_freeze")
def lift_freeze(actor: Actor, *, freeze: str, approval: str, key: str, now: datetime) -> Answer:
    """Let what a switch stopped go on, approved by two people.

    Args:
        actor: officer or registrar of the region.
        freeze: number of the switch.
        approval: number of the approval of exactly this.
        key: idempotency key.
        now: when.

    Returns:
        `freeze`: its number.

    Raises:
        Refused: FREEZE_UNKNOWN when it is not in force; NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval`
            refuses.
        Busy: as `freeze`.

    Source: design choice, no legal source (invariants A11 and A13).
    """
    del key
    _lock()
    row = FreezeSwitch.objects.filter(number=freeze, lifted_at=None).first()
    if row is None:
        raise Refused(LedgerRefusal.FREEZE_UNKNOWN, freeze=freeze)
    roles.check(actor, Act.LIFT_FREEZE, region=row.region)
    approved = members.use_approval(approval, kind="registry.lift_freeze", payload={"freeze": freeze}, now=now)
    row.lifted_by, row.lifted_at = approved.approver, now
    row.save(update_fields=["lifted_by", "lifted_at"])
    _write_line()
    facts = {"freeze": freeze, "by": approved.initiator, "approved_by": approved.approver}
    journal.append(journal.Entry("registry.freeze.lifted", facts), now=now)
    return {"freeze": freeze}


def _check_subject(region: str, scope: FreezeScope, subject: str) -> None:
    known = {
        FreezeScope.REGION: lambda: subject == region,
        FreezeScope.ASSET: lambda: queries.is_product(subject),
        FreezeScope.ACCOUNT: lambda: queries.account(subject).region == region,
    }
    if not known[scope]():
        raise Refused(LedgerRefusal.FREEZE_SUBJECT_UNKNOWN, subject=subject, region=region)


def _set(actor: Actor, region: str, scope: FreezeScope, subject: str, reason: str, now: datetime) -> str:
    _lock()
    if FreezeSwitch.objects.filter(region=region, scope=scope, subject=subject, lifted_at=None).exists():
        raise Refused(LedgerRefusal.FREEZE_SET_ALREADY, subject=subject)
    (count,) = journal.next_counts(NUMBER, 1)
    number = identity.numbered("F", count)
    FreezeSwitch.objects.create(
        number=number, region=region, scope=scope, subject=subject, reason=reason, set_by=actor.person, set_at=now
    )
    _write_line()
    facts = {"freeze": number, "region": region, "scope": scope, "by": actor.person}
    sealed = {"subject": subject, "reason": reason}
    journal.append(journal.Entry("registry.freeze.set", facts, sealed), now=now)
    return number


def _lock() -> None:
    # A lock of the table waits in turn, where a lock of its row would be passed by ever new transfers.
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE registry_freezeline IN EXCLUSIVE MODE")


@tenancy.everywhere(tenancy.Why.BOOKS)
def _write_line() -> None:
    rows = (
        FreezeSwitch.objects.filter(lifted_at=None).order_by("id").values_list("number", "region", "scope", "subject")
    )
    FreezeLine.objects.update(in_force=[list(row) for row in rows])
