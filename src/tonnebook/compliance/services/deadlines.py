"""Move a deadline by notice: two people decide, everything that asks for the day follows, the old day stays visible."""

from datetime import date, datetime

from tonnebook.compliance.models import DeadlineMove
from tonnebook.compliance.queries import calendar
from tonnebook.core import roles
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members


@journal.command("compliance.move_deadline")
def move_deadline(
    actor: Actor,
    *,
    region: str,
    year: int,
    name: str,
    to_on: date,
    notice: str,
    reason: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Move a deadline of a compliance year.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        name: below `deadline`, such as "surrender_on".
        to_on: the new day.
        notice: number of the notice that moves it.
        reason: in words.
        approval: number of the approval over all of these.
        key: idempotency key.
        now: when.

    Returns:
        {"name", "from_on", "to_on", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; what
            `core.deadlines.check_move` refuses by the rules of now.

    Source: design choice, no legal source (feature S13).
    """
    del key
    roles.check(actor, Act.MOVE_DEADLINE, region=region)
    payload = {"region": region, "year": year, "name": name, "to_on": to_on, "notice": notice, "reason": reason}
    people = members.use_approval(approval, kind="compliance.move_deadline", payload=payload, now=now)
    effect = calendar.preview_move(region, year, name, to_on=to_on, now=now)
    DeadlineMove.objects.create(
        region=region,
        year=year,
        name=name,
        from_on=effect.from_on,
        to_on=to_on,
        notice=notice,
        reason=reason,
        initiator=people.initiator,
        approver=people.approver,
        published_at=now,
    )
    facts = {"region": region, "year": year, "name": name, "from_on": effect.from_on, "to_on": to_on, "notice": notice}
    facts |= {"reason": reason, "initiator": people.initiator, "approver": people.approver}
    leaf = journal.append(Entry("compliance.deadline.moved", facts), now=now)
    return {"name": name, "from_on": effect.from_on.isoformat(), "to_on": to_on.isoformat(), "receipt": leaf}
