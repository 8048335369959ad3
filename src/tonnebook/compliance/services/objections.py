"""Object to an annual allowance, and decide on it: the correction is an entry of its own beside the batches."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, Objection, ObjectionDecision
from tonnebook.compliance.queries import objections as objected
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services import computing, issuing
from tonnebook.compliance.services.surrenders import lock_obligations
from tonnebook.core import identity, objections, periods, trace
from tonnebook.core.allocation import batches
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.errors import Refused
from tonnebook.core.objections import ObjectionRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership


@journal.command("compliance.file_objection")
def file_objection(actor: Actor, *, entity: str, year: int, reason: str, key: str, now: datetime) -> Answer:
    """Object to the annual allowance of one's own company.

    Args:
        actor: representative of the entity.
        entity: its unified social credit code.
        year: compliance year.
        reason: in words; private.
        key: idempotency key.
        now: when.

    Returns:
        {"objection", "decide_until"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION; NOTHING_ISSUED; ALREADY_OBJECTED; OBJECTION_TOO_LATE;
            NO_GROUND_GIVEN.

    Source: S06 Art. 16 (national; for a region its own values).
    """
    del key
    membership.require(actor, Act.OBJECT, organisation=entity)
    lock_obligations([entity], year)
    issued_on = objected.issued_on(entity, year)
    if issued_on is None:
        raise Refused(ObjectionRefusal.NOTHING_ISSUED, entity=entity, year=year)
    if Objection.objects.filter(entity__uscc=entity, year=year).exists():
        raise Refused(ObjectionRefusal.ALREADY_OBJECTED, entity=entity, year=year)
    region, today = members.organisation(entity).region, periods.day_of(now)
    rules, calendar = standing.rules(region, year, today), rulebook.calendar(region)
    objections.check_filing(objections.object_until(issued_on, rules, calendar), today=today, reason=reason)
    (count,) = journal.next_counts("compliance_objection_number", 1)
    row = Objection.objects.create(
        number=identity.numbered("OB", count),
        entity_id=entity,
        region=region,
        year=year,
        reason=reason,
        decide_until=objections.decide_until(today, rules, calendar),
        filed_by=actor.person,
        filed_at=now,
    )
    facts = {"objection": row.number, "year": year, "decide_until": row.decide_until}
    journal.append(Entry("compliance.objection.filed", facts, {"entity": entity, "reason": reason}), now=now)
    return {"objection": row.number, "decide_until": str(row.decide_until)}


@journal.command("compliance.decide_objection")
def decide_objection(
    actor: Actor, *, objection: str, is_upheld: bool, due_t: int, reason: str, approval: str, key: str, now: datetime
) -> Answer:
    """Decide on an objection; where it is upheld, issue or recall the difference.

    Args:
        actor: officer of the region.
        objection: number.
        is_upheld: whether the entity is right.
        due_t: what should have been issued to it in all, tonnes; what was, when it is not.
        reason: in words; private.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"objection", "issued_t", "recalled_t", "recall_outstanding_t"}, tonnes.

    Raises:
        Refused: NO_SUCH_OBJECTION; NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses;
            ALREADY_DECIDED; NO_GROUND_GIVEN, NOTHING_TO_CORRECT; CAP_EXCEEDED.

    Source: S06 Art. 16; correction by an entry of its own: design choice.
    """
    del key
    row = Objection.objects.filter(number=objection).first()
    if row is None:
        raise Refused(ObjectionRefusal.NO_SUCH_OBJECTION, objection=objection)
    membership.require(actor, Act.DECIDE_OBJECTION, organisation=row.entity_id)
    payload = {"objection": objection, "is_upheld": is_upheld, "due_t": due_t, "reason": reason}
    people = membership.use_approval(approval, kind="compliance.decide_objection", payload=payload, now=now)
    lock_obligations([row.entity_id], row.year)
    if ObjectionDecision.objects.filter(objection=row).exists():
        raise Refused(ObjectionRefusal.ALREADY_DECIDED, objection=objection)
    issued_t, _ = standing.issued([row.entity_id], row.year).get(row.entity_id, (0, 0))
    objections.check_decision(is_upheld=is_upheld, due_t=due_t, issued_t=issued_t, reason=reason)
    ObjectionDecision.objects.create(
        objection=row,
        is_upheld=is_upheld,
        due_t=due_t,
        reason=reason,
        initiator=people.initiator,
        approver=people.approver,
        decided_at=now,
    )
    corrected = {"issued_t": 0, "recalled_t": 0, "recall_outstanding_t": 0}
    if is_upheld:
        corrected = _correct(row, (issued_t, due_t), people, now)
    facts = {"objection": objection, "year": row.year, "is_upheld": is_upheld, **corrected}
    journal.append(Entry("compliance.objection.decided", facts, {"entity": row.entity_id, "reason": reason}), now=now)
    return {"objection": objection, **corrected}


def _correct(
    row: Objection, issued_and_due_t: tuple[int, int], people: membership.ApprovedBy, now: datetime
) -> dict[str, int]:
    issued_t, due_t = issued_and_due_t
    rules = standing.rules(row.region, row.year, periods.day_of(now))
    held_t = computing.held_of_year([row.entity_id], rules).get(row.entity_id, 0)
    free = trace.given(due_t, "t", zh="异议处理后应发配额", en="to be issued after the objection")
    done = batches.true_up(free, issued_t=issued_t, held_free_t=held_t)
    review = _review(row, rules, done, free, now)
    issuing.check_cap([review], rules)
    issuing.post([review], rules, people, now=now)
    review.save(force_insert=True)
    return {
        "issued_t": done.issue_t,
        "recalled_t": done.recall_t,
        "recall_outstanding_t": done.recall_outstanding_t,
    }


# The paid part of the annual allowance stays what the second batch said.
def _review(row: Objection, rules: RulesAt, done: batches.TrueUp, free: trace.Traced, now: datetime) -> Allocation:
    second = Allocation.objects.get(entity__uscc=row.entity_id, year=row.year, batch=Batch.SECOND)
    paid = trace.given(second.paid_t, "t", zh="有偿部分（同第二批次）", en="paid part, as in the second batch")
    base = trace.total([free, paid], "t", zh="异议处理后年度配额", en="annual allowance after the objection")
    traces = {"base": base, "free": free, "paid": paid, "issue": done.difference}
    amounts = (base.whole, free.whole, paid.whole, done.issue_t - done.recall_t)
    review = computing.preview(row.entity_id, rules, Batch.REVIEW, traces, now, amounts=amounts)
    review.recall_outstanding_t = done.recall_outstanding_t
    return review
