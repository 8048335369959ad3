"""Object to a line of the list, an allowance or a figure, and decide on it: each effect is an entry of its own."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, Coverage, Objection, ObjectionDecision
from tonnebook.compliance.queries import objections as objected
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services import computing, coverage, issuing
from tonnebook.compliance.services.surrenders import lock_obligations
from tonnebook.core import identity, objections, periods, trace
from tonnebook.core.allocation import batches
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.coverage import Stage
from tonnebook.core.coverage_list import ListGround
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.objections import ObjectionRefusal, ObjectionSubject
from tonnebook.core.redetermination import RedeterminationRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership
from tonnebook.members.services import ApprovedBy, NoticeDraft


@journal.command("compliance.file_objection")
def file_objection(
    actor: Actor, *, subject: ObjectionSubject, entity: str, year: int, reason: str, key: str, now: datetime
) -> Answer:
    """Object to what was decided about one's own company: its line of the list, its allowance, or its figure.

    Args:
        actor: representative of the entity.
        subject: what it objects to; for a figure this asks for a re-check.
        entity: its unified social credit code.
        year: compliance year.
        reason: in words; private.
        key: idempotency key.
        now: when.

    Returns:
        {"objection", "decide_until"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION; NOTHING_DECIDED; ALREADY_OBJECTED; OBJECTION_TOO_LATE;
            NO_GROUND_GIVEN.

    Source: S06 Art. 16, 27 (national; for a region its own values); to the list by analogy: design choice.
    """
    del key
    membership.require(actor, Act.OBJECT, organisation=entity)
    return _file(actor, subject, entity, year, reason, now)


@journal.command("compliance.open_recheck")
def open_recheck(actor: Actor, *, entity: str, year: int, reason: str, key: str, now: datetime) -> Answer:
    """Open a re-check of a determined emission of the authority's own accord, at any time.

    Args:
        actor: officer of the region.
        entity: unified social credit code.
        year: compliance year.
        reason: in words; private.
        key: idempotency key.
        now: when.

    Returns:
        {"objection", "decide_until"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOTHING_DECIDED; ALREADY_OBJECTED; NO_GROUND_GIVEN.

    Source: design choice, no legal source; S05 Art. 22 on what a wrong figure leads to.
    """
    del key
    membership.require(actor, Act.DETERMINE, organisation=entity)
    return _file(actor, ObjectionSubject.DETERMINATION, entity, year, reason, now, by_authority=True)


@journal.command("compliance.decide_objection")
def decide_objection(
    actor: Actor, *, objection: str, is_upheld: bool, due_t: int, reason: str, approval: str, key: str, now: datetime
) -> Answer:
    """Decide on an objection to an allowance; where it is upheld, issue or recall the difference.

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
    row = _found(actor, objection, ObjectionSubject.ALLOCATION)
    payload = {"objection": objection, "is_upheld": is_upheld, "due_t": due_t, "reason": reason}
    people = membership.use_approval(approval, kind="compliance.decide_objection", payload=payload, now=now)
    lock_obligations([row.entity_id], row.year)
    _check_open(row)
    issued_t, _ = standing.issued([row.entity_id], row.year).get(row.entity_id, (0, 0))
    objections.check_decision(is_upheld=is_upheld, due=due_t, standing=issued_t, reason=reason)
    corrected = {"issued_t": 0, "recalled_t": 0, "recall_outstanding_t": 0}
    if is_upheld:
        corrected = _correct(row, (issued_t, due_t), people, now)
    return _decided(
        ObjectionDecision(objection=row, is_upheld=is_upheld, due_t=due_t, reason=reason), people, corrected, now
    )


@journal.command("compliance.decide_list_objection")
def decide_list_objection(
    actor: Actor, *, objection: str, is_upheld: bool, stage: Stage, reason: str, approval: str, key: str, now: datetime
) -> Answer:
    """Decide on an objection to a line of the coverage list; where it is upheld, the list goes on as a new version.

    Args:
        actor: officer of the region.
        objection: number.
        is_upheld: whether the entity is right.
        stage: what the entity should be; what it is, when it is not right.
        reason: in words; private.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"objection", "version": of the list that counts after an upheld one, else 0}.

    Raises:
        Refused: NO_SUCH_OBJECTION; NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses;
            ALREADY_DECIDED; NO_GROUND_GIVEN, NOTHING_TO_CORRECT.

    Source: design choice, by analogy with S06 Art. 16.
    """
    del key
    row = _found(actor, objection, ObjectionSubject.COVERAGE)
    payload = {"objection": objection, "is_upheld": is_upheld, "stage": stage, "reason": reason}
    people = membership.use_approval(approval, kind="compliance.decide_list_objection", payload=payload, now=now)
    coverage.lock_list(row.region, row.year)
    _check_open(row)
    line = Coverage.objects.get(entity__uscc=row.entity_id, year=row.year)
    objections.check_decision(is_upheld=is_upheld, due=str(stage), standing=line.stage, reason=reason)
    version = 0
    if is_upheld:
        about = coverage.Version(row.region, row.year, ListGround.OBJECTION, people, reason, objection)
        version = int(str(coverage.set_line(about, row.entity_id, stage, now=now)["version"]))
    decision = ObjectionDecision(objection=row, is_upheld=is_upheld, stage=stage, reason=reason)
    return _decided(decision, people, {"version": version}, now)


@journal.command("compliance.decide_recheck")
def decide_recheck(
    actor: Actor,
    *,
    objection: str,
    is_upheld: bool,
    determined_t: int,
    direct_t: int,
    reason: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Decide on the re-check of a determined emission: confirm the figure, or put another in its place.

    Args:
        actor: officer of the region.
        objection: number.
        is_upheld: whether the figure changes.
        determined_t: the figure after the re-check, tonnes; the one that counts, when it is confirmed.
        direct_t: direct emissions in it, tonnes.
        reason: in words; private.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"objection", "before_t", "determined_t"}, tonnes.

    Raises:
        Refused: NO_SUCH_OBJECTION; NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses;
            ALREADY_DECIDED; NOTHING_DETERMINED; NO_GROUND_GIVEN, NOTHING_TO_CORRECT; FIGURE_WRONG.

    Source: S06 Art. 27; another figure by an entry of its own: design choice.
    """
    del key
    row = _found(actor, objection, ObjectionSubject.DETERMINATION)
    entity, year = row.entity_id, row.year
    payload = {"objection": objection, "is_upheld": is_upheld, "determined_t": determined_t, "direct_t": direct_t}
    payload |= {"reason": reason}
    people = membership.use_approval(approval, kind="compliance.decide_recheck", payload=payload, now=now)
    _lock_line(entity, year)
    _check_open(row)
    before = emissions.history([entity], (year,)).get(entity, {}).get(year)
    if before is None:
        raise Refused(RedeterminationRefusal.NOTHING_DETERMINED, entity=entity, year=year)
    objections.check_decision(is_upheld=is_upheld, due=determined_t, standing=before.determined_t, reason=reason)
    if is_upheld:
        figure = emissions_services.Replacement(row.region, year, entity, determined_t, direct_t, reason, objection)
        emissions_services.replace_figure(figure, people, now=now)
    figures = {"determined_t": determined_t, "direct_t": direct_t}
    decision = ObjectionDecision(objection=row, is_upheld=is_upheld, reason=reason, **figures)
    told = {"before_t": before.determined_t, "determined_t": determined_t}
    return _decided(decision, people, told, now)


def _file(
    actor: Actor,
    subject: ObjectionSubject,
    entity: str,
    year: int,
    reason: str,
    now: datetime,
    *,
    by_authority: bool = False,
) -> Answer:
    _lock_line(entity, year)
    decided = objected.decided(subject, entity, year)
    if decided is None:
        raise Refused(ObjectionRefusal.NOTHING_DECIDED, entity=entity, year=year)
    of_result = {"entity_id": entity, "year": year, "subject": subject, "edition": decided.edition}
    before = Objection.objects.filter(**of_result).first()
    if before:
        raise Refused(ObjectionRefusal.ALREADY_OBJECTED, entity=entity, year=year, objection=before.number)
    region, today = members.organisation(entity).region, periods.day_of(now)
    rules, calendar = standing.rules(region, year, today), rulebook.calendar(region)
    last_on = today if by_authority else objections.object_until(decided.on, rules, calendar)
    objections.check_filing(last_on, today=today, reason=reason)
    (count,) = journal.next_counts("compliance_objection_number", 1)
    row = Objection.objects.create(
        number=identity.numbered("OB", count),
        region=region,
        by_authority=by_authority,
        reason=reason,
        decide_until=objections.decide_until(today, rules, calendar),
        filed_by=actor.person,
        filed_at=now,
        **of_result,
    )
    facts = {"objection": row.number, "subject": subject, "year": year, "decide_until": row.decide_until}
    facts |= {"by_authority": by_authority}
    journal.append(Entry("compliance.objection.filed", facts, {"entity": entity, "reason": reason}), now=now)
    return {"objection": row.number, "decide_until": str(row.decide_until)}


# Filing and deciding about one entity's year take turns, on its line of the list.
def _lock_line(entity: str, year: int) -> None:
    list(Coverage.objects.select_for_update().filter(entity__uscc=entity, year=year).values_list("id"))


def _found(actor: Actor, objection: str, subject: ObjectionSubject) -> Objection:
    row = Objection.objects.filter(number=objection, subject=subject).first()
    if row is None:
        raise Refused(ObjectionRefusal.NO_SUCH_OBJECTION, objection=objection)
    membership.require(actor, Act.DECIDE_OBJECTION, organisation=row.entity_id)
    return row


def _check_open(row: Objection) -> None:
    if ObjectionDecision.objects.filter(objection=row).exists():
        raise Refused(ObjectionRefusal.ALREADY_DECIDED, objection=row.number)


def _decided(decision: ObjectionDecision, people: ApprovedBy, effect: dict[str, int], now: datetime) -> Answer:
    row = decision.objection
    decision.initiator, decision.approver, decision.decided_at = people.initiator, people.approver, now
    decision.save(force_insert=True)
    facts = {"objection": row.number, "subject": row.subject, "year": row.year, "is_upheld": decision.is_upheld}
    sealed = {"entity": row.entity_id, "reason": decision.reason, **effect}
    journal.append(Entry("compliance.objection.decided", facts, sealed), now=now)
    draft = NoticeDraft(row.entity_id, {"year": row.year, "objection": row.number})
    membership.notify(NoticeKind.OBJECTION_DECIDED, [draft], now=now)
    return {"objection": row.number, **effect}


def _correct(row: Objection, issued_and_due_t: tuple[int, int], people: ApprovedBy, now: datetime) -> dict[str, int]:
    issued_t, due_t = issued_and_due_t
    rules = standing.rules(row.region, row.year, periods.day_of(now))
    held_t = computing.held_of_year([row.entity_id], rules).get(row.entity_id, 0)
    free = trace.given(due_t, "t", zh="异议处理后应发配额", en="to be issued after the objection")
    done = batches.true_up(free, issued_t=issued_t, held_free_t=held_t)
    review = _review(row, rules, done, free, now)
    issuing.check_cap(review.issue_t, rules)
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
