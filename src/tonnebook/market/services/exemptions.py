"""Exempt an organisation from the largest holding by two people, and end it by one."""

from datetime import date, datetime

from tonnebook.core import identity, periods
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.standing import Use
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Exemption
from tonnebook.market.services import locks, standing
from tonnebook.members import services as members

_EXEMPT = "market.exempt_holder"


@journal.command(_EXEMPT)
def exempt_holder(
    actor: Actor,
    *,
    organisation: str,
    limit_t: int,
    until_on: date,
    reason: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Let the group of an organisation hold more of one vintage than the rules say, until a day.

    Args:
        actor: exchange staff.
        organisation: unified social credit code.
        limit_t: what the group may hold instead, tonnes.
        until_on: last day on which it counts.
        reason: why; it enters the log sealed.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `exemption` (number) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; what `members.use_approval` refuses; what
            `check_exemption` refuses.

    Source: design choice, no legal source; the largest holding by `trading.holding_limit_t.*`.
    """
    del key
    region = members.require(actor, Act.SUPERVISE, organisation=organisation)
    payload: dict[str, Json] = {"organisation": organisation, "limit_t": limit_t}
    payload |= {"until_on": until_on.isoformat(), "reason": reason}
    people = members.use_approval(approval, kind=_EXEMPT, payload=payload, now=now)
    locks.lock_region(region)
    use = check_exemption(region, organisation, limit_t=limit_t, until_on=until_on, now=now)
    (count,) = rows.next_counts("market_exemption_id_seq", 1)
    row = Exemption.objects.create(
        pk=count,
        number=identity.numbered("EX", count),
        region=region,
        organisation=organisation,
        limit_t=limit_t,
        ordinary_t=use.limit_t,
        reason=reason,
        until_on=until_on,
        granted_by=people.initiator,
        approved_by=people.approver,
        granted_at=now,
    )
    facts = {"exemption": row.number, "until_on": until_on, "by": people.initiator, "approver": people.approver}
    sealed = {"organisation": organisation, "limit_t": limit_t, "reason": reason}
    receipt = journal.append(journal.Entry("market.holder.exempted", facts, sealed), now=now)
    return {"exemption": row.number, "receipt": receipt}


@journal.command("market.end_exemption")
def end_exemption(actor: Actor, *, exemption: str, key: str, now: datetime) -> Answer:
    """End an exemption at once; what the group holds stays, and it buys no more while that is beyond its limit.

    Args:
        actor: exchange staff; one person is enough.
        exemption: number.
        key: idempotency key.
        now: when.

    Returns:
        `exemption` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_EXEMPTION, also for another region's, or when it is over.

    Source: design choice, no legal source.
    """
    del key
    region = members.require(actor, Act.SUPERVISE)
    locks.lock_region(region)
    found = Exemption.objects.filter(number=exemption, region=region, ended_at=None, until_on__gte=periods.day_of(now))
    if not found.update(ended_at=now):
        raise Refused(SupervisionRefusal.NO_SUCH_EXEMPTION, exemption=exemption)
    facts = {"exemption": exemption, "by": actor.person}
    receipt = journal.append(journal.Entry("market.exemption.ended", facts), now=now)
    return {"exemption": exemption, "receipt": receipt}


def check_exemption(region: str, organisation: str, *, limit_t: int, until_on: date, now: datetime) -> Use:
    """Refuse an exemption that would change nothing; a proposal of it would come to nothing.

    Args:
        region: region code.
        organisation: unified social credit code.
        limit_t: what its group might hold instead, tonnes.
        until_on: last day.
        now: when.

    Returns:
        What its group uses of its limit now.

    Raises:
        Refused: NO_HOLDING_LIMIT, EXEMPTION_OVER, EXEMPT_ALREADY, EXEMPTION_NOT_ABOVE.

    Source: design choice, no legal source.
    """
    today = periods.day_of(now)
    use = standing.standings(region, [organisation], now=now)[organisation].use
    if use is None:
        raise Refused(SupervisionRefusal.NO_HOLDING_LIMIT, region=region)
    if until_on < today:
        raise Refused(SupervisionRefusal.EXEMPTION_OVER, until=until_on)
    own = Exemption.objects.filter(region=region, organisation=organisation, ended_at=None, until_on__gte=today)
    if (there := own.values_list("number", flat=True).first()) is not None:
        raise Refused(SupervisionRefusal.EXEMPT_ALREADY, organisation=organisation, exemption=there)
    if limit_t <= use.limit_t:
        raise Refused(SupervisionRefusal.EXEMPTION_NOT_ABOVE, limit=limit_t, ordinary=use.limit_t)
    return use
