"""Take by force what an entity has not surrendered by the last day; two people decide on exactly so many tonnes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from tonnebook.compliance.models import Surrender
from tonnebook.compliance.models import SurrenderLine as LineOfRow
from tonnebook.compliance.queries.enforcement import ForcedRow, forced_takings
from tonnebook.compliance.services import risks
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.compliance.services.surrenders import lock_obligations
from tonnebook.core import identity, roles
from tonnebook.core.canonical import Json
from tonnebook.core.enforcement import Taking
from tonnebook.core.ledger import AccountType, HoldReason, Leg, TransferType
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Act, Actor
from tonnebook.core.surrender import SurrenderState
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger
from tonnebook.registry.queries import HoldRow


@journal.command("compliance.force_surrender")
def force_surrender(
    actor: Actor,
    *,
    region: str,
    entity: str,
    year: int,
    quantity_t: int,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Take what is missing of an entity's duty from its accounts, once the last day for surrender is over.

    Orders it rests on give way; what is pledged or frozen stays. The year then counts what was taken like a surrender
    that came late and by force, and a penalty file keeps what was missing on the day of the breach.

    Args:
        actor: officer of the region.
        region: region code.
        entity: unified social credit code.
        year: compliance year.
        quantity_t: tonnes that were shown and approved; more or less is not taken.
        approval: number of the approval over all of these.
        key: idempotency key.
        now: when.

    Returns:
        {"surrenders": a number per account, "taken_t", "missing_t": what is still missing, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION; what `members.use_approval` refuses; NOT_COVERED;
            and what `core.enforcement.check` refuses, in its order.

    Source: as `core.enforcement.takings`.
    """
    del key
    roles.check(actor, Act.FORCE_SURRENDER, region=region)
    sectors_in(region, [entity])
    payload = {"region": region, "entity": entity, "year": year, "quantity_t": quantity_t}
    people = members.use_approval(approval, kind="compliance.force_surrender", payload=payload, now=now)
    lock_obligations([entity], year)
    found = forced_takings(entity, region=region, year=year, approved_t=quantity_t, now=now)
    taken = [[one for one in found.takings if one.type is type_] for type_ in found.accounts]
    rows = _confirmed([one for one in taken if one], found, region=region, people=people, now=now)
    numbers = [row.number for row in rows]
    facts = {"numbers": numbers, "region": region, "year": year, "initiator": people.initiator}
    left_t = found.missing_t - found.total_t
    told = {"entity": entity, "taken_t": found.total_t, "missing_t": left_t, "lines": _lines(found)}
    leaf = journal.append(Entry("compliance.surrender.forced", {**facts, "approver": people.approver}, told), now=now)
    notice = members.NoticeDraft(entity, {"year": year, "surrender": ", ".join(numbers)})
    members.notify(NoticeKind.SURRENDER_FORCED, [notice], now=now)
    listed = cast("list[Json]", numbers)
    return {"surrenders": listed, "taken_t": found.total_t, "missing_t": left_t, "receipt": leaf}


# A surrender per account, whose transfer draws on the claims of the authority; orders give way to these.
def _confirmed(
    taken: Sequence[Sequence[Taking]], found: ForcedRow, *, region: str, people: members.ApprovedBy, now: datetime
) -> list[Surrender]:
    counts = journal.next_counts("compliance_surrender_number", len(taken))
    rows = [
        Surrender(
            number=identity.numbered("SU", count),
            entity_id=found.entity,
            region=region,
            year=found.year,
            state=SurrenderState.CONFIRMED,
            total_t=sum(one.quantity_t for one in ones),
            credits_t=0,
            submitted_by=people.initiator,
            submitted_at=now,
            decided_by=people.approver,
            decided_at=now,
            is_forced=True,
        )
        for count, ones in zip(counts, taken, strict=True)
    ]
    pairs = [(row, one) for row, ones in zip(rows, taken, strict=True) for one in ones]
    kept = {account: _kept(account) for account in found.accounts.values()}
    held, end = _claimed(pairs, found, region=region, now=now), registry.system_account(region, AccountType.SURRENDER)
    drafts = []
    for row in rows:
        legs = tuple(
            leg
            for of, one, hold in held
            if of is row
            for leg in _legs(one, found.accounts[one.type], end, hold, kept[found.accounts[one.type]])
        )
        people_of = (people.initiator, people.approver)
        drafts.append(ledger.TransferDraft(TransferType.FORCE_SURRENDER, legs, *people_of, row.number))
    for row, posted in zip(rows, ledger.post(drafts, now=now), strict=True):
        row.transfer = posted.number
    Surrender.objects.bulk_create(rows)
    LineOfRow.objects.bulk_create(
        LineOfRow(surrender=row, asset=one.asset.code, quantity_t=one.quantity_t, hold=hold) for row, one, hold in held
    )
    return rows


# What was kept back is claimed already; the rest is claimed now, and orders give way to that.
def _claimed(
    pairs: Sequence[tuple[Surrender, Taking]], found: ForcedRow, *, region: str, now: datetime
) -> list[tuple[Surrender, Taking, str]]:
    claims = [
        ledger.HoldDraft(
            found.accounts[one.type],
            one.asset.code,
            one.quantity_t - one.kept_t,
            HoldReason.RECALL,
            row.number,
            owner=region,
        )
        for row, one in pairs
        if one.quantity_t > one.kept_t
    ]
    placed = iter(ledger.place_holds(claims, now=now) if claims else ())
    return [(row, one, next(placed) if one.quantity_t > one.kept_t else "") for row, one in pairs]


def _kept(account: str) -> list[HoldRow]:
    return [hold for hold in registry.standing_holds(account) if hold.reason is HoldReason.RECALL]


def _legs(one: Taking, account: str, end: str, claim: str, kept: Sequence[HoldRow]) -> Iterator[Leg]:
    yield from risks.legs_of_kept(one.kept_t, end, [hold for hold in kept if hold.asset == one.asset.code])
    if claim:
        yield Leg(account, end, one.asset.code, one.quantity_t - one.kept_t, claim)


def _lines(found: ForcedRow) -> list[list[object]]:
    return [[one.type, one.asset.code, one.quantity_t, one.resting_t] for one in found.takings]
