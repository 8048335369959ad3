"""Stop the trading of one organisation at once, allow it again by two people, and report what large holders hold."""

from datetime import datetime

from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import HoldingReport, Stop
from tonnebook.market.services import locks, standing, voids
from tonnebook.members import services as members


@journal.command("market.stop_trading")
def stop_trading(actor: Actor, *, organisation: str, reason: str, key: str, now: datetime) -> Answer:
    """Stop the trading of an organisation: what it has in the books is cancelled, and nothing more of it is taken in.

    The market is locked meanwhile, so that after the commit nothing of it trades.

    Args:
        actor: exchange staff, or a trader or representative of the organisation itself; one person is enough.
        organisation: unified social credit code.
        reason: why; it enters the log sealed.
        key: idempotency key.
        now: when.

    Returns:
        `organisation`, `cancelled` (number of orders) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION, NO_SUCH_ORGANISATION; ALREADY_STOPPED.

    Source: design choice, no legal source (invariant B9).
    """
    del key
    region = members.require(actor, Act.STOP_TRADING, organisation=organisation)
    rows = locks.lock_region(region)
    if Stop.objects.filter(region=region, organisation=organisation, allowed_at=None).exists():
        raise Refused(SupervisionRefusal.ALREADY_STOPPED, organisation=organisation)
    Stop.objects.create(
        region=region, organisation=organisation, reason=reason, stopped_by=actor.person, stopped_at=now
    )
    facts = {"organisation": organisation, "by": actor.person}
    receipt = journal.append(journal.Entry("market.trading.stopped", facts, {"reason": reason}), now=now)
    cancelled = voids.cancel_orders_of(organisation, rows, now=now)
    return {"organisation": organisation, "cancelled": cancelled, "receipt": receipt}


@journal.command("market.report_holding")
def report_holding(actor: Actor, *, purpose: str, key: str, now: datetime) -> Answer:
    """Report as a large holder (大户报告) what the own group holds, and what for.

    Args:
        actor: representative or trader of the holder.
        purpose: what the holdings are for; it enters the log sealed.
        key: idempotency key.
        now: when.

    Returns:
        `used_t` and `limit_t` as they stood, and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_REPORT_DUE when the group has not used the reporting share.

    Source: S63, exchange rules of the region, by `trading.large_trader_report_share`.
    """
    del key
    members.require(actor, Act.REPORT_HOLDING)
    use = standing.report_due(actor.region, actor.organisation, now=now)
    if use is None:
        raise Refused(SupervisionRefusal.NO_REPORT_DUE, organisation=actor.organisation)
    HoldingReport.objects.create(
        region=actor.region,
        organisation=actor.organisation,
        used_t=use.used_t,
        limit_t=use.limit_t,
        purpose=purpose,
        reported_by=actor.person,
        reported_at=now,
    )
    sealed = {"organisation": actor.organisation, "used_t": use.used_t, "purpose": purpose}
    facts = {"limit_t": use.limit_t, "by": actor.person}
    receipt = journal.append(journal.Entry("market.holding.reported", facts, sealed), now=now)
    return {"used_t": use.used_t, "limit_t": use.limit_t, "receipt": receipt}


@journal.command("market.allow_trading")
def allow_trading(actor: Actor, *, organisation: str, reason: str, approval: str, key: str, now: datetime) -> Answer:
    """Allow an organisation whose trading was stopped to trade again; what was cancelled stays so.

    Args:
        actor: exchange staff.
        organisation: unified social credit code.
        reason: why; it enters the log sealed.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `organisation` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; what `members.use_approval` refuses; NOT_STOPPED.

    Source: design choice, no legal source (invariant B9).
    """
    del key
    region = members.require(actor, Act.SUPERVISE, organisation=organisation)
    payload = {"organisation": organisation, "reason": reason}
    people = members.use_approval(approval, kind="market.allow_trading", payload=payload, now=now)
    locks.lock_region(region)
    stopped = Stop.objects.filter(region=region, organisation=organisation, allowed_at=None)
    if not stopped.update(allowed_at=now):
        raise Refused(SupervisionRefusal.NOT_STOPPED, organisation=organisation)
    facts = {"organisation": organisation, "by": people.initiator, "approver": people.approver}
    receipt = journal.append(journal.Entry("market.trading.allowed", facts, {"reason": reason}), now=now)
    return {"organisation": organisation, "receipt": receipt}
